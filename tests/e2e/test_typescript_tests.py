"""Tests of applications in TypeScript under `nimbus test`: with node:test and with Vitest."""

import shutil

import pytest

from support import npm
from support.app import App
from support.cloud import ROOT

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


@pytest.fixture
def webhooks(module_cloud, packages) -> App:
    """The example with its tests."""
    directory = packages.project_with_test_packages("webhooks-tests")
    shutil.copytree(EXAMPLES / "webhooks-ts", directory, dirs_exist_ok=True)
    return App(module_cloud, directory, "webhooks")


def test_the_tests_of_an_example_pass(webhooks):
    assert "# pass 3" in webhooks.run("test").stdout


def test_they_pass_with_vitest_too(webhooks):
    tests = webhooks.directory / "webhooks.test.ts"
    text = tests.read_text()
    runner = "import { afterEach, before, beforeEach, test } from 'node:test';"
    assert runner in text
    tests.write_text(text.replace(runner, "import { afterEach, beforeAll as before, beforeEach, test } from 'vitest';"))
    shown = webhooks.run("test", "--", "npx", "vitest", "run", "--no-color").stdout
    assert "3 passed" in shown, shown


def test_outside_of_nimbus_test_the_error_names_it(webhooks):
    npm.run(["npx", "tsc"], webhooks.directory)
    with pytest.raises(AssertionError, match='run your tests with "nimbus test -- npm test"'):
        npm.run(["node", "--test", "build/webhooks.test.js"], webhooks.directory)


NOTES = """import { Nimbus } from '@hillock-tech/nimbus-js';
import postgres from 'postgres';

export const app = new Nimbus({ projectName: 'notes', region: 'us-east-1' });
const db = app.SQL({ name: 'main-db', migrations: 'migrations', deletionProtection: false });
const sql = postgres(db.options('postgres.js'));
app.API({ name: 'notes-api' }).route('POST', '/', async () => {
    await sql`INSERT INTO notes DEFAULT VALUES`;
    const [row] = await sql`SELECT count(*) FROM notes`;
    return { statusCode: 200, body: String(row.count) };
});
export default app;
"""

NOTES_TEST = """import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { schemaPerTest } from '@hillock-tech/nimbus-js/testing';
import { app } from './index.js';

const add = async () => (await app.invoke('POST', '/')).body;
before(async () => assert.equal(await add(), '1')); // with the database of the command

schemaPerTest({ beforeEach, afterEach });
for (const number of [1, 2, 3]) {
    test(`test ${number} has a schema of its own`, async () => {
        assert.equal(await add(), '1');
        assert.equal(await add(), '2');
    });
}
"""


def test_postgres_js_follows_the_schema_of_each_test(module_cloud, packages):
    directory = packages.project_with_test_packages("notes-tests")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(EXAMPLES / "webhooks-ts" / name, directory)
    (directory / "migrations").mkdir()
    (directory / "migrations" / "0001_notes.sql").write_text(
        "CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid());\n")
    (directory / "index.ts").write_text(NOTES)
    (directory / "notes.test.ts").write_text(NOTES_TEST)
    assert "# pass 3" in App(module_cloud, directory, "notes").run("test").stdout
