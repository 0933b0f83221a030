"""Migrations are tried in the local cloud, from nothing, before they change anything where they are deployed."""

import shutil

import pytest

from support.app import ScriptApp, made, manifest
from support.aws_target import aws_target
from support.cloud import Cloud, new_directory
from support.inventory import clusters, own_roles

USERS = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"
TRYING = "Trying the migrations in the local cloud"
UNCHECKED = "write '-- nimbus: unchecked' on the line before the statement"
NOT_TRIED = "the migrations were not tried in the local cloud"


class Shop(ScriptApp):
    def __init__(self, cloud, directory):
        super().__init__(cloud, directory, "tried", manifest(project="tried", sql=(
            {"name": "main-db", "schema": "shop", "deletionProtection": False, "migrations": "migrations"},)))
        self.migrations = directory / "migrations"
        self.migrations.mkdir()
        self.write("0001_users.sql", USERS)

    def write(self, name: str, text: str) -> None:
        (self.migrations / name).write_text(text)

    def refused(self, **how) -> str:
        return self.run("deploy", "program", "--yes", code=1, **how).stderr

    def told(self, *command, **how) -> str:
        return self.run(*(command or ("deploy", "program", "--yes")), **how).stderr

    def rows(self, statement: str) -> list[list[str]]:
        return self.cloud.rows(self.cluster, statement)

    def own_rows(self, statement: str) -> list[list[str]]:
        """As the role of the functions, which owns what it makes."""
        return self.cloud.rows(self.cluster, "SET ROLE lambda_shop; SET search_path = shop; " + statement)

    def ledger(self) -> list[list[str]]:
        return self.rows("SELECT file, statement, state FROM shop.nimbus_migrations ORDER BY 1, 2")


@pytest.fixture
def app(module_cloud, tmp_path):
    app = Shop(module_cloud, tmp_path)
    yield app
    for file in app.migrations.glob("*.sql"):
        file.unlink()
    app.write("0001_users.sql", USERS)
    app.destroy("--force")
    assert not clusters(module_cloud)


@pytest.fixture
def own_app(idle_cloud, tmp_path):
    """In a cloud that only this test uses."""
    return Shop(idle_cloud, tmp_path)


# --- refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement, reason", [
    ("ALTER TABLE users RENAME COLUMN nam TO full_name", 'column "nam" does not exist (SQLSTATE 42703)'),
    ("CREATE VIEW names AS SELECT name + 1 AS n FROM users", "operator does not exist: text + integer"),
    ("INSERT INTO users VALUES ('x', 'ann')", 'invalid input syntax for type integer: "x" (SQLSTATE 22P02)'),
    ("INSERT INTO users VALUES (1, 'a');\n\nINSERT INTO users VALUES (1, 'b')", "duplicate key value"),
    ("-- nimbus: batch\nDELETE FROM keyless", 'relation "keyless" does not exist'),
    ("CREATE SCHEMA other", "permission denied"),
])
def test_what_would_fail_is_refused_before_anything_is_changed(app, statement, reason):
    app.write("0002_more.sql", "INSERT INTO users VALUES (7, 'eve');\n" + statement)
    told = app.refused()
    line = 2 + statement.count("\n")
    assert f"The migration 0002_more.sql will be refused in line {line}: " in told and reason in told
    assert "It was tried in the local cloud, from nothing" in told
    assert not clusters(app.cloud)
    app.write("0002_more.sql", "INSERT INTO users VALUES (7, 'eve');")
    app.deploy()
    app.write("0003_more.sql", "INSERT INTO users VALUES (8, 'joe');\n" + statement)
    if "duplicate" in reason or "22P02" in reason:
        return  # depends on rows, see below
    assert "The migration 0003_more.sql will be refused in line" in app.refused()
    assert "The migration 0003_more.sql will be refused in line" in app.told("migrate", "apply", "program", code=1)
    assert app.ledger() == [["0001_users.sql", "1", "done"], ["0002_more.sql", "1", "done"]]
    assert app.rows("SELECT id FROM shop.users") == [["7"]]


def test_check_tries_them_and_names_what_fails(app):
    checked = app.run("migrate", "check", "--file", "program")
    assert checked.stdout == "DSQL takes every statement of 1 file: they were applied in the local cloud, from nothing.\n"
    app.write("0002_more.sql", "\nALTER TABLE users RENAME COLUMN nam TO full_name;")
    found = app.run("migrate", "check", "--file", "program", code=1).stdout
    assert found == 'migrations/0002_more.sql:2: column "nam" does not exist (SQLSTATE 42703)\n'
    assert app.run("migrate", "check", "--file", "program", "--json", code=1).json() == {
        "database": "main-db", "files": 2, "tried": True, "findings": [
            {"file": "0002_more.sql", "line": 2, "refusal": 'column "nam" does not exist (SQLSTATE 42703)'}]}


