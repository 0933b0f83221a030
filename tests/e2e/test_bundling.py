"""Packages that load others by names, or files by paths, that a bundler does not see."""

import shutil
import zipfile

import pytest

from support import npm
from support.app import App
from support.waiting import wait_until


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def application(cloud, packages, name: str, before: str, body: str, options="") -> App:
    """One route, whose handler has this body. The packages of tests/e2e/js are installed."""
    app = App(cloud, packages.project_with_test_packages(name), name)
    (app.directory / "index.ts").write_text(f"""\
import Nimbus from '@hillock-tech/nimbus-js';
{before}
const app = new Nimbus({{ projectName: '{name}', region: 'us-east-1', {options} }});
const api = app.API({{ name: '{name}-api' }});
app.SQL({{ name: 'main-db', schema: 'main', deletionProtection: false }});
api.route('GET', '/x', async (event) => {{
    {body}
}});
export default app;
""")
    return app


def archive(app: App) -> list[str]:
    built = max(app.directory.glob(".nimbus/build/*/*.zip"), key=lambda path: path.stat().st_mtime)
    return zipfile.ZipFile(built).namelist()


CONNECTION = """
    const { DsqlSigner } = await import('@aws-sdk/dsql-signer');
    const env = process.env as Record<string, string>;
    const password = await new DsqlSigner({ hostname: env.SQL_MAIN_DB_ENDPOINT, region: env.AWS_REGION }).getDbConnectAuthToken();
    const connection = { host: env.SQL_MAIN_DB_ENDPOINT, port: 5432, database: 'postgres', password, ssl: true };
"""


def test_sequelize_finds_its_driver(module_cloud, packages):
    app = application(module_cloud, packages, "sequelize", "import { Sequelize } from 'sequelize';", CONNECTION + """
    const sequelize = new Sequelize({ ...connection, username: env.SQL_MAIN_DB_DB_ROLE, dialect: 'postgres',
        logging: false, dialectOptions: { ssl: true, clientMinMessages: 'ignore' } });
    const [rows] = await sequelize.query('SELECT 6 * 7 AS answer');
    await sequelize.close();
    return { statusCode: 200, body: JSON.stringify(rows) };""")
    app.deploy()
    assert app.call("GET", "/x").json() == [{"answer": 42}]


def test_knex_finds_its_driver(module_cloud, packages):
    app = application(module_cloud, packages, "knex", "import knex from 'knex';", CONNECTION + """
    const database = knex({ client: 'pg', connection: { ...connection, user: env.SQL_MAIN_DB_DB_ROLE } });
    const { rows } = await database.raw('SELECT 6 * 7 AS answer');
    await database.destroy();
    return { statusCode: 200, body: JSON.stringify(rows) };""")
    app.deploy()
    assert app.call("GET", "/x").json() == [{"answer": 42}]


def test_pino_finds_its_workers_and_transports(module_cloud, packages):
    app = application(module_cloud, packages, "pino", """
import pino from 'pino';
const logger = pino({ transport: { target: 'pino-pretty', options: { colorize: false } } });""", """
    logger.warn('written by a worker');
    await new Promise<void>((resolve, reject) => logger.flush((error) => error ? reject(error) : resolve()));
    return { statusCode: 200, body: 'logged' };""")
    app.deploy()
    assert app.call("GET", "/x").text == "logged"
    wait_until(lambda: "WARN" in (shown := app.run("logs", "get-x").stdout) and "written by a worker" in shown,
               "the line in the log")
    assert app.plan()["changes"]["created"] == 0, "a second build is the same as the first"


def test_a_package_that_the_module_loads_by_a_computed_name_comes_along(module_cloud, packages):
    app = application(module_cloud, packages, "computed", "const driver = require(['p', 'g'].join(''));",
                      "return { statusCode: 200, body: driver.Client.name };")
    app.deploy()
    assert app.call("GET", "/x").text == "Client"
    assert "node_modules/pg/package.json" in archive(app) and "node_modules/pg-types/package.json" in archive(app)

    changed = (app.directory / "index.ts").read_text().replace("require(['p', 'g'].join(''))", "{ Client: { name: 'none' } }")
    (app.directory / "index.ts").write_text(changed)
    app.deploy()
    assert app.call("GET", "/x").text == "none"
    assert not [name for name in archive(app) if name.startswith("node_modules/")]


