"""`nimbus check`: the SQL of a program is compared with the schema that its migrations make."""

import json
import shutil
import textwrap

import pytest

from support import npm
from support.app import App, ScriptApp, manifest
from support.cloud import ROOT

USERS = """CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, email text, age int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
"""


class Checked(App):
    """An application with one table, of which tests write the handlers."""

    source: str
    prelude: str

    def check(self, body: str, *arguments, code=0, files={}, **how):
        (self.directory / "migrations").mkdir(exist_ok=True)
        (self.directory / "migrations" / "0001_users.sql").write_text(USERS)
        for name, text in files.items():
            (self.directory / name).write_text(text)
        (self.directory / self.source).write_text(self.prelude + textwrap.dedent(body).strip() + self.end)
        return self.run("check", *arguments, code=code, **how)

    def findings(self, body: str, *arguments, **how) -> list[str]:
        """"line:column: message", lines counted in `body`."""
        found = self.check(body, "--json", *arguments, code=None, **how).json()
        before = self.prelude.count("\n")
        return [f"{each['line'] - before}:{each['column']}: {each['message']}" for each in found["findings"]]


class CppProgram(Checked):
    source = "main.cpp"
    prelude = """#include <nimbus/nimbus.hpp>
struct User { nimbus::uuid id; std::string name; std::optional<std::string> email; int age; };
BOOST_DESCRIBE_STRUCT(User, (), (id, name, email, age))
struct Event { nimbus::uuid id; bool name; std::string kind; std::string email; };
BOOST_DESCRIBE_STRUCT(Event, (), (id, name, kind, email))
struct Aged { std::string name; bool age; };
BOOST_DESCRIBE_STRUCT(Aged, (), (name, age))
int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "checked", .region = "us-east-1"}};
    auto db = app.sql({.name = "main-db", .deletion_protection = false, .migrations = "migrations"});
    auto api = app.api({.name = "checked-api"});
    api.route("GET", "/", [=](const nimbus::request& req) {
"""
    end = "\nreturn nimbus::no_content(); });\n    return app.run(argc, argv);\n}\n"


class ScriptProgram(Checked):
    source = "index.ts"
    prelude = """import Nimbus from '@hillock-tech/nimbus-js';
import type { User } from './user.js';
interface Event { id: string; name: boolean; kind: string; email: string }
const app = new Nimbus({ projectName: 'checked-ts', region: 'us-east-1' });
const db = app.SQL({ name: 'main-db', migrations: 'migrations', deletionProtection: false });
const api = app.API({ name: 'checked-api' });
export default app;
api.route('GET', '/', async (event: any) => {
"""
    end = "\nreturn { statusCode: 200, body: '' }; });\n"

    def check(self, *arguments, files={}, **how):
        user = "export interface User { id: string; name: string; email: string | null; age: number }\n"
        return super().check(*arguments, files={"user.ts": user, **files}, **how)


@pytest.fixture(scope="module")
def cpp(module_cloud, projects) -> CppProgram:
    directory = projects.root / "checked"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))
    return CppProgram(module_cloud, directory, "checked")


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


@pytest.fixture(scope="module")
def script(module_cloud, packages) -> ScriptProgram:
    return ScriptProgram(module_cloud, packages.project("checked-ts"), "checked-ts")


# --- C++ ----------------------------------------------------------------------------------------------


def test_statements_of_cpp_that_fit(cpp):
    result = cpp.check("""
        auto users = db.query<User>("SELECT * FROM users WHERE age > $1", 17);
        db.transaction([&](auto& tx) {
            tx.execute("UPDATE users SET name = $1 WHERE id = $2", "Ann", users[0].id); // "SELECT no FROM where"
        });
        // db.execute("SELECT nothing FROM nowhere");
        const std::string text = "db.execute(\\"SELECT nothing FROM nowhere\\")";
        auto all = req.query("SELECT this FROM no database");
        auto old = db.query_value<std::int64_t>(all->empty() ? "SELECT count(*) FROM users" : "SELECT max(age) FROM users");
        """)
    assert result.stdout == "Checked 4 statements: all fit.\n"


