"""Migrations: files of SQL that a deploy applies, each statement once, before the functions of the new version."""

import shutil

import pytest

from support.app import App, made
from support.cloud import ROOT
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


@pytest.mark.parametrize("statement, reason, way", [
    ("CREATE INDEX by_name ON users (name)", "please use CREATE INDEX ASYNC. (SQLSTATE 0A000)", "the deploy waits until it is built"),
    ("ALTER TABLE users ADD COLUMN n int NOT NULL", "ALTER TABLE ADD COLUMN with constraint not supported", "Add the column alone"),
    ("TRUNCATE users", "unsupported statement: Truncate", "Write DELETE"),
    ("CREATE TABL users", "syntax error at or near", "docs/dsql.md"),
])
def test_what_dsql_does_not_have_is_refused_before_anything_is_changed(app, statement, reason, way):
    write(app, "0001_users.sql", USERS)
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');\n\n" + statement)
    for command in (("plan",), ("deploy", "--yes")):
        told = refused(app, *command)
        assert "The migration 0002_more.sql will be refused in line 3" in told and reason in told and way in told
    assert not clusters(app.cloud)
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');")
    app.deploy()
    write(app, "0003_more.sql", statement)
    assert "The migration 0003_more.sql will be refused in line 1" in refused(app)
    (app.migrations / "0003_more.sql").unlink()
    assert made(app.deploy())["updated"] == 0
    (app.migrations / "0002_more.sql").unlink()


def test_what_the_database_refuses_is_named_and_goes_on_when_it_is_corrected(app):
    write(app, "0001_users.sql", USERS + "\nINSERT INTO users VALUES (1, 'ann');\nINSERT INTO users VALUES (1, 'bob');\n")
    told = refused(app)
    assert "The migration 0001_users.sql failed in line 4: duplicate key value violates unique constraint" in told
    assert "(SQLSTATE 23505)" in told and "What comes before that statement is applied" in told
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, 'ann');\nINSERT INTO users VALUES (2, 'bob');\n")
    app.deploy()
    assert app.sql("SELECT name FROM users ORDER BY id").json()["rows"] == [{"name": "ann"}, {"name": "bob"}]


def test_a_table_that_is_there_already_is_not_taken_for_the_migrations_own(app):
    app.deploy()
    app.sql("CREATE TABLE users (id int PRIMARY KEY)")
    write(app, "0001_users.sql", USERS)
    for _ in range(2):
        assert 'relation "users" already exists (SQLSTATE 42P07)' in refused(app)


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


# --- the command ------------------------------------------------------------------------------------


def test_migrate_makes_checks_and_lists(app):
    made_file = app.run("migrate", "new", "users")
    assert "Made migrations/0001_users.sql" in made_file.stdout
    assert "has no statement" in app.run("migrate", "status", code=1).stderr
    write(app, "0001_users.sql", USERS)
    assert app.run("migrate", "new", "more", "--json").json() == {"file": str(app.migrations / "0002_more.sql")}
    write(app, "0002_more.sql", "CREATE INDEX a ON users (name);")
    found = app.run("migrate", "check", code=1).stdout
    assert found.startswith("migrations/0002_more.sql:1: unsupported mode. please use CREATE INDEX ASYNC")
    (app.migrations / "0002_more.sql").unlink()
    assert app.run("migrate", "check", "--json").json() == {"database": "main-db", "files": 1, "findings": []}
    assert app.run("migrate", "status").stdout == "0001_users.sql  pending\n"
    app.deploy()
    assert app.run("migrate", "status").stdout.startswith("0001_users.sql  applied  2")
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');")
    states = app.run("migrate", "status", "--json").json()["migrations"]
    assert [(entry["file"], entry["state"], entry["applied"], entry["statements"]) for entry in states] == [
        ("0001_users.sql", "applied", 1, 1), ("0002_more.sql", "pending", 0, 1)]
    assert "cannot be the title of a migration" in app.run("migrate", "new", "Add-Orders", code=2).stderr
    (app.migrations / "0002_more.sql").unlink()


def test_migrate_without_a_directory_says_how_to_declare_one(app):
    app.declare(routes=["GET /ping"])
    assert '.migrations = "migrations"' in app.run("migrate", "status", code=1).stderr
    declare(app)


def test_the_example_of_the_docs(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "migrations", "migrations"), "migrations")
    app.deploy()
    assert app.call("GET", "/users").json() == [
        {"id": 1, "name": "Ann", "email": "ann@example.com"}, {"id": 2, "name": "Bob", "email": None}]
    app.destroy("--force")
