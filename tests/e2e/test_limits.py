"""Limits of AWS that a plan knows: told before anything is changed."""

import pytest

from support.app import made
from support.inventory import inventory

MANY = [f"GET /r{number}" for number in range(301)]


@pytest.fixture
def app(projects, cloud):
    return projects.testbed(cloud, project="limits", routes=MANY, sql=[])


@pytest.mark.parametrize("command", [["plan"], ["deploy", "--yes"]])
def test_what_aws_would_refuse_is_refused_first(app, cloud, command):
    before = inventory(cloud)
    refused = app.run(*command, code=2)
    assert "api limits-api has 301 integrations, one for each function that its routes call, but AWS allows 300" in refused.stderr
    assert "Let routes share functions" in refused.stderr
    assert inventory(cloud) == before


def test_what_aws_raises_on_request_is_a_warning(app):
    for route in app.document["apis"][0]["routes"]:
        route["function"] = "all"
    app.document["functions"] = [{"name": "all"}]
    warning = "api limits-api has 301 routes, but AWS allows 300."
    assert app.plan()["warnings"][0].startswith(warning)
    deployed = app.run("deploy", "--json", "--yes")
    assert warning in deployed.stderr
    assert made(deployed.json())["created"] > 301
    assert app.run("plan").stdout.startswith(f"Warning: {warning}")
