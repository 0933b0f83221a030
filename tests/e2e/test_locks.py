"""Who may change a deployment: stopped deploys, locks that are left behind, damaged locks and states."""

import fcntl
import json
import os
import pathlib
import signal
import subprocess
import threading

import pytest

from support import processes
from support.app import made
from support.aws_target import aws_target
from support.cloud import NIMBUS
from support.fault_proxy import Hold, fault_proxy
from support.inventory import inventory, objects, pages
from support.waiting import wait_until

BUCKET = "nimbus-state"
KEYS = "nimbus/testbed/dev/us-east-1/"


@pytest.fixture
def app(projects, module_cloud):
    app = projects.testbed(module_cloud)
    app.declare(routes=["GET /ping"], sql=[])
    app.deploy()
    yield app
    delete_lock(app)
    app.declare(routes=["GET /ping"], sql=[])
    app.deploy()
    app.destroy("--force")


def put(app, name: str, text: str) -> None:
    app.cloud.client("s3").put_object(Bucket=BUCKET, Key=KEYS + name, Body=text.encode())


def delete_lock(app) -> None:
    """As nobody should: it does not wait for its holder."""
    app.cloud.client("s3").delete_object(Bucket=BUCKET, Key=KEYS + "lock.json")


def state_of(app) -> dict:
    return json.loads(app.cloud.client("s3").get_object(Bucket=BUCKET, Key=KEYS + "state.json")["Body"].read())


# --- stopped ----------------------------------------------------------------------------------------


