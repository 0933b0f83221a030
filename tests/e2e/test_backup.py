"""`nimbus local backup` and `restore`: all that a cloud keeps in one file, while it runs."""

import contextlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import threading

import pytest

from support.cloud import NIMBUS, cloud_in, new_directory
from support.clusters import active, new_cluster
from support.functions import answering, create_function
from support.waiting import wait_until


@pytest.fixture
def other(template):
    """Another home, empty."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        yield cloud


def filled(cloud):
    """What there is afterwards: a cluster."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="fruit", Body=b"pear")
    create_function(cloud, "hello", answering('"hello"'))
    cloud.client("secretsmanager").create_secret(Name="door", SecretString="sesame")
    cluster = new_cluster(cloud)
    cloud.rows(cluster, "CREATE TABLE fruit (name text PRIMARY KEY)")
    cloud.rows(cluster, "INSERT INTO fruit VALUES ('pear')")
    return cluster


def assert_all_there(cloud, cluster):
    assert cloud.client("s3").get_object(Bucket="things", Key="fruit")["Body"].read() == b"pear"
    assert cloud.client("lambda").invoke(FunctionName="hello")["Payload"].read().strip() == b'"hello"'
    assert cloud.client("secretsmanager").get_secret_value(SecretId="door")["SecretString"] == "sesame"
    active(cloud, cluster["identifier"])
    assert cloud.rows(cluster, "SELECT name FROM fruit") == [["pear"]]


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_backup_is_the_cloud_again(cloud, other, running):
    cluster = filled(cloud)
    if not running:
        cloud.stop()
    file = cloud.directory / "cloud.tar.gz"
    summary = cloud.run("local", "backup", file, "--json").json()
    assert summary["clusters"] == 1 and summary["accountId"] == cloud.account and summary["files"] > 10
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(cloud.home.glob("backup-*")) and not list(cloud.directory.glob("*.partial-*"))
    before = cloud.status(fresh=True)
    assert before["running"] == running
    cloud.stop()
    restored = other.run("local", "restore", file, "--json").json()
    assert restored["replaced"] is None and restored["files"] == summary["files"]
    assert not list(other.home.parent.glob("*.restoring-*"))
    other.start()
    assert other.account == before["accountId"]
    assert_all_there(other, cluster)
    assert other.run("local", "check", "--json").json()["damage"] == []
    other.stop()
    assert other.run("local", "check", "--json").json()["damage"] == []


def test_while_others_write(cloud, other):
    """Each part is of one moment: a row refers to what is there, a table is whole."""
    cluster = new_cluster(cloud)
    cloud.rows(cluster, "CREATE TABLE numbers (n int PRIMARY KEY)")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    stop = threading.Event()
    failures = []

    def write_objects():
        number = 0
        while not stop.is_set():
            try:
                s3.put_object(Bucket="things", Key=f"key-{number % 7}", Body=f"content {number}".encode())
                s3.delete_object(Bucket="things", Key=f"key-{(number + 3) % 7}")
            except Exception as error:
                failures.append(error)
            number += 1

    def write_rows():
        number = 0
        while not stop.is_set():
            result = cloud.psql(cluster, f"INSERT INTO numbers SELECT n FROM generate_series({number}, {number + 99}) n")
            if result.code != 0:
                failures.append(str(result))
            number += 100

    threads = [threading.Thread(target=each) for each in (write_objects, write_rows)]
    for thread in threads:
        thread.start()
    try:
        file = cloud.directory / "cloud.tar.gz"
        cloud.run("local", "backup", file)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures, failures[:3]
    cloud.stop()
    other.run("local", "restore", file)
    other.start()
    active(other, cluster["identifier"])
    ((count, whole),) = other.rows(cluster, "SELECT count(*), count(*) % 100 FROM numbers")
    assert whole == "0", count
    assert other.run("local", "check", "--json").json()["damage"] == []


