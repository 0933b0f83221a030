"""A local cloud in a home of its own, and the ways in which tests reach it."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import boto3
import botocore.config

from . import processes
from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("NIMBUS_BUILD", ROOT / "build"))
NIMBUS = BUILD / "bin" / "nimbus"
REGION = "us-east-1"


@dataclasses.dataclass
class Result:
    """How a command ended."""

    arguments: list[str]
    code: int
    stdout: str
    stderr: str
    seconds: float

    def json(self) -> dict:
        value = json.loads(self.stdout)
        assert isinstance(value, dict), f"--json prints one object, not: {self.stdout}"
        return value

    def __str__(self) -> str:
        return (f"$ {' '.join(map(str, self.arguments))}\nexit code {self.code}\n"
                f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}")


class Cloud:
    """One NIMBUS_HOME. Commands run with an environment made from nothing but what is needed."""

    def __init__(self, directory: pathlib.Path, template: pathlib.Path):
        self.directory = directory
        self.home = directory / "nimbus-home"
        self.user_home = directory / "user-home"
        self.user_home.mkdir(parents=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.user_home),
            "LANG": "C.UTF-8",
            "TMPDIR": str(directory),
            "NIMBUS_HOME": str(self.home),
            "NIMBUS_POSTGRES_TEMPLATE_DIR": str(template),
            "AWS_EC2_METADATA_DISABLED": "true",  # tests may run on an instance, which has credentials
            "CCACHE_DIR": os.environ.get(
                "CCACHE_DIR", os.path.expanduser("~/.cache/ccache")),
        }
        self._status = None

    # --- commands -----------------------------------------------------------------------------

    def run(self, *arguments, cwd=None, env=None, code=0, input=None, timeout=120) -> Result:
        """Runs `nimbus …`; `code` is the exit code expected, or None for any."""
        command = [str(NIMBUS), *map(str, arguments)]
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=cwd or self.directory, env={**self.environment, **(env or {})}, input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
        result = Result(command, done.returncode, done.stdout, done.stderr, time.monotonic() - started)
        assert code is None or result.code == code, f"expected exit code {code}\n{result}"
        return result

    def start(self) -> "Cloud":
        self.run("local", "start")
        self._status = None
        return self

    def stop(self) -> None:
        self.run("local", "stop")
        self._status = None

    def status(self, fresh=False) -> dict:
        if self._status is None or fresh:
            self._status = self.run("local", "status", "--json").json()
        return self._status

    def kill(self) -> None:
        """As when the machine loses power, for the cloud's own process."""
        pid = self.status(fresh=True)["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: (p := processes.read_process(pid)) is None or p.state == "Z",
                   "the killed cloud to be gone")
        processes.reap(pid)
        self._status = None

    # --- AWS clients --------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        return self.status()["endpoint"]

    @property
    def account(self) -> str:
        return self.status()["accountId"]

    @property
    def ca_file(self) -> str:
        return self.status()["caFile"]

    def credentials(self) -> dict:
        given = self.status()["credentials"]
        return {"aws_access_key_id": given["accessKeyId"],
                "aws_secret_access_key": given["secretAccessKey"]}

    def aws_environment(self) -> dict:
        """What a person exports to point AWS's own tools at the local cloud."""
        given = self.status()["credentials"]
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": given["accessKeyId"],
                "AWS_SECRET_ACCESS_KEY": given["secretAccessKey"],
                "NODE_EXTRA_CA_CERTS": self.ca_file, "PGSSLROOTCERT": self.ca_file,
                "NIMBUS_HOSTS_FILE": str(self.hosts_file),
                "PATH": os.environ["PATH"], "HOME": str(self.user_home), "LANG": "C.UTF-8"}

    def client(self, service: str, **credentials):
        session = boto3.Session(**(credentials or self.credentials()), region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint,
                              config=botocore.config.Config(retries={"total_max_attempts": 1}))

    # --- SQL ----------------------------------------------------------------------------------

    @property
    def hosts_file(self) -> pathlib.Path:
        """The names of the clusters."""
        return self.home / "hosts"

    def address(self, host: str) -> str:
        """Where the cluster of that name listens; what is no cluster's name is given back."""
        entries = [line.split() for line in self.hosts_file.read_text().splitlines()]
        return {name: address for address, name in entries}.get(host, host)

    def token(self, cluster: dict, user: str, expires=900, credentials=None) -> str:
        session = boto3.Session(**(credentials or self.credentials()), region_name=REGION)
        dsql = session.client("dsql", endpoint_url=self.endpoint)
        make = (dsql.generate_db_connect_admin_auth_token if user == "admin"
                else dsql.generate_db_connect_auth_token)
        return make(cluster["endpoint"], REGION, expires)

    def psql(self, cluster: dict, sql: str, user="admin", token=None, sslmode="verify-full",
             options=(), credentials=None) -> Result:
        """psql as a person would call it, with a token for a password."""
        token = self.token(cluster, user, credentials=credentials) if token is None else token
        host = cluster["endpoint"]
        command = ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", *options,
                   f"host={host} hostaddr={self.address(host)} port=5432 user={user} dbname=postgres sslmode={sslmode}",
                   "-c", sql]
        started = time.monotonic()
        done = subprocess.run(command, env={**self.aws_environment(), "PGPASSWORD": token},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return Result(command, done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def rows(self, cluster: dict, sql: str, **how) -> list[list[str]]:
        result = self.psql(cluster, sql, **how)
        assert result.code == 0, str(result)
        return [line.split("|") for line in result.stdout.splitlines()]

    # --- the end ------------------------------------------------------------------------------

    def log_tail(self) -> str:
        texts = []
        for path in sorted(self.home.rglob("*.log")):
            with contextlib.suppress(OSError):
                texts.append(f"--- {path.name}\n" + path.read_text(errors="replace")[-4000:])
        return "\n".join(texts)

    def erase(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


def new_directory(prefix: str) -> pathlib.Path:
    # Short, because Unix sockets live below it; readable for the user that runs PostgreSQL.
    directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    directory.chmod(0o755)
    return directory


@contextlib.contextmanager
def cloud_in(directory: pathlib.Path, template: pathlib.Path):
    """A cloud that is stopped at the end, with the assertion that nothing of it lives on."""
    before = set(processes.descendants(os.getpid()))
    cloud = Cloud(directory, template)
    try:
        yield cloud
    finally:
        stopped = cloud.run("local", "stop", code=None)
        left = lambda: set(processes.descendants(os.getpid())) - before
        deadline = time.monotonic() + 15
        while left() and time.monotonic() < deadline:
            time.sleep(0.02)
        leaked = left()
        for process in leaked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        cloud.erase()
        assert stopped.code == 0, str(stopped)
        assert not leaked, "left running: " + "; ".join(f"{p.pid} {p.command}" for p in leaked)
