"""The local cloud keeps everything across a stop and a crash."""

import os
import signal
import socket

import pytest

from support.inventory import inventory, pages
from support.processes import descendants
from support.waiting import wait_until


def deployed(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping", "POST /sql"])
    app.deploy()
    app.sql("CREATE TABLE fruit (name text PRIMARY KEY)")
    app.sql("INSERT INTO fruit VALUES ('pear')")
    return app


def assert_all_there(app, before):
    assert inventory(app.cloud) == before
    assert app.call("GET", "/ping").text == "pong"
    assert app.sql("SELECT name FROM fruit").json() == {"rows": [{"name": "pear"}]}


def test_a_home_that_only_its_owner_can_enter(projects, idle_cloud):
    """root's own home directory, for one: PostgreSQL, which runs as another user, works there too."""
    idle_cloud.directory.chmod(0o700)
    app = deployed(projects, idle_cloud)
    assert app.sql("SELECT name FROM fruit").json() == {"rows": [{"name": "pear"}]}


def test_after_a_stop(projects, cloud):
    app = deployed(projects, cloud)
    before, endpoint = inventory(cloud), cloud.endpoint
    cloud.stop()
    cloud.start()
    assert cloud.endpoint == endpoint, "ports are remembered"
    assert_all_there(app, before)


def test_after_a_crash(projects, cloud):
    app = deployed(projects, cloud)
    before = inventory(cloud)
    for _ in range(2):
        app.sql("SELECT 1")
        cloud.kill()
        cloud.start()
        assert_all_there(app, before)


def test_an_api_whose_port_somebody_took(projects, cloud):
    """It is elsewhere until the next start, which is told; outputs and deploy have where it is."""
    app = projects.testbed(cloud, routes=["GET /ping"])
    app.deploy()
    own = app.url
    cloud.stop()
    own_port = int(own.split(":")[2].split("/")[0])
    with socket.create_server(("127.0.0.1", own_port)):
        started = cloud.run("local", "start").stderr
        elsewhere = app.run("outputs", "--json").json()["apis"][0]["url"]
        status = cloud.status(fresh=True)["apis"]
        assert [(each["endpoint"] + "/dev", each["ownPort"]) for each in status] == [(elsewhere, own_port)]
        told = cloud.run("local", "status").stdout
        assert f"is at {elsewhere.rpartition('/')[0]} until the next start" in told and f"its port {own_port}" in told
        assert elsewhere != own and elsewhere.rpartition("/")[0] in started and "in use" in started
        assert app.deploy()["apis"][0]["url"] == elsewhere
        assert app.call("GET", "/ping").text == "pong"
        cloud.stop()
    assert "until the next start" not in cloud.run("local", "start").stderr
    assert own.startswith(cloud.status(fresh=True)["apis"][0]["endpoint"])
    assert "until the next start" not in cloud.run("local", "status").stdout
    assert app.deploy()["apis"][0]["url"] == own
    assert app.run("outputs", "--json").json()["apis"][0]["url"] == own
    assert app.call("GET", "/ping").text == "pong"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
def test_a_start_while_the_cloud_ends(cloud, end):
    """An ending cloud holds its lock, and may take connections, until its last thread is gone."""
    for _ in range(5):
        os.kill(cloud.start().status(fresh=True)["pid"], end)
        cloud.start()
        assert pages(cloud.client("s3"), "list_buckets", "Buckets") == []


def test_a_crash_leaves_no_process_behind(projects, cloud):
    app = deployed(projects, cloud)
    children = {process.pid for process in descendants(cloud.status(fresh=True)["pid"])}
    assert children
    cloud.kill()
    alive = lambda: [p for p in descendants(os.getpid()) if p.pid in children]
    wait_until(lambda: not [p for p in alive() if "bootstrap" in p.command], "function instances to end with the cloud")
    cloud.start()
    assert app.sql("SELECT 1 AS one").status_code == 200
    wait_until(lambda: not alive(), "processes of the crashed cloud to be gone")


def test_a_crash_of_postgresql_is_recovered(projects, cloud):
    app = deployed(projects, cloud)
    pid = cloud.status(fresh=True)["pid"]
    servers = [p for p in descendants(pid) if "postgres" in p.command.split(" ")[0] and p.parent == pid]
    assert servers
    for server in servers:
        os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: app.sql("SELECT name FROM fruit").status_code == 200, "the database to be back", seconds=30)


def test_a_lost_function_instance_is_replaced(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /pid"], sql=[])
    app.deploy()
    assert app.call("GET", "/pid").status_code == 200
    # Inside of the sandbox it has another number.
    instances = lambda: [p.pid for p in descendants(cloud.status(fresh=True)["pid"]) if "bootstrap" in p.command]
    [first] = instances()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: first not in instances(), "the instance to be gone")
    answers = [app.call("GET", "/pid") for _ in range(3)]
    assert answers[-1].status_code == 200 and first not in instances() and instances()
