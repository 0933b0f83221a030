"""Databases by `db.query`, and by the clients that people bring along, which get a pool or options from `app.SQL(…)`."""

import concurrent.futures
import pathlib
import re
import shutil

import pytest

from support import npm
from support.app import App
from support.cloud import ROOT
from support.waiting import wait_until

EXAMPLE = ROOT / "examples" / "clients-ts"
CLIENTS = ["nimbus", "drizzle", "kysely", "postgres", "prisma", "signer"]


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def project(packages):
    directory = packages.project_with_test_packages("clients")
    shutil.copytree(EXAMPLE, directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("package.json"))
    return directory


@pytest.fixture(scope="module")
def app(module_cloud, packages):
    app = App(module_cloud, project(packages), "clients")
    app.deploy()
    return app


def opened(app, client: str, name: str) -> str:
    """The name of a new account, with 100 in it."""
    full_name = f"{client}-{name}"
    answer = app.call("POST", f"/{client}/{full_name}")
    assert (answer.status_code, answer.json()) == (200, {"name": full_name, "balance": 100}), answer.text
    return full_name


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_writes_reads_and_runs_transactions(app, client):
    ann, bob = (opened(app, client, name) for name in ("ann", "bob"))
    for moved in (30, 60):
        answer = app.call("POST", f"/{client}/{ann}/{bob}/{moved if moved == 30 else 30}")
        assert (answer.status_code, answer.json()) == (200, {"name": bob, "balance": 100 + moved}), answer.text
    assert app.call("POST", f"/{client}/{ann}/{bob}/50").status_code == 500, "more than is there"
    assert app.call("POST", f"/{client}/{ann}/{bob}/0").json() == {"name": bob, "balance": 160}, "it was rolled back"


def test_conflicts_are_tried_again(app):
    ann, bob = (opened(app, "nimbus", name) for name in ("conflicting-ann", "conflicting-bob"))
    app.cloud.run("local", "faults", "--conflicts", "40%", "--seed", "2")
    try:
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: app.call("POST", f"/nimbus/{ann}/{bob}/1"), range(12)))
    finally:
        app.cloud.run("local", "faults", "--off")
    assert [answer.status_code for answer in answers] == [200] * 12
    assert app.call("POST", f"/nimbus/{ann}/{bob}/0").json() == {"name": bob, "balance": 112}


def test_the_error_of_a_statement_names_the_line_that_sent_it(app):
    ann = opened(app, "nimbus", "failing-ann")
    assert app.call("POST", f"/nimbus/{ann}").status_code == 500
    shown = wait_until(lambda: "23505" in (log := app.run("logs", "post-nimbus-name").stdout) and log, "the error in the log")
    line = (EXAMPLE / "nimbus.ts").read_text().splitlines().index(
        "    return db.queryOne<Account>('INSERT INTO accounts VALUES ($1, 100) RETURNING *', [name]);") + 1
    assert re.search(rf"nimbus\.ts:{line}:", shown), shown


WITHOUT_PG = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'without-pg', region: 'us-east-1' });
const db = app.SQL({ name: 'main-db', deletionProtection: false });
app.API({ name: 'api' })
    .route('GET', '/plain', () => ({ statusCode: 200, body: 'fine' }))
    .route('GET', '/query', async () => ({ statusCode: 200, body: await db.queryValue('SELECT 1') }));
export default app;
"""


def test_without_pg_all_else_works_and_the_error_says_what_to_install(module_cloud, packages):
    app = App(module_cloud, packages.project_with_test_packages("without-pg", without=("pg",)), "without-pg")
    (app.directory / "index.ts").write_text(WITHOUT_PG)
    # Not linked, or pg is found where it is linked to.
    library = pathlib.Path("node_modules") / "@hillock-tech" / "nimbus-js"
    shutil.copytree(packages.directory / library, app.directory / library, ignore=shutil.ignore_patterns("bin"))
    deployed = app.run("deploy", "--yes", "--json")
    app.output = deployed.json()
    assert deployed.stderr.count("db.queryValue needs the package pg, which is not installed: npm install pg.") == 1
    assert app.call("GET", "/plain").text == "fine"
    assert app.call("GET", "/query").status_code == 500
    assert wait_until(lambda: "npm install pg" in app.run("logs", "get-query").stdout, "the error in the log")


def test_it_passes_the_compilers_check(packages):
    npm.run([packages.node_modules / ".bin" / "tsc", "--noEmit", "-p", "."], project(packages))
