"""The engine against an independent emulator: what it sends, moto (a server of another origin, made
from AWS's own service models) understands as well."""

import json
import socket
import subprocess
import sys
import urllib.request

import boto3
import pytest

from support.waiting import wait_until


@pytest.fixture(scope="module")
def moto():
    """moto in server mode; its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                              env={"PATH": "/usr/bin:/bin", "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return urllib.request.urlopen(endpoint + "/moto-api/", timeout=5).status == 200
        except OSError:
            return False

    try:
        wait_until(answers, "moto to start", seconds=60)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def aws(moto, projects, idle_cloud):
    """The testbed, with moto for AWS."""
    app = projects.testbed(idle_cloud, routes=["GET /ping", "GET /pid"], sql=[])
    boto3.client("s3", endpoint_url=moto, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                 aws_secret_access_key="secret").create_bucket(Bucket="state-bucket")
    (app.directory / ".nimbusrc").write_text(json.dumps(
        {"target": "aws", "bucket": "state-bucket", "region": "us-east-1"}))
    environment = {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                   "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}

    def client(service):
        return boto3.client(service, endpoint_url=moto, region_name="us-east-1",
                            aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret")

    yield app, environment, client
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
