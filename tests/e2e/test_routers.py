"""Applications with a router of their own: behind `ANY /{proxy+}`, without a stage in their paths."""

import json
import pathlib
import shutil

import pytest

from support import npm
from support.app import APPS, App
from support.cloud import ROOT

ROUTERS = {
    "express-demo": ROOT / "examples" / "express-ts" / "index.ts",
    "fastify-demo": APPS / "routers" / "fastify.ts",
    "hono-demo": APPS / "routers" / "hono.ts",
    "nest-demo": APPS / "routers" / "nest.ts",
}
TSCONFIG = {"express-demo": ROOT / "examples" / "express-ts" / "tsconfig.json"}


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def project(packages, name: str) -> pathlib.Path:
    directory = packages.project_with_test_packages(name)
    shutil.copy(ROUTERS[name], directory / "index.ts")
    shutil.copy(TSCONFIG.get(name, APPS / "routers" / "tsconfig.json"), directory / "tsconfig.json")
    return directory


@pytest.fixture(scope="module", params=ROUTERS)
def router(request, module_cloud, packages):
    app = App(module_cloud, project(packages, request.param), request.param)
    app.deploy()
    return app


def test_the_url_has_no_stage(router):
    assert router.url.count("/") == 2, router.url


def test_a_router_gets_paths_as_it_declares_them(router):
    assert router.call("GET", "/").json() == {"routes": ["/hello/:name", "/echo"]}
    answer = router.call("GET", "/hello/J%C3%BCrgen?greeting=Servus%20%26%20hallo")
    assert (answer.status_code, answer.json()) == (200, {"hello": "Jürgen", "greeting": "Servus & hallo"})


def test_a_router_gets_bodies_and_answers_with_several_cookies(router):
    answer = router.call("POST", "/echo", json={"text": "Grüße", "list": [1, None]})
    assert (answer.status_code, answer.json()) == (201, {"text": "Grüße", "list": [1, None]})
    assert answer.cookies.get_dict() == {"first": "1", "second": "2"}


def test_a_router_says_itself_what_it_does_not_find(router):
    answer = router.call("GET", "/no/such/path")
    assert answer.status_code == 404 and answer.text != '{"message":"Not Found"}'


@pytest.mark.parametrize("name", ROUTERS)
def test_adapters_are_handlers_for_the_compiler_too(packages, name):
    directory = project(packages, name)
    npm.run([packages.node_modules / ".bin" / "tsc", "--noEmit", "-p", "."], directory)


EVENTS = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'stages', region: 'us-east-1' });
const api = app.API({ name: 'stages-api'STAGE });
api.route('GET', '/users/:id', (event) => ({ statusCode: 200, body: JSON.stringify(event) }));
export default app;
"""


def stages_app(cloud, packages, stage: str) -> App:
    return npm.typescript_app(cloud, packages, "stages", EVENTS.replace("STAGE", stage), "stages")


def test_events_of_an_api_without_a_stage_in_its_url_are_api_gateways(module_cloud, packages):
    app = stages_app(module_cloud, packages, ", stage: '$default'")
    app.deploy()
    event = app.call("GET", "/users/7").json()
    context = event["requestContext"]
    assert (event["path"], event["resource"], event["pathParameters"]) == ("/users/7", "/users/{id}", {"id": "7"})
    assert (context["stage"], context["path"], context["resourcePath"]) == ("$default", "/users/7", "/users/{id}")
    sample = json.loads(json.loads(app.run("invoke", "get-users-id").stdout)["body"])
    assert (sample["path"], sample["requestContext"]["stage"]) == ("/users/id", "$default")


def test_a_deployment_changes_between_a_stage_in_its_url_and_none(module_cloud, packages):
    app = stages_app(module_cloud, packages, "")
    first = app.deploy()["apis"][0]
    assert first["url"].endswith("/dev") and app.call("GET", "/users/7").json()["path"] == "/dev/users/7"
    for stage, url, names in [(", stage: '$default'", first["url"].removesuffix("/dev"), ["$default"]),
                              ("", first["url"], ["dev"])]:
        app = stages_app(module_cloud, packages, stage)
        deployed = app.deploy()["apis"][0]
        assert (deployed["id"], deployed["url"]) == (first["id"], url)
        assert app.call("GET", "/users/7").status_code == 200
        stages = module_cloud.client("apigatewayv2").get_stages(ApiId=first["id"])["Items"]
        assert [each["StageName"] for each in stages] == names
    assert app.session.get(first["url"].removesuffix("/dev") + "/users/7").status_code == 404
    app.destroy("--force")
