"""Programs in TypeScript that cannot be deployed: what is said, and at which line of the author's."""

import pytest

from support import npm


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


HEAD = """import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'wrong', region: 'us-east-1' });
const api = app.API({ name: 'wrong-api' });
const ok = async () => ({ statusCode: 200 });
"""

# The program, and what its refusal says.
WRONG = {
    "no default export": (HEAD + "export { app };\n", ["index.ts has no default export"]),
    "another default export": (HEAD + "export default api;\n", ["index.ts exports something else than an application"]),
    "nothing at all": ("", ["index.ts has no default export"]),
    "a handler that is none": (HEAD + "api.route('GET', '/a', undefined as any);\nexport default app;\n",
                               ["index.ts:5:5: route GET /a", "must be a function, not undefined"]),
    "a handler that was called": (HEAD + "api.route('GET', '/a', ok() as any);\nexport default app;\n",
                                  ["index.ts:5:5: route GET /a", "a promise (was it called instead of passed?)"]),
    "an unknown option": (HEAD + "app.SQL({ name: 'db', schema: 'a', deletionProtect: 1 } as any);\nexport default app;\n",
                          ["index.ts:5:5: sql[0].deletionProtect", 'did you mean "deletionProtection"?']),
    "an unknown option of a function": (HEAD + "api.route('GET', '/a', ok, { memroy: 1 } as any);\nexport default app;\n",
                                        ["index.ts:5:5: functions[0].memroy", 'did you mean "memory"?']),
    "an unknown option of the application": (HEAD.replace("region:", "regoin:") + "export default app;\n",
                                             ["index.ts:2:13: regoin", 'did you mean "region"?']),
    "a misspelt project name": (HEAD.replace("projectName:", "projectNme:") + "export default app;\n",
                                ['index.ts:2:13: new Nimbus: the option "projectName" is missing; did you mean it by "projectNme"?']),
    "a rejection at load": (HEAD + "async function setUp() {\n    throw new Error('not set up');\n}\nsetUp();\nexport default app;\n",
                            ["index.ts:6:11: Error: not set up", "6 |     throw new Error('not set up');"]),
    "an exception in a file with an unusual name": (HEAD + "import './routes/[id] ü';\nexport default app;\n",
                                                    ["routes/[id] ü.ts:1:7: Error: from a route", "1 | throw new Error"]),
    "an option that is the engine's": (HEAD + "api.route('GET', '/a', ok, { name: 'b' } as any);\nexport default app;\n",
                                       ["index.ts:5:5: route GET /a: there is no option \"name\""]),
    "an option of nimbus-js that is not there yet": (
        HEAD + "app.API({ name: 'a', cors: true } as any);\nexport default app;\n",
        ['index.ts:5:5: API: the option "cors" is not available in Nimbus yet']),
    "a kind of nimbus-js that is not there yet": (
        HEAD + "const jobs = app.Queue({ name: 'jobs' });\nconsole.log(`${jobs.url.host}`);\nexport default app;\n",
        ["index.ts:5:18: app.Queue is not available in Nimbus yet"]),
    "a value of a secret": (HEAD + "app.Secret({ name: 'key', value: 'sk_live_1' } as any);\nexport default app;\n",
                            ['index.ts:5:5: Secret: there is no option "value"', "nimbus secret set key"]),
    "a route given twice": (HEAD + "api.route('GET', '/a', ok);\n\napi.route('GET', '/a', ok);\nexport default app;\n",
                            ["index.ts:7:5: apis[0].routes[1]", "GET /a again"]),
    "a path that is none": (HEAD + "api.route('GET', 'a', ok);\nexport default app;\n",
                            ["index.ts:5:5: apis[0].routes[0].path", "must begin with /"]),
    "a method that is none": (HEAD + "api.route('FETCH' as any, '/a', ok);\nexport default app;\n",
                              ["index.ts:5:5: apis[0].routes[0].method", "FETCH"]),
    "a package that is not there": (HEAD + "require('no-such-package');\nexport default app;\n",
                                    ['index.ts:5:9: Could not resolve "no-such-package"', "npm install no-such-package",
                                     "5 │ require('no-such-package')"]),
    "a file that is not there": (HEAD + "import { x } from './nowhere'; console.log(x);\nexport default app;\n",
                                 ['index.ts:5:19: Could not resolve "./nowhere"', "There is no such file"]),
    "an external package that is not installed": (
        HEAD.replace("region:", "external: ['no-such-package'], region:") + "export default app;\n",
        ["index.ts names the package no-such-package as external", "npm install no-such-package"]),
    "an external package that is no name": (
        HEAD.replace("region:", "external: [1] as any, region:") + "export default app;\n",
        ['index.ts:2:13: new Nimbus: the option "external" must be a list of names of packages']),
    "a part of a package that is not there": (HEAD + "require('@scope/not/there.js');\nexport default app;\n",
                                              ["npm install @scope/not."]),
    "a module named at run time": (HEAD + "require(['p', 'q'].join(''));\nexport default app;\n",
                                   ["index.ts:5:1: Error: Cannot find module 'pq'", "its name is made when the program runs"]),
    "an exception at load": (HEAD + "const none: any = undefined;\nnone.at.all();\nexport default app;\n",
                             ["index.ts:6:6: TypeError: Cannot read properties of undefined", "6 | none.at.all();"]),
    "an exception in another file": (HEAD + "import './other';\nexport default app;\n",
                                     ["other.ts:2:7: Error: from elsewhere", "2 | throw new Error('from elsewhere');"]),
    "an end at load": (HEAD + "process.exit(0);\nexport default app;\n", ["index.ts wrote no manifest", "export default app;"]),
    "an exception after an await at the top": (
        HEAD + "await ok();\nconst none: any = undefined;\nnone.at.all();\nexport default app;\n",
        ["index.ts:7:6: TypeError: Cannot read properties of undefined", "7 | none.at.all();"]),
    "a syntax error": (HEAD + "const a = ;\nexport default app;\n", ['index.ts:5:11: Unexpected ";"', "5 │ const a = ;"]),
}


