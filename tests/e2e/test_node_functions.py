"""Functions of a nodejs runtime that somebody made without Nimbus: a zip with a module, whose handler the
runtime loads and calls as Lambda's own does."""

import base64
import json

import pytest

from support.functions import NodeFunction
from support.waiting import wait_until


@pytest.fixture
def function(module_cloud, request):
    def make(files, handler="index.handler", **settings):
        name = "".join(c if c.isalnum() else "-" for c in request.node.name)[:60]
        return NodeFunction(module_cloud, name, files, handler, **settings)
    return make


@pytest.mark.parametrize("files, handler", [
    ({"index.js": "exports.handler = async (event) => ({ got: event });"}, "index.handler"),
    ({"index.cjs": "module.exports = { handler: (event, context, callback) => callback(null, { got: event }) };"},
     "index.handler"),
    ({"index.mjs": "export const handler = async (event) => ({ got: await event });"}, "index.handler"),
    ({"index.js": "export const handler = async (event) => ({ got: event });", "package.json": '{"type": "module"}'},
     "index.handler"),
    ({"index.mjs": "const late = await Promise.resolve(1); export const handler = async (got) => late && { got };"},
     "index.handler"),
    ({"src/api/users.js": "exports.routes = { get: async (event) => ({ got: event }) };"}, "src/api/users.routes.get"),
    ({"index.js": "exports.handler = (event) => Promise.resolve(require('./other').wrap(event));",
      "other.js": "exports.wrap = (got) => ({ got });"}, "index.handler"),
    ({"index.js": "exports.handler = (event, context) => context.succeed({ got: event });"}, "index.handler"),
], ids=["async", "callback", "esm", "esm-package", "top-level-await", "nested", "imports", "succeed"])
def test_handlers_are_found_and_called(function, files, handler):
    made = function(files, handler)
    for event in ({"a": [1, "ü", None]}, "text", None):
        assert made.invoke(event) == (None, {"got": event})


def test_module_state_lives_as_long_as_the_instance(function):
    made = function({"index.js": "let calls = 0; exports.handler = async () => ++calls;"})
    assert [made.invoke()[1] for _ in range(3)] == [1, 2, 3]


def test_a_callback_waits_until_nothing_is_left_to_run_unless_it_is_told_not_to(function):
    made = function({"index.js": """
        let done = false;
        exports.handler = (event, context, callback) => {
            context.callbackWaitsForEmptyEventLoop = event.wait;
            const answer = {};
            setTimeout(() => { answer.late = true; }, 50);
            callback(null, answer);
        };"""})
    assert made.invoke({"wait": True}) == (None, {"late": True})
    assert made.invoke({"wait": False}) == (None, {})


def test_the_callers_client_context_is_in_the_context(function):
    made = function({"index.js": "exports.handler = async (event, context) => context.clientContext ?? 'none';"})
    given = {"custom": {"who": "Zoë"}, "env": {}}
    assert made.invoke() == (None, "none")
    context = base64.b64encode(json.dumps(given, indent=1, ensure_ascii=False).encode()).decode()
    assert made.invoke(ClientContext=context) == (None, given)
    with pytest.raises(made.client.exceptions.InvalidRequestContentException, match="valid Base64-encoded JSON object"):
        made.invoke(ClientContext="{}")


def test_the_context_says_what_lambda_says(function):
    made = function({"index.js": """
        exports.handler = async (event, context) => ({
            ...context, left: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID });"""},
                    Timeout=7, MemorySize=256)
    error, context = made.invoke()
    assert error is None
    assert (context["functionName"], context["memoryLimitInMB"]) == (made.name, "256")
    assert context["invokedFunctionArn"].endswith(":function:" + made.name)
    assert context["logGroupName"] == "/aws/lambda/" + made.name
    assert 0 < context["left"] <= 7000 and context["trace"].startswith("Root=1-")
    assert f"START RequestId: {context['awsRequestId']}" in made.log()


