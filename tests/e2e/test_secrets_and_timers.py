"""examples/reminders, in C++: a secret and a timer of the local cloud, as a program uses them."""

import json
import re

import pytest

from support.app import App
from support.cloud import ROOT
from support.waiting import wait_until

KEY = "s3cret-of-the-test"


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = App(module_cloud, projects.copy(ROOT / "examples" / "reminders", "reminders"), "reminders")
    first = app.run("deploy", "--json", "--yes")
    assert "The secret 'signing-key' has no value yet" in first.stderr
    app.output = first.json()
    assert app.call("POST", "/init").status_code == 204
    return app


def remind(app, text: str):
    answer = app.call("POST", "/reminders", json={"text": text, "due_at": "2026-01-01T00:00:00Z"})
    assert answer.status_code == 201, answer.text


def delivered(app, text: str):
    (found,) = [entry for entry in app.call("GET", "/reminders").json() if entry["text"] == text]
    return found if found["signature"] else None


def test_a_function_that_reads_a_secret_without_a_value_is_told_the_command(app):
    app.run("secret", "remove", "signing-key", "--yes", "--force")
    app.deploy()
    remind(app, "too early")
    failed = app.run("invoke", "deliver", code=1)
    assert "nimbus secret set signing-key" in failed.stderr


def test_a_timers_function_runs_now_and_uses_the_secret(app):
    app.run("secret", "set", "signing-key", input=KEY)
    remind(app, "Tea is ready")
    done = app.run("invoke", "deliver")
    assert json.loads(done.stdout) >= 1
    tea = delivered(app, "Tea is ready")
    genuine = app.call("POST", "/verify", json={key: tea[key] for key in ("id", "text", "signature")})
    assert genuine.json() == {"genuine": True}


def test_the_timer_fires_by_itself(app):
    remind(app, "by the clock")
    wait_until(lambda: delivered(app, "by the clock"), "the timer to fire", seconds=90)


def test_the_value_is_nowhere_but_in_secrets_manager(app):
    assert app.run("secret", "get", "signing-key", "--yes").stdout == KEY
    functions = app.cloud.client("lambda").list_functions()["Functions"]
    assert KEY not in json.dumps([f.get("Environment") for f in functions])
    for command in (("plan",), ("outputs",), ("status",), ("logs",), ("secret", "list")):
        assert KEY not in app.run(*command).stdout
    for path in app.cloud.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert KEY.encode() not in path.read_bytes(), path


def test_outputs_name_both_for_people_and_for_scripts(app):
    text = app.run("outputs").stdout
    assert re.search(r"Secret +signing-key +reminders/dev/signing-key", text)
    assert re.search(r"Timer +deliver +rate\(1 minute\)\n", text)
    document = app.run("outputs", "--json").json()
    assert document["timers"][0]["function"] == "deliver"
    assert set(document["secrets"][0]) == {"name", "arn", "secretName"}