@pytest.mark.parametrize("what", WRONG)
def test_mistakes_are_told_at_their_place(idle_cloud, packages, what):
    source, words = WRONG[what]
    app = npm.typescript_app(idle_cloud, packages, "wrong", source, "wrong")
    (app.directory / "routes").mkdir()
    (app.directory / "routes/[id] ü.ts").write_text("throw new Error('from a route');\n")
    (app.directory / "other.ts").write_text("interface A { b: string }\nthrow new Error('from elsewhere');\n")
    result = app.run("plan", code=None)
    assert result.code in (1, 2), str(result)
    assert all(word in result.stderr for word in words), str(result)
    assert "bundle/index.js" not in result.stderr and "node:internal" not in result.stderr, str(result)
    assert "sk_live" not in result.stderr, "values of secrets are not shown"


def test_all_mistakes_are_told_at_once(idle_cloud, packages):
    source = HEAD + "api.route('GET', 'a', ok, { memory: 1 });\napp.SQL({ name: 'DB', schema: 'a' });\nexport default app;\n"
    result = npm.typescript_app(idle_cloud, packages, "wrong", source, "wrong").run("plan", code=2)
    for place in ("index.ts:5:5: apis[0].routes[0].path", "index.ts:5:5: functions[0].memory", "index.ts:6:5: sql[0].name"):
        assert place in result.stderr, str(result)


def test_types_do_not_stop_a_deploy_and_warnings_are_shown(idle_cloud, packages):
    source = HEAD + "const n: number = 'text';\nconst twice = { a: 1, a: 2 };\nconsole.log(n, twice);\nexport default app;\n"
    result = npm.typescript_app(idle_cloud, packages, "wrong", source, "wrong").run("plan")
    assert 'index.ts:6:23: Duplicate key "a" in object literal' in result.stderr, str(result)
