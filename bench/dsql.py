"""The figures of the local DSQL: pgbench at a cluster, and at the same PostgreSQL reached directly, both over
TLS that the client verifies. They need Debian's PostgreSQL, whose server has TLS and whose pgbench is used."""

import contextlib
import os
import pathlib
import pwd
import re
import statistics
import subprocess
import time

import boto3

from measure import ROOT, Bench, Figure

PROGRAMS = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"), default=None)
ROWS = 10_000

SCRIPTS = {
    "select": "\\set id random(1, 10000)\nSELECT name FROM bench WHERE id = :id;\n",
    # Each client has rows of its own.
    "block": "\\set id :client_id * 1000 + random(1, 1000)\nBEGIN;\nUPDATE bench SET n = n + 1 WHERE id = :id;\n"
             "SELECT n FROM bench WHERE id = :id;\nCOMMIT;\n",
    "nothing": "SELECT 1;\n",
    "idle": "\\sleep 60 s\n",
}
POSTMASTER = ROOT / "src" / "local" / "postgres" / "postmaster.cpp"


def settings_of_the_cloud() -> list[str]:
    """Those with which the local cloud starts PostgreSQL."""
    array = re.search(r"constexpr std::array settings\{(.*?)\};", POSTMASTER.read_text(), re.DOTALL).group(1)
    return re.findall(r'"(\w+=[^"]*)"', array)


