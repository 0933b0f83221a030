"""The figures of examples/sql-ts, with the packed npm package. They need Node.js 20 or newer with npm."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import time
import urllib.request

from measure import BUILD, ROOT, Bench, Figure, Home, spread

# What a function does before it can answer, and nothing else: it connects, asks, and answers.
BARE = """
const socket = require('net').connect(%d, '127.0.0.1', () => socket.write('next'));
socket.on('data', () => socket.write('answer'));
"""


def installed_packages() -> pathlib.Path:
    """node_modules for the example, installed once for each tarball."""
    packed = subprocess.run([ROOT / "scripts" / "pack-npm"], check=True, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "BUILD": os.path.relpath(BUILD, ROOT)})
    tarball = pathlib.Path(packed.stdout.strip().splitlines()[-1])
    directory = BUILD / "bench-npm"
    stamp = directory / "installed"
    asked = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != asked:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        package = json.loads((ROOT / "examples" / "sql-ts" / "package.json").read_text())
        package["dependencies"]["@hillock-tech/nimbus-js"] = f"file:{tarball}"
        (directory / "package.json").write_text(json.dumps(package))
        subprocess.run(["npm", "install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"],
                       cwd=directory, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(asked)
    return directory / "node_modules"


class BenchWithTypeScript(Bench):
    def __enter__(self) -> "BenchWithTypeScript":
        super().__enter__()
        self.modules = installed_packages()
        self.typescript = self.new_project("sql-ts")
        self.typescript_home = Home(self.work, "home-ts", self.typescript)
        return self

    def __exit__(self, *how) -> None:
        try:
            self.typescript_home.erase()
        finally:
            super().__exit__(*how)

    def new_project(self, name: str) -> pathlib.Path:
        """The example with its packages, never built."""
        project = self.work / name
        shutil.copytree(ROOT / "examples" / "sql-ts", project)
        (project / "node_modules").symlink_to(self.modules)
        (project / ".nimbusrc").write_text('{"target": "local"}')
        return project

    def ts_first_deploy(self) -> Figure:
        """In a new home and a project that was never built: bundles, starts the cloud, makes it all."""
        values = []
        for index in range(3):
            home = Home(self.work, f"deploy-ts-{index}", self.new_project(f"sql-ts-{index}"))
            values.append(home.deploy()[1])
            home.erase()
        output, seconds = self.typescript_home.deploy()
        self.typescript_url = output["apis"][0]["url"]
        names = [function["arn"].rpartition(":")[2] for function in output["functions"]]
        self.info_function = next(name for name in names if name.endswith("get-info"))
        return spread([*values, seconds])

    def ts_second_deploy(self) -> Figure:
        values = []
        for _ in range(10):
            output, seconds = self.typescript_home.deploy()
            changes = output["changes"]
            assert not (changes["created"] or changes["updated"] or changes["deleted"]), changes
            values.append(seconds)
        return spread(values)

    def ts_artifact(self) -> Figure:
        function = self.typescript_home.aws("lambda", "GET", f"/2015-03-31/functions/{self.info_function}")
        return Figure(function["Configuration"]["CodeSize"] / 1e6)

    def ts_info(self) -> Figure:
        self.url = self.typescript_url
        self.measured_ts_info = self.wrk("/info")
        return Figure(self.measured_ts_info["requests_per_second"], 1, self.measured_ts_info)

    def ts_info_p99(self) -> Figure:
        return Figure(self.measured_ts_info["p99_ms"])

    def ts_info_64(self) -> Figure:
        """64 connections, to 8."""
        self.measured_ts_info_64 = self.wrk("/info", 64)
        return Figure(self.measured_ts_info_64["requests_per_second"] / self.measured_ts_info["requests_per_second"], 1,
                      self.measured_ts_info_64)

    def ts_info_64_p99(self) -> Figure:
        return Figure(self.measured_ts_info_64["p99_ms"])

    def bare_node(self) -> float:
        """Milliseconds from the spawn of `node -e` to its first answer, over a socket as a function's, and without
        variables such as NODE_EXTRA_CA_CERTS, which make its start slower."""
        node = shutil.which("node")
        with socket.create_server(("127.0.0.1", 0)) as server:
            started = time.perf_counter()
            process = os.posix_spawn(node, ["node", "-e", BARE % server.getsockname()[1]], {"PATH": os.environ["PATH"]})
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"event")
                connection.recv(100)
                elapsed = time.perf_counter() - started
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        return elapsed * 1000

    def ts_cold_start(self) -> Figure:
        """In turns with a bare Node, each to the one that started right after it: an instance's time from the
        spawn until it asks for an event, and until it has answered the first one, as Lambda's own REPORT line
        has it. The median of these ratios: a machine's speed changes from second to second, and then for both."""
        path = f"/2015-03-31/functions/{self.info_function}/configuration"
        bare = []
        for index in range(50):
            self.typescript_home.aws("lambda", "PUT", path, {"Description": f"cold {index}"})
            while self.typescript_home.aws("lambda", "GET", path)["LastUpdateStatus"] != "Successful":
                time.sleep(0.005)
            time.sleep(0.1)  # instances of the old configuration are gone
            urllib.request.urlopen(self.typescript_url + "/info").read()
            time.sleep(0.1)
            bare.append(self.bare_node())
        reports = re.findall(r"\tDuration: ([\d.]+) ms.*Init Duration: ([\d.]+) ms",
                             self.typescript_home.nimbus("logs", self.info_function)[0])
        ours = [float(duration) + float(start) for duration, start in reports[-50:]]
        ours_ms, bare_ms = spread(ours), spread(bare)
        ratios = [one / other for one, other in zip(ours, bare, strict=True)]
        return Figure(statistics.median(ratios), len(ours), {
            "ours_ms": {"median": round(ours_ms.value, 2), **ours_ms.detail},
            "bare_node_ms": {"median": round(bare_ms.value, 2), **bare_ms.detail}})


def has_node() -> bool:
    """Is there a Node.js, on PATH or in the tests' environment? The latter is put on PATH."""
    packaged = BUILD / "test-env" / "node"
    if packaged.exists():
        os.environ["PATH"] = f"{packaged}:{os.environ['PATH']}"
    return shutil.which("node") is not None and shutil.which("npm") is not None
