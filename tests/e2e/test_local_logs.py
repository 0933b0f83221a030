"""`nimbus local logs`: from the id that an answer carries to what happened; and what no log holds."""

import json
import subprocess

import pytest
import requests

from support.cloud import NIMBUS, cloud_in, new_directory

LEVELS = ["error", "warning", "info", "debug"]
BROKEN = {
    "/crashes": ("The function crashed", "signal: aborted"),
    "/exits": ("The function crashed", "exit status 3"),
    "/hangs": ("The function timed out", "Task timed out after 1.00 seconds"),
    "/throws": ("The function reported an error", "the handler reported"),
}


@pytest.fixture(scope="module")
def debug_cloud(template):
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        cloud.run("local", "start", "--log-level", "debug")
        yield cloud


@pytest.fixture(scope="module")
def app(projects, debug_cloud):
    app = projects.testbed(debug_cloud, routes=["GET /ping", "POST /echo", "POST /sql", "ANY /event/{name}",
                                                *(f"GET {path}" for path in BROKEN)],
                           timeout=1, environment={"MARKED": "marked-variable"})
    app.deploy()
    return app


def lines_of(cloud, *arguments) -> list[dict]:
    return [json.loads(line) for line in cloud.run("local", "logs", "--json", *arguments).stdout.splitlines()]


@pytest.mark.parametrize("path", BROKEN)
def test_the_id_of_an_answer_leads_to_its_reason(app, debug_cloud, path):
    message, reason = BROKEN[path]
    answer = app.call("GET", path)
    lines = lines_of(debug_cloud, answer.headers["apigw-requestid"])
    (gateway,) = [line for line in lines if line["component"] == "gateway"]
    assert gateway["level"] == "warning" and gateway["message"] == message
    assert gateway["status"] == str(answer.status_code) and gateway["route"] == f"GET {path}"
    assert reason in gateway["reason"]
    (instance,) = [line for line in lines if line["component"] == "instances"]
    assert instance["invocation_id"] == gateway["invocation_id"], "the id that the function's own log has"
    assert gateway["function"] == instance["function"]


def test_the_id_of_an_answer_leads_to_what_the_function_wrote(app, debug_cloud):
    answers = [app.call("GET", "/ping"), app.call("GET", "/exits"), app.call("GET", "/ping")]
    for answer in answers:
        lines = [json.loads(line) for line in
                 app.run("logs", "--json", "--request", answer.headers["apigw-requestid"]).stdout.splitlines()]
        words = [line["message"].split()[0] for line in lines]
        assert words[0] == "START" and words.count("START") == words.count("END") == words.count("REPORT") == 1
        assert len({line["stream"] for line in lines}) == 1
        invocation = lines[0]["message"].split()[2]
        assert app.run("logs", "--request", invocation).stdout.count("START RequestId") == 1
    unknown = app.run("logs", "--request", "no-such-id")
    assert unknown.stdout == "" and "'no-such-id'" in unknown.stderr
    app.run("logs", "--request", "no such id", code=2)
    app.run("logs", "--request", "a", "--follow", code=2)


def test_levels_leave_out_what_matters_less(app, debug_cloud):
    answer = app.call("GET", "/ping").headers["apigw-requestid"]
    app.call("GET", "/exits")
    shown = {level: lines_of(debug_cloud, "--level", level) for level in LEVELS}
    for graver, level in zip(LEVELS, LEVELS[1:]):
        assert len(shown[graver]) < len(shown[level]), level
        assert {line["level"] for line in shown[level]} <= set(LEVELS[:LEVELS.index(level) + 1])
    assert answer in [line.get("request_id") for line in shown["debug"]]
    assert answer not in [line.get("request_id") for line in shown["info"]]


def test_an_unknown_level_is_refused_with_the_ones_there_are(idle_cloud):
    for arguments in (["logs", "--level", "loud"], ["start", "--log-level", "loud"]):
        error = idle_cloud.run("local", *arguments, code=2).stderr
        assert "error, warning, info, debug" in error and "'loud'" in error
    error = idle_cloud.run("local", "start", env={"NIMBUS_LOG_LEVEL": "loud"}, code=2).stderr
    assert "NIMBUS_LOG_LEVEL" in error


