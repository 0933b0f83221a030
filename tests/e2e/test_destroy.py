"""Destroy keeps data unless it is told to delete them, and deletes them only then (design, 4.4)."""

import pytest

from support.app import made
from support.inventory import clusters, inventory


@pytest.fixture
def app(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping", "POST /sql"])
    app.deploy()
    assert app.sql("CREATE TABLE fruit (name text PRIMARY KEY)").status_code == 200
    assert app.sql("INSERT INTO fruit VALUES ('pear'), ('fig')").status_code == 200
    return app


def test_without_force_the_data_stay_and_a_new_deploy_finds_them(app, cloud):
    kept = app.cluster["identifier"]
    result = app.destroy()
    assert "--force" in result.stdout + result.stderr
    assert kept in result.stdout + result.stderr

    left = inventory(cloud)
    assert (left["functions"], left["apis"], left["log_groups"]) == ([], [], [])
    (cluster,) = clusters(cloud)
    assert cluster["identifier"] == kept
    assert left["clusters"][0]["content"]["schemas"] == ["testbed"]

    app.deploy()
    assert app.cluster["identifier"] == kept
    rows = app.sql("SELECT name FROM fruit ORDER BY name").json()["rows"]
    assert rows == [{"name": "fig"}, {"name": "pear"}]
    assert app.sql("INSERT INTO fruit VALUES ('plum')").status_code == 200


def test_an_api_that_is_deployed_again_answers_where_it_did(app):
    url = app.url
    app.destroy()
    app.deploy()
    assert app.url == url and app.call("GET", "/ping").status_code == 200


def test_without_force_twice_is_fine(app):
    app.destroy()
    app.destroy()


def test_with_force_nothing_is_left(app, cloud):
    app.destroy("--force")
    left = inventory(cloud)
    assert left == {"clusters": [], "roles": [], "functions": [], "apis": [], "log_groups": []}
    app.destroy("--force")


def test_force_after_destroying_without_it(app, cloud):
    app.destroy()
    app.destroy("--force")
    assert clusters(cloud) == []


def test_a_new_deploy_after_force_starts_empty(app):
    app.destroy("--force")
    app.deploy()
    assert made(app.output)["created"] > 0
    assert "does not exist" in app.sql("SELECT * FROM fruit").text


def test_deletion_protection_survives_force(app, cloud):
    app.declare(routes=["GET /ping", "POST /sql"],
                sql=[{"name": "main-db", "schema": "testbed", "deletionProtection": True}])
    app.deploy()
    assert clusters(cloud)[0]["deletionProtectionEnabled"] is True

    result = app.destroy("--force", code=1)
    assert "deletion" in result.stderr.lower() and "protect" in result.stderr.lower()
    assert "false" in result.stderr, "the error says how to take the protection back"
    (cluster,) = clusters(cloud)
    assert cluster["status"] == "ACTIVE"
    assert cloud.rows(cluster, "SELECT count(*) FROM testbed.fruit") == [["2"]]

    app.declare(routes=["GET /ping", "POST /sql"])
    app.deploy()
    app.destroy("--force")
    assert clusters(cloud) == []


def test_what_was_never_deployed_cannot_be_destroyed(cloud, tmp_path):
    (tmp_path / ".nimbusrc").write_text('{"target": "local"}')
    result = cloud.run("destroy", "--project", "nobody", "--region", "us-east-1", "--yes", cwd=tmp_path, code=None)
    assert result.code in (0, 1)
    assert "nobody" in result.stdout + result.stderr


def test_a_project_is_found_in_the_only_region_where_it_is(projects, cloud, tmp_path):
    (tmp_path / ".nimbusrc").write_text('{"target": "local"}')
    app = projects.testbed(cloud, project="far", region="eu-central-1", sql=[])
    app.deploy()
    status = ["status", "--project", "far", "--json"]
    assert cloud.run(*status, cwd=tmp_path).json()["region"] == "eu-central-1"
    app.declare(region="eu-west-1", sql=[])
    app.deploy()
    asked = cloud.run(*status, cwd=tmp_path, code=2).stderr
    assert "eu-central-1" in asked and "eu-west-1" in asked and "--region" in asked
    for region in ("eu-central-1", "eu-west-1"):
        cloud.run("destroy", "--project", "far", "--region", region, "--force", cwd=tmp_path)
    assert "is not deployed" in cloud.run(*status, cwd=tmp_path, code=1).stderr


def test_without_a_person_or_yes_nothing_is_destroyed(app, cloud):
    result = app.run("destroy", "--project", "testbed", "--region", "us-east-1", code=2)
    assert "--yes" in result.stderr
    assert app.call("GET", "/ping").text == "pong"


def test_in_the_applications_directory_nothing_need_be_named(app, cloud, tmp_path):
    refused = cloud.run("destroy", "--yes", cwd=tmp_path, code=2)
    assert "--project" in refused.stderr
    assert "testbed (stage dev) is destroyed" in app.run("destroy", "--yes").stdout
    app.deploy()


def test_a_script_that_says_force_has_said_that_it_means_it(app, cloud):
    """As the page's `npm run destroy` does."""
    app.run("destroy", "--project", "testbed", "--region", "us-east-1", "--force")
    assert clusters(cloud) == []
