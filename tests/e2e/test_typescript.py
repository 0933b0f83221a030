"""What a handler in TypeScript may rely on, and what it may do wrong."""

import concurrent.futures
import io
import re
import zipfile

import pytest

from support import npm
from support.app import App
from support.functions import NodeFunction
from support.waiting import wait_until

INTERNAL = (500, {"message": "Internal Server Error"})
UNAVAILABLE = (503, {"message": "Service Unavailable"})

PROGRAM = """\
import Nimbus from '@hillock-tech/nimbus-js';
import { greeting } from './greeting';
import { basename } from 'node:path';

const app = new Nimbus({ projectName: 'handlers', region: 'us-east-1' });
const api = app.API({ name: 'handlers-api' });
const options = { timeout: 1 };
const started = Date.now();
let calls = 0;

const text = (body: unknown) => ({ statusCode: 200, body: String(body) });

api.route('GET', '/state', () => text(`${greeting} ${started} ${++calls} ${process.pid}`), options);
api.route('GET', '/event/{name}', async (event) => ({ statusCode: 200, body: JSON.stringify(event) }), options);
api.route('GET', '/module', () => text(`${basename(new URL(import.meta.url).pathname)} ${require('pg').Client.name}`));
api.route('GET', '/environment', () => text(JSON.stringify(process.env)), options);
api.route('GET', '/logs', (event, context) => {
    console.log('counted', { calls: 1 }, 'two\\nlines');
    console.error('an error');
    return text(context.awsRequestId);
}, options);
api.route('GET', '/throws', (): never => {
    const reason: string = 'on purpose';
    throw new RangeError(reason);
}, options);
api.route('GET', '/rejects', () => {
    Promise.reject(new Error('nobody waits for this'));
    return text('fine');
}, options);
api.route('GET', '/later', async () => {
    setTimeout(() => { throw new Error('thrown later'); }, 5);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return text('fine');
}, options);
api.route('GET', '/after', (event, context) => {
    setTimeout(() => {
        console.log('late');
        Promise.reject(new Error('after the answer'));
    }, 20);
    return text(context.awsRequestId);
}, options);
api.route('GET', '/exits', () => process.exit(0), options);
api.route('GET', '/loops', () => { for (;;); }, options);
api.route('GET', '/waits', () => new Promise(() => undefined), options);
api.route('GET', '/garbage', () => 'no response' as any, options);
export default app;
"""

# An error that the runtime reports is a 500; a process that ends under the request is a 503.
BROKEN = {"/throws": INTERNAL, "/rejects": INTERNAL, "/later": INTERNAL, "/waits": INTERNAL, "/garbage": INTERNAL,
          "/exits": UNAVAILABLE, "/loops": UNAVAILABLE}


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


@pytest.fixture(scope="module")
def app(module_cloud, packages):
    app = npm.typescript_app(module_cloud, packages, "handlers", PROGRAM, "handlers")
    (app.directory / "greeting.ts").write_text("export const greeting: string = 'hello';\n")
    app.deploy()
    return app


def outcome(answer):
    return answer.status_code, answer.json()


def test_module_code_runs_once_per_instance_and_handlers_keep_what_they_refer_to(app):
    first, second = (app.call("GET", "/state").text.split() for _ in range(2))
    assert first[0] == "hello"
    assert (second[1], second[3]) == (first[1], first[3]), "another instance served the second request"
    assert int(second[2]) == int(first[2]) + 1


def test_the_event_is_of_format_1_0(app):
    event = app.call("GET", "/event/a%20b?x=1").json()
    assert (event["version"], event["httpMethod"], event["pathParameters"]) == ("1.0", "GET", {"name": "a b"})
    assert event["queryStringParameters"] == {"x": "1"} and event["body"] is None


def test_modules_find_themselves_and_their_packages(app):
    assert app.call("GET", "/module").text == "index.ts Client"


def test_the_environment_is_lambdas_and_nothing_of_the_callers(app):
    environment = app.call("GET", "/environment").json()
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs22.x"
    assert environment["_HANDLER"] == "index.get-environment"
    assert environment["AWS_REGION"] == "us-east-1" and "NIMBUS_HOME" not in environment


