"""`nimbus dev` bundles packages apart from the sources: a program means the same as when it is deployed."""

import json

import pytest
import requests

from support import npm
from support.app import App
from support.dev import Dev

# Each notes when it is evaluated.
PACKAGES = {
    "esm": ('{"name": "esm", "version": "1.0.0", "type": "module", "exports": {".": "./index.js", "./sub": "./sub.js"}}', {
        "index.js": """\
import { note } from 'noting';
import { shared } from './sub.js';
note('esm');
export let count = 0;
export function increase() { count += 1; shared.push('increase'); }
export default class Thing { name() { return this.constructor.name; } }
export { shared } from './sub.js';
export * from './more.js';
""",
        "sub.js": "import { note } from 'noting';\nnote('esm/sub');\nexport const shared = [];\n",
        "more.js": "export const more = 'more';\n"}),
    "noting": ('{"name": "noting", "version": "1.0.0"}', {
        "index.js": "globalThis.noted ??= [];\nexports.note = (what) => noted.push(what + (globalThis.isPrepared ? '!' : ''));\n"}),
    "common": ('{"name": "common", "version": "1.0.0"}', {
        "index.js": "require('noting').note('common');\nmodule.exports = function common() { return typeof this; };\n"
                    "module.exports.value = 7;\n"}),
    "transpiled": ('{"name": "transpiled", "version": "1.0.0"}', {
        "index.js": "require('noting').note('transpiled');\nObject.defineProperty(exports, '__esModule', { value: true });\n"
                    "exports.default = 'the default';\nexports.named = 'named';\n"}),
    "late": ('{"name": "late", "version": "1.0.0"}', {
        "index.js": "require('noting').note('late');\nexports.late = require('esm/sub').shared.length;\n"}),
    "unused": ('{"name": "unused", "version": "1.0.0", "type": "module", "sideEffects": false}', {
        "index.js": "import { note } from 'noting';\nnote('unused');\nexport const one = 1, two = 2;\n"}),
}

SOURCES = {
    "prepare.ts": "(globalThis as any).isPrepared = true;\nexport {};\n",
    "helper.ts": """\
import * as esm from 'esm';
import { shared } from 'esm/sub';
export { named, default as renamed } from 'transpiled';
export const isOne = shared === esm.shared;
export const names = Object.keys(esm).sort();
""",
    "index.ts": """\
import Nimbus from '@hillock-tech/nimbus-js';
import Thing, { count, increase, more } from 'esm';
import './prepare';
import common, { value } from 'common';
import transpiled, * as all from 'transpiled';
import { isOne, names, named, renamed } from './helper';

const app = new Nimbus({ projectName: 'dev-packages', region: 'us-east-1' });
const api = app.API({ name: 'api' });
const before = count;
increase();
api.route('GET', '/seen', async () => {
    const { late } = await import('late');
    const body = { version: 'first', before, count, more, name: new Thing().name(), common: common(), value, isOne, names,
        transpiled, all: Object.keys(all).sort(), named, renamed, late, noted: (globalThis as any).noted };
    return { statusCode: 200, body: JSON.stringify(body) };
});
export default app;
""",
}


def install(modules, name: str, package=None) -> None:
    description, files = package or PACKAGES[name]
    (modules / name).mkdir(parents=True, exist_ok=True)
    (modules / name / "package.json").write_text(description)
    for file, text in files.items():
        (modules / name / file).write_text(text)


@pytest.fixture
def app(projects, cloud) -> App:
    directory = npm.packages_of(projects).project("dev-packages")
    modules = directory / "node_modules"
    installed = modules.resolve()
    modules.unlink()
    modules.mkdir()
    npm.link_packages(installed, modules, list(PACKAGES))
    for name in PACKAGES:
        install(modules, name)
    for file, text in SOURCES.items():
        (directory / file).write_text(text)
    return App(cloud, directory, "dev-packages")


