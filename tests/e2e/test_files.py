"""Files that functions read when they run: shipped with the code, and watched."""

import shutil

import pytest

from support import npm
from support.app import App
from support.cloud import ROOT
from support.dev import Dev
from support.waiting import wait_until

ABOUT = "<!doctype html>\n<p>About us</p>\n"


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def application(cloud, packages, name: str, body: str, files: dict, options="", before="") -> App:
    """One route, GET /x, whose handler has this body."""
    app = npm.typescript_app(cloud, packages, name, f"""\
import Nimbus from '@hillock-tech/nimbus-js';
import {{ readFileSync }} from 'node:fs';
import path from 'node:path';
{before}
const app = new Nimbus({{ projectName: '{name}', region: 'us-east-1', {options} }});
app.API({{ name: 'an-api' }}).route('GET', '/x', async () => {{ {body} }});
export default app;
""", name)
    for file, content in files.items():
        place = app.directory / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content) if isinstance(content, bytes) else place.write_text(content)
    return app


def pages(cloud, packages) -> App:
    app = App(cloud, packages.project("pages"), "pages")
    shutil.copytree(ROOT / "examples" / "pages-ts", app.directory, dirs_exist_ok=True)
    return app


def test_the_example_in_typescript(module_cloud, packages):
    app = pages(module_cloud, packages)
    app.deploy()
    assert app.call("GET", "/hello/Ada").text == "Hello, Ada!"
    assert app.call("GET", "/schema").text == (ROOT / "examples/pages-ts/schema.sql").read_text()
    assert app.call("GET", "/pages/about").text == ABOUT
    npm.run([packages.node_modules / ".bin" / "tsc", "--noEmit", "-p", "."], app.directory)


def test_the_example_in_cpp(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "pages", "pages-cpp"), "pages")
    app.deploy()
    answer = app.call("GET", "/pages/about")
    assert (answer.text, answer.headers["Content-Type"].partition(";")[0]) == (ABOUT, "text/html")


READS = {
    "path.join": "readFileSync(path.join(__dirname, 'words', 'a.txt'), 'utf8')",
    "path.resolve of a directory": "readFileSync(path.resolve(__dirname, 'words') + '/a.txt', 'utf8')",
    "a template": "readFileSync(`${__dirname}/words/a.txt`, 'utf8')",
    "a URL": "readFileSync(new URL('./words/a.txt', import.meta.url), 'utf8')",
    "import.meta.dirname": "readFileSync(path.join(import.meta.dirname, 'words/a.txt'), 'utf8')",
}


@pytest.mark.parametrize("read", READS)
def test_files_beside_a_source_are_found_by_what_reads_them(module_cloud, packages, read):
    app = application(module_cloud, packages, "reads", f"return {{ statusCode: 200, body: {READS[read]} }};",
                      {"words/a.txt": "found"})
    app.deploy()
    assert app.call("GET", "/x").text == "found"


def test_sources_in_other_directories_find_what_is_around_them(module_cloud, packages):
    app = application(module_cloud, packages, "deep", "return { statusCode: 200, body: words() };", {
        "src/deep/words.ts": "import { readFileSync } from 'node:fs';\nimport path from 'node:path';\n"
                             "export const words = () => ['../near.txt', '../../far.txt']\n"
                             "    .map((name) => readFileSync(path.join(__dirname, name), 'utf8')).join(' ')\n"
                             "    + path.relative(process.cwd(), path.join(__dirname, '../near.txt'))\n"
                             "    + path.basename(__filename) + path.join(__dirname, '../../far.txt').length;\n",
        "src/near.txt": "near", "far.txt": "far"}, "files: ['far.txt']", "import { words } from './src/deep/words';")
    app.deploy()
    assert app.call("GET", "/x").text.startswith("near farsrc/near.txtwords.ts")


READ = "readFileSync(path.join(__dirname, 'p.txt'), 'utf8')"
PLACES = """\
import { readFileSync } from 'node:fs';
import path from 'node:path';
"""


def with_sources(cloud, packages, name: str, files: dict, value: str, before: str, **more) -> App:
    """GET /x answers with the value, as JSON."""
    sources = {file: PLACES + text if file.endswith("ts") else text for file, text in files.items()}
    return application(cloud, packages, name, f"return {{ statusCode: 200, body: JSON.stringify({value}) }};", sources,
                       before=before, **more)


