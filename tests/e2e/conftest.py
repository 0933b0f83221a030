"""Fixtures: a local cloud in a temporary home, and applications to deploy to it."""

import pathlib

import pytest

from support import processes
from support.app import App, Projects
from support.cloud import BUILD, NIMBUS, cloud_in, new_directory
from support.fault_proxy import fault_proxy
from support.moto import running_moto


def pytest_configure(config):
    processes.become_subreaper()
    if not NIMBUS.exists():
        raise pytest.UsageError(f"{NIMBUS} is not there: run 'make' first")


@pytest.fixture(scope="session")
def template() -> pathlib.Path:
    """A PostgreSQL data directory that all clouds copy from, made by the first that needs it."""
    directory = BUILD / "test-env" / "postgres-template"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture
def cloud(template):
    """A cloud for one test, running."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        yield cloud.start()


@pytest.fixture
def idle_cloud(template):
    """A home for one test, with nothing in it yet."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def module_cloud(template):
    """A cloud that the tests of a module share."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        yield cloud.start()


@pytest.fixture(scope="module")
def proxy(module_cloud):
    """Passes calls on to the module's cloud, and does with them what a test decides."""
    with fault_proxy(module_cloud.endpoint) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def moto():
    """An emulator of AWS by other people, running."""
    with running_moto() as moto:
        yield moto


@pytest.fixture(scope="session")
def projects():
    return Projects()


@pytest.fixture(scope="module")
def sql_app(projects, module_cloud) -> App:
    """examples/sql, deployed once for a module."""
    app = projects.sql_example(module_cloud)
    app.deploy()
    return app