def seen(url: str):
    with requests.Session() as session:
        session.trust_env = False
        got = session.get(url + "/seen", timeout=60)
    assert got.status_code == 200, got.text
    return got.json()


def is_apart(app: App) -> bool:
    [state] = app.directory.glob(".nimbus/build/*/apart/state.json")
    return json.loads(state.read_text())["isUseful"]


def edit(app: App, old: str, new: str, file="index.ts") -> None:
    source = app.directory / file
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))


@pytest.mark.parametrize("kind", ["module", "commonjs"])
def test_packages_mean_the_same_as_in_a_deploy(app, kind):
    (app.directory / "package.json").write_text(json.dumps({"private": True, "type": kind}))
    app.deploy()
    deployed = seen(app.url)
    assert deployed["noted"] and deployed["isOne"] and (deployed["before"], deployed["count"]) == (0, 1)
    with Dev(app.cloud, app.directory) as dev:
        url = dev.url()
        assert seen(url) == deployed
        assert is_apart(app)
        edit(app, "version: 'first'", "version: 'second'")
        dev.next("deployed")
        assert seen(url) == {**deployed, "version": "second"}


def test_what_esbuild_says_of_a_package_names_the_package(app):
    edit(app, "import './prepare';", "import './prepare';\nimport 'unused';")
    with Dev(app.cloud, app.directory) as dev:
        assert '"node_modules/unused/index.js"' in dev.deployed()["output"]
        edit(app, "version: 'first'", "version: 'second'")
        assert '"node_modules/unused/index.js"' in dev.next("deployed")["output"]


def test_an_import_that_is_new_is_found_or_told(app):
    with Dev(app.cloud, app.directory) as dev:
        url = dev.url()
        edit(app, "increase, more }", "increase, mere as more }")
        assert '"mere"' in dev.next("failed")["message"]
        edit(app, "increase, mere as more }", "increase, more }")
        dev.next("deployed", "unchanged")
        edit(app, "import './prepare';", "import './prepare';\nimport { one, two } from 'unused';\nimport { shared } from 'esm/sub';")
        dev.next("deployed")
        edit(app, "before, count,", "before, count, one, two, length: shared.length,")
        dev.next("deployed")
        answer = seen(url)
        assert (answer["one"], answer["two"], answer["length"]) == (1, 2, 1)
        assert is_apart(app)


WHOLE = {
    "a package exports names that it takes from CommonJS": ("open", (
        '{"name": "open", "version": "1.0.0", "type": "module"}', {"index.js": "export * from 'transpiled';\n"}),
        "import { named as extra } from 'open';"),
    "a source imports a package's file by its path": (None, None, "import extra from './node_modules/transpiled/index.js';"),
    "an import is of data": ("data", ('{"name": "data", "version": "1.0.0"}', {"words.json": '{"words": 3}'}),
                             "import extra from 'data/words.json';"),
    "most of a package is not used": ("large", ('{"name": "large", "version": "1.0.0", "type": "module", "sideEffects": false}', {
        "index.js": "".join(f"export function f{n}() {{ return {n}; }}\n" for n in range(20_000))}),
        "import { f7 as extra } from 'large';"),
}


@pytest.mark.parametrize("what", list(WHOLE))
def test_what_might_mean_something_else_apart_stays_in_one_bundle(app, what):
    name, package, line = WHOLE[what]
    if package:
        install(app.directory / "node_modules", name, package)
    edit(app, "import './prepare';", f"{line}\nimport './prepare';")
    edit(app, "before, count,", "before, count, extra: typeof extra,")
    app.deploy()
    deployed = seen(app.url)
    with Dev(app.cloud, app.directory) as dev:
        url = dev.url()
        assert seen(url) == deployed
        assert not is_apart(app)
        edit(app, "version: 'first'", "version: 'second'")
        dev.next("deployed")
        assert seen(url) == {**deployed, "version": "second"}
