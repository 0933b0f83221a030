"""The figures of mixed traffic: all kinds of requests at once, for as long as is asked for, and what the cloud holds
meanwhile. Nothing grows but what has a limit in docs/local-cloud.md."""

import concurrent.futures
import dataclasses
import itertools
import os
import pathlib
import shutil
import statistics
import sys
import threading
import time

import requests

from measure import BUILD, ROOT, Bench, Figure, processor_seconds

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("NIMBUS_BUILD", str(BUILD))

from support.app import ScriptApp, manifest  # noqa: E402
from support.cloud import cloud_in, new_directory  # noqa: E402
from support.functions import NodeFunction, answering, create_api, create_function, zipped  # noqa: E402
from support.processes import descendants, open_files, resident_bytes  # noqa: E402
from support.schedules import at, create_role, in_seconds, may_invoke  # noqa: E402

NODE_HANDLER = "exports.handler = async (event) => ({ statusCode: 200, body: event.pathParameters.name });"
OBJECT = b"x" * 100_000
DEPLOY_EVERY = 10  # seconds
SAMPLES = 120


@dataclasses.dataclass
class Sample:
    """What the cloud holds: its process, those that it has started, and its home."""

    second: float
    memory: int
    descriptors: int
    threads: int
    processes: int
    database: int = 0  # the lines of logs in it have a limit
    write_ahead: int = 0  # of the clusters; PostgreSQL limits it
    other_disk: int = 0

    @classmethod
    def of(cls, pid: int, home: pathlib.Path, second: float) -> "Sample":
        sample = cls(second, resident_bytes(pid), open_files(pid), len(os.listdir(f"/proc/{pid}/task")), len(descendants(pid)))
        for directory, _, files in os.walk(home):
            for name in files:
                try:
                    held = os.lstat(os.path.join(directory, name)).st_blocks * 512
                except FileNotFoundError:
                    continue
                if os.path.basename(directory) == "pg_wal":
                    sample.write_ahead += held
                elif directory == str(home) and name.startswith("cloud.db"):
                    sample.database += held
                else:
                    sample.other_disk += held
        return sample


def growth(samples: list[Sample], what: str) -> float:
    """From the middle to the end, by the straight line through the second half."""
    half = samples[len(samples) // 2:]
    seconds = [sample.second for sample in half]
    slope = statistics.linear_regression(seconds, [getattr(sample, what) for sample in half]).slope
    return slope * (seconds[-1] - seconds[0])


class Traffic:
    """Callers of all kinds, each busy for `load` of the time: it pauses in proportion to what each call took, unless it
    says for how long."""

    def __init__(self, load: float):
        self.load = load
        self.over = threading.Event()
        self.counts: dict[str, int] = {}
        self.failures: list[str] = []

    def run(self, name: str, calls) -> None:
        """`calls` makes one call each time that it is asked for the next, and yields None or seconds to pause."""
        while not self.over.is_set():
            started = time.monotonic()
            try:
                pause = next(calls)
            except Exception as failure:
                self.failures.append(f"{name}: {failure!r}"[:500])
                return
            self.counts[name] = self.counts.get(name, 0) + 1
            self.over.wait((time.monotonic() - started) * (1 / self.load - 1) if pause is None else pause)


def gets(url: str):
    session = requests.Session()
    session.trust_env = False
    while True:
        answer = session.get(url, timeout=60)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}"
        yield


def objects(cloud, bucket: str):
    """A hundred keys: written again and again, and one of them deleted each time."""
    s3 = cloud.client("s3")
    for number in itertools.count():
        key = f"key-{number % 100}"
        s3.put_object(Bucket=bucket, Key=key, Body=OBJECT)
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == OBJECT
        s3.delete_object(Bucket=bucket, Key=f"key-{(number + 50) % 100}")
        yield


def log_events(cloud):
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="mixed")
    logs.create_log_stream(logGroupName="mixed", logStreamName="s")
    while True:
        now = int(time.time() * 1000)
        logs.put_log_events(logGroupName="mixed", logStreamName="s",
                            logEvents=[{"timestamp": now, "message": f"line {i} " + "x" * 200} for i in range(20)])
        logs.filter_log_events(logGroupName="mixed", startTime=now - 1000, limit=10)
        yield


def timers(cloud):
    """A schedule a second, which fires and is gone."""
    function = create_function(cloud, "timed", answering("timed"))
    role = create_role(cloud, "timed-timer", may_invoke(function))
    scheduler = cloud.client("scheduler")
    for number in itertools.count():
        scheduler.create_schedule(
            Name=f"timer-{number}", ScheduleExpression=at(in_seconds(2)),
            FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
            Target={"Arn": function, "RoleArn": role, "Input": "{}"})
        yield 1