def started_deploy(app, environment) -> subprocess.Popen:
    """A deploy of what is declared now."""
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    return subprocess.Popen([NIMBUS, "deploy", "--yes"], cwd=app.directory, text=True,
                            env={**app.cloud.environment, **environment},
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def stopped_deploy(app, environment, moment: str) -> subprocess.Popen:
    """One that stops itself, as by SIGSTOP, around one of its changes."""
    deploy = started_deploy(app, {**environment, "NIMBUS_TEST_STOP_AT": moment})
    wait_until(lambda: processes.read_process(deploy.pid).state == "T", "the deploy to stop")
    return deploy


def test_a_stopped_deploy_that_was_overtaken_sends_nothing_any_more(projects, cloud):
    """All that the proxy sees is sent by the stopped ones: the others go to the cloud directly. They stop
    while nothing else is under way; src/deploy/kinds/deploy_test.cpp walks through all steps."""
    moments = ("1:after", "2:before", "2:after")  # it has the lock; then the state says what it intends
    apps = [projects.testbed(cloud, project=f"testbed{number}") for number, _ in enumerate(moments)]
    with fault_proxy(cloud.endpoint) as proxy, aws_target(apps[0], proxy.endpoint) as through_proxy:
        directly = {**through_proxy, "AWS_ENDPOINT_URL": cloud.endpoint}
        stopped = []
        for app, moment in zip(apps, moments):
            app.declare(routes=["GET /ping", "GET /pid"], sql=[], memory=512)
            stopped.append(stopped_deploy(app, through_proxy, moment))
            app.declare(routes=["GET /ping"], sql=[], memory=256)
            (app.directory / "manifest.json").write_text(json.dumps(app.document))
            assert "is taken away" in app.run("unlock", "--yes", env=directly).stdout
        for app in apps:
            app.deploy(env=directly)
        before, sent = (inventory(cloud), objects(cloud)), proxy.changes()
        for app, deploy in zip(apps, stopped):
            deploy.send_signal(signal.SIGCONT)
            _, told = deploy.communicate(timeout=60)
            assert deploy.returncode == 1, told
            assert f"The lock of {app.project} (dev, us-east-1) is lost: somebody removed it" in told
        assert proxy.changes() == sent
        assert (inventory(cloud), objects(cloud)) == before


def test_a_deploy_whose_lock_was_taken_away_ends_before_the_next_one_begins(projects, cloud):
    app = projects.testbed(cloud)
    first_function, order = threading.Event(), []

    def of_first(call):
        order.append(("first", call))
        return Hold(first_function) if call.operation == "CreateFunction" and call.nth == 1 else None

    with (fault_proxy(cloud.endpoint) as first_proxy, fault_proxy(cloud.endpoint) as next_proxy,
          aws_target(app, first_proxy.endpoint) as through_first):
        through_next = {**through_first, "AWS_ENDPOINT_URL": next_proxy.endpoint}
        first_proxy.start_over(of_first)
        next_proxy.start_over(lambda call: order.append(("next", call)))
        app.declare(routes=["GET /ping", "GET /pid"], memory=512)
        first = started_deploy(app, through_first)
        wait_until(lambda: any(call.operation == "CreateFunction" for call in first_proxy.calls()), "its function")
        assert "is taken away" in app.run("unlock", "--yes", env=through_next).stdout
        app.declare(routes=["GET /ping"], memory=256)
        next_one = started_deploy(app, through_next)
        wait_until(lambda: "Waiting for the end of" in next_one.stderr.readline(), "the next one to wait")
        first_function.set()
        _, told = first.communicate(timeout=60)
        assert "is lost: 'nimbus unlock' took it away" in told or first.returncode == 0
        _, told = next_one.communicate(timeout=60)
        assert next_one.returncode == 0, told
        changes = [who for who, call in order if call.is_change and b"revokes" not in call.body]
        assert changes == sorted(changes), "the first, then the next"
        assert [function["MemorySize"] for function in
                pages(cloud.client("lambda"), "list_functions", "Functions")] == [256]
        assert made(app.deploy(env=through_next))["unchanged"] == 13
        app.destroy("--force", env=through_next)


# --- left behind ------------------------------------------------------------------------------------


def test_the_lock_of_a_killed_deploy_is_taken_over_and_a_line_says_so(app):
    app.declare(routes=["GET /ping", "GET /pid"], sql=[])
    app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": "3:after"})
    told = app.run("deploy", "--yes", env={"NIMBUS_LOCK_TIMEOUT": "0"}).stderr
    (line,) = [line for line in told.splitlines() if "Took over the lock of" in line]
    assert line.endswith("its process has ended")


def test_temporary_files_of_a_killed_run_are_removed_by_the_next(app):
    root = pathlib.Path(app.cloud.environment["TMPDIR"])
    abandoned, in_use = (root / f"nimbus-describe.tmp-{name}" for name in ("Abandn", "In0Use"))
    for directory in (abandoned, in_use):
        directory.mkdir()
        (directory / "manifest.json").touch()
    holder = os.open(in_use, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    app.run("plan")
    assert not abandoned.exists() and in_use.exists()
    os.close(holder)
    app.run("plan")
    assert not in_use.exists()


def test_a_lock_that_may_be_held_is_waited_for_and_named(app):
    held = {"id": "x", "holder": "bob@work (process 8)", "operation": "destroy", "since": "2026-01-01T00:00:00Z",
            "expires": "2099-01-01T00:00:00Z", "leaseMilliseconds": 3_600_000}
    put(app, "lock.json", json.dumps(held))
    app.declare(routes=["GET /ping"], sql=[], memory=512)
    refused = app.run("deploy", "--yes", code=1, env={"NIMBUS_LOCK_TIMEOUT": "0"})
    assert "is held by bob@work (process 8), for 'destroy'" in refused.stderr
    assert "nimbus unlock --project testbed --region us-east-1 --stage dev" in refused.stderr
    nobody = app.run("unlock", code=2)
    assert "is locked for a destroy by bob@work (process 8)" in nobody.stderr and "--yes" in nobody.stderr
    document = app.run("unlock", "--yes", "--json").json()
    assert document["revoked"] and not document["removed"] and document["lock"]["holder"] == held["holder"]
    assert not document["lock"]["stale"] and not document["lock"]["holderEnded"]
    refused = app.run("deploy", "--yes", code=1, env={"NIMBUS_LOCK_TIMEOUT": "0"})
    assert "was taken from bob@work (process 8), for 'destroy'" in refused.stderr
    assert f"that one may be at work until {document['lock']['ends']}" in refused.stderr
    again = app.run("unlock", "--yes")
    assert f"may be at work until {document['lock']['ends']}" in again.stderr and "is taken away" in again.stdout


def test_what_a_foreign_lock_says_does_not_control_the_terminal(app):
    held = {"id": "x", "holder": "bob\x1b]0;title\x07\x9b2J\x00", "operation": "de\x1b[2Jploy",
            "since": "2026-01-01T00:00:00Z", "expires": "2099-01-01T00:00:00Z", "leaseMilliseconds": 3_600_000}
    put(app, "lock.json", json.dumps(held))
    app.declare(routes=["GET /ping"], sql=[], memory=512)
    told = app.run("deploy", "--yes", code=1, env={"NIMBUS_LOCK_TIMEOUT": "0"}).stderr + app.run("unlock", "--yes").stderr
    assert "held by bob]0;title" in told and "locked for a de[2Jploy by bob" in told
    assert not {"\x1b", "\x07", "\x00", "\x9b"} & set(told)


# --- damaged ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{", "[]", '{"holder": "ann"}', "\x1b]0;title\x07"])
def test_a_damaged_lock_is_shown_and_removed(app, text):
    put(app, "lock.json", text)
    app.declare(routes=["GET /ping"], sql=[], memory=512)
    for command in (("deploy", "--yes"), ("destroy", "--project", "testbed", "--region", "us-east-1", "--yes")):
        refused = app.run(*command, code=1).stderr
        assert f"s3://{BUCKET}/{KEYS}lock.json cannot be read" in refused
        assert "nimbus unlock --project testbed" in refused
    shown = app.run("unlock", "--yes")
    assert "lock.json, cannot be read" in shown.stderr and "The lock is taken away" in shown.stdout
    assert "\x1b]" not in shown.stderr
    refused = app.run("deploy", "--yes", code=1, env={"NIMBUS_LOCK_TIMEOUT": "0"}).stderr
    assert "was taken from somebody whose lock could not be read; that one" in refused, "there may have been one before"
    again = app.run("unlock", "--yes", "--json")
    assert "is locked by somebody whose lock could not be read; it was taken away" in again.stderr
    assert set(again.json()["lock"]) == {"holder", "ends", "stale", "holderEnded"}, "nothing else is known"
    delete_lock(app)
    assert made(app.deploy())["updated"] == 1


WRONG_STATES = {
    "no JSON": lambda state: "{",
    "empty": lambda state: "",
    "another project's": lambda state: json.dumps({**state, "project": "other"}),
    "another stage's": lambda state: json.dumps({**state, "stage": "prod"}),
    "resources that are a number": lambda state: json.dumps({**state, "resources": 5}),
    "no resources": lambda state: json.dumps({key: state[key] for key in state if key != "resources"}),
    "a resource under another's key": lambda state: json.dumps(
        {**state, "resources": {f"x {key}": value for key, value in state["resources"].items()}}),
}


@pytest.mark.parametrize("what", WRONG_STATES)
def test_a_wrong_state_is_refused_and_set_aside(app, what):
    before = inventory(app.cloud)
    text = WRONG_STATES[what](state_of(app))
    put(app, "state.json", text)
    for command in (("plan",), ("deploy", "--yes"), ("status",), ("outputs",),
                    ("destroy", "--project", "testbed", "--region", "us-east-1", "--yes", "--force")):
        refused = app.run(*command, code=1).stderr
        assert f"s3://{BUCKET}/{KEYS}state.json cannot be used" in refused, command
        assert "nimbus unlock --project testbed --region us-east-1 --stage dev" in refused
    assert inventory(app.cloud) == before
    assert "state.json cannot be used" in app.run("unlock", code=2).stderr
    assert app.cloud.client("s3").get_object(Bucket=BUCKET, Key=KEYS + "state.json")["Body"].read().decode() == text

    document = app.run("unlock", "--yes", "--json").json()
    assert document["lock"] is None and not document["removed"]
    aside = document["damagedState"].removeprefix(f"s3://{BUCKET}/")
    s3 = app.cloud.client("s3")
    assert s3.get_object(Bucket=BUCKET, Key=aside)["Body"].read().decode() == text
    assert made(app.deploy())["created"] == 0, "the next deploy finds what there is"
    assert inventory(app.cloud) == before
    s3.delete_object(Bucket=BUCKET, Key=aside)


def test_the_state_of_a_newer_nimbus_is_left_alone(app):
    state = state_of(app)
    put(app, "state.json", json.dumps({**state, "version": 2}))
    refused = app.run("deploy", "--yes", code=1).stderr
    assert "was written by a newer Nimbus" in refused and "nimbus unlock" not in refused
    assert "is not locked" in app.run("unlock", "--yes").stdout
    put(app, "state.json", json.dumps(state))
