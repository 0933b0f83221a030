"""Seeds: rows to work with, on the local cloud and in previews only; each statement once in a schema."""

import shutil

import pytest

from support.app import made
from support.aws_target import aws_target

USERS = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"
ANN = "INSERT INTO users VALUES (1, 'ann');\n"
BOB = "INSERT INTO users VALUES (2, 'bob');\n"


@pytest.fixture
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, project="seeded", routes=["GET /ping", "POST /sql"], sql=[
        {"name": "main-db", "schema": "seeded", "deletionProtection": False, "migrations": "migrations",
         "seed": "seed.sql"}])
    app.migrations = app.directory / "migrations"
    shutil.rmtree(app.migrations, ignore_errors=True)
    app.migrations.mkdir()
    (app.migrations / "0001_users.sql").write_text(USERS)
    seed(app, ANN)
    yield app
    app.destroy("--force")
    shutil.rmtree(app.migrations)
    (app.directory / "seed.sql").unlink(missing_ok=True)


def seed(app, text: str | bytes) -> None:
    (app.directory / "seed.sql").write_bytes(text if isinstance(text, bytes) else text.encode())


def names(app) -> list[str]:
    return [row["name"] for row in app.sql("SELECT name FROM users ORDER BY id").json()["rows"]]


def test_a_deploy_runs_each_statement_once(app):
    assert "applies 0001_users.sql, runs seed.sql" in app.run("plan").stdout
    app.deploy()
    assert names(app) == ["ann"]
    assert made(app.deploy())["updated"] == 0
    app.sql("DELETE FROM users")
    seed(app, "\ufeff-- two of them\r\n" + ANN + BOB)
    assert "the seed: 1 statement to run" in app.run("plan").stdout
    app.deploy()
    assert names(app) == ["bob"], "what has run does not run again"
    assert app.run("migrate", "status").stdout.count("\n") == 1, "it is no migration"


def test_the_command_runs_what_is_new_or_all_again(app):
    app.deploy()
    assert app.run("seed").stdout == "seed.sql has run: nothing of it is new.\n"
    seed(app, ANN + BOB)
    assert app.run("seed").stdout == "Ran 1 statement of seed.sql.\n"
    app.sql("DELETE FROM users")
    assert app.run("seed", "--json").json() == {"database": "main-db", "statements": 0}
    assert app.run("seed", "--again").stdout == "Ran 2 statements of seed.sql.\n"
    assert names(app) == ["ann", "bob"]
    told = app.run("seed", "--again", code=1).stderr
    assert "The seed failed in line 1: duplicate key value violates unique constraint" in told
    app.sql("DELETE FROM users")
    app.deploy()
    assert names(app) == ["ann", "bob"]


def test_the_same_statement_may_stand_there_twice(app):
    more = "INSERT INTO users SELECT count(*) + 1, 'copy' FROM users;\n"
    seed(app, more + more)
    app.deploy()
    assert names(app) == ["copy", "copy"]
    app.deploy()
    assert names(app) == ["copy", "copy"]


def test_it_runs_behind_the_migrations(app):
    app.deploy()
    (app.migrations / "0002_more.sql").write_text("ALTER TABLE users ADD COLUMN age int;")
    seed(app, ANN + "UPDATE users SET age = 7;")
    assert "0002_more.sql is pending, and the seed runs behind it" in app.run("seed", code=1).stderr
    app.deploy()
    assert app.sql("SELECT age FROM users").json()["rows"] == [{"age": 7}]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_step_each_statement_runs_once(app, moment):
    app.deploy()
    text = ANN
    for number in range(1, 20):
        text += f"INSERT INTO users VALUES ({2 * number}, 'a');\nINSERT INTO users VALUES ({2 * number + 1}, 'b');\n"
        seed(app, text)
        killed = app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{number}:{moment}"})
        app.deploy()
        assert len(names(app)) == 2 * number + 1
        if killed.code == 0:
            break
    assert number > 3


@pytest.mark.parametrize("text, told", [
    ("CREATE TABLE a (id int)", "The seed seed.sql cannot be used: line 1: a seed changes rows only"),
    ("\n-- nimbus: batch\nDELETE FROM users", "line 3: a seed does not run in batches"),
    ("INSERT INTO users VALUES ('ann)", "line 1: what begins here has no end"),
    (b"INSERT INTO users VALUES (1, '\xfc')", "it is not UTF-8 text"),
    ("INSERT INTO users VALUES (1,, 2)", "The seed will be refused in line 1: syntax error"),
])
def test_what_is_no_seed_is_refused(app, text, told):
    seed(app, text)
    assert told in app.run("plan", code=1).stderr
    seed(app, ANN)


def test_a_file_that_is_not_there_is_named(app):
    (app.directory / "seed.sql").unlink()
    assert "seed.sql cannot be read: No such file" in app.run("plan", code=1).stderr
    app.document["sql"][0].pop("seed")
    assert "No database of seeded has a seed" in app.run("seed", code=1).stderr


def test_elsewhere_it_does_not_run(app):
    with aws_target(app, app.cloud.endpoint) as environment:
        app.deploy(env=environment)
        assert app.cloud.rows(app.cluster, "SELECT count(*) FROM seeded.users") == [["0"]]
        told = app.run("seed", code=2, env=environment).stderr
        assert "seeded (stage dev, us-east-1) on aws takes no seed: it is neither on the local cloud nor a preview" in told
        app.destroy("--force", env=environment)