def test_the_log_is_shown_while_the_cloud_is_not_running(idle_cloud):
    assert "no log yet" in idle_cloud.run("local", "logs").stderr
    idle_cloud.start()
    idle_cloud.stop()
    messages = [line["message"] for line in lines_of(idle_cloud)]
    assert messages == ["The local cloud is running", "The local cloud is stopping"]


def test_an_id_that_no_line_has_is_told_so(app, debug_cloud):
    result = debug_cloud.run("local", "logs", "no-such-id")
    assert result.stdout == ""
    assert "'no-such-id'" in result.stderr and "apigw-requestid" in result.stderr
    assert "--log-level debug" in result.stderr


def test_a_running_cloud_keeps_its_level(cloud):
    refusal = cloud.run("local", "start", "--log-level", "debug", code=1).stderr
    assert "already running" in refusal and "nimbus local stop" in refusal


def test_new_lines_are_followed(app, debug_cloud):
    with subprocess.Popen([NIMBUS, "local", "logs", "--follow", "--json", "--level", "warning"],
                          env=debug_cloud.environment, stdout=subprocess.PIPE, text=True) as follower:
        try:
            wanted = app.call("GET", "/exits").headers["apigw-requestid"]
            assert any(json.loads(line).get("request_id") == wanted for line in follower.stdout)
        finally:
            follower.terminate()


def test_who_a_database_refuses_is_told_the_id_of_the_line(app, debug_cloud):
    shown = debug_cloud.psql(app.cluster, "SELECT 1", token="not-a-token").stderr
    (line,) = lines_of(debug_cloud, shown.partition("Connection id: ")[2].split()[0])
    assert line["component"] == "dsql" and line["user"] == "admin"
    assert line["hint"] == "The password is not an authentication token"


def test_the_id_of_an_aws_call_leads_to_its_line(debug_cloud):
    answer = debug_cloud.client("lambda").list_functions()
    (line,) = lines_of(debug_cloud, answer["ResponseMetadata"]["RequestId"])
    assert (line["component"], line["service"], line["operation"]) == ("front_door", "lambda", "ListFunctions")


def test_nothing_of_what_people_send_is_in_any_log(app, debug_cloud):
    """Marks what is secret on its way through every component, at the most detailed level."""
    token = debug_cloud.token(app.cluster, "admin")
    headers = {"Authorization": "Bearer marked-header", "Cookie": "marked-cookie", "X-Api-Key": "marked-key"}
    for path in ("/event/marked-path?q=marked-query", *BROKEN):
        app.call("GET", path, headers=headers)
    app.call("POST", "/echo", data=b"marked-body", headers=headers)
    requests.get(app.url + "/none", headers={"Host": "marked-host.example"}, timeout=30)
    app.sql("SELECT 'marked-literal'")
    app.sql("SELECT 'marked-literal")
    debug_cloud.psql(app.cluster, "SELECT 'marked-literal'", token=token)
    debug_cloud.psql(app.cluster, "SELECT 'marked-literal", token=token)
    debug_cloud.psql(app.cluster, "TRUNCATE t -- marked-comment", token=token)
    debug_cloud.psql(app.cluster, "SELECT 1", token="marked-password")
    debug_cloud.psql(app.cluster, "SELECT 1", token=token + "marked-signature")
    keys = {"aws_access_key_id": debug_cloud.credentials()["aws_access_key_id"],
            "aws_secret_access_key": "marked-secret-key", "aws_session_token": "marked-session"}
    with pytest.raises(Exception, match="signature|token"):
        debug_cloud.client("lambda", **keys).list_functions()
    requests.get(debug_cloud.endpoint, headers=headers, timeout=30)
    secrets = debug_cloud.client("secretsmanager")
    secrets.create_secret(Name="kept", SecretString="marked-value")
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="kept", SecretString="marked-value")
    secrets.get_secret_value(SecretId="kept")

    logs = {path: path.read_text(errors="replace") for path in debug_cloud.home.rglob("*.log")}
    assert any("A session began" in text for text in logs.values())
    marks = ["marked-", "X-Amz-Signature", token, debug_cloud.credentials()["aws_secret_access_key"]]
    found = [(path.name, line) for path, text in logs.items() for line in text.splitlines()
             if any(mark in line for mark in marks)]
    assert found == []