def test_each_source_has_its_own_place(module_cloud, packages):
    app = with_sources(module_cloud, packages, "places", {
        "a/x.ts": f"export const x = () => {READ};\n", "a/p.txt": "of a",
        "b/x.ts": f"export const x = () => {READ};\n", "b/p.txt": "of b",
        "c/both.ts": f"export const both = () => [{READ}, readFileSync(new URL('./p.txt', import.meta.url), 'utf8'), __filename];\n",
        "c/p.txt": "of c",
        "d/idiom.ts": "import { fileURLToPath } from 'node:url';\nconst __filename = fileURLToPath(import.meta.url);\n"
                      "const __dirname = path.dirname(__filename);\nconst { url, filename, dirname } = import.meta;\n"
                      f"export const idiom = () => [{READ}, readFileSync(new URL('./p.txt', url), 'utf8'), __filename, filename, dirname];\n",
        "d/p.txt": "of d",
        "e/old.cjs": "'use strict';\nexports.old = () => [require('./other.cjs').other, __filename, (function () { return this; })()];\n",
        "e/other.cjs": "exports.other = __dirname;\n",
        # They import each other, and the second runs first.
        "f/first.ts": "import { early } from './second';\nexport function first() { return __filename; }\nexport const seen = early;\n",
        "f/second.ts": "import { first } from './first';\nexport const early = first();\n",
        "g/words.ts": "export const words = () => [\"use import.meta.url\", 'and __dirname', `or __filename`, /__dirname/.source];\n",
    }, "{ a: a(), b: b(), both: both(), idiom: idiom(), old: old(), seen, words: words(), here: [__filename, import.meta.url, __dirname] }",
        "import { x as a } from './a/x';\nimport { x as b } from './b/x';\nimport { both } from './c/both';\n"
        "import { idiom } from './d/idiom';\nimport { old } from './e/old.cjs';\nimport { seen } from './f/first';\n"
        "import { words } from './g/words';\n")
    app.deploy()
    got = app.call("GET", "/x").json()
    root = got["here"][2]
    assert got == {
        "a": "of a", "b": "of b", "both": ["of c", "of c", f"{root}/c/both.ts"],
        "idiom": ["of d", "of d", f"{root}/d/idiom.ts", f"{root}/d/idiom.ts", f"{root}/d"],
        "old": [f"{root}/e", f"{root}/e/old.cjs", None],
        "seen": f"{root}/f/first.ts",
        "words": ["use import.meta.url", "and __dirname", "or __filename", "__dirname"],
        "here": [f"{root}/index.ts", f"file://{root}/index.ts", root]}


def test_a_module_with_a_top_level_await_has_its_own_place(module_cloud, packages):
    app = with_sources(module_cloud, packages, "places-awaited", {"lib/x.ts": f"export const x = () => [{READ}, __filename];\n",
                                                                  "lib/p.txt": "of lib"},
                       "{ x: x(), here: [__filename, import.meta.url, __dirname] }",
                       "import { x } from './lib/x';\nawait Promise.resolve();\nconst nimbus_require = 1, nimbus_package = nimbus_require;\n")
    app.deploy()
    got = app.call("GET", "/x").json()
    root = got["here"][2]
    assert got == {"x": ["of lib", f"{root}/lib/x.ts"], "here": [f"{root}/index.ts", f"file://{root}/index.ts", root]}


def test_sources_that_ask_for_their_place_import_what_others_do(module_cloud, packages):
    app = with_sources(module_cloud, packages, "places-imports", {
        "lib/x.ts": "import { nest } from 'nest';\nimport { z } from './link/z';\nexport const x = () => [nest, z, path.basename(__dirname)];\n",
        "shared/z.ts": "export const z = 'linked';\n"}, "x()", "import { x } from './lib/x';")
    npm.add_package(app.directory / "lib", "nest", {"index.js": "exports.nest = 'nested';"})
    (app.directory / "lib" / "link").symlink_to("../shared")
    app.deploy()
    assert app.call("GET", "/x").json() == ["nested", "linked", "lib"]


def test_errors_name_the_line_of_a_source_that_asks_for_its_place(module_cloud, packages):
    app = with_sources(module_cloud, packages, "places-errors", {
        "lib/x.ts": "export const x = () => { const here = __dirname; return new Error(here).stack; };\n"},
        "x()", "import { x } from './lib/x';")
    app.deploy()
    assert "lib/x.ts:3:57" in app.call("GET", "/x").json()


@pytest.mark.parametrize("form", ["commonjs", "module"])
def test_packages_have_their_own_place(module_cloud, packages, form):
    app = with_sources(module_cloud, packages, f"places-{form}", {"templates/a.html": "the author's"}, "pages()", "import { pages } from 'pages';")
    read = {"commonjs": "exports.pages = () => require('fs').readFileSync(require('path').join(__dirname, '../templates/a.html'), 'utf8');",
            "module": "import { readFileSync } from 'fs';\n"
                      "export const pages = () => readFileSync(new URL('../templates/a.html', import.meta.url), 'utf8');"}
    npm.add_package(app.directory, "pages", {"lib/index.js": read[form], "templates/a.html": "the package's"},
                    type=form, main="lib/index.js")
    app.deploy()
    assert app.call("GET", "/x").json() == "the package's"


