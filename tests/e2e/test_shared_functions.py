"""Routes that share a function, in both languages: examples/shared-function and its twin in TypeScript."""

import json

import pytest
from support import npm
from support.app import App
from support.cloud import ROOT


@pytest.fixture(scope="module", params=["cpp", "ts"])
def app(request, projects, module_cloud) -> App:
    if request.param == "cpp":
        app = App(module_cloud, projects.copy(ROOT / "examples" / "shared-function", "shared-function"), "shared-function")
    else:
        source = (ROOT / "examples" / "shared-function-ts" / "index.ts").read_text()
        packages = npm.packages_of(projects)
        app = npm.typescript_app(module_cloud, packages, "shared-function-ts", source, "shared-function-ts")
    app.deploy()
    return app


def event(method: str, resource: str) -> str:
    return json.dumps({"version": "1.0", "httpMethod": method, "resource": resource, "path": "/users", "body": "Ada",
                       "headers": {}, "requestContext": {"stage": "dev"}, "isBase64Encoded": False})


@pytest.mark.parametrize(("method", "path", "route", "said"), [
    ("GET", "/users/7", "/users/{id}", "user 7"),
    ("POST", "/users", "/users", "new user Ada"),
    ("OPTIONS", "/users", "/users", "GET and POST"),
    ("PUT", "/users", "$default", "nothing here"),
    ("GET", "/files/a/b", "/files/{path+}", "file a/b"),
    ("DELETE", "/files/a", "/files/{path+}", "file a"),
    ("GET", "/elsewhere", "$default", "nothing here"),
    ("POST", "/reports", "/reports", "report"),
])
def test_each_route_has_its_handler(app, method, path, route, said):
    answer = app.call(method, path, data="Ada" if method == "POST" else None, headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()) == (200, {"route": route, "method": method, "said": said})


def test_a_method_goes_before_any(app):
    head = app.call("HEAD", "/files/a/b")
    assert (head.status_code, head.headers["x-said"]) == (204, "a/b")
    assert app.call("OPTIONS", "/files/a/b").json()["said"] == "file a/b"


def test_routes_of_a_function_are_one_function_with_one_permission_and_one_integration(app):
    assert [function["name"] for function in app.output["functions"]] == ["users", "reports"]
    arn = app.output["functions"][0]["arn"]
    settings = app.cloud.client("lambda").get_function_configuration(FunctionName=arn)
    assert (settings["MemorySize"], settings["Timeout"]) == (512, 30)
    policy = json.loads(app.cloud.client("lambda").get_policy(FunctionName=arn)["Policy"])
    assert len(policy["Statement"]) == 1
    api = app.output["apis"][0]
    integrations = app.cloud.client("apigatewayv2").get_integrations(ApiId=api["id"])["Items"]
    assert len(integrations) == 2 and len(api["routes"]) == 7
    plan = app.plan()
    assert {step["action"] for step in plan["steps"]} == {"keep"}


def test_invoke_sends_an_event_of_the_first_route_or_the_one_that_it_is_given(app):
    assert json.loads(json.loads(app.run("invoke", "users").stdout)["body"])["said"] == "user id"
    given = app.run("invoke", "users", "--event", "-", input=event("POST", "/users"))
    assert json.loads(json.loads(given.stdout)["body"])["said"] == "new user Ada"


def test_an_event_of_no_route_of_the_function_is_refused(app):
    refused = app.run("invoke", "users", "--event", "-", input=event("POST", "/reports"), code=1)
    assert "he function users has the routes GET /users/{id}, POST /users, " in refused.stderr
    assert 'httpMethod "POST" and resource "/reports"' in refused.stderr.replace('\\"', '"')


def test_its_log_is_found_by_its_name(app):
    app.call("GET", "/users/of-the-log")
    assert "user of-the-log" in app.run("logs", "users").stdout


def test_routes_can_move_into_a_shared_function_and_back(projects, module_cloud):
    app = projects.testbed(module_cloud, project="moving", routes=["GET /ping", "GET /pid", "POST /echo"], sql=[])
    own = app.document
    shared = json.loads(json.dumps(own))
    for route in shared["apis"][0]["routes"]:
        route["function"] = "all"
    shared["functions"] = [{"name": "all"}]
    for document, functions in ((own, 3), (shared, 1), (own, 3)):
        app.document = document
        assert len(app.deploy()["functions"]) == functions
        assert {step["action"] for step in app.plan()["steps"]} == {"keep"}
    assert app.call("GET", "/ping").text == "pong"
