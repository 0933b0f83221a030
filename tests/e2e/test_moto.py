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


def declare_both_kinds(app, schedule="rate(5 minutes)", description="Of the shop"):
    """A function that a timer calls and that uses a secret, and one that does neither."""
    document = app.declare(routes=["GET /ping", "GET /pid"], sql=[])
    document["secrets"] = [{"name": "stripe-key", "description": description}]
    document["timers"] = [{"name": "cleanup", "schedule": schedule, "timezone": "Europe/Berlin",
                           "function": "get-ping"}]
    document["functions"][0]["uses"] = ["stripe-key"]
    document["functions"][1]["uses"] = []


def test_a_secret_is_made_changed_removed_and_destroyed(aws):
    app, environment, client = aws
    secrets = client("secretsmanager")
    declare_both_kinds(app)
    deployed = app.run("deploy", "--json", "--yes", env=environment)
    assert "The secret 'stripe-key' has no value yet" in deployed.stderr
    assert "nimbus secret set stripe-key" in deployed.stderr
    (output,) = deployed.json()["secrets"]
    secret = secrets.describe_secret(SecretId="testbed/dev/stripe-key")
    assert output == {"name": "stripe-key", "arn": secret["ARN"], "secretName": "testbed/dev/stripe-key"}
    assert secret["Description"] == "Of the shop"
    assert {tag["Key"]: tag["Value"] for tag in secret["Tags"]} == {
        "nimbus:project": "testbed", "nimbus:stage": "dev", "nimbus:resource": "secret/stripe-key"}
    functions = client("lambda")
    user, other = (functions.get_function_configuration(FunctionName=f"testbed-dev-get-{name}") for name in ("ping", "pid"))
    assert user["Environment"]["Variables"] == {"SECRET_STRIPE_KEY_ARN": secret["ARN"]}
    assert other.get("Environment", {}).get("Variables", {}) == {}

    app.run("secret", "set", "stripe-key", input="sk_1", env=environment)
    again = app.run("deploy", "--json", "--yes", env=environment)
    assert "has no value" not in again.stderr
    assert not any(again.json()["changes"][key] for key in ("created", "updated", "deleted"))

    declare_both_kinds(app, description="Another")
    assert app.deploy(env=environment)["changes"]["updated"] == 1
    assert secrets.describe_secret(SecretId="testbed/dev/stripe-key")["Description"] == "Another"
    assert secrets.get_secret_value(SecretId="testbed/dev/stripe-key")["SecretString"] == "sk_1"

    kept = app.destroy(env=environment)
    assert "Kept secret testbed/dev/stripe-key" in kept.stdout
    assert secrets.get_secret_value(SecretId="testbed/dev/stripe-key")["SecretString"] == "sk_1"
    app.deploy(env=environment)
    app.destroy("--force", env=environment)
    assert "DeletedDate" in secrets.describe_secret(SecretId="testbed/dev/stripe-key")
    app.deploy(env=environment)
    assert secrets.get_secret_value(SecretId="testbed/dev/stripe-key")["SecretString"] == "sk_1"

    app.declare(routes=["GET /ping"], sql=[])
    refused = app.run("deploy", env=environment, code=2)
    assert "secret stripe-key" in refused.stderr
    app.deploy(env=environment)
    assert "DeletedDate" in secrets.describe_secret(SecretId="testbed/dev/stripe-key")
    app.destroy("--force", env=environment)


def test_a_timer_is_made_changed_and_destroyed(aws):
    app, environment, client = aws
    scheduler = client("scheduler")
    declare_both_kinds(app)
    plan = app.run("plan", env=environment).stdout
    assert plan.count("next: ") == 5
    (output,) = app.deploy(env=environment)["timers"]
    schedule = scheduler.get_schedule(GroupName="testbed-dev", Name="cleanup")
    assert output["arn"] == schedule["Arn"] and output["function"] == "get-ping"
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["State"] == "ENABLED"
    assert schedule["Target"]["Arn"].endswith(":function:testbed-dev-get-ping")
    assert schedule["Target"]["RoleArn"].endswith(":role/testbed-dev-timers-us-east-1")
    event = json.loads(schedule["Target"]["Input"])
    assert event["detail-type"] == "Scheduled Event" and event["time"] == "<aws.scheduler.scheduled-time>"
    tags = scheduler.list_tags_for_resource(ResourceArn=scheduler.get_schedule_group(Name="testbed-dev")["Arn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "nimbus:project": "testbed", "nimbus:stage": "dev", "nimbus:resource": "schedule-group/timers"}

    again = app.deploy(env=environment)["changes"]
    assert not again["created"] and not again["updated"] and not again["deleted"], again
    declare_both_kinds(app, schedule="cron(0 2 * * ? *)")
    assert app.deploy(env=environment)["changes"]["updated"] == 1
    assert scheduler.get_schedule(GroupName="testbed-dev", Name="cleanup")["ScheduleExpression"] == "cron(0 2 * * ? *)"
    app.destroy("--force", env=environment)
    assert [group["Name"] for group in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]
    assert client("iam").list_roles()["Roles"] == []