def test_files_are_found_by_variables_urls_and_functions_of_the_place(module_cloud, packages):
    app = with_sources(module_cloud, packages, "places-named", {
        "lib/x.ts": "import { fileURLToPath } from 'node:url';\nimport { createRequire } from 'node:module';\n"
                    "const dir = path.dirname(fileURLToPath(import.meta.url));\nconst load = createRequire(import.meta.url);\n"
                    "export const x = () => [readFileSync(path.join(dir, 'p.txt'), 'utf8'), readFileSync(new URL('./p%20q.txt', import.meta.url), 'utf8'),\n"
                    "    load('./data.json').n, load('counter').count];\n",
        "lib/p.txt": "p", "lib/p q.txt": "p q", "lib/data.json": '{"n": 3}'}, "x()", "import { x } from './lib/x';")
    npm.add_package(app.directory, "counter", {"index.js": "exports.count = 4;"})
    app.deploy()
    assert app.call("GET", "/x").json() == ["p", "p q", 3, 4]


def test_texts_and_bytes_are_imported(module_cloud, packages):
    # The smallest module of WebAssembly: its magic number and its version.
    app = application(module_cloud, packages, "imports",
                      "return { statusCode: 200, body: [html, text, new WebAssembly.Module(wasm) instanceof WebAssembly.Module].join() };",
                      {"a.html": "<p>", "a.txt": "text", "a.wasm": b"\0asm\1\0\0\0"},
                      before="import html from './a.html'; import text from './a.txt'; import wasm from './a.wasm';")
    app.deploy()
    assert app.call("GET", "/x").text == "<p>,text,true"


REFUSED = {
    "a path upwards": ("files: ['../secrets.txt']", {}, "files[0]: must be a path below the application's directory"),
    "an absolute path": ("files: ['/etc/passwd']", {}, "files[0]: must be a path below the application's directory"),
    "a pattern that nothing fits": ("files: ['assets/**']", {}, "index.ts names the files assets/**, and there is none"),
    "a name that is taken": ("files: ['package.json', 'index.js']", {"index.js": ""}, "ships the file"),
    "a name that other programs' bundles have": ("files: ['packages.js']", {"packages.js": ""}, "ships the file packages.js"),
    "a file that is too large": ("files: ['film']", {}, "Lambda unpacks at most 250 MB: film alone has 300 MB"),
    "a link out of the project": ("files: ['link']", {}, "is a symbolic link out of the application's directory"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_files_that_cannot_be_shipped_are_refused_with_a_sentence(idle_cloud, packages, what):
    options, files, words = REFUSED[what]
    app = application(idle_cloud, packages, "refused", "return { statusCode: 200 };", files, options)
    with open(app.directory / "film", "w") as film:
        film.truncate(300 * 1024 * 1024)
    (app.directory / "link").symlink_to("/etc/passwd")
    result = app.run("plan", code=None)
    assert result.code in (1, 2) and words in result.stderr, str(result)


def test_paths_that_lead_nowhere_or_outside_are_told_with_their_lines(idle_cloud, packages):
    app = application(idle_cloud, packages, "told", """
    path.join(__dirname, 'absent.txt');
    path.join(__dirname, '../outside.txt');
    path.join(__dirname, process.argv[0]!);
    return { statusCode: 200 };""", {})
    shown = app.run("plan").stderr
    for words in ("index.ts:7: absent.txt is not there", "index.ts:8: ../outside.txt lies outside",
                  "index.ts:9: which file is read there is known only when it runs"):
        assert words in shown, shown


def test_a_compiled_addon_of_another_system_is_refused(idle_cloud, packages):
    app = application(idle_cloud, packages, "addon", "return { statusCode: 200, body: String(require('./own.node')) };",
                      {"own.node": b"\xcf\xfa\xed\xfe" + bytes(60)})
    refused = app.run("plan", code=1).stderr
    assert "the compiled addon own.node is not for Linux" in refused, refused


def test_shipped_files_are_watched(idle_cloud, packages):
    app = pages(idle_cloud, packages)
    with Dev(idle_cloud, app.directory) as dev:
        url = dev.url()
        assert app.session.get(f"{url}/pages/about").text == ABOUT
        (app.directory / "views" / "about.html").write_text("changed")
        wait_until(lambda: app.session.get(f"{url}/pages/about").text == "changed", "the changed file")
        (app.directory / "views" / "more.html").write_text("another")
        wait_until(lambda: app.session.get(f"{url}/pages/more").text == "another", "the new file")
