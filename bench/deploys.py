"""The figures of large deploys: with AWS's quotas in front of the local cloud, and without. They need the
Python packages of the end-to-end tests."""

import concurrent.futures
import os
import statistics
import sys

from measure import BUILD, ROOT, Bench, Figure, spread

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("NIMBUS_BUILD", str(BUILD))

from support.app import ScriptApp, made, manifest  # noqa: E402
from support.aws_target import aws_target  # noqa: E402
from support.cloud import cloud_in, new_directory  # noqa: E402
from support.fault_proxy import fault_proxy  # noqa: E402
from support.functions import ensure_role, zipped  # noqa: E402
from support.processes import descendants, resident_bytes  # noqa: E402
from support.quotas import Quotas, least_seconds  # noqa: E402

FUNCTIONS = 100


def application(routes: int, apis: int, shared: bool) -> dict:
    """`routes` in all, each with a function of its own, or one function for all of them."""
    document = manifest(routes=(), sql=())
    names = ["shared"] if shared else [f"f{i}" for i in range(routes)]
    document["functions"] = [{"name": name, "memory": 128} for name in names]
    document["apis"] = [{"name": f"api{a}", "stage": "dev", "routes": [
        {"method": "GET", "path": f"/r{i}", "function": "shared" if shared else f"f{i}"}
        for i in range(routes) if i % apis == a]} for a in range(apis)]
    return document


class LocalDeploys:
    """Applications of several sizes, deployed from nothing to a local cloud each."""

    def __init__(self):
        self._seconds: dict[int, tuple[float, float]] = {}

    def seconds(self, routes: int) -> tuple[float, float]:
        """Of the first deploy, and of a plan after it: the median of five."""
        if routes not in self._seconds:
            directory = new_directory("nimbus-bench-")
            with cloud_in(directory, directory / "template") as cloud:
                app = ScriptApp(cloud.start(), directory, "testbed", application(routes, 4, shared=False))
                deploy = app.run("deploy", "program", "--yes", "--json", timeout=600)
                assert made(deploy.json())["created"] > 3 * routes
                plans = [app.run("plan", "program", "--json", timeout=600).seconds for _ in range(5)]
                self._seconds[routes] = deploy.seconds, statistics.median(plans)
        return self._seconds[routes]


class QuotaDeploys:
    """Applications of 100 routes, deployed to a cloud with AWS's quotas."""

    def __init__(self):
        self._figures: dict[str, Figure] = {}

    def figure(self, name: str) -> Figure:
        if not self._figures:
            self._measure(shared=True)
            self._measure(shared=False)
        return self._figures[name]

    def _measure(self, shared: bool) -> None:
        directory = new_directory("nimbus-bench-")
        with cloud_in(directory, directory / "template") as cloud, fault_proxy(cloud.start().endpoint) as proxy:
            app = ScriptApp(cloud, directory, "testbed", application(FUNCTIONS, 1, shared))
            with aws_target(app, proxy.endpoint) as environment:
                first, calls, throttled = self._deploy(app, proxy, environment)
                if shared:
                    self._figures["shared_first"] = Figure(first, detail={"throttled": throttled})
                    return
                self._figures["first"] = Figure(first / least_seconds(calls), detail={
                    "seconds": first, "least": least_seconds(calls), "throttled": throttled})
                seconds, calls, throttled = self._deploy(app, proxy, environment)
                self._figures["nothing"] = calls_a_function(calls, seconds, throttled)
                app.change_code("one handler is another")
                seconds, calls, throttled = self._deploy(app, proxy, environment)
                self._figures["change"] = calls_a_function(calls, seconds, throttled)

    @staticmethod
    def _deploy(app: ScriptApp, proxy, environment: dict) -> tuple:
        """Seconds, the calls that were not throttled, and how many were."""
        quotas = Quotas()
        proxy.start_over(quotas.decide)
        seconds = app.run("deploy", "program", "--yes", env=environment, timeout=900).seconds
        refused = set(map(id, quotas.throttled))
        return seconds, [call for call in proxy.calls() if id(call) not in refused], len(quotas.throttled)


class ManyFunctions:
    """1,000 functions of one package, of which 100 are invoked by turns; then a start with all of them."""

    FUNCTIONS, BUSY, CALLERS, ROUNDS = 1000, 100, 8, 20

    def __init__(self):
        self._figures: dict[str, Figure] = {}

    def figure(self, name: str) -> Figure:
        if not self._figures:
            directory = new_directory("nimbus-bench-")
            with cloud_in(directory, directory / "template") as cloud:
                self._measure(cloud.start())
        return self._figures[name]

    def _measure(self, cloud) -> None:
        package = zipped((BUILD / "bin" / "local_instances_bootstrap").read_bytes())
        settings = {"Runtime": "provided.al2023", "Handler": "any", "Role": ensure_role(cloud), "Timeout": 60}
        functions = cloud.client("lambda")
        for number in range(self.FUNCTIONS):
            functions.create_function(FunctionName=f"f{number}", Code={"ZipFile": package}, **settings)
        pid = cloud.status(fresh=True)["pid"]
        deployed = resident_bytes(pid)
        self._keep_busy(cloud)
        instances = sum("bootstrap" in process.command for process in descendants(pid))
        self._figures["memory"] = Figure(resident_bytes(pid) / 1e6, detail={
            "deployed": round(deployed / 1e6, 1), "instances": instances})
        starts = []
        for _ in range(5):
            cloud.stop()
            starts.append(cloud.run("local", "start").seconds * 1000)
        self._figures["start"] = spread(starts)

    def _keep_busy(self, cloud) -> None:
        def call(first: int) -> None:
            client = cloud.client("lambda")
            for number in range(first, self.BUSY * self.ROUNDS, self.CALLERS):
                answer = client.invoke(FunctionName=f"f{number % self.BUSY}", Payload=b'"hello"')
                assert "FunctionError" not in answer and answer["StatusCode"] == 200
        with concurrent.futures.ThreadPoolExecutor(self.CALLERS) as callers:
            list(callers.map(call, range(self.CALLERS)))


def calls_a_function(calls: list, seconds: float, throttled: int) -> Figure:
    """What was called of Lambda. A throttled call is one that had to be made again."""
    functions = sum(call.service == "lambda" for call in calls) + throttled
    return Figure(functions / FUNCTIONS, detail={
        "seconds": round(seconds, 1), "throttled": throttled, "all calls": len(calls) + throttled})


class BenchOfDeploys(Bench):
    def __enter__(self) -> "BenchOfDeploys":
        super().__enter__()
        self.quotas = QuotaDeploys()
        self.local = LocalDeploys()
        self.many = ManyFunctions()
        return self

    def many_memory(self) -> Figure:
        return self.many.figure("memory")

    def many_start(self) -> Figure:
        return self.many.figure("start")

    def quota_first(self) -> Figure:
        return self.quotas.figure("first")

    def quota_shared(self) -> Figure:
        return self.quotas.figure("shared_first")

    def quota_nothing(self) -> Figure:
        return self.quotas.figure("nothing")

    def quota_nothing_throttled(self) -> Figure:
        return Figure(self.quota_nothing().detail["throttled"])

    def quota_change(self) -> Figure:
        return self.quotas.figure("change")

    def thousand(self) -> Figure:
        return Figure(self.local.seconds(1000)[0])

    def linear(self) -> Figure:
        """How much longer 1,000 routes take than ten times the 100."""
        return Figure(self.local.seconds(1000)[0] / self.local.seconds(100)[0] / 10)

    def thousand_plan(self) -> Figure:
        return Figure(self.local.seconds(1000)[1] * 1000)