@pytest.mark.parametrize("files, handler, expected", [
    ({"main.js": ""}, "index.handler", ("Runtime.ImportModuleError", "Error: Cannot find module 'index'")),
    ({"index.js": "require('not-there');"}, "index.handler",
     ("Runtime.ImportModuleError", "Error: Cannot find module 'not-there'")),
    ({"index.mjs": "import 'not-there';"}, "index.handler",
     ("Runtime.ImportModuleError", "Error: Cannot find package 'not-there'")),
    ({"index.js": "exports.handler = async ( => 1;"}, "index.handler", ("Runtime.UserCodeSyntaxError", "SyntaxError: ")),
    ({"index.js": "exports.other = 1;"}, "index.handler",
     ("Runtime.HandlerNotFound", "index.handler is undefined or not exported")),
    ({"index.js": "exports.handler = 1;"}, "index.handler",
     ("Runtime.HandlerNotFound", "index.handler is not a function")),
    ({"index.js": ""}, "index", ("Runtime.MalformedHandlerName", "Bad handler")),
    ({"index.js": "throw new TypeError('at load');"}, "index.handler", ("TypeError", "at load")),
], ids=["no-file", "no-package", "no-esm-package", "syntax", "no-export", "no-function", "bad-name", "throws"])
def test_a_module_that_cannot_be_loaded_says_why(function, files, handler, expected):
    error, message = function(files, handler).invoke()
    assert (error, message[:len(expected[1])]) == expected


@pytest.mark.parametrize("body, expected", [
    ("throw new RangeError('too far')", ("RangeError", "too far")),
    ("return Promise.reject(new Error('no'))", ("Error", "no")),
    ("callback(new Error('called back'))", ("Error", "called back")),
    ("throw 'a text'", ("string", "a text")),
    ("return Promise.resolve({ big: 1n })", ("Error", "Unable to stringify response body")),
    ("return new Promise(() => undefined)",
     ("Runtime.NodeJsExit", "The handler waits for a promise that nothing can settle any more")),
    ("Promise.reject(new Error('nobody')); return new Promise((resolve) => setTimeout(resolve, 5000))",
     ("Runtime.UnhandledPromiseRejection", "Error: nobody")),
    ("setTimeout(() => { throw new Error('later'); }); return new Promise((resolve) => setTimeout(resolve, 5000))",
     ("Error", "later")),
    ("process.exit(3)", ("Runtime.ExitError", "exit status 3")),
], ids=["throws", "rejects", "callback", "text", "bigint", "never", "unhandled", "later", "exits"])
def test_errors_are_lambdas_and_the_next_event_is_served(function, body, expected):
    made = function({"index.js": f"""
        exports.handler = (event, context, callback) => {{
            if (event === 'good') return Promise.resolve('good');
            {body};
        }};"""})
    error, message = made.invoke("bad")
    assert error == expected[0] and expected[1] in message
    assert made.invoke("good") == (None, "good")


def test_the_console_writes_lines_with_the_requests_id(function):
    made = function({"index.js": """
        console.log('loading');
        exports.handler = async (event, context) => {
            console.log('one', { two: 2 });
            console.error('three\\nfour');
            return context.awsRequestId;
        };"""})
    _, request = made.invoke()
    log = wait_until(lambda: "REPORT" in (text := made.log()) and text, "the log")
    assert "\tundefined\tINFO\tloading" in log
    assert f"\t{request}\tINFO\tone {{ two: 2 }}" in log
    assert f"\t{request}\tERROR\tthree\rfour" in log


def test_what_goes_wrong_after_the_answer_hurts_nobody(function):
    made = function({"index.js": """
        exports.handler = async (event, context) => {
            setTimeout(() => { throw new Error('late'); }, 500); // long after the answer, on a busy machine, too
            return context.awsRequestId;
        };"""})
    for _ in range(3):
        error, request = made.invoke()
        assert error is None
        wait_until(lambda: f"\t{request}\tERROR\tUncaught Exception" in made.log(), "the log")
