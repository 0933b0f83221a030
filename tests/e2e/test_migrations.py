"""Migrations: files of SQL that a deploy applies, each statement once, before the functions of the new version."""

import json
import shutil
import signal
import subprocess

import pytest

from support import processes
from support.app import App, made
from support.cloud import NIMBUS, ROOT
from support.inventory import clusters
from support.waiting import wait_until

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


def as_if_killed(app, file: str) -> None:
    """As a deploy leaves it that was killed between its last statement of the schema and the note that it is done."""
    app.cloud.rows(app.cluster, f"UPDATE migrated.nimbus_migrations SET state = 'begun' WHERE file = '{file}'")


def indexes(app, table: str) -> list[list[str]]:
    return app.cloud.rows(app.cluster, "SELECT relname, indisvalid FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid "
                                       f"WHERE indrelid = 'migrated.{table}'::regclass ORDER BY 1")


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


def test_a_ledger_of_an_earlier_version_gets_what_it_lacks(app):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    assert app.sql("ALTER TABLE nimbus_migrations DROP COLUMN position").status_code == 200
    app.deploy()
    write(app, "0002_orders.sql", "CREATE TABLE orders (id int PRIMARY KEY)")
    app.deploy()
    assert ledger(app) == [["0001_users.sql", "1", "done"], ["0002_orders.sql", "1", "done"]]


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


def test_plan_and_deploy_say_what_the_running_version_may_miss(app):
    write(app, "0001_users.sql", USERS + "ALTER TABLE users ADD COLUMN age int; ALTER TABLE users DROP COLUMN age;")
    assert "takes away" not in app.run("deploy", "--yes").stderr, "nothing runs yet"
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');\nALTER TABLE users RENAME COLUMN name TO full_name;")
    told = "line 2: ALTER TABLE users RENAME takes away what the functions that are deployed now may use"
    assert told in app.run("plan").stdout
    assert f"0002_more.sql, {told}" in app.run("deploy", "--yes").stderr


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


@pytest.mark.parametrize("is_deployed", [True, False])
def test_a_directory_without_its_files_is_refused_where_they_are_applied(app, is_deployed):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    if not is_deployed:
        app.destroy()  # keeps the data
    (app.migrations / "0001_users.sql").unlink()
    for command in (("plan",), ("deploy", "--yes")):
        told = refused(app, *command)
        assert "0001_users.sql was applied on" in told and "its file is gone" in told
    assert app.run("migrate", "status").stdout.startswith("0001_users.sql  missing" if is_deployed else "There are no")


def test_a_directory_without_migrations_is_named(app):
    told = "The directory 'migrations' has no migrations, and so main-db gets no tables"
    assert told in app.run("plan").stdout
    assert f"Warning: {told}" in app.run("deploy", "--yes").stderr
    write(app, "0001_users.sql", USERS)
    assert "has no migrations" not in app.run("deploy", "--yes").stderr


def test_a_migration_behind_which_others_are_applied_is_refused(app):
    write(app, "0002_users.sql", USERS)
    app.deploy()
    write(app, "0001_early.sql", "CREATE TABLE early (id int PRIMARY KEY);")
    assert "0001_early.sql comes before 0002_users.sql, which is applied already" in refused(app)
    (app.migrations / "0001_early.sql").unlink()
    (app.migrations / "0002_users.sql").rename(app.migrations / "0001_users.sql")
    assert "0002_users.sql was applied on" in refused(app)
    (app.migrations / "0001_users.sql").rename(app.migrations / "0002_users.sql")


def test_a_statement_added_to_a_file_behind_which_others_are_applied_is_refused(app):
    write(app, "0001_users.sql", USERS)
    write(app, "0002_ann.sql", "INSERT INTO users VALUES (1, 'ann');")
    app.deploy()
    write(app, "0001_users.sql", USERS + "DELETE FROM users;")
    for command in (("plan",), ("deploy", "--yes"), ("migrate", "apply")):
        told = refused(app, *command)
        assert "0001_users.sql has a statement in line 2 that was not applied with it" in told and "0002_ann.sql" in told
    assert app.run("migrate", "status").stdout.startswith("0001_users.sql  changed")
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann"}]


