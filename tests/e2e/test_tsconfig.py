"""Options of tsconfig.json that change what a program means: honoured, or refused with a sentence."""

import json

import pytest

from support import npm
from support.app import App

COMPILERS = {"typescript": [], "swc": ["typescript"]}  # by what is not installed
METADATA = {"target": "es2022", "experimentalDecorators": True, "emitDecoratorMetadata": True}


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def project(cloud, packages, name: str, options: dict, files: dict, without=()) -> App:
    app = App(cloud, packages.project_with_test_packages(name, without), name)
    files = {"tsconfig.json": "// as people write it\n" + json.dumps({"compilerOptions": options}), **files}
    for file, text in files.items():
        path = app.directory / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("PROJECT", name))
    return app


INJECTION = {
    "index.ts": """\
import 'reflect-metadata';
import Nimbus from '@hillock-tech/nimbus-js';
import { Consumer } from '@app/consumer';
import words from './words.json';
const app = new Nimbus({ projectName: 'PROJECT', region: 'us-east-1' });
const api = app.API({ name: 'an-api' });
api.route('GET', '/types', () => {
    const types = Reflect.getMetadata('design:paramtypes', Consumer) as Function[];
    return { statusCode: 200, body: [...types.map((type) => type.name), words.last].join(' ') };
});
api.route('GET', '/throws', () => new Consumer(undefined as any, undefined as any, 'a').fail() as never);
export default app;
""",
    "source/consumer.ts": """\
import { Provider } from './provider';
import type { Shape } from './shape';
const injectable: ClassDecorator = () => {};

@injectable
export class Consumer {
    constructor(readonly provider: Provider, readonly shape: Shape, readonly name: string) {}

    fail() {
        throw new Error('on purpose');
    }
}
""",
    "source/provider.ts": "export class Provider {}\n",
    "source/shape.ts": "export interface Shape { sides: number }\n",
    "words.json": '{"last": "end"}\n',
}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_decorators_find_the_types_of_what_they_decorate(module_cloud, packages, compiler):
    options = {**METADATA, "paths": {"@app/*": ["./source/*"]}, "resolveJsonModule": True}
    app = project(module_cloud, packages, f"metadata-{compiler}", options, INJECTION, COMPILERS[compiler])
    app.deploy()
    assert app.call("GET", "/types").text == "Provider Object String end"
    assert app.call("GET", "/throws").status_code == 500
    assert "source/consumer.ts:10:15" in app.run("logs", "get-throws").stdout

    (app.directory / "source/provider.ts").write_text("export class Supplier {}\nexport { Supplier as Provider };\n")
    app.deploy()
    assert app.call("GET", "/types").text == "Supplier Object String end"


def test_metadata_needs_a_compiler_of_the_authors(idle_cloud, packages):
    app = project(idle_cloud, packages, "no-compiler", METADATA, {"index.ts": "export default 1;\n"},
                  ["typescript", "@swc/core"])
    refused = app.run("plan", code=1).stderr
    assert "tsconfig.json asks for emitDecoratorMetadata" in refused and "npm install -D typescript" in refused, refused


FIELDS = """\
import Nimbus from '@hillock-tech/nimbus-js';
const seen: string[] = [];
class Base { set name(value: string) { seen.push(value); } }
class Derived extends Base { name = 'set'; }
new Derived();
const app = new Nimbus({ projectName: 'PROJECT', region: 'us-east-1' });
app.API({ name: 'an-api' }).route('GET', '/x', () => ({ statusCode: 200, body: seen.join() || 'defined' }));
export default app;
"""


@pytest.mark.parametrize("options, answer", [({"target": "es2022"}, "defined"), ({"target": "es2020"}, "set"),
                                             ({"target": "es2022", "useDefineForClassFields": False}, "set")])
def test_fields_are_defined_or_set_as_the_target_says(module_cloud, packages, options, answer):
    app = project(module_cloud, packages, "fields", options, {"index.ts": FIELDS})
    app.deploy()
    assert app.call("GET", "/x").text == answer


CONDITIONS = """\
import Nimbus from '@hillock-tech/nimbus-js';
import { flavour } from 'flavours';
const app = new Nimbus({ projectName: 'PROJECT', region: 'us-east-1' });
app.API({ name: 'an-api' }).route('GET', '/x', () => ({ statusCode: 200, body: flavour }));
export default app;
"""
FLAVOURS = {
    "node_modules/flavours/package.json": json.dumps({"name": "flavours", "exports": {".": {
        "vanilla": "./vanilla.js", "module": "./module.mjs", "default": "./plain.js"}}}),
    "node_modules/flavours/vanilla.js": "exports.flavour = 'vanilla';\n",
    "node_modules/flavours/module.mjs": "export const flavour = 'module';\n",
    "node_modules/flavours/plain.js": "exports.flavour = 'plain';\n",
}


@pytest.mark.parametrize("options, answer", [({}, "module"), ({"customConditions": ["vanilla"]}, "vanilla"),
                                             ({"customConditions": ["unknown"]}, "module")])
def test_packages_export_by_the_custom_conditions(module_cloud, packages, options, answer):
    app = App(module_cloud, packages.project_with_test_packages("conditions", ["none"]), "conditions")
    files = {"index.ts": CONDITIONS.replace("PROJECT", "conditions"), "tsconfig.json": json.dumps({"compilerOptions": options})}
    for file, text in {**files, **FLAVOURS}.items():
        (app.directory / file).parent.mkdir(parents=True, exist_ok=True)
        (app.directory / file).write_text(text)
    app.deploy()
    assert app.call("GET", "/x").text == answer


JSX = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'PROJECT', region: 'us-east-1' });
import { page } from './page';
app.API({ name: 'an-api' }).route('GET', '/x', async () => ({ statusCode: 200, body: String(await page()) }));
export default app;
"""


def test_jsx_is_made_as_tsconfig_says_and_not_left_to_others(module_cloud, packages):
    page = {"index.ts": JSX, "page.tsx": "export const page = async () => (<p>Hello, {'JSX'}</p>);\n"}
    options = {"jsx": "react-jsx", "jsxImportSource": "hono/jsx"}
    app = project(module_cloud, packages, "jsx", options, page)
    app.deploy()
    assert app.call("GET", "/x").text == "<p>Hello, JSX</p>"
    refused = project(module_cloud, packages, "jsx", {"jsx": "preserve"}, page).run("plan", code=1).stderr
    assert 'leaves JSX to another tool ("jsx": "preserve")' in refused, refused


@pytest.mark.parametrize("options, words", [
    ({"plugins": [{"transform": "typia/lib/transform"}]}, "the plugin typia/lib/transform"),
    ({"moduleSuffixes": [".node", ""]}, "moduleSuffixes"),
])
def test_options_that_no_bundle_can_honour_are_refused(idle_cloud, packages, options, words):
    refused = project(idle_cloud, packages, "refused", options, {"index.ts": FIELDS}).run("plan", code=1).stderr
    assert "tsconfig.json has" in refused and words in refused, refused
