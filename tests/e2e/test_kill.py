"""A deploy or destroy killed at any step: the next one converges, with nothing orphaned or doubled.

NIMBUS_TEST_CRASH_AT=<n>:before|after has the engine end itself as SIGKILL would, before or after its
n-th change to the world (a call to AWS, a statement, a write of state). Its lock is still there; the next
one takes it over, because the process has ended.
"""

import signal
import subprocess

import pytest

from support.cloud import NIMBUS, cloud_in, new_directory
from support.inventory import inventory, objects

MOMENTS = ["before", "after"]
MOST_STEPS = 400
ROUTES = ["GET /ping", "POST /sql"]


def killed(result) -> bool:
    return result.code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def new_app(projects, cloud):
    return projects.testbed(cloud, routes=ROUTES)


@pytest.fixture(scope="module")
def clean(projects, template):
    """What a deploy that nothing disturbed leaves behind, and what its destroy does."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        app = new_app(projects, cloud.start())
        app.deploy()
        deployed = inventory(cloud), {name: len(keys) for name, keys in objects(cloud).items()}
        app.destroy("--force")
        return deployed, (inventory(cloud), {name: len(keys) for name, keys in objects(cloud).items()})


def state_of(cloud):
    return inventory(cloud), {name: len(keys) for name, keys in objects(cloud).items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_deploy_killed_at_any_step(projects, module_cloud, clean, moment):
    cloud = module_cloud
    app = new_app(projects, cloud)
    for step in range(1, MOST_STEPS):
        result = app.run("deploy", "--yes", "--json", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{step}:{moment}"})
        if not killed(result):
            assert result.code == 0, str(result)
            break
        app.deploy()
        assert state_of(cloud) == clean[0], f"killed {moment} step {step}"
        assert app.call("GET", "/ping").text == "pong"
        assert app.sql("SELECT 1 AS one").json() == {"rows": [{"one": 1}]}
        app.destroy("--force")
        assert state_of(cloud) == clean[1], f"killed {moment} step {step}, then destroyed"
    assert step > 10, "NIMBUS_TEST_CRASH_AT did nothing"
    app.destroy("--force")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_destroy_killed_at_any_step(projects, module_cloud, clean, moment):
    cloud = module_cloud
    app = new_app(projects, cloud)
    for step in range(1, MOST_STEPS):
        app.deploy()
        result = app.destroy("--force", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{step}:{moment}"})
        if not killed(result):
            assert result.code == 0, str(result)
            break
        app.destroy("--force")
        assert state_of(cloud) == clean[1], f"killed {moment} step {step}"
    assert step > 5, "NIMBUS_TEST_CRASH_AT did nothing"


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_deploy_after_a_killed_destroy(projects, cloud, clean, moment):
    app = new_app(projects, cloud)
    for step in (2, 5, 8):
        app.deploy()
        app.destroy("--force", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{step}:{moment}"})
        app.deploy()
        assert state_of(cloud) == clean[0], f"killed {moment} step {step}"
        assert app.sql("SELECT 1 AS one").json() == {"rows": [{"one": 1}]}


def test_a_real_kill_in_the_middle(projects, cloud, clean):
    """The same with SIGKILL from outside, at moments of the clock."""
    app = new_app(projects, cloud)
    app.deploy()
    app.destroy("--force")
    for delay in (0.05, 0.2, 0.5, 0.9):
        deploy = subprocess.Popen([NIMBUS, "deploy", "--yes"], cwd=app.directory, env=cloud.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deploy.wait(delay)
        except subprocess.TimeoutExpired:
            deploy.kill()
            deploy.wait()
        app.deploy()
        assert state_of(cloud) == clean[0]
        app.destroy("--force")
        assert state_of(cloud) == clean[1]
