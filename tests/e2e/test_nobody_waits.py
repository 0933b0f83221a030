"""Nobody waits for another: neither for its code, nor for a process that stands still."""

import contextlib
import io
import os
import signal
import threading
import urllib.request
import zipfile

import pytest

from support.functions import answering, create_function, ensure_role
from support.processes import read_process
from support.waiting import wait_until

MANY = 60_000


def large_package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, answering("large"))
        for number in range(MANY):
            archive.writestr(zipfile.ZipInfo(f"many/{number}/"), b"")
    return content.getvalue()


def invoke(cloud, name: str) -> bytes:
    return cloud.client("lambda").invoke(FunctionName=name)["Payload"].read()


def test_a_package_of_many_directories_keeps_nobody_waiting(cloud):
    """They are unpacked in turns with others' code, and removed when others need nothing."""
    create_function(cloud, "small", answering("small"))
    functions = cloud.client("lambda")
    functions.create_function(FunctionName="large", Runtime="provided.al2023", Handler="any",
                              Role=ensure_role(cloud), Timeout=300, Code={"ZipFile": large_package()})

    def call_large():
        with contextlib.suppress(Exception):  # it may be deleted, or the cloud stopped, before it answers
            invoke(cloud, "large")

    caller = threading.Thread(target=call_large)
    caller.start()
    try:
        wait_until(lambda: list((cloud.home / "instances").glob("*/many")), "it to be unpacked")
        assert invoke(cloud, "small") == b"small\n"
        functions.delete_function(FunctionName="large")
        assert invoke(cloud, "small") == b"small\n"
        stopped = cloud.run("local", "stop")
        assert "killed" not in stopped.stderr, str(stopped)
        cloud.start()
        assert invoke(cloud, "small") == b"small\n"
    finally:
        caller.join()


@contextlib.contextmanager
def standing_still(pid: int):
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: read_process(pid).state == "T", "it to stand still")
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("command", [
    ["local", "start"], ["local", "status"], ["local", "status", "--json"], ["local", "faults"],
    ["outputs", "--project", "p", "--region", "us-east-1"], ["logs", "--project", "p", "--region", "us-east-1"],
    ["sql", "--project", "p", "--region", "us-east-1"],
], ids=" ".join)
def test_commands_say_that_the_cloud_stands_still(module_cloud, command):
    pid = module_cloud.status(fresh=True)["pid"]
    with standing_still(pid):
        result = module_cloud.run(*command, code=1, timeout=60)
    assert f"process {pid}, stands still" in result.stderr
    assert f"kill -CONT {pid}" in result.stderr
    assert module_cloud.run("local", "status", "--json").json()["running"]


def test_a_cloud_that_stands_still_is_stopped(cloud):
    pid = cloud.status(fresh=True)["pid"]
    with standing_still(pid):
        result = cloud.run("local", "stop")
    assert "killed" not in result.stderr, "it ends by itself"
    assert cloud.run("local", "status", "--json").json()["running"] is False


def test_a_start_waits_for_no_other_that_stands_still(idle_cloud):
    """Whoever starts the cloud has a lock meanwhile; it is what says who that is."""
    idle_cloud.home.mkdir()
    holder = os.fork()
    if holder == 0:
        import fcntl
        with open(idle_cloud.home / "start.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(f"{os.getpid()}\n")
            file.flush()
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
    try:
        os.waitpid(holder, os.WUNTRACED)
        result = idle_cloud.run("local", "start", code=1)
        assert f"locked by process {holder}, which stands still" in result.stderr
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)


def test_the_link_to_a_functions_code_works_without_a_signature(module_cloud):
    create_function(module_cloud, "linked", answering("linked"))
    functions = module_cloud.client("lambda")
    location = functions.get_function(FunctionName="linked")["Code"]["Location"]
    assert "X-Amz-Expires=600" in location
    with urllib.request.urlopen(location) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert archive.namelist() == ["bootstrap"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(location[:-1] + ("0" if location[-1] != "0" else "1"))
    assert refused.value.code == 403
