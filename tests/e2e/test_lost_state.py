"""The bucket of .nimbusrc is the wrong one, or the state in it is gone: nothing is taken for undeployed."""

import json

import pytest

from support.app import ScriptApp, manifest
from support.aws_target import BUCKET, aws_target
from support.cloud import REGION


@pytest.fixture
def app(cloud, tmp_path):
    return ScriptApp(cloud, tmp_path, "testbed", manifest(sql=()))


@pytest.fixture
def environment(app, cloud):
    with aws_target(app, cloud.endpoint) as environment:
        app.deploy(env=environment)
        yield environment


def choose_bucket(app, bucket: str) -> None:
    (app.directory / ".nimbusrc").write_text(json.dumps({"target": "aws", "bucket": bucket, "region": REGION}))


def role_of(app) -> list[str]:
    return [role["RoleName"] for role in app.cloud.client("iam").list_roles()["Roles"]
            if role["RoleName"].startswith("testbed-dev-")]


def test_a_bucket_that_does_not_exist_ends_every_command_that_reads_the_state(app, environment):
    choose_bucket(app, "gone-bucket")
    named = ["--project", "testbed", "--region", REGION]
    for command in (["plan", "program"], ["deploy", "program", "--yes"], ["status", *named], ["outputs", *named],
                    ["logs", "get-ping", *named], ["destroy", "--yes", *named], ["destroy", "--force", *named],
                    ["unlock", "--yes", *named], ["status"]):
        refused = app.run(*command, env=environment, code=1)
        assert "The bucket 'gone-bucket' for the state does not exist" in refused.stderr, command
        assert "--create-bucket" in refused.stderr and refused.stdout == "", command
    policy = app.run("init", "--policy", "program", env=environment)
    assert "gone-bucket" in policy.stderr and "does not exist" in policy.stderr
    assert role_of(app)


def test_a_deployment_of_another_bucket_is_not_taken_over_in_silence(app, environment):
    app.cloud.client("s3").create_bucket(Bucket="second-bucket")
    choose_bucket(app, "second-bucket")
    assert any("'second-bucket' has no state of testbed (stage dev)" in warning
               for warning in app.run("plan", "program", "--json", env=environment).json()["warnings"])
    refused = app.run("destroy", "--yes", "--project", "testbed", "--region", REGION, env=environment, code=1)
    assert "'second-bucket' has no state" in refused.stderr
    assert "the role testbed-dev-functions-us-east-1" in refused.stderr and "the API testbed-dev-" in refused.stderr

    asked = app.run("deploy", "program", env=environment, code=2)
    assert "It was deployed with another bucket" in asked.stderr and "--yes" in asked.stderr
    keys = app.cloud.client("s3").list_objects_v2(Bucket="second-bucket").get("Contents", [])
    assert keys == []

    choose_bucket(app, BUCKET)
    app.destroy("--force", env=environment)
    assert role_of(app) == []
    app.run("destroy", "--yes", "--project", "testbed", "--region", REGION, env=environment)


def test_a_lost_state_is_made_anew_when_a_person_says_so(app, environment):
    app.cloud.client("s3").delete_object(Bucket=BUCKET, Key=f"nimbus/testbed/dev/{REGION}/state.json")
    app.run("deploy", "program", env=environment, code=2)
    taken = app.run("deploy", "program", "--yes", "--json", env=environment)
    assert "Taking over what is there" in taken.stderr
    assert taken.json()["changes"]["created"] <= 1, "the code"
    again = app.run("deploy", "program", "--json", env=environment)
    assert not any(again.json()["changes"][key] for key in ("created", "updated", "deleted"))
    app.destroy("--force", env=environment)
    assert role_of(app) == []
