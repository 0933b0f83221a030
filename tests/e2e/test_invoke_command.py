"""`nimbus invoke`: one function, run now."""

import json

import pytest

ROUTES = ["ANY /event", "GET /ping", "GET /logs", "GET /exits", "GET /hangs"]


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, project="invoked", routes=ROUTES, sql=[], timeout=1)
    app.deploy()
    return app


def request(method, path, **members) -> str:
    """What API Gateway would give the function, as far as the handlers here read it."""
    return json.dumps({"httpMethod": method, "path": path, "resource": path, "headers": {}, **members})


def invoke(app, name, *options, event, **how):
    return app.run("invoke", name, "--event", "-", *options, input=event, **how)


def test_the_answer_is_printed_and_the_log_goes_to_stderr(app):
    done = invoke(app, "get-logs", event=request("GET", "/logs", queryStringParameters={"mark": "Zoë"}))
    assert json.loads(done.stdout)["statusCode"] == 204
    assert done.stdout.startswith("{\n  "), "indented, for people"
    assert "a line for Zoë" in done.stderr
    assert "START RequestId" in done.stderr and "REPORT RequestId" in done.stderr


def test_the_event_is_a_file_or_standard_input(app, tmp_path):
    event = request("POST", "/event", body="hello")
    (tmp_path / "event.json").write_text(event)
    for given in (app.run("invoke", "any-event", "--event", tmp_path / "event.json"), invoke(app, "any-event", event=event)):
        assert json.loads(json.loads(given.stdout)["body"])["body"] == "hello"


def test_without_an_event_the_function_gets_one_as_from_its_route(app):
    answer = json.loads(app.run("invoke", "any-event").stdout)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["httpMethod"] == "GET"


def test_json_is_one_object(app):
    document = invoke(app, "get-ping", "--json", event=request("GET", "/ping")).json()
    assert document["function"] == "get-ping"
    assert document["statusCode"] == 200
    assert document["functionError"] is None
    assert document["payload"]["body"] == "pong"
    assert "START RequestId" in document["log"]


def test_a_functions_failure_is_ours(app):
    event = request("GET", "/exits")
    failed = invoke(app, "get-exits", event=event, code=1)
    assert failed.stdout == ""
    assert "The function 'get-exits' failed: Runtime.ExitError" in failed.stderr
    assert "nimbus logs get-exits" in failed.stderr
    document = invoke(app, "get-exits", "--json", event=event, code=1).json()
    assert document["functionError"] == "Unhandled"
    assert document["payload"]["errorType"] == "Runtime.ExitError"


def test_a_function_that_takes_too_long_says_so(app):
    failed = invoke(app, "get-hangs", event=request("GET", "/hangs"), code=1)
    assert "timed out after 1.00 seconds" in failed.stderr


def test_a_function_has_the_programs_name_and_awss(app):
    (arn,) = [f["arn"] for f in app.output["functions"] if f["name"] == "get-ping"]
    named = invoke(app, arn.rsplit(":", 1)[1], "--json", event=request("GET", "/ping"))
    assert named.json()["function"] == "get-ping"
    unknown = app.run("invoke", "get-pnig", code=2)
    assert 'did you mean "get-ping"?' in unknown.stderr
    assert all(name in unknown.stderr for name in ("any-event", "get-exits", "get-hangs"))


def test_an_event_that_is_not_json_is_refused_with_the_place(app, tmp_path):
    (tmp_path / "wrong.json").write_text('{\n  "a": 1,\n  b: 2\n}\n')
    refused = app.run("invoke", "get-ping", "--event", tmp_path / "wrong.json", code=1)
    assert "wrong.json is not valid JSON" in refused.stderr
    assert "line 3, column 3" in refused.stderr
    assert "standard input is not valid JSON" in invoke(app, "get-ping", event="", code=1).stderr
    assert "missing.json" in app.run("invoke", "get-ping", "--event", "missing.json", code=2).stderr


def test_what_is_not_deployed_cannot_be_invoked(app):
    refused = app.run("invoke", "get-ping", "--stage", "prod", code=1)
    assert "is not deployed" in refused.stderr