@pytest.mark.parametrize("path", BROKEN)
def test_the_caller_of_a_broken_handler_gets_what_api_gateway_gives(app, path):
    for _ in range(2):
        assert outcome(app.call("GET", path)) == BROKEN[path]
        assert app.call("GET", "/state").status_code == 200


def test_requests_beside_broken_ones_are_not_hurt(app):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        paths = ["/rejects", "/exits", "/throws", "/state", "/state"] * 3
        answers = list(pool.map(lambda path: (path, app.call("GET", path)), paths))
    for path, answer in answers:
        assert answer.status_code == 200 if path == "/state" else outcome(answer) == BROKEN[path], path


def shown_log(app, function: str, text: str) -> str:
    return wait_until(lambda: text in (shown := app.run("logs", function).stdout) and shown, f"{text} in the log")


def test_the_console_writes_to_the_log_with_the_requests_id(app):
    request = app.call("GET", "/logs").text
    shown = shown_log(app, "get-logs", f"END RequestId: {request}")
    assert re.search(rf"\dZ\t{request}\tINFO\tcounted {{ calls: 1 }} two\nlines\n", shown), shown
    assert f"\t{request}\tERROR\tan error\n" in shown


def test_what_goes_wrong_after_the_answer_hurts_nobody_and_is_in_the_log(app):
    for _ in range(3):
        answer = app.call("GET", "/after")
        assert answer.status_code == 200
        shown = shown_log(app, "get-after", f"{answer.text}\tERROR\tUnhandled Promise Rejection")
        assert f"\t{answer.text}\tINFO\tlate" in shown


def test_an_answer_that_is_no_response_is_explained_in_the_log(app):
    assert outcome(app.call("GET", "/garbage")) == INTERNAL
    shown_log(app, "get-garbage", "becomes a 500: it must be an object with a statusCode, not string")


def test_errors_name_the_line_in_the_source(app):
    line = PROGRAM.splitlines().index("    throw new RangeError(reason);") + 1
    app.call("GET", "/throws")
    shown = shown_log(app, "get-throws", "Invoke Error")
    assert f"index.ts:{line}:" in shown and "RangeError" in shown


def test_what_ended_an_instance_is_in_the_log(app):
    for path, text in (("rejects", "Unhandled Promise Rejection"), ("later", "Uncaught Exception"),
                       ("loops", "Task timed out after 1.00 seconds"), ("exits", "Runtime.ExitError")):
        app.call("GET", f"/{path}")
        shown_log(app, f"get-{path}", text)


def test_an_application_may_be_javascript_in_either_kind_of_module(module_cloud, packages):
    route = "app.API({ name: 'js-api' }).route('GET', '/x', async () => ({ statusCode: 200, body: __filename }));"
    module = "import { Nimbus } from '@hillock-tech/nimbus-js';\nconst app = new Nimbus({ projectName: 'js', region: 'us-east-1' });\n"
    for name, kind, source in (("esm", "module", module + route + "\nexport default app;\n"),
                               ("cjs", "commonjs", "const { Nimbus } = require('@hillock-tech/nimbus-js');\n"
                                + module.split("\n", 1)[1] + route + "\nmodule.exports = app;\n")):
        app = npm.typescript_app(module_cloud, packages, name, "", "js")
        (app.directory / "index.ts").unlink()
        (app.directory / "index.js").write_text(source)
        (app.directory / "package.json").write_text(f'{{"type": "{kind}"}}')
        app.deploy()
        assert app.call("GET", "/x").text.endswith("/index.js")


def app_with_packages(cloud, packages, project, handler, more) -> App:
    """One route, GET /x; `more`: packages beside those of the page, by their files."""
    app = npm.typescript_app(cloud, packages, project, f"""\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({{ projectName: '{project}', region: 'us-east-1' }});
const text = (body: unknown) => ({{ statusCode: 200, body: String(body) }});
app.API({{ name: 'an-api' }}).route('GET', '/{{name}}', async (event) => text({handler}));
export default app;
""", project)
    (app.directory / "node_modules").unlink()
    modules = app.directory / "node_modules"
    modules.mkdir()
    for entry in packages.node_modules.iterdir():
        (modules / entry.name).symlink_to(entry)
    for name, files in more.items():
        for file, content in files.items():
            path = modules / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    return app


