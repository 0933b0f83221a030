"""A handler that throws, exits, hangs or answers garbage: its caller gets what API Gateway gives, and
the next request is served as if nothing had happened."""

import concurrent.futures

import pytest
import requests

from support.functions import answering, create_api, create_function

ROUTES = ["GET /ping", "GET /pid", "GET /throws", "GET /exits", "GET /crashes", "GET /hangs", "GET /logs", "POST /echo",
          "ANY /event", "ANY /event/{name}", "ANY /event/files/{path+}"]
INTERNAL = (500, {"message": "Internal Server Error"})
UNAVAILABLE = (503, {"message": "Service Unavailable"})
# An error that the function reports itself is a 500; one that ends it under the request is a 503.
BROKEN = {"/throws": INTERNAL, "/exits": UNAVAILABLE, "/crashes": UNAVAILABLE, "/hangs": UNAVAILABLE}


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, routes=ROUTES, sql=[], timeout=1)
    app.deploy()
    return app


def outcome(answer: requests.Response):
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", BROKEN)
def test_the_caller_gets_what_api_gateway_gives(app, path):
    answer = app.call("GET", path)
    assert outcome(answer) == BROKEN[path]
    assert answer.headers["apigw-requestid"]
    assert app.call("GET", "/ping").text == "pong"
    assert outcome(app.call("GET", path)) == BROKEN[path], "the next one finds the same, not something worse"


def test_requests_beside_a_broken_one_are_not_hurt(app):
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        paths = ["/hangs", "/exits", "/throws", "/ping", "/ping", "/ping"] * 4
        answers = list(pool.map(lambda path: (path, requests.get(app.url + path, timeout=30)), paths))
    for path, answer in answers:
        assert (answer.text == "pong") if path == "/ping" else (outcome(answer) == BROKEN[path]), path


def test_what_happened_is_in_the_log(app):
    names = {f["arn"].rpartition(":")[2] for f in app.output["functions"]}
    app.call("GET", "/throws")
    app.call("GET", "/hangs")
    app.call("GET", "/exits")
    for word, text in (("throws", "thrown on purpose"), ("hangs", "Task timed out after 1.00 seconds"),
                       ("exits", "Runtime.ExitError")):
        name = next(name for name in names if word in name)
        shown = app.run("logs", name).stdout
        assert text in shown
        assert "START RequestId" in shown and "END RequestId" in shown and "REPORT RequestId" in shown


@pytest.mark.parametrize("garbage, expected", [
    ("not json", INTERNAL),
    ("", INTERNAL),
    ("[1, 2]", INTERNAL),
    ('{"statusCode": "abc", "body": "x"}', INTERNAL),
    ('{"statusCode": 99, "body": "x"}', INTERNAL),
    ('{"statusCode": 200, "body": {"an": "object"}}', INTERNAL),
    ('{"statusCode": 200, "headers": "none", "body": "x"}', INTERNAL),
    ('{"statusCode": 200, "isBase64Encoded": true, "body": "%%%"}', INTERNAL),
    ('{"body": "no status"}', INTERNAL),
    ("null", INTERNAL),
], ids=["text", "empty", "array", "status-text", "status-99", "body-object", "headers-text", "base64", "no-status", "null"])
def test_garbage_is_an_internal_server_error(module_cloud, request, garbage, expected):
    name = "garbage-" + request.node.callspec.id
    url = create_api(module_cloud, name, {
        "GET /garbage": create_function(module_cloud, name, answering(garbage))})
    for _ in range(2):
        assert outcome(requests.get(url + "/garbage", timeout=20)) == expected


def test_a_bootstrap_that_cannot_start_makes_the_service_unavailable(module_cloud):
    url = create_api(module_cloud, "broken", {
        "GET /a": create_function(module_cloud, "broken-a", "#!/nonexistent/interpreter\n"),
        "GET /b": create_function(module_cloud, "broken-b", "#!/bin/sh\nexit 0\n"),
        "GET /c": create_function(module_cloud, "broken-c", answering('{"statusCode": 200, "body": "fine"}'))})
    assert outcome(requests.get(url + "/a", timeout=30)) == UNAVAILABLE
    assert outcome(requests.get(url + "/b", timeout=30)) == UNAVAILABLE
    assert requests.get(url + "/c", timeout=30).text == "fine"


def test_the_event_is_api_gateways_format_1_0(app):
    answer = app.call("POST", "/event/a%20b?x=1&x=2&y=%C3%A4", data="body text",
                      headers={"X-Custom": "one", "Content-Type": "text/plain", "Cookie": "a=1"})
    event = answer.json()
    assert event["version"] == "1.0"
    assert event["resource"] == "/event/{name}"
    assert event["path"] == "/dev/event/a b" or event["path"] == "/event/a b"
    assert event["httpMethod"] == "POST"
    assert event["pathParameters"] == {"name": "a b"}
    assert event["queryStringParameters"] == {"x": "2", "y": "ä"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["ä"]}
    headers = {key.lower(): value for key, value in event["headers"].items()}
    assert headers["x-custom"] == "one" and headers["cookie"] == "a=1"
    assert {key.lower(): value for key, value in event["multiValueHeaders"].items()}["x-custom"] == ["one"]
    assert (event["body"], event["isBase64Encoded"]) == ("body text", False)
    assert event["stageVariables"] is None
    context = event["requestContext"]
    assert context["httpMethod"] == "POST" and context["stage"] == "dev"
    assert context["apiId"] == app.output["apis"][0]["id"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"] == answer.headers["apigw-requestid"]


def test_the_most_specific_route_wins(app):
    resource = lambda path: app.call("GET", path).json()["resource"]
    assert resource("/event") == "/event"
    assert resource("/event/one") == "/event/{name}"
    assert resource("/event/files/one/two") == "/event/files/{path+}"
    assert app.call("GET", "/event/files/one/two").json()["pathParameters"] == {"path": "one/two"}


def test_binary_bodies_go_both_ways_unchanged(app):
    body = bytes(range(256)) * 40
    answer = app.call("POST", "/echo", data=body, headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 200 and answer.content == body
    assert answer.headers["content-type"] == "application/octet-stream"


def test_bodies_up_to_the_limit_pass_and_larger_ones_are_refused(app):
    text = {"Content-Type": "text/plain"}
    large = b"x" * (4 * 1024 * 1024)
    answer = app.call("POST", "/echo", data=large, headers=text)
    assert answer.status_code == 200 and len(answer.content) == len(large)
    too_large = app.call("POST", "/echo", data=b"x" * (10 * 1024 * 1024 + 1), headers=text)
    assert (too_large.status_code, too_large.json()) == (413, {"message": "Request Entity Too Large"})
    assert app.call("GET", "/ping").text == "pong"


def test_headers_over_the_limit_are_refused(app):
    answer = app.call("GET", "/ping", headers={"X-Large": "x" * 12_000})
    assert answer.status_code == 431
    assert app.call("GET", "/ping").text == "pong"


def test_warm_instances_are_used_again(app):
    first = app.call("GET", "/pid").json()["pid"]
    assert {app.call("GET", "/pid").json()["pid"] for _ in range(5)} == {first}


def test_format_2_0_takes_a_bare_value(module_cloud):
    url = create_api(module_cloud, "second", {
        "GET /bare": create_function(module_cloud, "second-bare", answering('{"hello": "world"}'))}, "2.0")
    answer = requests.get(url + "/bare", timeout=20)
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})
    assert answer.headers["content-type"].startswith("application/json")
