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
