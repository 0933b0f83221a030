"""Migrations: files of SQL that a deploy applies, each statement once, before the functions of the new version."""

import shutil

import pytest

from support.app import made
from support.inventory import clusters

USERS = "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL);\n"


@pytest.fixture
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, project="migrated")
    app.migrations = app.directory / "migrations"
    shutil.rmtree(app.migrations, ignore_errors=True)
    app.migrations.mkdir()
    declare(app)
    yield app
    (app.migrations / "0001_users.sql").write_text(USERS)
    app.destroy("--force")
    shutil.rmtree(app.migrations)


def declare(app, **what) -> None:
    app.declare(routes=["GET /ping", "POST /sql"], sql=[
        {"name": "main-db", "schema": "migrated", "deletionProtection": False, "migrations": "migrations"}], **what)


def write(app, name: str, text: str | bytes) -> None:
    (app.migrations / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def refused(app, *command) -> str:
    return app.run(*(command or ("deploy", "--yes")), code=1).stderr


def ledger(app) -> list[list[str]]:
    return app.cloud.rows(app.cluster, "SELECT file, statement, state FROM migrated.nimbus_migrations ORDER BY 1, 2")


# --- applied ----------------------------------------------------------------------------------------


def test_the_functions_find_and_own_what_a_migration_makes(app):
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, 'ann'), (2, 'bob; -- no');")
    write(app, "notes.md", "not a migration")
    app.deploy()
    assert app.sql("SELECT name FROM users ORDER BY id").json()["rows"] == [{"name": "ann"}, {"name": "bob; -- no"}]
    assert app.sql("ALTER TABLE users RENAME COLUMN name TO full_name").status_code == 200, "as its owner"
    assert ledger(app) == [["0001_users.sql", "1", "done"], ["0001_users.sql", "2", "done"]]


def test_each_is_applied_once_and_plan_says_what_is_pending(app):
    write(app, "0001_users.sql", USERS)
    assert "applies 0001_users.sql" in app.run("plan").stdout
    app.deploy()
    assert made(app.deploy()) == {"created": 0, "updated": 0, "deleted": 0, "unchanged": app.output["changes"]["unchanged"]}
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');\nCREATE INDEX ASYNC by_name ON users (name);")
    assert "0002_more.sql: 2 statements to apply" in app.run("plan").stdout
    assert app.sql("SELECT * FROM users").json()["rows"] == [], "a plan changes nothing"
    app.deploy()
    app.deploy()
    assert app.sql("SELECT count(*) AS n FROM users").json()["rows"] == [{"n": 1}]
    assert app.cloud.rows(app.cluster, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'migrated.by_name'::regclass") == [["t"]]


def test_the_forms_in_which_editors_save_files_make_no_difference(app):
    write(app, "0001_users.sql", "\ufeff-- the first\r\nCREATE TABLE users (id int PRIMARY KEY,\r\n name text);\r\n\r\n")
    app.deploy()
    write(app, "0001_users.sql", "/* the first */ CREATE TABLE users (id int PRIMARY KEY,\n name text)")
    assert made(app.deploy())["updated"] == 0


def test_a_statement_of_a_megabyte_is_applied(app):
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, '" + "ü" * 500_000 + "');")
    app.deploy()
    assert app.sql("SELECT length(name) AS n FROM users").json()["rows"] == [{"n": 500000}]


# --- refused ----------------------------------------------------------------------------------------


def test_a_changed_or_missing_file_is_refused_with_both_sides(app):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    write(app, "0001_users.sql", USERS.replace("text", "varchar(20)"))
    told = refused(app)
    assert "0001_users.sql was changed after it was applied on" in told and "in line 1" in told
    assert "name text NOT NULL" in told and "name varchar(20) NOT NULL" in told
    (app.migrations / "0001_users.sql").unlink()
    write(app, "0002_more.sql", "DROP TABLE users;")
    told = refused(app, "plan")
    assert "0001_users.sql was applied on" in told and "its file is gone" in told and "CREATE TABLE users" in told