def test_what_was_tried_is_not_tried_again(own_app):
    assert TRYING in own_app.told()
    assert TRYING not in own_app.told("deploy", "program", "--yes", "--stage", "other")
    assert TRYING not in own_app.told("migrate", "check", "--file", "program")
    own_app.write("0002_more.sql", "CREATE TABLE more (id int PRIMARY KEY);")
    assert TRYING in own_app.told("migrate", "check", "--file", "program")
    assert TRYING not in own_app.told()


def test_a_trial_leaves_nothing(own_app):
    own_app.run("migrate", "check", "--file", "program")
    roles = {role["RoleName"] for role in own_roles(own_app.cloud)}
    for number in range(2, 5):
        own_app.write(f"{number:04}_more.sql", f"CREATE TABLE more_{number} (id int PRIMARY KEY);")
        own_app.run("migrate", "check", "--file", "program")
        own_app.write(f"{number:04}_more.sql", f"SELECT {number} FROM nowhere;")
        own_app.run("migrate", "check", "--file", "program", code=1)
        (own_app.migrations / f"{number:04}_more.sql").unlink()
        assert not clusters(own_app.cloud, of_tests=True)
        assert {role["RoleName"] for role in own_roles(own_app.cloud)} == roles


def test_a_trial_is_the_template_of_a_project_with_tests(own_app):
    own_app.run("test", "program", "--", "true")
    own_app.write("0002_more.sql", "CREATE TABLE more (id int PRIMARY KEY);")
    own_app.run("migrate", "check", "--file", "program")
    templates = {cluster["identifier"] for cluster in clusters(own_app.cloud, of_tests=True)}
    assert len(templates) == 2
    own_app.run("test", "program", "--", "true")
    assert {cluster["identifier"] for cluster in clusters(own_app.cloud, of_tests=True)} == templates


# --- refused wrongly ----------------------------------------------------------------------------------


def test_a_refusal_names_the_way_out(app):
    app.deploy()
    app.own_rows("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'")
    doubled = "INSERT INTO users VALUES (twice(4), 'eve');"
    app.write("0002_twice.sql", doubled + "\nCREATE TABLE more (id int PRIMARY KEY);")
    assert UNCHECKED in app.refused()
    assert UNCHECKED in app.told("migrate", "check", "--file", "program", code=1)
    app.write("0002_twice.sql", f"-- nimbus: unchecked\n{doubled}\nCREATE TABLE more (id int PRIMARY KEY);")
    checked = app.run("migrate", "check", "--file", "program").stdout
    assert checked == ("DSQL takes every statement of 2 files, but for 1 that says 'nimbus: unchecked': "
                       "they were applied in the local cloud, from nothing.\n")
    app.deploy()
    assert app.rows("SELECT id FROM shop.users") == [["8"]]
    assert app.ledger()[-2:] == [["0002_twice.sql", "1", "done"], ["0002_twice.sql", "2", "done"]]
    app.write("0002_twice.sql", doubled + "\nCREATE TABLE more (id int PRIMARY KEY);")
    assert made(app.deploy())["updated"] == 0, "the comment is no part of the statement"


def test_what_is_unchecked_is_refused_by_the_deploy_alone(app):
    app.deploy()
    app.write("0002_more.sql", "TRUNCATE users;")
    told = app.refused()
    assert "will be refused in line 1" in told and UNCHECKED in told
    app.write("0002_more.sql", "-- nimbus: unchecked\nTRUNCATE users;")
    told = app.refused()
    assert "0002_more.sql failed in line 2: unsupported statement: Truncate" in told and "will be refused" not in told


def test_tests_do_without_what_is_unchecked_and_fails(own_app):
    own_app.write("0002_more.sql", "-- nimbus: unchecked\nALTER TABLE pages ADD COLUMN title text;\n"
                                   "CREATE TABLE more (id int PRIMARY KEY);")
    told = own_app.told("test", "program", "--", "true")
    assert '0002_more.sql failed in line 2: relation "pages" does not exist' in told
    assert "It says 'nimbus: unchecked'" in told


# --- what it does not tell ----------------------------------------------------------------------------


def test_what_depends_on_rows_is_left_to_the_deploy(app):
    app.write("0001_users.sql", USERS + "CREATE TABLE notes (id int PRIMARY KEY, author int NOT NULL);")
    app.deploy()
    app.own_rows("INSERT INTO users VALUES (1, 'ann')")
    app.write("0002_note.sql", "INSERT INTO notes VALUES (1, (SELECT id FROM users WHERE name = 'ann'));")
    told = app.told()
    assert "Warning: the migrations were tried up to line 1 of 0002_note.sql only: that depends on the rows that are there" in told
    assert app.rows("SELECT author FROM shop.notes") == [["1"]]
    app.write("0003_notes.sql", "CREATE UNIQUE INDEX ASYNC once ON notes (author);\nINSERT INTO notes VALUES (1, 2);")
    assert "0003_notes.sql failed in line 2: duplicate key" in app.refused(), "nobody can know it before"