def test_nothing_is_replaced_unless_asked(cloud, other):
    filled(cloud)
    file = cloud.directory / "cloud.tar.gz"
    cloud.run("local", "backup", file)
    assert "is there already" in cloud.run("local", "backup", file, code=2).stderr
    other.start()
    other.client("s3").create_bucket(Bucket="other")
    assert "is running" in other.run("local", "restore", "--replace", file, code=1).stderr
    other.stop()
    account = json.loads((other.home / "settings.json").read_text())["accountId"]
    assert "--replace" in other.run("local", "restore", file, code=1).stderr
    assert json.loads((other.home / "settings.json").read_text())["accountId"] == account
    cloud.stop()
    replaced = other.run("local", "restore", "--replace", file, "--json").json()["replaced"]
    assert json.loads(open(os.path.join(replaced, "settings.json")).read())["accountId"] == account
    other.start()
    assert [each["Name"] for each in other.client("s3").list_buckets()["Buckets"]] == ["things"]


class HeldTar:
    """Commands run with a `tar` that waits to be let go: then they are in the middle of their work."""

    def __init__(self, directory):
        self.begun, self.gate = directory / "tar-begun", directory / "tar-gate"
        os.mkfifo(self.gate)
        programs = directory / "programs"
        programs.mkdir()
        (programs / "tar").write_text(f"#!/bin/sh\n: > '{self.begun}'\nread line < '{self.gate}'\n"
                                      f"exec {shutil.which('tar')} \"$@\"\n")
        (programs / "tar").chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"

    def begin(self, cloud, *arguments):
        """The command, once its tar runs."""
        self.begun.unlink(missing_ok=True)
        command = subprocess.Popen([NIMBUS, "local", *arguments], env={**cloud.environment, "PATH": self.path},
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until(self.begun.exists, "tar to run")
        return command

    def let_go(self):
        self.gate.write_text("go\n")


def test_a_restore_has_the_home_to_itself(cloud, other):
    """A cloud that is started, and another restore, wait for one into an empty home, and meet what it made."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    file = cloud.directory / "cloud.tar.gz"
    cloud.run("local", "backup", file)
    account = cloud.account
    cloud.stop()
    tar = HeldTar(other.directory)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(tar.begin(other, "restore", file))
        stack.callback(first.kill)
        others = [subprocess.Popen([NIMBUS, "local", *arguments], env=other.environment, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
                  for arguments in (["start"], ["restore", file])]
        for each in others:
            wait_until(lambda: "start.lock" in " ".join(open_files(each.pid)), f"{each.args} to wait for the home")
        tar.let_go()
        said = [each.communicate()[1] for each in [first, *others]]
    assert [first.returncode, *(each.returncode for each in others)] == [0, 0, 1], said
    assert "running" in said[2] or "holds something already" in said[2]
    assert other.status(fresh=True)["accountId"] == account
    assert not list(other.home.parent.glob("*.before-restore-*"))
    assert [each["Name"] for each in other.client("s3").list_buckets()["Buckets"]] == ["things"]


def open_files(pid):
    try:
        return [os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["INT", "TERM", "KILL"])
def test_what_is_interrupted_leaves_no_secrets(cloud, other, number):
    killed = number == signal.SIGKILL
    file = cloud.directory / "cloud.tar.gz"
    tar = HeldTar(cloud.directory)

    def interrupt(command):
        with command:
            command.send_signal(number)
            said = command.communicate()[1]
        assert command.returncode == (-number if killed else 1), said
        assert killed or "Interrupted" in said

    def left():
        return [*cloud.home.glob("backup-*"), *other.home.parent.glob("*.restoring-*")]

    interrupt(tar.begin(cloud, "backup", file))
    assert not list(cloud.directory.glob("cloud.tar.gz*"))
    assert len(left()) == killed
    if killed:
        (found,) = cloud.run("local", "check", "--json", code=1).json()["damage"]
        assert str(left()[0]) in found["what"] and "was left by a backup or restore" in found["what"]
    cloud.run("local", "backup", file)
    assert not left()
    cloud.stop()
    interrupt(tar.begin(other, "restore", file))
    assert len(left()) == killed and other.home.exists() == killed
    other.start()
    assert not left()


def test_what_a_backup_would_lie_about(cloud, other):
    """A key that does not decrypt the secrets: `check` says so, `start` warns, `backup` refuses."""
    cloud.client("secretsmanager").create_secret(Name="door", SecretString="sesame")
    key = cloud.home / "data" / "secrets.key"
    own = key.read_bytes()
    cloud.stop()
    for damage, said in [(None, "is gone"), (own[:5], "is damaged"), (bytes(32), "decrypts none")]:
        if damage is None:
            key.unlink()
        else:
            key.write_bytes(damage)
        for arguments, code in [(("check",), 1), (("backup", cloud.directory / "cloud.tar.gz"), 1), (("start",), 0)]:
            shown = cloud.run("local", *arguments, code=code)
            assert str(key) in shown.stdout + shown.stderr and said in shown.stdout + shown.stderr, arguments
        cloud.stop()
    key.write_bytes(own)
    cloud.run("local", "backup", cloud.directory / "cloud.tar.gz")


def test_the_home_may_be_a_symbolic_link(cloud, other):
    cloud.client("s3").create_bucket(Bucket="things")
    file = cloud.directory / "cloud.tar.gz"
    cloud.run("local", "backup", file)
    cloud.stop()
    target = other.directory / "elsewhere"
    target.mkdir()
    other.home.symlink_to(target)
    other.run("local", "restore", file)
    replaced = other.run("local", "restore", "--replace", file, "--json").json()["replaced"]
    assert other.home.is_symlink() and os.path.dirname(replaced) == str(target.parent.resolve())
    other.start()
    assert [each["Name"] for each in other.client("s3").list_buckets()["Buckets"]] == ["things"]


def test_what_is_no_backup_is_said_in_a_sentence(cloud, other):
    text = cloud.directory / "hello"
    text.write_text("hello\n")
    for name, said in [("hello", "is not a backup"), (".", "is a directory"), ("none", "No such file")]:
        shown = other.run("local", "restore", cloud.directory / name, code=1).stderr
        assert said in shown and "disk" not in shown and "tar:" not in shown
    shown = cloud.run("local", "backup", "/nonexistent/x", code=2).stderr
    assert "There is no directory '/nonexistent'" in shown and "Copying" not in shown


def repacked(file, change):
    """The backup with its members passed through `change(name, bytes)`; None leaves one out."""
    path = file.with_name("changed.tar.gz")
    with tarfile.open(file) as old, tarfile.open(path, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read() if member.isfile() else None
            if content is not None:
                content = change(member.name, content)
                if content is None:
                    continue
                member.size = len(content)
            new.addfile(member, io.BytesIO(content) if content is not None else None)
    return path


def newer(name, content):
    return json.dumps({**json.loads(content), "format": 99}).encode() if name == "manifest.json" else content


DAMAGES = {
    "changed": (lambda name, content: content + b" " if name == "settings.json" else content, "settings.json is not what"),
    "lacking": (lambda name, content: None if name == "ca.pem" else content, "it lacks ca.pem"),
    "without manifest": (lambda name, content: None if name == "manifest.json" else content, "has no manifest"),
    "newer": (newer, "newer Nimbus"),
}


def test_a_damaged_backup_changes_nothing(cloud, other):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    file = cloud.directory / "cloud.tar.gz"
    cloud.run("local", "backup", file)
    cut = cloud.directory / "cut.tar.gz"
    cut.write_bytes(file.read_bytes()[:-200])
    junk = cloud.directory / "junk.tar.gz"
    junk.write_bytes(b"junk")
    for path, said in [(cut, "damaged"), (junk, "is not a backup")]:
        assert said in other.run("local", "restore", path, code=1).stderr
    for change, said in DAMAGES.values():
        assert said in other.run("local", "restore", repacked(file, change), code=1).stderr
    assert not other.home.exists() and not list(other.home.parent.glob("*.restoring-*"))
