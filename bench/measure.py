"""How each figure is measured. Everything runs against throw-away homes below /tmp."""

import dataclasses
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request

from sigv4 import signed_request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
NIMBUS = BUILD / "bin" / "nimbus"


@dataclasses.dataclass
class Figure:
    value: float
    samples: int = 1
    detail: dict = dataclasses.field(default_factory=dict)


def machine() -> dict:
    cpu = re.search(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.M)
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(),
            "memory": f"{int(memory.group(1)) // 1024 // 1024} GiB", "kernel": platform.release()}


def processor_seconds(pid: int) -> float:
    """User and system time of all its threads until now; none of a process that has ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(values: list[float]) -> Figure:
    """The median, with the extremes beside it."""
    return Figure(statistics.median(values), len(values),
                  {"min": round(min(values), 3), "max": round(max(values), 3)})


def wrk(url: str, seconds: int, connections: int) -> dict:
    """wrk and everything measured share the machine's cores."""
    text = subprocess.run(["wrk", "--threads", str(min(2, connections)), "--connections", str(connections), "--latency",
                           "--duration", f"{seconds}s", url], check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in text and "Socket errors" not in text, text
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return {"requests": int(re.search(r"(\d+) requests in ", text).group(1)),
            "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
            "p99_ms": float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]}


