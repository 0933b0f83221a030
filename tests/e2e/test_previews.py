"""Previews: a stage whose databases are schemas of its own in a cluster that it shares."""

import shutil

import pytest

from support.app import App
from support.cloud import ROOT
from support.inventory import clusters

USERS = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"


def database(**what) -> dict:
    return {"name": "main-db", "schema": "shop", "deletionProtection": False, "cluster": "team-db",
            "migrations": "migrations", "seed": "seed.sql", **what}


@pytest.fixture
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, project="previewed", routes=["GET /ping", "POST /sql"], sql=[database()])
    app.migrations = app.directory / "migrations"
    shutil.rmtree(app.migrations, ignore_errors=True)
    app.migrations.mkdir()
    (app.migrations / "0001_users.sql").write_text(USERS)
    (app.directory / "seed.sql").write_text("INSERT INTO users VALUES (1, 'ann');")
    app.deploy("--stage", "prod")
    app.prod = app.output
    yield app
    for stage in ("pr-42", "pr-43", "prod"):
        app.destroy("--force", stage=stage)
    shutil.rmtree(app.migrations)
    (app.directory / "seed.sql").unlink()
    assert not clusters(module_cloud)


def schemas(app) -> set[str]:
    found = app.cloud.rows(app.prod["sql"][0], "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop%'")
    return {row[0] for row in found}


def test_a_preview_has_rows_of_its_own_in_the_shared_cluster(app):
    (app.migrations / "0002_age.sql").write_text("ALTER TABLE users ADD COLUMN age int;")
    app.deploy("--preview", "--stage", "pr-42")
    assert app.cluster["identifier"] == app.prod["sql"][0]["identifier"]
    assert (app.cluster["schema"], app.cluster["dbRole"]) == ("shop_pr_42", "lambda_shop_pr_42")
    assert app.sql("SELECT name, age FROM users").json()["rows"] == [{"name": "ann", "age": None}]
    app.sql("DELETE FROM users")
    assert app.cloud.rows(app.cluster, "SELECT name FROM shop.users") == [["ann"]]
    assert app.run("migrate", "status", "--stage", "pr-42").stdout.count("applied") == 2
    assert "pending" in app.run("migrate", "status", "--stage", "prod").stdout
    (app.migrations / "0002_age.sql").unlink()


def test_destroy_takes_just_the_preview(app):
    app.deploy("--preview", "--stage", "pr-42")
    app.deploy("--preview", "--stage", "pr-43")
    assert schemas(app) == {"shop", "shop_pr_42", "shop_pr_43"}
    told = app.run("destroy", "--stage", "pr-42", "--force").stdout
    assert "previewed (stage pr-42) is destroyed" in told
    assert schemas(app) == {"shop", "shop_pr_43"}
    app.destroy("--force", stage="prod")
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann"}], "the cluster stays for the other"
    app.deploy("--stage", "prod")
    app.prod = app.output


def test_a_preview_stays_one(app):
    app.deploy("--preview", "--stage", "pr-42")
    assert "previewed (pr-42) was deployed as a preview" in app.run("deploy", "--stage", "pr-42", "--yes", code=2).stderr
    assert "was deployed as a preview" in app.run("plan", "--stage", "pr-42", code=2).stderr
    told = app.run("deploy", "--preview", "--stage", "prod", "--yes", code=2).stderr
    assert "previewed (prod) was not deployed as a preview" in told
    assert app.deploy("--preview", "--stage", "pr-42")["changes"]["created"] == 0


def test_what_cannot_be_a_preview_is_refused(app):
    assert "A preview needs a stage of its own" in app.run("deploy", "--preview", code=2).stderr
    app.declare(routes=["GET /ping"], sql=[{"name": "main-db", "schema": "shop", "deletionProtection": False}])
    told = app.run("deploy", "--preview", "--stage", "pr-42", "--yes", code=2).stderr
    assert "The database main-db has a cluster of its own, which a preview cannot share" in told
    app.declare(routes=["GET /ping"], sql=[database(schema="s" * 50)])
    assert "has more than 55 characters" in app.run("plan", "--preview", "--stage", "pr-42", code=2).stderr


def test_what_protects_production_does_not_protect_a_preview(app):
    app.declare(routes=["GET /ping"], sql=[database(deletionProtection=True)])
    app.deploy("--preview", "--stage", "pr-42")
    app.run("destroy", "--stage", "pr-42", "--force")
    assert schemas(app) == {"shop"}
    app.declare(routes=["GET /ping", "POST /sql"], sql=[database()])


def test_the_eleventh_schema_of_a_cluster_is_refused_by_plan(app):
    for number in range(9):
        app.cloud.rows(app.prod["sql"][0], f"CREATE SCHEMA other_{number}")
    for command in (("plan",), ("deploy", "--yes")):
        told = app.run(*command, "--preview", "--stage", "pr-42", code=2).stderr
        assert "The cluster team-db" in told and "has 10 schemas, and DSQL takes 10" in told
        assert "there is no room for shop_pr_42" in told and "other_3" in told and "nimbus destroy --stage" in told
    app.cloud.rows(app.prod["sql"][0], "DROP SCHEMA other_0")
    app.deploy("--preview", "--stage", "pr-42")
    app.deploy("--preview", "--stage", "pr-42")
    for number in range(1, 9):
        app.cloud.rows(app.prod["sql"][0], f"DROP SCHEMA other_{number}")


def test_a_deployer_of_previews_may_claim_their_schemas(app):
    policy = app.run("init", "--policy", "--preview", "--stage", "pr-*", "--account", "123456789012").json()
    (shared,) = [part for part in policy["Statement"] if part["Sid"] == "UseSharedCluster"]
    assert shared["Condition"]["ForAllValues:StringLike"] == {
        "aws:TagKeys": ["nimbus:deleting", "nimbus:schema:shop_pr_*", "nimbus:schema:shop_pr_*:*"]}


def test_the_example_of_the_docs(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "previews", "previews"), "previews")
    app.deploy("--preview", "--stage", "pr-42")
    assert app.call("GET", "/products").json() == [{"id": 1, "name": "Chair"}, {"id": 2, "name": "Table"}]
    assert app.cluster["schema"] == "shop_db_pr_42"
    app.destroy("--force", stage="pr-42")