@pytest.mark.parametrize("name, text, told", [
    ("users.sql", USERS, "is not the name of a migration"),
    ("0001_Users.sql", USERS, "is not the name of a migration"),
    ("0001_empty.sql", "-- nothing yet\n", "0001_empty.sql cannot be used: it has no statement"),
    ("0001_open.sql", USERS + "\nINSERT INTO users VALUES (1, 'ann);", "line 3: what begins here has no end"),
    ("0001_block.sql", USERS + "BEGIN;\nCOMMIT;", "line 2: a migration cannot control transactions"),
    ("0001_role.sql", "SET ROLE admin;", "line 1: a migration cannot change the settings of its session"),
    ("0001_psql.sql", "\\i other.sql\n", "line 1: '\\' begins a command of psql"),
    ("0001_open.sql", USERS + "INSERT INTO users\nVALUES ($1, 'ann');", "line 3: nobody gives the parameter $1 a value"),
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
    write(app, "0001_users.sql", USERS)
    app.deploy()
    app.sql("INSERT INTO users VALUES (2, 'bob')")
    write(app, "0002_more.sql", "\nINSERT INTO users VALUES (1, 'ann');\nINSERT INTO users VALUES (2, 'eve');\n")
    told = refused(app)
    assert "The migration 0002_more.sql failed in line 3: duplicate key value violates unique constraint" in told
    assert "(SQLSTATE 23505)" in told and "What comes before that statement is applied" in told
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');\nINSERT INTO users VALUES (3, 'eve');\n")
    app.deploy()
    assert app.sql("SELECT name FROM users ORDER BY id").json()["rows"] == [{"name": "ann"}, {"name": "bob"}, {"name": "eve"}]


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


# --- what happens meanwhile --------------------------------------------------------------------------


def test_a_syntax_error_at_the_end_of_a_file_is_found_before_its_beginning_is_applied(app):
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, 'ann');\n\nINSERT INTO users VALUES (2, 'bob'")
    assert "0001_users.sql will be refused in line 4: syntax error at end of input" in refused(app)
    assert not clusters(app.cloud)
    write(app, "0001_users.sql", USERS)


def test_lost_connections_are_made_again_and_no_statement_is_applied_twice(app):
    app.deploy()
    for number in range(1, 13):
        write(app, f"{number:04}_next.sql", f"CREATE TABLE t{number} (id int PRIMARY KEY, n int);\n"
                                            f"INSERT INTO t{number} VALUES (1, 1);\nUPDATE t{number} SET n = n + 1;\n"
                                            f"CREATE UNIQUE INDEX ASYNC i{number} ON t{number} (n);\n"
                                            f"ALTER TABLE t{number} RENAME COLUMN n TO m;")
    app.cloud.run("local", "faults", "--disconnects", "5%", "--conflicts", "10%", "--seed", "3")
    try:
        app.run("migrate", "apply")
        injected = app.cloud.run("local", "faults", "--json").json()["faults"]
    finally:
        app.cloud.run("local", "faults", "--off")
    assert next(fault["injected"] for fault in injected if fault["fault"] == "disconnects") > 3
    for number in range(1, 13):
        assert app.cloud.rows(app.cluster, f"SELECT m FROM migrated.t{number}") == [["2"]]
        assert app.cloud.rows(app.cluster, f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'migrated.i{number}'::regclass") == [["t"]]
    assert {row[2] for row in ledger(app)} == {"done"}


def test_what_the_role_may_not_do_is_refused(app):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    app.cloud.rows(app.cluster, "CREATE TABLE migrated.admins (id int PRIMARY KEY)")
    write(app, "0002_more.sql", "ALTER TABLE admins ADD COLUMN name text;")
    assert "0002_more.sql failed in line 1: must be owner of table admins (SQLSTATE 42501)" in refused(app)
    write(app, "0002_more.sql", "CREATE SCHEMA other;")
    assert "0002_more.sql will be refused in line 1: permission denied" in refused(app)
    (app.migrations / "0002_more.sql").unlink()
    assert made(app.deploy())["updated"] == 0


@pytest.mark.parametrize("edit, told", [
    ("UPDATE migrated.nimbus_migrations SET checksum = 'x'", "0001_users.sql was changed after it was applied"),
    ("UPDATE migrated.nimbus_migrations SET state = 'maybe'", "says of 0001_users.sql 'maybe', which Nimbus does not know"),
    ("UPDATE migrated.nimbus_migrations SET position = '{'", "The position of 0001_users.sql in the table nimbus_migrations is not valid JSON"),
    ("UPDATE migrated.nimbus_migrations SET position = '[1]'", "must be an array of texts, not [1]"),
    ("UPDATE migrated.nimbus_migrations SET file = '0000_other.sql'", "0000_other.sql was applied on"),
    ("DELETE FROM migrated.nimbus_migrations", 'relation "users" already exists (SQLSTATE 42P07)'),
    ("ALTER TABLE migrated.nimbus_migrations DROP COLUMN checksum", 'column "checksum" does not exist'),
])
def test_a_ledger_edited_by_hand_is_refused(app, edit, told):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    for part in edit.split(";"):
        app.cloud.rows(app.cluster, part)
    assert told in refused(app)
    assert app.cloud.rows(app.cluster, "SELECT count(*) FROM migrated.users") == [["0"]]


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
                         f"CREATE INDEX ASYNC ON t{number} (n, id);\n"
                         f"ALTER TABLE t{number} RENAME COLUMN n TO m;")
        app.run("migrate", "check")  # tries them: killed is what applies them
        killed = app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{number}:{moment}"})
        app.deploy()
        assert app.cloud.rows(app.cluster, f"SELECT m FROM migrated.t{number}") == [["2"]]
        assert [valid for _, valid in indexes(app, f"t{number}")] == ["t", "t", "t"]
        if killed.code == 0:
            break
        steps += 1
    assert steps > 10
    assert {row[2] for row in ledger(app)} == {"done"}


@pytest.mark.parametrize("begun, changed", [
    ("CREATE TABLE zz (id int PRIMARY KEY)", "CREATE TABLE zz (id int PRIMARY KEY, name text NOT NULL)"),
    ("ALTER TABLE users ADD COLUMN e text", "ALTER TABLE users ADD COLUMN e int"),
    ("CREATE INDEX ASYNC one ON users (name)", "CREATE INDEX ASYNC two ON users (name)"),
])
def test_a_statement_that_was_begun_is_finished_as_it_was_before_it_is_changed(app, begun, changed):
    write(app, "0001_users.sql", USERS)
    write(app, "0002_more.sql", begun)
    app.deploy()
    as_if_killed(app, "0002_more.sql")
    write(app, "0002_more.sql", changed)
    for command in (("plan",), ("deploy", "--yes"), ("migrate", "apply")):
        told = refused(app, *command)
        assert "A statement of the migration 0002_more.sql was begun on" in told and "was changed since, in line 1" in told
        assert f"Begun:\n  {begun}\nIn the file:\n  {changed}" in told and "Put its old text back and deploy" in told
    assert "0002_more.sql   changed" in app.run("migrate", "status").stdout
    write(app, "0002_more.sql", begun)
    app.deploy()
    assert {row[2] for row in ledger(app)} == {"done"}
    write(app, "0002_more.sql", changed)
    assert "was changed after it was applied" in refused(app)


def test_a_statement_that_was_begun_and_is_refused_can_be_corrected(app):
    write(app, "0001_users.sql", USERS)
    write(app, "0002_more.sql", "CREATE INDEX ASYNC by_name ON users (name)")
    app.deploy()
    as_if_killed(app, "0002_more.sql")
    app.sql("ALTER TABLE users RENAME COLUMN name TO full_name")
    assert 'column "name" does not exist' in refused(app), "which is not how an index says that it is there"
    write(app, "0002_more.sql", "CREATE INDEX ASYNC by_id ON users (id)")
    app.deploy()
    assert {row[2] for row in ledger(app)} == {"done"}


@pytest.mark.parametrize("before, change", [
    ("CREATE TABLE z (m bigint NOT NULL)", "ALTER TABLE z ALTER COLUMN m ADD GENERATED BY DEFAULT AS IDENTITY (CACHE 1)"),
    ("CREATE TABLE u (id bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1))", "ALTER TABLE u ALTER id DROP IDENTITY"),
    ("CREATE UNIQUE INDEX ASYNC i ON t (n)", "ALTER TABLE t ADD CONSTRAINT i UNIQUE USING INDEX i"),
    ("CREATE UNIQUE INDEX ASYNC i ON t (n)", "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i"),
    ("SELECT 1", "ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0) NOT VALID"),
    ("SELECT 1", "ALTER TABLE t DROP COLUMN n"),
    ("SELECT 1", "ALTER TABLE t RENAME COLUMN n TO m"),
    ("SELECT 1", "ALTER TABLE t RENAME TO s"),
    ("SELECT 1", "CREATE VIEW v AS SELECT n FROM t"),
    ("SELECT 1", "DROP TABLE t"),
])
def test_a_change_that_was_applied_before_the_kill_is_not_applied_again(app, before, change):
    write(app, "0001_t.sql", "CREATE TABLE t (id int PRIMARY KEY, n int);\n" + before)
    write(app, "0002_change.sql", change)
    app.deploy()
    as_if_killed(app, "0002_change.sql")
    app.deploy()
    assert {row[2] for row in ledger(app)} == {"done"}


def test_an_index_without_a_name_is_dropped_when_rows_are_in_its_way(app):
    write(app, "0001_users.sql", USERS + "INSERT INTO users VALUES (1, 'ann'), (2, 'ann');")
    app.deploy()
    write(app, "0002_names.sql", "CREATE UNIQUE INDEX ASYNC ON users (name);")
    assert "(ann) is there 2 times" in refused(app)
    assert indexes(app, "users") == [["users_pkey", "t"]]


# --- two at once ------------------------------------------------------------------------------------


def stopped_deploy(app) -> subprocess.Popen:
    """One of what is declared now, which has the lock and stands still until SIGCONT."""
    app.run("migrate", "check")  # tries the migrations: stopped is what applies them
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    deploy = subprocess.Popen([NIMBUS, "deploy", "--yes"], cwd=app.directory, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env={**app.cloud.environment, "NIMBUS_TEST_STOP_AT": "2:after"})
    wait_until(lambda: processes.read_process(deploy.pid).state == "T", "the deploy to stop")
    return deploy


def test_of_two_deploys_with_different_migrations_the_second_is_refused(app):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    write(app, "0002_ann.sql", "INSERT INTO users VALUES (1, 'ann');")
    first = stopped_deploy(app)
    (app.migrations / "0002_ann.sql").rename(app.migrations / "0002_bob.sql")
    write(app, "0002_bob.sql", "INSERT INTO users VALUES (2, 'bob');")
    second = subprocess.Popen([NIMBUS, "deploy", "--yes"], cwd=app.directory, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=app.cloud.environment)
    wait_until(lambda: "Waiting for the lock" in second.stderr.readline(), "the second one to wait")
    first.send_signal(signal.SIGCONT)
    assert first.communicate(timeout=60)[0] is None and first.returncode == 0
    told = second.communicate(timeout=60)[1]
    assert second.returncode == 1 and "0002_ann.sql was applied on" in told and "its file is gone" in told
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann"}]
    (app.migrations / "0002_bob.sql").unlink()


# --- batches ----------------------------------------------------------------------------------------

NUMBERS = "CREATE TABLE numbers (id int PRIMARY KEY, n int NOT NULL, text text);\n"
BATCH = "-- nimbus: batch\n"


def numbers(app, count: int) -> None:
    for start in range(0, count, 2500):
        app.cloud.rows(app.cluster, "INSERT INTO migrated.numbers SELECT i, 0 FROM "
                                    f"generate_series({start + 1}, {min(start + 2500, count)}) AS s(i)")


def totals(app) -> list[str]:
    return app.cloud.rows(app.cluster, "SELECT count(*), min(n), max(n) FROM migrated.numbers")[0]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_batches_killed_at_every_step_change_each_row_once(app, moment):
    write(app, "0001_numbers.sql", NUMBERS)
    app.deploy()
    numbers(app, 5000)
    steps = 0
    for number in range(1, 40):
        write(app, f"{number + 1:04}_more.sql", BATCH + "UPDATE numbers SET n = n + 1;")
        app.run("migrate", "check")  # tries them: killed is what applies them
        killed = app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{number}:{moment}"})
        app.deploy()
        assert totals(app) == ["5000", str(number), str(number)]
        if killed.code == 0:
            break
        steps += 1
    assert steps > 5
    assert {row[2] for row in ledger(app)} == {"done"}


def test_batches_take_what_one_statement_may_not(app):
    write(app, "0001_numbers.sql", NUMBERS + "CREATE TABLE copies (tenant text, id int, PRIMARY KEY (tenant, id));")
    app.deploy()
    numbers(app, 7000)
    write(app, "0002_more.sql", "UPDATE numbers SET n = 1;")
    assert "transaction row limit exceeded" in refused(app)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers AS x SET n = x.n + 1 WHERE id > 100 OR id < 50;")
    write(app, "0003_copy.sql", BATCH + "INSERT INTO copies SELECT 't' || (id % 3), id FROM numbers WHERE n = 1\n"
                                        "ON CONFLICT DO NOTHING;")
    write(app, "0004_copy.sql", BATCH + "DELETE FROM copies WHERE tenant <> 't1'")
    app.deploy()
    assert totals(app) == ["7000", "0", "1"]
    assert app.cloud.rows(app.cluster, "SELECT count(*) FROM migrated.numbers WHERE n = 0") == [["51"]]
    assert app.cloud.rows(app.cluster, "SELECT tenant, count(*) FROM migrated.copies GROUP BY 1") == [["t1", "2317"]]


def test_a_statement_changes_as_many_rows_as_the_docs_say(app):
    write(app, "0001_numbers.sql", NUMBERS + "INSERT INTO numbers SELECT n, 0 FROM generate_series(1, 2999) AS n;")
    app.deploy()
    assert totals(app)[0] == "2999"
    write(app, "0002_more.sql", "INSERT INTO numbers SELECT n, 0 FROM generate_series(3001, 6000) AS n;")
    told = refused(app)
    assert "transaction row limit exceeded" in told and "2,999 are left. Write '-- nimbus: batch' before it" in told


def test_batches_of_large_rows_fit_into_transactions(app):
    write(app, "0001_numbers.sql", NUMBERS)
    app.deploy()
    numbers(app, 60)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 1, text = repeat('x', 500000);")
    app.deploy()
    assert totals(app) == ["60", "1", "1"]


def test_batches_go_on_through_conflicts_and_lost_connections(app):
    write(app, "0001_numbers.sql", NUMBERS)
    app.deploy()
    numbers(app, 20_000)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 1;")
    app.cloud.run("local", "faults", "--conflicts", "30%", "--disconnects", "3%", "--seed", "11")
    try:
        app.deploy()
    finally:
        app.cloud.run("local", "faults", "--off")
    assert totals(app) == ["20000", "1", "1"]


def test_a_batch_that_is_refused_goes_on_behind_what_is_done(app):
    write(app, "0001_numbers.sql", NUMBERS)
    app.deploy()
    numbers(app, 5000)
    statement = "UPDATE numbers SET n = n + 10 / (4500 - id);"
    write(app, "0002_more.sql", BATCH + statement)
    told = refused(app)
    assert "0002_more.sql failed in line 2: division by zero" in told and "goes on behind their rows" in told
    write(app, "0002_more.sql", "UPDATE numbers SET n = 0;")
    assert "its first batches are applied" in refused(app)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 20;")
    app.deploy()
    assert app.cloud.rows(app.cluster, "SELECT count(*) FROM migrated.numbers WHERE n = 20") == [["1000"]]


def test_a_batch_that_was_killed_goes_on_as_it_began(app):
    write(app, "0001_numbers.sql", NUMBERS)
    app.deploy()
    numbers(app, 5000)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 1;")
    app.run("migrate", "check")  # tries it: killed is what applies it
    step = 0
    while totals(app)[2] == "0":
        step += 1
        assert app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{step}:after"}).code != 0
    assert totals(app)[1] == "0", "not all of them"
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 10;")
    told = refused(app)
    assert "Begun:\n  UPDATE numbers SET n = n + 1\nIn the file:\n  UPDATE numbers SET n = n + 10" in told
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = n + 1;")
    app.deploy()
    assert totals(app) == ["5000", "1", "1"]


def test_a_batch_that_is_corrected_goes_along_the_same_table(app):
    write(app, "0001_numbers.sql", NUMBERS + "CREATE TABLE others (id int PRIMARY KEY, n int);")
    app.deploy()
    numbers(app, 5000)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = 10 / (4500 - id);\n" + BATCH + "UPDATE others SET n = 1;")
    assert "division by zero" in refused(app)
    write(app, "0002_more.sql", BATCH + "UPDATE others SET n = 1;")
    assert "its first batches are applied, and went along the table numbers, not others" in refused(app)
    write(app, "0002_more.sql", BATCH + "UPDATE numbers SET n = 2;\n" + BATCH + "UPDATE others SET n = 1;")
    app.deploy()


@pytest.mark.parametrize("statement, told", [
    ("CREATE TABLE a (id int PRIMARY KEY)", "line 2: this statement cannot run in batches: it is no UPDATE, DELETE"),
    ("UPDATE numbers SET n = (SELECT max(n) FROM numbers)", "its query in brackets reads numbers"),
    ("UPDATE numbers SET id = id + 1", "it sets id, which is part of the primary key of numbers"),
    ("UPDATE numbers SET n = (SELECT total FROM tot)", "it uses the view tot, which reads numbers"),
    ("UPDATE numbers SET n = total()", "it uses the function total, which reads numbers"),
    ("UPDATE keyless SET n = 1", "the table keyless has no primary key to go along"),
])
def test_what_cannot_run_in_batches_is_refused(app, statement, told):
    write(app, "0001_numbers.sql", NUMBERS + "CREATE TABLE keyless (n int);\n"
          "CREATE VIEW tot AS SELECT sum(n) AS total FROM numbers;\n"
          "CREATE FUNCTION total() RETURNS bigint LANGUAGE SQL AS 'SELECT count(*) FROM numbers';")
    app.deploy()
    write(app, "0002_more.sql", BATCH + statement)
    assert told in refused(app)


# --- apply and its baseline -------------------------------------------------------------------------


def test_apply_applies_what_is_pending_and_nothing_else(app):
    write(app, "0001_users.sql", USERS)
    assert "is not deployed" in app.run("migrate", "apply", code=1).stderr
    app.deploy()
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');")
    assert app.run("migrate", "apply").stdout == "Applied: 0002_more.sql.\n"
    assert app.run("migrate", "apply", "--json").json() == {"database": "main-db", "recorded": [], "applied": []}
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann"}]
    assert made(app.deploy())["updated"] == 0
    write(app, "0001_users.sql", USERS.replace("text", "varchar"))
    assert "was changed after it was applied" in app.run("migrate", "apply", code=1).stderr


def test_apply_takes_the_lock_of_deploys(app):
    write(app, "0001_users.sql", USERS)
    app.deploy()
    write(app, "0002_more.sql", "INSERT INTO users VALUES (1, 'ann');")
    deploy = stopped_deploy(app)
    told = app.run("migrate", "apply", code=1, env={"NIMBUS_LOCK_TIMEOUT": "0"}).stderr
    assert "is held by" in told and "for 'deploy'" in told
    deploy.send_signal(signal.SIGCONT)
    assert deploy.communicate(timeout=60)[0] is None and deploy.returncode == 0
    assert app.run("migrate", "apply").stdout == "Nothing is pending.\n"


def test_a_baseline_records_what_is_there_already(app):
    shutil.rmtree(app.migrations)
    app.declare(routes=["GET /ping", "POST /sql"], sql=[
        {"name": "main-db", "schema": "migrated", "deletionProtection": False}])
    app.deploy()
    app.sql("CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL)")
    declare(app)
    app.migrations.mkdir()
    write(app, "0001_users.sql", USERS)
    write(app, "0002_orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);")
    assert "nimbus migrate apply --baseline NUMBER" in refused(app)
    told = app.run("migrate", "apply", "--baseline", "2", code=1).stderr
    assert "does not have what these migrations make: table orders" in told and not ledger(app)
    assert "There is no migration with the number 0007" in app.run("migrate", "apply", "--baseline", "7", code=2).stderr
    told = app.run("migrate", "apply", "--baseline", "1").stdout
    assert told == "Recorded as applied: 0001_users.sql.\nApplied: 0002_orders.sql.\n"
    assert ledger(app) == [["0001_users.sql", "1", "done"], ["0002_orders.sql", "1", "done"]]
    assert app.run("migrate", "apply", "--baseline", "2").stdout == "Nothing is pending.\n"
    app.deploy()
    write(app, "0001_users.sql", USERS.replace("text", "varchar"))
    assert "The ledger says otherwise" in app.run("migrate", "apply", "--baseline", "2", code=1).stderr


def test_a_baseline_needs_tables_that_are_the_roles_own(app):
    write(app, "0001_users.sql", USERS)
    app.declare(routes=["GET /ping", "POST /sql"], sql=[
        {"name": "main-db", "schema": "migrated", "deletionProtection": False}])
    app.deploy()
    app.cloud.rows(app.cluster, "CREATE TABLE migrated.users (id int PRIMARY KEY, name text)")
    declare(app)
    told = app.run("migrate", "apply", "--baseline", "1", code=1).stderr
    assert "The table users belongs to admin, and migrations run as lambda_migrated" in told
    assert "ALTER TABLE migrated.\"users\" OWNER TO lambda_migrated" in told


# --- squashed ---------------------------------------------------------------------------------------


def three_migrations(app) -> None:
    write(app, "0001_users.sql", USERS)
    write(app, "0002_ann.sql", "INSERT INTO users VALUES (1, 'ann');\n" + BATCH + "UPDATE users SET name = name || '!'")
    write(app, "0003_names.sql", "CREATE UNIQUE INDEX ASYNC names ON users (name);")


def files(app) -> list[str]:
    return sorted(path.name for path in app.migrations.iterdir())


def test_squashed_migrations_are_applied_where_the_old_ones_are(app):
    three_migrations(app)
    app.deploy()
    write(app, "0004_later.sql", "INSERT INTO users VALUES (2, 'bob');")
    assert app.run("migrate", "squash").stdout == (
        "Made migrations/0003_squashed.sql of 0001_users.sql, 0002_ann.sql, 0003_names.sql, and removed these.\n")
    assert files(app) == ["0003_squashed.sql", "0004_later.sql"]
    assert app.run("migrate", "status").stdout.startswith("0003_squashed.sql  applied  2")
    told = app.run("plan").stdout
    assert "0003_squashed.sql: takes the place of 3 files that are applied" in told
    app.deploy()
    assert [row[0] for row in ledger(app)] == ["0003_squashed.sql"] * 4 + ["0004_later.sql"]
    assert app.sql("SELECT name FROM users ORDER BY id").json()["rows"] == [{"name": "ann!"}, {"name": "bob"}]
    assert made(app.deploy())["updated"] == 0
    app.run("migrate", "squash")
    assert files(app) == ["0004_squashed.sql"]
    app.deploy()
    assert [row[0] for row in ledger(app)] == ["0004_squashed.sql"] * 5


def test_a_file_that_a_squash_replaces_is_not_there_beside_it(app):
    three_migrations(app)
    app.deploy()
    left = {name: (app.migrations / name).read_text() for name in files(app)}
    app.run("migrate", "squash")
    for name in left:
        write(app, name, left[name])  # as when the squash was killed, or by a merge
        assert f"The migration {name} is there beside 0003_squashed.sql, which replaces it" in refused(app, "plan")
        (app.migrations / name).unlink()
    app.run("plan")


def test_squashed_migrations_make_a_new_schema(app):
    three_migrations(app)
    app.deploy()
    app.run("migrate", "squash")
    app.destroy("--force")
    app.deploy()
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann!"}]
    assert [row[0] for row in ledger(app)] == ["0003_squashed.sql"] * 4


def test_squashed_migrations_are_refused_where_only_some_are_applied(app):
    three_migrations(app)
    app.deploy()
    squashed = app.run("migrate", "squash", "--to", "2", "--json").json()
    assert squashed["replaces"] == ["0001_users.sql", "0002_ann.sql"]
    app.destroy("--force")
    text = (app.migrations / "0002_squashed.sql").read_text()
    (app.migrations / "0002_squashed.sql").unlink()
    (app.migrations / "0003_names.sql").unlink()
    write(app, "0001_users.sql", USERS)
    app.deploy()
    (app.migrations / "0001_users.sql").unlink()
    write(app, "0002_squashed.sql", text)
    told = refused(app)
    assert "0002_squashed.sql replaces 0001_users.sql and others, of which 0002_ann.sql is not applied here" in told
    assert "Deploy the version before the squash here first" in told
    assert "0001_users.sql     missing" in app.run("migrate", "status").stdout


def test_a_squash_killed_at_every_step_goes_on(app):
    three_migrations(app)
    app.deploy()
    app.run("migrate", "squash")
    app.run("migrate", "check")  # tries it: killed is what writes the ledger
    for number in range(1, 12):
        killed = app.run("deploy", "--yes", code=None, env={"NIMBUS_TEST_CRASH_AT": f"{number}:before"})
        if killed.code == 0:
            break
    assert [row[0] for row in ledger(app)] == ["0003_squashed.sql"] * 4
    assert app.sql("SELECT name FROM users").json()["rows"] == [{"name": "ann!"}]


# --- the command ------------------------------------------------------------------------------------


def test_migrate_makes_checks_and_lists(app):
    app.migrations.rmdir()
    made_file = app.run("migrate", "new", "users")
    assert "Made migrations/0001_users.sql" in made_file.stdout
    assert "has no statement" in app.run("migrate", "status", code=1).stderr
    assert "Made migrations/0002_next.sql" in app.run("migrate", "new", "next").stdout
    (app.migrations / "0002_next.sql").unlink()
    write(app, "0001_users.sql", USERS)
    assert app.run("migrate", "new", "more", "--json").json() == {"file": str(app.migrations / "0002_more.sql")}
    write(app, "0002_more.sql", "CREATE INDEX a ON users (name);")
    found = app.run("migrate", "check", code=1).stdout
    assert found.startswith("migrations/0002_more.sql:1: unsupported mode. please use CREATE INDEX ASYNC")
    (app.migrations / "0002_more.sql").unlink()
    assert app.run("migrate", "check", "--json").json() == {
        "database": "main-db", "files": 1, "tried": True, "findings": []}
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
