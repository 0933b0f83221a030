"""The local cloud listens on loopback only, and keeps its secrets to itself."""

import os
import pathlib
import stat

import pytest

from support.inventory import objects
from support.processes import descendants


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, routes=["GET /ping", "POST /sql"])
    app.deploy()
    assert app.sql("SELECT 1").status_code == 200
    return app


def listeners(pids: set[int]) -> list[tuple[str, int]]:
    """(address, port) of every TCP listener that one of these processes holds."""
    inodes = set()
    for pid in pids:
        for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                if table == "tcp":
                    text = ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
                else:
                    text = address
                found.append((text, int(port, 16)))
    return found


def test_every_listener_is_on_loopback(app, module_cloud):
    pid = module_cloud.status()["pid"]
    found = listeners({pid} | {process.pid for process in descendants(pid)})
    assert len(found) >= 3, "the AWS endpoint, the HTTP API and the cluster"
    assert [address for address, _ in found if not address.startswith("127.")] == []
    assert (app.cluster["hostaddr"], 5432) in found


def test_no_file_of_the_home_is_open_to_others(app, module_cloud):
    open_to_others = []
    for path in [module_cloud.home, *module_cloud.home.rglob("*")]:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        if stat.S_ISREG(mode) and mode & 0o022:
            open_to_others.append(f"writable: {path}")
    assert open_to_others == []


def test_files_with_keys_are_0600(app, module_cloud):
    secrets = module_cloud.status()["credentials"]["secretAccessKey"].encode()
    found = {}
    for path in module_cloud.home.rglob("*"):
        # Clusters are PostgreSQL's; instances' programs have OpenSSL's words for keys in them.
        if not path.is_file() or path.is_symlink() or {"clusters", "instances"} & set(path.parts):
            continue
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if b"PRIVATE KEY" in content or secrets in content:
            found[str(path.relative_to(module_cloud.home))] = oct(stat.S_IMODE(path.stat().st_mode))
    assert found, "somewhere there are keys"
    assert set(found.values()) == {"0o600"}, found


def test_state_and_logs_hold_no_secret(app, module_cloud):
    secret = module_cloud.status()["credentials"]["secretAccessKey"]
    s3 = module_cloud.client("s3")
    for bucket, keys in objects(module_cloud).items():
        for key in keys:
            content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            assert secret.encode() not in content and b"X-Amz-Signature" not in content, key
    for path in module_cloud.home.rglob("*.log"):
        text = path.read_text(errors="replace")
        assert secret not in text and "X-Amz-Signature" not in text, path


def test_secrets_are_not_on_any_command_line(app, module_cloud):
    secret = module_cloud.status()["credentials"]["secretAccessKey"]
    pid = module_cloud.status()["pid"]
    for process in descendants(pid):
        assert secret not in process.command and "X-Amz" not in process.command


def test_postgresql_does_not_run_as_root(app, module_cloud):
    pid = module_cloud.status()["pid"]
    servers = [p for p in descendants(pid) if "postgres" in p.command.split(" ")[0]]
    assert servers
    for server in servers:
        assert os.stat(f"/proc/{server.pid}").st_uid != 0


def test_postgresql_has_no_network_listener(app, module_cloud):
    pid = module_cloud.status()["pid"]
    servers = {p.pid for p in descendants(pid) if "postgres" in p.command.split(" ")[0]}
    assert listeners(servers) == []
