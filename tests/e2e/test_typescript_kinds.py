"""Secrets, timers and functions by themselves in TypeScript, deployed to the local cloud."""

import hashlib
import hmac
import json

import pytest
from support import npm
from support.cloud import ROOT

KEY = "s3cret of the test"


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


@pytest.fixture(scope="module")
def app(module_cloud, packages):
    """examples/webhooks-ts, with a function by itself."""
    source = (ROOT / "examples" / "webhooks-ts" / "index.ts").read_text()
    source += "app.Function({ name: 'echo', handler: (event) => event, memorySize: 128, description: 'Echo' });\n"
    app = npm.typescript_app(module_cloud, packages, "webhooks-ts", source, "webhooks")
    app.deploy()
    assert app.call("POST", "/init").status_code == 204
    return app


def post(app, body: str, key=KEY):
    return app.call("POST", "/webhooks", data=body, headers={
        "x-signature": hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()})


def test_a_secret_is_read_once_it_has_a_value_and_an_error_says_how_it_gets_one(app):
    assert post(app, "{}").status_code == 500
    assert "nimbus secret set signing-key" in app.run("logs", "post-webhooks").stdout
    app.run("secret", "set", "signing-key", input=KEY)
    assert post(app, "{}").status_code == 204
    assert post(app, "{}", key="another").status_code == 401
    assert app.call("GET", "/webhooks/count").json() == {"count": 1}
    assert KEY not in app.run("logs", "post-webhooks").stdout


def test_only_functions_that_use_a_secret_can_find_and_read_it(app):
    functions = app.cloud.client("lambda")
    variables = {}
    for name in ("post-webhooks", "clean-up"):
        arn = next(each["arn"] for each in app.output["functions"] if each["arn"].endswith(name))
        variables[name] = functions.get_function_configuration(FunctionName=arn)["Environment"]["Variables"]
    assert "SECRET_SIGNING_KEY_ARN" in variables["post-webhooks"]
    assert "SECRET_SIGNING_KEY_ARN" not in variables["clean-up"]


def test_a_timer_can_be_run_now(app, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"detail-type": "Scheduled Event", "time": "2999-01-01T00:00:00Z", "detail": {}}))
    assert json.loads(app.run("invoke", "clean-up", "--event", event).stdout) == {"deleted": 1}


def test_a_function_by_itself_gets_the_event_as_it_was_sent(app, tmp_path):
    event = tmp_path / "event.json"
    event.write_text('["any", {"form": 1}]')
    assert json.loads(app.run("invoke", "echo", "--event", event).stdout) == ["any", {"form": 1}]
