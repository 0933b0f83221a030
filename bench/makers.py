"""The figures of functions that others' libraries serve: by aws-lambda-go, and by Rust's lambda_http. They are made
with Lambda's and API Gateway's own calls, answer what examples/hello answers, and take turns with it in one cloud."""

import functools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import urllib.request

from measure import BUILD, ROOT, Bench, Figure, processor_seconds, wrk

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("NIMBUS_BUILD", str(BUILD))

from support.cloud import cloud_in, new_directory  # noqa: E402
from support.functions import create_api, create_function  # noqa: E402
from support.processes import descendants  # noqa: E402

SOURCES = ROOT / "bench" / "functions"
ANSWER = b'{"hello":"world"}'


def build_go(source: pathlib.Path) -> pathlib.Path:
    subprocess.run(["go", "build", "-trimpath", "-ldflags=-s -w", "-tags", "lambda.norpc", "-o", "bootstrap", "."],
                   cwd=source, env={**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}, check=True)
    return source / "bootstrap"


def build_rust(source: pathlib.Path) -> pathlib.Path:
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=source, check=True)
    return source / "target" / "release" / "bootstrap"


BUILDS = {"go": ("go", build_go), "rust": ("cargo", build_rust)}


def built(language: str) -> pathlib.Path:
    """The `bootstrap`, built in a copy below build/, where the next run finds what has not changed."""
    copy = BUILD / "bench-functions" / language
    shutil.copytree(SOURCES / language, copy, dirs_exist_ok=True)
    return BUILDS[language][1](copy)


def compilers() -> dict[str, str | None]:
    """Where that of each language is."""
    return {language: shutil.which(compiler) for language, (compiler, _) in BUILDS.items()}


class Busy:
    """Processor time of the cloud's process and of all that it has started, from one moment on."""

    def __init__(self, pid: int):
        self.pid = pid
        self.before = self.now()

    def now(self) -> dict[int, float]:
        return {pid: processor_seconds(pid) for pid in (self.pid, *(each.pid for each in descendants(self.pid)))}

    def microseconds(self, requests: int) -> dict[str, float]:
        """For each request. What has ended meanwhile does not count."""
        spent = {pid: seconds - self.before.get(pid, 0) for pid, seconds in self.now().items()}
        cloud = spent.pop(self.pid)
        return {"cloud_us": round(cloud / requests * 1e6, 1), "functions_us": round(sum(spent.values()) / requests * 1e6, 1)}


class BenchOfMakers(Bench):
    ROUNDS = 3
    CONNECTIONS = (1, 8, 64)

    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.compared_makers: dict[int, dict[str, list[dict]]] = {}

    def compare_makers(self) -> None:
        """Fills in `compared_makers`: for each number of connections, each maker's figures in each round."""
        directory = new_directory("nimbus-bench-")
        project = directory / "hello"
        shutil.copytree(ROOT / "examples" / "hello", project)
        (project / ".nimbusrc").write_text('{"target": "local"}')
        with cloud_in(directory, directory / "template") as cloud:
            cloud.start()
            output = cloud.run("deploy", "--yes", "--json", cwd=project, timeout=600).json()
            urls = {"ours": output["apis"][0]["url"] + "/hello/world"}
            for language in filter(compilers().get, BUILDS):
                function = create_function(cloud, language, built(language).read_bytes(), MemorySize=256)
                urls[language] = create_api(cloud, language, {"GET /hello/{name}": function}) + "/hello/world"
            pid = cloud.status(fresh=True)["pid"]
            for connections in self.CONNECTIONS:
                rounds = self.compared_makers[connections] = {maker: [] for maker in urls}
                for url in urls.values():
                    with urllib.request.urlopen(url) as answer:
                        assert answer.read() == ANSWER
                    wrk(url, 2, connections)
                for _ in range(self.ROUNDS):
                    for maker, url in urls.items():
                        busy = Busy(pid)
                        measured = wrk(url, self.seconds, connections)
                        rounds[maker].append({**measured, **busy.microseconds(measured["requests"])})

    def to_ours(self, language: str, connections: int, what: str) -> Figure:
        """The median of the ratios of neighbours."""
        if not self.compared_makers:
            self.compare_makers()
        rounds = self.compared_makers[connections]
        pairs = list(zip(rounds[language], rounds["ours"], strict=True))
        return Figure(statistics.median(their[what] / our[what] for their, our in pairs), len(pairs),
                      {"theirs and ours": pairs})


for a_language in BUILDS:
    for a_number in BenchOfMakers.CONNECTIONS:
        for a_suffix, a_measure in (("", "requests_per_second"), ("_p99", "p99_ms")):
            setattr(BenchOfMakers, f"{a_language}_{a_number}{a_suffix}",
                    functools.partialmethod(BenchOfMakers.to_ours, a_language, a_number, a_measure))
