"""`nimbus sql`: statements with -c over the engine's SQL session, and psql."""

import json

import pytest


@pytest.fixture(scope="module")
def app(sql_app):
    assert sql_app.call("POST", "/init").status_code == 200
    return sql_app


def results(app, *arguments):
    return app.run("sql", *arguments, "--json").json()["results"]


def test_values_are_text_or_null(app):
    (result,) = results(app, "-c", "SELECT 1 AS n, 'Zoë' AS name, NULL AS nothing, true AS yes")
    assert result == {"command": "SELECT 1", "rows": [{"n": "1", "name": "Zoë", "nothing": None, "yes": "t"}]}


def test_several_statements_have_a_result_each(app):
    made = results(app, "-c", "SELECT 1 AS a; SELECT 2 AS b", "-c", "INSERT INTO users (name, email) VALUES ('A', 'a@b')")
    assert [r["command"] for r in made] == ["SELECT 1", "SELECT 1", "INSERT 0 1"]
    assert [r["rows"] for r in made] == [[{"a": "1"}], [{"b": "2"}], []]


def test_the_schema_is_in_the_search_path(app):
    assert results(app, "-c", "SELECT current_schema() AS s, current_user AS u")[0]["rows"] == [{"s": "myapp", "u": "admin"}]


def test_people_get_a_table(app):
    assert app.run("sql", "-c", "SELECT 'Zoë' AS name, 1 AS n").stdout == (
        " name | n\n------+---\n Zoë  | 1\n(1 row)\n\n")
    assert app.run("sql", "-c", "").stdout == ""


def test_a_refused_statement_is_quoted_and_ends_it(app):
    refused = app.run("sql", "-c", "SELECT 1 AS before", "-c", "SELECT * FROM nowhere", "-c", "SELECT 2 AS after", code=1)
    assert "before" in refused.stdout and "after" not in refused.stdout
    assert "'SELECT * FROM nowhere'" in refused.stderr
    assert 'relation "nowhere" does not exist' in refused.stderr and "42P01" in refused.stderr
    assert app.run("sql", "-c", "SELECT * FROM nowhere", "--json", code=1).stdout == ""


def test_what_dsql_leaves_out_is_refused(app):
    assert "0A000" in app.run("sql", "-c", "CREATE TEMPORARY TABLE t (x int)", code=1).stderr


def test_copy_from_the_client_is_refused_and_does_not_hang(app):
    assert app.run("sql", "-c", "COPY users FROM STDIN", code=1, timeout=20).stderr.strip()


def test_a_command_of_psql_is_psqls(app):
    shown = app.run("sql", "-c", r"\dt", "-c", "SELECT 1 AS after").stdout
    assert "users" in shown and "after" in shown
    refused = app.run("sql", "-c", r"\dt", "-c", "SELECT * FROM nowhere", "-c", "SELECT 2 AS never", code=1)
    assert "users" in refused.stdout and "never" not in refused.stdout and 'relation "nowhere"' in refused.stderr
    assert r"'\dt' is a command of psql" in app.run("sql", "-c", r"\dt", "--json", code=2).stderr


def test_wrong_usage(app):
    assert "main-db" in app.run("sql", "nope", "-c", "SELECT 1", code=2).stderr
    assert "--command" in app.run("sql", "--json", code=2).stderr


def test_psql_reads_a_script(app):
    shown = app.run("sql", input="\\set ON_ERROR_STOP on\nSELECT count(*) > 0 AS there FROM users;\n").stdout
    assert "there" in shown and "(1 row)" in shown


def test_the_first_error_of_a_script_ends_it_and_is_told_by_the_exit_code(app):
    stopped = app.run("sql", input="SELECT 'before';\nSELECT nonsense;\nSELECT 'after';\n", code=3)
    assert "before" in stopped.stdout and "after" not in stopped.stdout
    assert "nonsense" in stopped.stderr