@pytest.mark.parametrize("loading", ["const driver = await import(['p', 'g'].join(''));", "const loading = import(['p', 'g'].join(''));"])
def test_a_package_that_the_module_imports_by_a_computed_name_comes_along(module_cloud, packages, loading):
    driver = "driver" if "await" in loading else "(await loading)"
    app = application(module_cloud, packages, "imported", loading,
                      f"return {{ statusCode: 200, body: {driver}.default.Client.name }};")
    app.deploy()
    assert app.call("GET", "/x").text == "Client"
    assert "node_modules/pg/package.json" in archive(app)
    assert app.plan()["changes"]["created"] == 0, "a second build is the same as the first"


def test_a_package_with_a_top_level_await_is_imported_where_it_is_needed(module_cloud, packages):
    app = application(module_cloud, packages, "awaiting", "",
                      "return { statusCode: 200, body: String((await import('awaits')).x + (await import('plain')).y) };")
    npm.add_package(app.directory, "awaits", {"index.js": "export const x = await Promise.resolve(40);"}, type="module")
    npm.add_package(app.directory, "plain", {"index.js": "exports.y = 2;"})
    app.deploy()
    assert app.call("GET", "/x").text == "42"


def test_a_package_that_loads_its_parts_without_their_extension_is_kept_whole(module_cloud, packages):
    app = application(module_cloud, packages, "parted", "import { part } from 'parted';",
                      "return { statusCode: 200, body: part('one') };")
    npm.add_package(app.directory, "parted", {"index.js": "exports.part = (n) => require(`./p/${n}`);", "p/one.js": "module.exports = 'first';"})
    app.deploy()
    assert app.call("GET", "/x").text == "first"


def test_a_package_that_a_handler_loads_by_a_computed_name_is_named(module_cloud, packages):
    body = "return { statusCode: 200, body: require(['p', 'g'].join('')).Client.name };"
    app = application(module_cloud, packages, "named", "", body)
    app.deploy()
    assert app.call("GET", "/x").status_code == 500
    app = application(module_cloud, packages, "named", "", body, "external: ['pg']")
    app.deploy()
    assert app.call("GET", "/x").text == "Client"


def test_a_dependency_that_a_package_may_load_is_asked_for(idle_cloud, packages):
    app = application(idle_cloud, packages, "engines", "import express from 'express';\nexpress();",
                      "return { statusCode: 200 };")
    (app.directory / "package.json").write_text('{"dependencies": {"express": "5", "knex": "3"}}')
    shown = app.run("plan").stderr
    assert "node_modules/express/lib/view.js" in shown and "external: ['knex']" in shown, shown
    shutil.rmtree(app.directory / ".nimbus")
    (app.directory / "package.json").write_text('{"dependencies": {"express": "5"}}')
    assert "external:" not in app.run("plan").stderr


MISTAKES = {
    "a path of tsconfig.json that leads nowhere": ("import '@lib/a';", '"paths" in tsconfig.json lead to no file of that name.'),
    "a module that is never loaded": ("await new Promise(() => {});", "let nothing before it wait for ever or end the process"),
    "a module that ends the process": ("process.exit(0);", "let nothing before it wait for ever or end the process"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_told_by_their_cause(idle_cloud, packages, mistake):
    line, words = MISTAKES[mistake]
    app = application(idle_cloud, packages, "mistaken", line, "return { statusCode: 200 };")
    (app.directory / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}')
    told = app.run("plan", code=1).stderr
    assert words in told, told


def test_a_module_with_elements_is_an_application(idle_cloud, packages):
    app = application(idle_cloud, packages, "elements", "const h = (name: string) => name;\nconst element: unknown = <b/>;",
                      "return { statusCode: 200, body: String(element) };")
    (app.directory / "tsconfig.json").write_text('{"compilerOptions": {"jsx": "react", "jsxFactory": "h"}}')
    (app.directory / "index.ts").rename(app.directory / "index.tsx")
    app.run("plan", "index.tsx")