def test_packages_with_native_parts_come_along_as_they_are(module_cloud, packages):
    """A stand-in for one: it looks for its parts by a name that no bundler sees."""
    app = app_with_packages(module_cloud, packages, "native", "require('native-thing').answer()", {
        "native-thing": {"package.json": '{"name": "native-thing", "dependencies": {"helper-of-it": "1"}}',
                         "binding.gyp": "{}", "build/Release/thing.txt": "forty-two",
                         "index.js": "exports.answer = () => require('helper-of-it')(__dirname, 'thing.txt');"},
        "helper-of-it": {"package.json": '{"name": "helper-of-it"}',
                         "index.js": "module.exports = (directory, name) => require('fs').readFileSync("
                                     "require('path').join(directory, 'build', 'Release', name), 'utf8');"}})
    app.deploy()
    assert app.call("GET", "/x").text == "forty-two"


def test_native_packages_get_each_the_version_of_another_that_they_need(module_cloud, packages):
    app = app_with_packages(module_cloud, packages, "versions", "require('one')() + require('two')()", {
        "one": {"package.json": '{"name": "one", "dependencies": {"lib": "1"}}', "binding.gyp": "{}",
                "index.js": "module.exports = () => require('lib');"},
        "two": {"package.json": '{"name": "two", "dependencies": {"lib": "2"}}', "binding.gyp": "{}",
                "index.js": "module.exports = () => require('lib');",
                "node_modules/lib/package.json": '{"name": "lib"}', "node_modules/lib/index.js": "module.exports = 'b';"},
        "lib": {"package.json": '{"name": "lib"}', "index.js": "module.exports = 'a';"}})
    app.deploy()
    assert app.call("GET", "/x").text == "ab"


def test_a_package_may_know_drivers_that_are_not_installed(module_cloud, packages):
    app = app_with_packages(module_cloud, packages, "drivers", "require('drivers')(event.pathParameters.name)", {
        "drivers": {"package.json": '{"name": "drivers"}', "index.js": """
            module.exports = (name) => {
                switch (name) {
                    case 'pg': return require('pg').Client.name;
                    case 'sqlite': return require('a-driver/for/sqlite').name;
                    default: return require('@other/driver').name;
                }
            };"""}})
    app.deploy()
    assert app.call("GET", "/pg").text == "Client"
    assert app.call("GET", "/sqlite").status_code == 500
    shown_log(app, "get-name", "Cannot find module 'a-driver/for/sqlite'")


def test_the_bundle_works_through_its_exports_too_as_on_lambda(app):
    """Without the file that has Node run the bundle, which Lambda does not look at either."""
    functions, objects = app.cloud.client("lambda"), app.cloud.client("s3")
    arn = next(each["arn"] for each in app.output["functions"] if each["arn"].endswith("-get-throws"))
    keys = [each["Key"] for each in objects.list_objects_v2(Bucket="nimbus-state", Prefix="nimbus/handlers/")["Contents"]]
    key = next(key for key in keys if key.endswith(".zip"))
    bundle = zipfile.ZipFile(io.BytesIO(objects.get_object(Bucket="nimbus-state", Key=key)["Body"].read()))
    files = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert files.pop(".serves-runtime-api")
    handler = functions.get_function(FunctionName=arn)["Configuration"]["Handler"]
    event = {"httpMethod": "GET", "path": "/x", "headers": {}, "body": None}

    throws = NodeFunction(app.cloud, "throws-by-export", files, handler)
    assert throws.invoke(event) == ("RangeError", "on purpose")
    line = PROGRAM.splitlines().index("    throw new RangeError(reason);") + 1
    assert f"index.ts:{line}:" in throws.log(), "the source map holds there, too"
    state = NodeFunction(app.cloud, "state-by-export", files, handler.replace("throws", "state"))
    first, second = (state.invoke(event)[1]["body"].split() for _ in range(2))
    assert int(second[2]) == int(first[2]) + 1