def test_a_migration_behind_which_others_are_applied_is_refused(app):
    write(app, "0002_users.sql", USERS)
    app.deploy()
    write(app, "0001_early.sql", "CREATE TABLE early (id int PRIMARY KEY);")
    assert "0001_early.sql comes before 0002_users.sql, which is applied already" in refused(app)
    (app.migrations / "0001_early.sql").unlink()
    (app.migrations / "0002_users.sql").rename(app.migrations / "0001_users.sql")
    assert "0002_users.sql was applied on" in refused(app)
    (app.migrations / "0001_users.sql").rename(app.migrations / "0002_users.sql")


@pytest.mark.parametrize("name, text, told", [
    ("users.sql", USERS, "is not the name of a migration"),
    ("0001_Users.sql", USERS, "is not the name of a migration"),
    ("0001_empty.sql", "-- nothing yet\n", "0001_empty.sql cannot be used: it has no statement"),
    ("0001_open.sql", USERS + "\nINSERT INTO users VALUES (1, 'ann);", "line 3: what begins here has no end"),
    ("0001_block.sql", USERS + "BEGIN;\nCOMMIT;", "line 2: a migration cannot control transactions"),
    ("0001_role.sql", "SET ROLE admin;", "line 1: a migration cannot change the settings of its session"),
    ("0001_psql.sql", "\\i other.sql\n", "line 1: '\\' begins a command of psql"),
    ("0001_latin.sql", b"INSERT INTO users VALUES (1, '\xfc');", "it is not UTF-8 text"),
])
def test_what_is_no_migration_is_refused_before_anything_is_changed(app, name, text, told):
    write(app, name, text)
    assert told in refused(app)
    assert not clusters(app.cloud)
    (app.migrations / name).unlink()


def test_a_directory_that_is_not_there_is_named(app):
    app.migrations.rmdir()
    assert "The directory of migrations" in refused(app, "plan")
    app.migrations.mkdir()


def test_what_the_database_refuses_is_named_and_goes_on_when_it_is_corrected(app):
    write(app, "0001_users.sql", USERS + "\nCREATE INDEX by_name ON users (name);\nINSERT INTO users VALUES (1, 'ann');")
    told = refused(app)
    assert "The migration 0001_users.sql failed in line 3: unsupported mode. please use CREATE INDEX ASYNC" in told
    assert "SQLSTATE 0A000" in told
    write(app, "0001_users.sql", USERS + "CREATE INDEX ASYNC by_name ON users (name);\nINSERT INTO users VALUES (1, 'ann');")
    app.deploy()
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann"}]


def test_rows_in_the_way_of_a_unique_index_are_shown(app):
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, 'ann'), (2, 'ann'), (3, 'bob');")
    app.deploy()
    write(app, "0002_names.sql", "-- who is who\nCREATE UNIQUE INDEX ASYNC names ON users (name);")
    told = refused(app)
    assert "The migration 0002_names.sql failed in line 2" in told and "(ann) is there 2 times" in told
    app.cloud.rows(app.cluster, "DELETE FROM migrated.users WHERE id = 2")
    app.deploy()
    assert app.sql("INSERT INTO users VALUES (4, 'bob')").status_code != 200


# --- killed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_step_the_next_deploy_goes_on_from_there(app, moment):
    app.deploy()
    steps = 0
    for number in range(1, 40):
        name = f"{number:04}_next.sql"
        write(app, name, f"CREATE TABLE t{number} (id int PRIMARY KEY, n int);\n"
                         f"INSERT INTO t{number} VALUES (1, 1);\nUPDATE t{number} SET n = n + 1;\n"
                         f"CREATE UNIQUE INDEX ASYNC i{number} ON t{number} (n);\n"
                         f"ALTER TABLE t{number} RENAME COLUMN n TO m;")
        killed = app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{number}:{moment}"})
        app.deploy()
        assert app.cloud.rows(app.cluster, f"SELECT m FROM migrated.t{number}") == [["2"]]
        assert app.cloud.rows(app.cluster, f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'migrated.i{number}'::regclass") == [["t"]]
        if killed.code == 0:
            break
        steps += 1
    assert steps > 10
    assert {row[2] for row in ledger(app)} == {"done"}