def deploys(cloud, directory: pathlib.Path):
    """An application's code changes and is deployed; so does a function, whose new code answers then."""
    directory.mkdir()
    app = ScriptApp(cloud, directory, "mixed", manifest(project="mixed", sql=()))
    create_function(cloud, "changing", answering("0"))
    functions = cloud.client("lambda")
    for number in itertools.count(1):
        app.change_code(f"change {number}")
        app.deploy()
        functions.update_function_code(FunctionName="changing", ZipFile=zipped(answering(str(number))))
        functions.get_waiter("function_updated_v2").wait(
            FunctionName="changing", WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
        assert functions.invoke(FunctionName="changing")["Payload"].read() == f"{number}\n".encode()
        yield DEPLOY_EVERY


class BenchOfMixedTraffic(Bench):
    mixed_seconds = 60
    mixed_load = 0.5

    def deployed(self, cloud, directory: pathlib.Path, example: str) -> str:
        project = directory / example
        shutil.copytree(ROOT / "examples" / example, project)
        (project / ".nimbusrc").write_text('{"target": "local"}')
        return cloud.run("deploy", "--yes", "--json", cwd=project, timeout=600).json()["apis"][0]["url"]

    def callers(self, cloud, directory: pathlib.Path) -> dict:
        hello = self.deployed(cloud, directory, "hello") + "/hello/world"
        sql = self.deployed(cloud, directory, "sql")
        requests.post(sql + "/init", timeout=60).raise_for_status()
        requests.post(sql + "/users", json={"name": "Ada", "email": "ada@example.com"}, timeout=60).raise_for_status()
        cloud.client("s3").create_bucket(Bucket="mixed")
        callers = {"C++": gets(hello), "more C++": gets(hello), "SQL": gets(sql + "/users/count"),
                   "more SQL": gets(sql + "/users"), "objects": objects(cloud, "mixed"), "logs": log_events(cloud),
                   "timers": timers(cloud), "deploys": deploys(cloud, directory / "mixed")}
        if shutil.which("node"):
            NodeFunction(cloud, "node", {"index.js": NODE_HANDLER}, "index.handler", Timeout=60)
            arn = cloud.client("lambda").get_function(FunctionName="node")["Configuration"]["FunctionArn"]
            callers["Node"] = gets(create_api(cloud, "node", {"GET /hello/{name}": arn}) + "/hello/world")
        return callers

    @property
    def mixed(self) -> list[Sample]:
        if not hasattr(self, "mixed_samples"):
            directory = new_directory("nimbus-bench-")
            with cloud_in(directory, directory / "template") as cloud:
                self.measure_mixed(cloud.start(), directory)
        return self.mixed_samples

    def measure_mixed(self, cloud, directory: pathlib.Path) -> None:
        traffic = Traffic(self.mixed_load)
        callers = self.callers(cloud, directory)
        pid = cloud.status(fresh=True)["pid"]
        self.mixed_samples, began, busy = [], time.monotonic(), processor_seconds(pid)
        with concurrent.futures.ThreadPoolExecutor(len(callers)) as threads:
            for name, calls in callers.items():
                threads.submit(traffic.run, name, calls)
            while (second := time.monotonic() - began) < self.mixed_seconds and not traffic.failures:
                self.mixed_samples.append(Sample.of(pid, cloud.home, second))
                traffic.over.wait(max(self.mixed_seconds / SAMPLES, 0.25))
            traffic.over.set()
        assert not traffic.failures, traffic.failures[0] + "\n" + cloud.log_tail()
        self.mixed_calls = {**traffic.counts, "processor seconds of the cloud": round(processor_seconds(pid) - busy, 1)}

    def mixed_growth(self, what: str, unit: float = 1) -> Figure:
        values = [getattr(sample, what) for sample in self.mixed]
        return Figure(growth(self.mixed, what) / unit, len(values), {
            "seconds": self.mixed_seconds, "calls": self.mixed_calls, "first": values[0], "middle": values[len(values) // 2],
            "last": values[-1], "largest": max(values)})

    def mixed_memory(self) -> Figure:
        return self.mixed_growth("memory", 1e6)

    def mixed_descriptors(self) -> Figure:
        return self.mixed_growth("descriptors")

    def mixed_threads(self) -> Figure:
        return self.mixed_growth("threads")

    def mixed_processes(self) -> Figure:
        return self.mixed_growth("processes")

    def mixed_disk(self) -> Figure:
        return self.mixed_growth("other_disk", 1e6)

    def mixed_database(self) -> Figure:
        return Figure(max(sample.database for sample in self.mixed) / 1e6, len(self.mixed))

    def mixed_write_ahead(self) -> Figure:
        return Figure(max(sample.write_ahead for sample in self.mixed) / 1e6, len(self.mixed))