def test_what_does_not_fit_in_cpp_is_named_with_its_place(cpp):
    assert cpp.findings(r'''
        auto a = db.query<User>("SELECT * FROM users WHERE emial = $1", "x");
        auto b = db.query<User>(R"sql(
            SELECT id, name, email, age
            FROM userz
            WHERE name = 'ä'
              AND ages > 3)sql");
        db.execute("SELCT 1");
        db.execute("UPDATE users SET name = $1 WHERE age = $2", "Ann");
        db.execute("UPDATE users SET name = $1 WHERE age = $2", true, "old");
        auto c = db.query<Event>("SELECT id, name, email, age FROM users");
        auto d = db.query_one<User>("INSERT INTO users (name, age) VALUES ('Ann', 3)");
        db.execute("TRUNCATE users");
        auto e = db.query_value<nimbus::uuid>(req.path().empty() ? "SELECT age FROM users" : "SELECT id FROM users");
        db.execute("UPDATE users SET name = "
                   "'\u00e4' WHERE agee = 3");
        const auto in = req.json<User>();
        const std::vector<int> ages{1};
        db.execute("DELETE FROM users WHERE id = $1 AND age = $2 AND email = ANY($3)", in.age, in.id, ages);
        auto rows = req.json<std::vector<Event>>();
        db.insert("users", rows);
        auto f = db.insert<User>("userz", req.json<std::vector<User>>());
        db.insert("users", req.json<std::vector<Aged>>());
        ''') == [
        '1:52: column "emial" does not exist',
        '4:10: relation "userz" does not exist',
        '7:13: syntax error at or near "SELCT"',
        '8:4: the statement takes 2 parameters, and 1 is given',
        '9:63: $2: invalid input syntax for type integer: "old"',
        '10:13: Event.name is bool, and the column name is text',
        '10:13: Event has the member kind, and the statement gives no column of that name: it gives id, name, email, age',
        '11:13: query_one makes User of rows, and the statement gives none: an INSERT, UPDATE or DELETE needs RETURNING',
        '12:4: unsupported statement: Truncate',
        '13:13: the value is nimbus::uuid, and the column age is integer',
        '15:28: column "agee" does not exist',
        '18:80: $1: in.age is int, which is no value of the type uuid',
        '18:88: $2: in.id is nimbus::uuid, which is no value of the type integer',
        '20:4: column "kind" of relation "users" does not exist',
        '21:13: relation "userz" does not exist',
        '22:4: Aged.age is bool, which is no value of the type integer',
    ]


def test_a_finding_has_the_reason_of_the_database(cpp):
    result = cpp.check('db.execute("SELECT emial FROM users");', code=1)
    first, hint, last = result.stdout.splitlines()
    line = cpp.prelude.count("\n") + 1
    assert first == f'main.cpp:{line}:20: column "emial" does not exist (SQLSTATE 42703)'
    assert hint == '    Perhaps you meant to reference the column "users.email".'
    assert last == "Checked 1 statement: 1 mistake."


def test_what_is_made_at_run_time_is_told(cpp):
    body = """
        db.execute("DELETE FROM " + std::string(req.path()));
        db.execute("DELETE FROM nothing"); // nimbus: unchecked
        """
    assert cpp.check(body).stdout == ("Checked 0 statements: all fit. 2 statements could not be checked: "
                                      "--verbose names them.\n")
    line = cpp.prelude.count("\n") + 1
    assert cpp.check(body, "--verbose").stdout.splitlines()[:2] == [
        f"main.cpp:{line}:4: not checked: it is made at run time",
        f"main.cpp:{line + 1}:4: not checked: it says 'nimbus: unchecked'"]


def test_nulls_are_found_when_they_are_asked_for(cpp):
    body = 'auto a = db.query<std::tuple<std::string, int>>("SELECT email, age FROM users");'
    assert cpp.findings(body) == []
    assert cpp.findings(body, "--nulls") == [
        "1:13: element 0 of the tuple is std::string, and the column email may be NULL"]


def test_tables_that_the_program_makes_are_there(cpp):
    assert cpp.findings("""
        auto n = db.query_value<int>("SELECT count(*) FROM posts JOIN users ON users.id = user_id");
        db.execute("CREATE INDEX ASYNC ON posts (user_id)");
        db.execute("CREATE TABLE IF NOT EXISTS posts (id uuid PRIMARY KEY, user_id uuid)");
        db.execute("CREATE TABLE bad (id uuid PRIMARY KEY, list text[])");
        """) == ['4:4: datatype text[] not supported']


# --- TypeScript ---------------------------------------------------------------------------------------


