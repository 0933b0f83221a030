"""AWS's connectors and an ORM on each, as a person runs them after `nimbus local names`: the host's name is all they
are given."""

import sys

import pytest

from support.clients import client_runner
from support.cloud import ROOT
from support.clusters import new_cluster

CLIENTS = ROOT / "tests" / "e2e" / "clients"
JS = ROOT / "tests" / "e2e" / "js"


@pytest.fixture(scope="module")
def cluster(module_cloud):
    return new_cluster(module_cloud)


@pytest.fixture
def run(module_cloud, cluster, tmp_path):
    return client_runner(module_cloud, cluster, tmp_path)


def test_the_python_connector_over_psycopg(run, cluster):
    assert run(sys.executable, CLIENTS / "psycopg_connector.py") == {
        "user": "admin", "total": 2, "byIdentifier": cluster["endpoint"], "pooled": "pooled"}


def test_the_python_connector_over_asyncpg(run):
    seen = run(sys.executable, CLIENTS / "asyncpg_connector.py")
    assert (seen["user"], seen["total"]) == ("admin", 2)
    assert seen["unknown user"] == "unable to accept connection, access denied"
    assert "SSL is mandatory" in seen["no TLS"]


def test_the_javascript_connector_over_node_postgres(run):
    assert run("node", JS / "aws_connector.mjs") == {"user": "admin", "authorized": True, "pooled": [2, 3, 4]}


def test_sqlalchemy_with_awss_dialect(run):
    assert run(sys.executable, CLIENTS / "sqlalchemy_dialect.py") == {
        "rows": [["One", "Zoë"], ["Two", "Zoë"]], "left": 1, "tables": ["authors", "books"], "key": ["id"]}


def test_drizzle_on_the_javascript_connector(run):
    assert run("node", JS / "drizzle.mjs") == {
        "rows": [{"title": "One", "name": "Zoë"}, {"title": "Two", "name": "Zoë"}], "left": 2}
