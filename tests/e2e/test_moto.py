"""The engine against an independent emulator: what it sends, moto (a server of another origin, made
from AWS's own service models) understands as well."""

import json

import pytest


@pytest.fixture
def aws(moto, projects, idle_cloud):
    """The testbed, with moto for AWS."""
    app = projects.testbed(idle_cloud, routes=["GET /ping", "GET /pid"], sql=[])
    moto.client("s3").create_bucket(Bucket="state-bucket")
    (app.directory / ".nimbusrc").write_text(json.dumps(
        {"target": "aws", "bucket": "state-bucket", "region": "us-east-1"}))
    yield app, moto.environment, moto.client
    (app.directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))


def test_plan_deploy_redeploy_and_destroy(aws):
    app, environment, client = aws
    assert app.plan(env=environment)
    output = app.deploy(env=environment)
    assert output["target"] == "aws"
    assert output["apis"][0]["url"] == (
        f"https://{output['apis'][0]['id']}.execute-api.us-east-1.amazonaws.com/dev")

    functions = client("lambda").list_functions()["Functions"]
    assert sorted(f["Handler"] for f in functions) == ["get-pid", "get-ping"]
    assert {f["Runtime"] for f in functions} == {"provided.al2023"}
    gateway = client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    assert sorted(r["RouteKey"] for r in gateway.get_routes(ApiId=api["ApiId"])["Items"]) == ["GET /pid", "GET /ping"]
    assert [s["StageName"] for s in gateway.get_stages(ApiId=api["ApiId"])["Items"]] == ["dev"]

    again = app.deploy(env=environment)["changes"]
    assert not again["created"] and not again["updated"] and not again["deleted"], again

    app.declare(routes=["GET /ping"], sql=[])
    app.deploy(env=environment)
    assert [f["Handler"] for f in client("lambda").list_functions()["Functions"]] == ["get-ping"]

    app.destroy("--force", env=environment)
    assert client("lambda").list_functions()["Functions"] == []
    assert gateway.get_apis()["Items"] == []
    assert client("iam").list_roles()["Roles"] == []


def test_a_clusters_control_plane(aws):
    """moto has DSQL's control plane, too, but no database behind it."""
    app, environment, client = aws
    app.declare(routes=["GET /ping"])
    plan = json.dumps(app.plan(env=environment))
    assert "main-db" in plan
    assert client("dsql").list_clusters()["clusters"] == []