class Side:
    """A database that pgbench reaches."""

    def __init__(self, work: pathlib.Path, connection: dict[str, str]):
        self._work = work
        self._environment = {"PATH": os.environ["PATH"], "PGCONNECT_TIMEOUT": "20", **connection}

    def sql(self, *statements: str) -> None:
        for statement in statements:
            subprocess.run([PROGRAMS.parent / "psql", "-X", "-q", "-c", statement], env=self._environment, check=True,
                           stdout=subprocess.DEVNULL)

    def timed_file(self, path: str) -> float:
        """How many seconds psql takes for a file, itself and its connection included."""
        started = time.perf_counter()
        subprocess.run([PROGRAMS.parent / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", path],
                       env=self._environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    def fill(self) -> None:
        self.sql("CREATE TABLE bench (id int PRIMARY KEY, name text, n int)")
        for first in range(1, ROWS, 2500):
            self.sql(f"INSERT INTO bench SELECT i, 'name ' || i, 0 FROM generate_series({first}, {first + 2499}) i")

    def command(self, script: str, *arguments: str) -> list:
        path = self._work / f"{script}.sql"
        path.write_text(SCRIPTS[script])
        return [PROGRAMS, "-n", "-f", path, *arguments]

    def rate(self, script: str, seconds: int, *arguments: str) -> float:
        """Transactions a second."""
        done = subprocess.run(self.command(script, "-T", str(seconds), *arguments), env=self._environment, check=True,
                              capture_output=True, text=True)
        assert "number of failed transactions: 0 " in done.stdout, done.stdout
        return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))

    def open(self, script: str, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(self.command(script, *arguments), env=self._environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def direct_postgres(work: pathlib.Path):
    """A PostgreSQL of the same programs and settings that listens with TLS itself."""
    directory = work / "direct"
    directory.mkdir()
    identity = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid}

    def run(*command, **more) -> None:
        subprocess.run([str(part) for part in command], check=True, cwd=directory, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, **identity, **more)

    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "ca.pem")
    run(PROGRAMS.parent / "initdb", "-D", "data", "-U", "bench", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync",
        "--wal-segsize=4")
    # The last of a name counts.
    settings = [*settings_of_the_cloud(), "ssl=on", f"ssl_cert_file={directory}/ca.pem", f"ssl_key_file={directory}/key.pem",
                f"unix_socket_directories={directory}", "listen_addresses=127.0.0.77"]
    server = subprocess.Popen([PROGRAMS.parent / "postgres", "-D", directory / "data",
                               *(part for setting in settings for part in ("-c", setting))], cwd=directory,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity)
    try:
        connection = {"PGHOST": "localhost", "PGHOSTADDR": "127.0.0.77", "PGUSER": "bench", "PGDATABASE": "postgres",
                      "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(directory / "ca.pem")}
        ready = [PROGRAMS.parent / "pg_isready", "-q", "-h", "127.0.0.77"]
        while subprocess.run(ready).returncode != 0:
            assert server.poll() is None, "PostgreSQL did not start"
            time.sleep(0.05)
        yield connection
    finally:
        server.terminate()
        server.wait()


class BenchOfDsql(Bench):
    """Both sides alternate, three times each; what counts is the median of the ratios."""

    ROUNDS = 3

    def __enter__(self) -> "BenchOfDsql":
        super().__enter__()
        self._stack = contextlib.ExitStack()
        self._sides = None
        return self

    def __exit__(self, *details) -> None:
        self._stack.close()
        super().__exit__(*details)

    def sides(self) -> tuple[Side, Side]:
        """The cluster, and PostgreSQL itself."""
        if not self._sides:
            home = self.new_home("dsql")
            home.environment["NIMBUS_POSTGRES_BIN"] = str(PROGRAMS.parent)
            home.nimbus("local", "start")
            self._stack.callback(home.erase)
            self.dsql_home = home
            cluster = self.new_cluster(home)
            work = self.work / "pgbench"
            work.mkdir()
            self._sides = (Side(work, self.connection(home, cluster)),
                           Side(work, self._stack.enter_context(direct_postgres(self.work))))
            for side in self._sides:
                side.fill()
        return self._sides

    @staticmethod
    def new_cluster(home) -> dict:
        cluster = home.aws("dsql", "POST", "/cluster", {"deletionProtectionEnabled": False, "clientToken": str(time.time())})
        path = "/cluster/" + cluster["identifier"]
        while (cluster := home.aws("dsql", "GET", path))["status"] != "ACTIVE":
            time.sleep(0.005)
        return cluster

    @staticmethod
    def connection(home, cluster: dict) -> dict[str, str]:
        status = home.status()
        keys = status["credentials"]
        session = boto3.Session(keys["accessKeyId"], keys["secretAccessKey"], region_name="us-east-1")
        known = next(each for each in status["clusters"] if each["identifier"] == cluster["identifier"])
        token = session.client("dsql").generate_db_connect_admin_auth_token(known["endpoint"], "us-east-1", 3600)
        return {"PGHOST": known["endpoint"], "PGHOSTADDR": known["hostaddr"],
                "PGUSER": "admin", "PGDATABASE": "postgres", "PGPASSWORD": token, "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": status["caFile"]}

    def ratio(self, script: str, protocol: str, connections: int) -> Figure:
        cluster, direct = self.sides()
        arguments = ("-M", protocol, "-c", str(connections), "-j", str(min(connections, 2)))
        ratios, rates = [], []
        for _ in range(self.ROUNDS):
            pair = [side.rate(script, max(1, self.seconds // 2), *arguments) for side in (cluster, direct)]
            rates.append([round(rate) for rate in pair])
            ratios.append(pair[0] / pair[1])
        return Figure(statistics.median(ratios), self.ROUNDS, {"per second, cluster and direct": rates})

    def dsql_prepared_1(self) -> Figure:
        return self.ratio("select", "prepared", 1)

    def dsql_prepared_8(self) -> Figure:
        return self.ratio("select", "prepared", 8)

    def dsql_simple_1(self) -> Figure:
        return self.ratio("select", "simple", 1)

    def dsql_simple_8(self) -> Figure:
        return self.ratio("select", "simple", 8)

    def dsql_block_prepared_1(self) -> Figure:
        return self.ratio("block", "prepared", 1)

    def dsql_block_prepared_8(self) -> Figure:
        return self.ratio("block", "prepared", 8)

    def dsql_block_simple_1(self) -> Figure:
        return self.ratio("block", "simple", 1)

    def dsql_block_simple_8(self) -> Figure:
        return self.ratio("block", "simple", 8)

    def dsql_connections(self) -> Figure:
        """pgbench connects for each of its transactions."""
        cluster, direct = self.sides()
        rates = [side.rate("nothing", self.seconds, "-C", "-c", "4", "-j", "2") for side in (cluster, direct)]
        return Figure(rates[0], 1, {"direct": round(rates[1])})

    def dsql_idle(self) -> Figure:
        """What 190 connections add to the memory of the cloud's process, for 200."""
        cluster, _ = self.sides()
        pid = self.dsql_home.status()["pid"]

        def memory() -> int:
            return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))

        def ticks() -> int:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])

        def sessions() -> int:
            return len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))

        before, threads = memory(), sessions()
        clients = cluster.open("idle", "-c", "190", "-j", "1", "-t", "1")
        try:
            while sessions() < threads + 190:
                assert clients.poll() is None, "the clients did not connect"
                time.sleep(0.1)
            time.sleep(2)  # at rest, not just started
            after, started = memory(), ticks()
            time.sleep(3)
            spent = ticks() - started
        finally:
            clients.kill()
            clients.wait()
        return Figure((after - before) / 1024 * 200 / 190, 1, {"CPU ticks in 3 s": spent})

    def dsql_first_query(self) -> Figure:
        """CreateCluster to the first query's answer, in a cloud that runs."""
        self.sides()
        values = []
        for _ in range(5):
            started = time.perf_counter()
            cluster = self.new_cluster(self.dsql_home)
            Side(self.work / "pgbench", self.connection(self.dsql_home, cluster)).sql("SELECT 1")
            values.append(time.perf_counter() - started)
            self.dsql_home.aws("dsql", "DELETE", "/cluster/" + cluster["identifier"])
        return Figure(statistics.median(values), 5, {"max": round(max(values), 3)})