class Home:
    """One NIMBUS_HOME and the commands run with it."""

    def __init__(self, work: pathlib.Path, name: str, project: pathlib.Path):
        self.path = work / name
        self.project = project
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(work), "LANG": "C.UTF-8", "NIMBUS_HOME": str(self.path),
            "NIMBUS_POSTGRES_TEMPLATE_DIR": str(work / "template"),
            "CCACHE_DIR": os.environ.get("CCACHE_DIR", os.path.expanduser("~/.cache/ccache"))}

    def nimbus(self, *arguments: str) -> tuple[str, float]:
        """What the command printed, and how many seconds it took from spawn to exit."""
        started = time.perf_counter()
        done = subprocess.run([NIMBUS, *arguments], cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        seconds = time.perf_counter() - started
        if done.returncode != 0:
            raise SystemExit(f"nimbus {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout, seconds

    def status(self) -> dict:
        return json.loads(self.nimbus("local", "status", "--json")[0])

    def deploy(self) -> tuple[dict, float]:
        output, seconds = self.nimbus("deploy", "--yes", "--json")
        return json.loads(output), seconds

    def aws(self, service: str, method: str, path: str, body: dict | None = None) -> dict:
        status = self.status()
        with signed_request(status["endpoint"], service, method, path, body, status["credentials"]) as answer:
            return json.load(answer)

    def erase(self) -> None:
        self.nimbus("local", "stop")
        shutil.rmtree(self.path, ignore_errors=True)


class Bench:
    def __init__(self, seconds: int):
        self.seconds = seconds

    def __enter__(self) -> "Bench":
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="nimbus-bench-", dir="/tmp"))
        self.work.chmod(0o755)
        self.project = self.work / "sql"
        shutil.copytree(ROOT / "examples" / "sql", self.project)
        (self.project / ".nimbusrc").write_text('{"target": "local"}')
        self.home = self.new_home("home")
        # Builds the application and makes the template directory: neither is part of a figure.
        self.home.deploy()
        self.home.erase()
        return self

    def __exit__(self, *_) -> None:
        try:
            self.home.erase()
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def new_home(self, name: str) -> Home:
        return Home(self.work, name, self.project)

    # --- the command and the cloud --------------------------------------------------------------

    def version(self) -> Figure:
        return spread([self.home.nimbus("--version")[1] * 1000 for _ in range(100)])

    def start(self) -> Figure:
        """`nimbus local start` in a home that is new each time; it returns when the cloud answers."""
        values = []
        for index in range(15):
            home = self.new_home(f"start-{index}")
            values.append(home.nimbus("local", "start")[1] * 1000)
            home.erase()
        return spread(values)

    def at_rest(self) -> Figure:
        home = self.new_home("rest")
        home.nimbus("local", "start")
        time.sleep(1)  # at rest, not just started
        status = pathlib.Path(f"/proc/{home.status()['pid']}/status").read_text()
        home.erase()
        return Figure(int(re.search(r"VmRSS:\s*(\d+)", status).group(1)) / 1024)

    def cluster(self) -> Figure:
        """CreateCluster to GetCluster's first ACTIVE, asked every 5 ms."""
        values = []
        for index in range(5):
            home = self.new_home(f"cluster-{index}")
            home.nimbus("local", "start")
            status = home.status()

            def call(method: str, path: str, body=None) -> dict:
                with signed_request(status["endpoint"], "dsql", method, path, body, status["credentials"]) as answer:
                    return json.load(answer)

            started = time.perf_counter()
            cluster = call("POST", "/cluster", {"deletionProtectionEnabled": False, "clientToken": f"bench-{index}"})
            while call("GET", "/cluster/" + cluster["identifier"])["status"] != "ACTIVE":
                time.sleep(0.005)
            values.append(time.perf_counter() - started)
            home.erase()
        return spread(values)

    # --- deploys --------------------------------------------------------------------------------

    def first_deploy(self) -> Figure:
        """In a new home: starts the cloud, makes the cluster and everything else."""
        values = []
        for index in range(3):
            home = self.new_home(f"deploy-{index}")
            values.append(home.deploy()[1])
            home.erase()
        output, seconds = self.home.deploy()
        self.url = output["apis"][0]["url"]
        self.functions = [function["arn"].rpartition(":")[2] for function in output["functions"]]
        return spread([*values, seconds])

    def second_deploy(self) -> Figure:
        values = []
        for _ in range(10):
            output, seconds = self.home.deploy()
            changes = output["changes"]
            assert not (changes["created"] or changes["updated"] or changes["deleted"]), changes
            values.append(seconds * 1000)
        return spread(values)

    # --- requests -------------------------------------------------------------------------------

    def wrk(self, path: str, connections: int = 8) -> dict:
        """After two seconds to warm up."""
        wrk(self.url + path, 2, connections)
        return wrk(self.url + path, self.seconds, connections)

    def info(self) -> Figure:
        self.measured_info = self.wrk("/info")
        return Figure(self.measured_info["requests_per_second"], 1, self.measured_info)

    def info_p99(self) -> Figure:
        return Figure(self.measured_info["p99_ms"])

    def count(self) -> Figure:
        urllib.request.urlopen(urllib.request.Request(self.url + "/init", method="POST")).close()
        user = json.dumps({"name": "Alice", "email": "alice@example.com"}).encode()
        urllib.request.urlopen(urllib.request.Request(self.url + "/users", user, method="POST")).close()
        self.measured_count = self.wrk("/users/count")
        return Figure(self.measured_count["requests_per_second"], 1, self.measured_count)

    def count_64(self) -> Figure:
        """64 connections, to 8."""
        measured = self.wrk("/users/count", 64)
        return Figure(measured["requests_per_second"] / self.measured_count["requests_per_second"], 1, measured)

    def first_answer(self, home: Home, url: str, mark: str) -> float:
        """Milliseconds of the first request after the function's configuration changed: no instance of
        the new revision runs yet. The whole request counts, from connect to the answer's last byte."""
        path = f"/2015-03-31/functions/{next(name for name in self.functions if name.endswith('get-info'))}/configuration"
        home.aws("lambda", "PUT", path, {"Description": mark})
        while home.aws("lambda", "GET", path)["LastUpdateStatus"] != "Successful":
            time.sleep(0.005)
        started = time.perf_counter()
        urllib.request.urlopen(url + "/info").read()
        return (time.perf_counter() - started) * 1000

    def cold_start(self) -> Figure:
        return spread([self.first_answer(self.home, self.url, f"cold {index}") for index in range(20)])

    def sandbox(self) -> Figure:
        """The same, in turns with a home whose functions are in no sandbox; the difference of the medians."""
        assert self.home.status()["sandbox"]["on"], "this system allows no sandbox"
        free = self.new_home("free")
        free.nimbus("local", "start", "--no-sandbox")
        url = free.deploy()[0]["apis"][0]["url"]
        pairs = [(self.first_answer(self.home, self.url, f"in {index}"), self.first_answer(free, url, f"out {index}"))
                 for index in range(40)]
        free.erase()
        inside, outside = (statistics.median(values) for values in zip(*pairs))
        return Figure(inside - outside, len(pairs), {"inside": round(inside, 3), "outside": round(outside, 3)})