def test_statements_of_typescript_that_fit(script):
    result = script.check("""
        const users: User[] = await db.query<User>('SELECT * FROM users WHERE age > $1', [17]);
        await db.transaction(async (tx) => {
            await tx.execute(`UPDATE users SET name = $1
                              WHERE id = $2`, ['Ann', users[0].id]); // 'SELECT no FROM where'
        });
        const text = "db.execute('SELECT nothing FROM nowhere')";
        """)
    assert result.stdout == "Checked 2 statements: all fit.\n"


def test_what_does_not_fit_in_typescript_is_named_with_its_place(script):
    assert script.findings("""
        await db.query<User>('SELECT * FROM users WHERE emial = $1', ['x']);
        await db.query(`
            SELECT id
            FROM persons`);
        await db.execute('UPDATE users SET name = $1 WHERE age = $2', ['Ann']);
        await db.execute('UPDATE users SET name = $1 WHERE age = $2', ['Ann', 'old']);
        await db.query<Event>('SELECT id, name, email, age FROM users');
        await db.queryValue<string>('SELECT age FROM users');
        await db.execute('DELETE FROM ' + event.path);
        await db.query<{ id: number }>('SELECT id FROM users');
        await db.execute('DELETE FROM users WHERE id = $1', [new Date()]);
        await db.query('SELECT 1; SELECT emial FROM users');
        """) == [
        '1:49: column "emial" does not exist',
        '4:10: relation "persons" does not exist',
        '5:10: the statement takes 2 parameters, and 1 is given',
        "6:71: $2: invalid input syntax for type integer: \"old\"",
        '7:10: Event.name is boolean, and the column name is text',
        '7:10: Event has the member kind, and the statement gives no column of that name: it gives id, name, email, age',
        '8:10: the value is string, and the column age is integer',
        '10:10: the type.id is number, and the column id is uuid',
        '11:54: $1: new Date() is Date, which is no value of the type uuid',
        '12:34: column "emial" does not exist',
    ]


# --- programs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", ["sql", "shop", "guestbook", "migrations", "previews", "starter"])
def test_the_examples_in_cpp_fit(projects, module_cloud, example):
    app = App(module_cloud, projects.copy(ROOT / "examples" / example, example), example)
    result = app.run("check", timeout=300)
    assert "all fit." in result.stdout and "Checked 0" not in result.stdout


@pytest.mark.parametrize("example", ["sql-ts", "starter-ts"])
def test_the_examples_in_typescript_fit(packages, module_cloud, example):
    app = App(module_cloud, packages.project(f"checked-{example}"), example)
    for path in (ROOT / "examples" / example).iterdir():
        if path.is_dir():
            shutil.copytree(path, app.directory / path.name)
        elif path.name != "package.json":
            shutil.copy(path, app.directory)
    result = app.run("check", timeout=300)
    assert "all fit." in result.stdout and "Checked 0" not in result.stdout


def test_each_statement_belongs_to_the_database_of_its_variable(script):
    try:
        script.prelude = script.prelude.split("api.route")[0] + """
const log = app.SQL({ name: 'log-db', deletionProtection: false });
api.route('GET', '/', async () => {
"""
        assert script.findings("""
            await db.execute('SELECT name FROM users');
            await log.execute('CREATE TABLE lines (id uuid PRIMARY KEY)');
            await log.execute('SELECT id FROM lines');
            await log.execute('SELECT name FROM users');
            await db.execute('SELECT id FROM lines');
            await event.client.query('SELECT id FROM lines');
            """) == ['4:37: relation "users" does not exist', '5:34: relation "lines" does not exist']
    finally:
        del script.prelude


def test_a_machine_without_postgresql_is_told_so(idle_cloud, cpp):
    told = idle_cloud.run("check", cwd=cpp.directory, code=1, env={"NIMBUS_POSTGRES_BIN": "/nonexistent"}).stderr
    assert "PostgreSQL" in told and "NIMBUS_POSTGRES_BIN" in told


def test_a_program_without_sources_is_told_so(module_cloud, tmp_path):
    app = ScriptApp(module_cloud, tmp_path, "bare", manifest(project="bare"))
    assert "program has no sources that could be checked" in app.run("check", "program", code=2).stderr


def test_an_application_without_databases_is_told_so(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "hello", "hello"), "hello")
    assert "declares no database" in app.run("check", code=1).stderr
