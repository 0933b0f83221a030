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