def test_tables_that_no_migration_makes_may_be_changed(app):
    app.deploy()
    app.own_rows("CREATE TABLE pages (id int PRIMARY KEY)")
    app.write("0002_pages.sql", "ALTER TABLE pages ADD COLUMN title text;")
    told = app.told()
    assert "tried up to line 1 of 0002_pages.sql only: no migration makes pages, which it uses" in told
    assert app.rows("SELECT title FROM shop.pages") == []
    app.write("0003_pages.sql", "ALTER TABLE page ADD COLUMN more text;")
    assert "tried up to line 1 of 0002_pages.sql only: that is applied already" in app.refused()


def test_a_baseline_that_does_not_run_from_nothing_is_no_reason_to_refuse(app):
    shutil.rmtree(app.migrations)
    app.document["sql"][0].pop("migrations")
    app.deploy()
    app.own_rows("CREATE TABLE users (id int PRIMARY KEY, name text)")
    app.document["sql"][0]["migrations"] = "migrations"
    app.migrations.mkdir()
    app.write("0001_users.sql", "CREATE TABLE users (id int PRIMARY KEY, name text);\nINSERT INTO legacy VALUES (1);")
    app.write("0002_age.sql", "ALTER TABLE users ADD COLUMN age int;")
    told = app.told("migrate", "apply", "program", "--baseline", "1")
    assert "tried up to line 2 of 0001_users.sql only: that is applied already, but fails where it runs from nothing" in told
    assert app.rows("SELECT age FROM shop.users") == []
    app.write("0003_more.sql", "ALTER TABLE users ADD COLUMN more int;")
    app.deploy()
    assert app.ledger()[-1] == ["0003_more.sql", "1", "done"]


def test_a_squash_is_tried_as_a_new_schema_would_run_it(app):
    app.write("0002_more.sql", "ALTER TABLE users ADD COLUMN age int;")
    app.deploy()
    app.run("migrate", "squash", "program")
    squashed = app.migrations / "0002_squashed.sql"
    squashed.write_text(squashed.read_text().replace("age int", "age integr"))
    told = app.told()
    assert "of 0002_squashed.sql only: that is applied already, but fails where it runs from nothing" in told
    assert 'type "integr" does not exist' in told
    assert [row[0] for row in app.ledger()] == ["0002_squashed.sql"] * 2


# --- targets ------------------------------------------------------------------------------------------


def test_before_a_deploy_to_aws_they_are_tried_here(app):
    with aws_target(app, app.cloud.endpoint) as environment:
        app.write("0002_more.sql", "ALTER TABLE users RENAME COLUMN nam TO full_name;")
        assert "The migration 0002_more.sql will be refused in line 1" in app.refused(env=environment)
        assert not clusters(app.cloud)
        (app.migrations / "0002_more.sql").unlink()
        assert NOT_TRIED not in app.told(env=environment)
        app.destroy("--force", env=environment)


def test_without_postgresql_it_is_said_and_nothing_else_happens(app, template):
    other = Cloud(new_directory("nimbus-"), template)
    without = {"NIMBUS_HOME": str(other.home), "NIMBUS_POSTGRES_BIN": str(other.directory)}
    with aws_target(app, app.cloud.endpoint) as environment:
        told = app.told(env={**environment, **without})
        assert told.count(NOT_TRIED) == 1 and "There is no usable PostgreSQL in" in told
        assert NOT_TRIED not in app.told(env={**environment, **without}), "nothing is pending"
        checked = app.run("migrate", "check", "--file", "program", env=without)
        assert "as far as its text tells" in checked.stdout and "There is no usable PostgreSQL in" in checked.stderr
        assert not other.home.exists(), "no cloud was started for it"
        app.destroy("--force", env=environment)
    other.erase()


# --- killed -------------------------------------------------------------------------------------------


def test_killed_within_the_trial_the_next_deploy_goes_on(app):
    """At every fourth step: each of these deploys makes databases."""
    app.deploy()
    for number, step in enumerate(range(1, 60, 4), start=2):
        app.write(f"{number:04}_more.sql", f"CREATE TABLE t{number} (id int PRIMARY KEY);")
        moment = "before" if number % 2 else "after"
        killed = app.run("deploy", "program", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{step}:{moment}"})
        applied = [row[0] for row in app.ledger()]
        assert (f"{number:04}_more.sql" in applied) == (killed.code == 0)
        assert made(app.deploy())["updated"] == (0 if killed.code == 0 else 1)
        if killed.code == 0:
            break
    assert step > 10
    assert len(clusters(app.cloud, of_tests=True)) <= 3