def test_what_decides_over_an_import_counts_as_a_change_of_the_program(idle_cloud, packages):
    source = """\
import Nimbus from '@hillock-tech/nimbus-js';
import { thing } from './thing';
import { linked } from '../linked';
import { aliased } from '@parts/aliased';
const app = new Nimbus({ projectName: 'decides', region: 'us-east-1' });
let optional = 'none';
try { optional = require('./optional.json').name; } catch { }
app.API({ name: 'api' }).route('GET', '/x', () => ({ statusCode: 200, body: thing + linked + aliased + optional }));
export default app;
"""
    app = npm.typescript_app(idle_cloud, packages, "decides/app", source, "decides")
    files = {
        "thing.js": "exports.thing = 1;",
        "tsconfig.json": '{ /* a comment */ "extends": "./base.json" }',
        "base.json": '{ "compilerOptions": { "paths": { "@parts/*": ["./one/*"] } } }',
        "one/aliased.ts": "export const aliased = 1;", "two/aliased.ts": "export const aliased = 2;",
        "../linked/package.json": '{ "main": "a.js" }',
        "../linked/a.js": "exports.linked = 1;", "../linked/b.js": "exports.linked = 2;",
    }
    changes = {"thing.ts": "export const thing = 2;", "optional.json": '{ "name": "some" }',
               "base.json": files["base.json"].replace("one", "two"), "../linked/package.json": '{ "main": "b.js" }'}

    def write(name, text):
        (app.directory / name).parent.mkdir(parents=True, exist_ok=True)
        (app.directory / name).write_text(text)

    def bundles():
        return "Bundling" in app.run("plan").stderr

    for name, text in files.items():
        write(name, text)
    assert bundles() and not bundles()
    for name, text in changes.items():
        write(name, text)
        assert bundles(), f"{name} has changed"
        assert not bundles()


def test_what_is_deployed_can_be_looked_at_while_the_program_has_a_mistake(module_cloud, packages):
    app = app_with_packages(module_cloud, packages, "mistaken", "'fine'", {})
    app.deploy()
    app.call("GET", "/x")
    with open(app.directory / "index.ts", "a") as program:
        program.write("}}}")
    for arguments, shown in ((["logs", "get-name"], "REPORT RequestId"), (["outputs"], app.url), (["status"], "active")):
        result = app.run(*arguments)
        assert shown in result.stdout and "index.ts" not in result.stderr, str(result)
    app.run("deploy", "--yes", code=1)
    app.run("plan", code=1)


AWAITED = """\
import Nimbus from '@hillock-tech/nimbus-js';
import path from 'node:path';
import { settings } from './lib/settings';
const __dirname = path.dirname(new URL(import.meta.url).pathname);
const app = new Nimbus({ projectName: 'awaited', region: 'us-east-1' });
const { Client } = await import('pg');
const text = (body: unknown) => ({ statusCode: 200, body: String(body) });
const api = app.API({ name: 'an-api' });
api.route('GET', '/x', () => text(`${settings.name} ${Client.name} ${path.basename(__dirname).length > 0}`));
api.route('GET', '/late', () => text(typeof require('pg').Pool));
api.route('GET', '/throws', (): never => { throw new Error('on purpose'); });
export default app;
"""


def test_a_module_may_await_while_it_is_loaded(module_cloud, packages):
    app = npm.typescript_app(module_cloud, packages, "awaited", AWAITED, "awaited")
    (app.directory / "lib").mkdir()
    (app.directory / "lib" / "settings.ts").write_text(
        "export const settings = await Promise.resolve({ name: 'loaded' });\n")
    app.deploy()
    assert app.call("GET", "/x").text == "loaded Client true"
    assert app.call("GET", "/late").text == "function"
    assert outcome(app.call("GET", "/throws")) == INTERNAL
    shown_log(app, "get-throws", "index.ts:11:")


def test_handlers_may_be_of_lambdas_older_styles(module_cloud, packages):
    app = npm.typescript_app(module_cloud, packages, "styles", """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'styles', region: 'us-east-1' });
const api = app.API({ name: 'an-api' });
const answer = (body: string) => ({ statusCode: 200, body });
api.route('GET', '/callback', (event: any, context: any, callback: any) => { callback(null, answer('callback')); });
api.route('GET', '/succeed', (event: any, context: any) => { context.succeed(answer('succeed')); });
api.route('GET', '/fail', (event: any, context: any) => { context.fail(new Error('on purpose')); });
export default app;
""", "styles")
    app.deploy()
    assert [app.call("GET", path).text for path in ("/callback", "/succeed")] == ["callback", "succeed"]
    assert outcome(app.call("GET", "/fail")) == INTERNAL
