"""AWS's own clients against the local cloud's Secrets Manager, and what of it lies in the home."""

import json
import os
import pathlib
import stat
import subprocess

import botocore.exceptions
import pytest

from support.cloud import REGION, ROOT, cloud_in, new_directory
from support.roles import new_role

VALUE = "correct horse battery staple"
MARKED = "You can't perform this operation on the secret because it was marked for deletion."


def refused(call, code, **arguments):
    """The text of the error with which the call fails."""
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**arguments)
    assert failure.value.response["Error"]["Code"] == code, failure.value
    return failure.value.response["Error"]["Message"]


def files_with(home: pathlib.Path, text: str):
    return [str(path) for path in home.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_boto3_takes_a_secret_through_its_life(module_cloud):
    secrets = module_cloud.client("secretsmanager")
    created = secrets.create_secret(Name="life/dev/key", Description="For payments", SecretString="one",
                                    Tags=[{"Key": "team", "Value": "a"}])
    assert created["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:{module_cloud.account}:secret:life/dev/key-")
    changed = secrets.put_secret_value(SecretId="life/dev/key", SecretBinary=b"\x00\xff")
    pending = secrets.put_secret_value(SecretId="life/dev/key", SecretString="three", VersionStages=["AWSPENDING"])
    secrets.update_secret_version_stage(SecretId="life/dev/key", VersionStage="AWSCURRENT",
                                        RemoveFromVersionId=changed["VersionId"],
                                        MoveToVersionId=pending["VersionId"])
    assert secrets.get_secret_value(SecretId=created["ARN"])["SecretString"] == "three"
    previous = secrets.get_secret_value(SecretId="life/dev/key", VersionStage="AWSPREVIOUS")
    assert (previous["VersionId"], previous["SecretBinary"]) == (changed["VersionId"], b"\x00\xff")
    versions = secrets.list_secret_version_ids(SecretId="life/dev/key", IncludeDeprecated=True)["Versions"]
    assert [version["VersionId"] for version in versions] == [
        created["VersionId"], changed["VersionId"], pending["VersionId"]]

    secrets.update_secret(SecretId="life/dev/key", Description="Changed", KmsKeyId="alias/mine")
    secrets.tag_resource(SecretId="life/dev/key", Tags=[{"Key": "team", "Value": "b"}, {"Key": "x", "Value": "y"}])
    secrets.untag_resource(SecretId="life/dev/key", TagKeys=["x"])
    described = secrets.describe_secret(SecretId="life/dev/key")
    assert (described["Description"], described["KmsKeyId"]) == ("Changed", "alias/mine")
    assert described["Tags"] == [{"Key": "team", "Value": "b"}]

    deleted = secrets.delete_secret(SecretId="life/dev/key", RecoveryWindowInDays=7)
    days = (deleted["DeletionDate"] - described["CreatedDate"]).total_seconds() / 86_400
    assert 7 <= days < 7.1
    assert refused(secrets.get_secret_value, "InvalidRequestException", SecretId="life/dev/key") == MARKED
    assert not secrets.list_secrets(Filters=[{"Key": "name", "Values": ["life/"]}])["SecretList"]
    secrets.restore_secret(SecretId="life/dev/key")
    assert secrets.get_secret_value(SecretId="life/dev/key")["SecretString"] == "three"
    secrets.delete_secret(SecretId="life/dev/key", ForceDeleteWithoutRecovery=True)
    refused(secrets.describe_secret, "ResourceNotFoundException", SecretId="life/dev/key")


def test_boto3_understands_the_errors(module_cloud):
    secrets = module_cloud.client("secretsmanager")
    secrets.create_secret(Name="errors/empty")
    assert refused(secrets.get_secret_value, "ResourceNotFoundException", SecretId="errors/empty") == (
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
    assert refused(secrets.create_secret, "ResourceExistsException", Name="errors/empty") == (
        "The operation failed because the secret errors/empty already exists.")
    assert isinstance(pytest.raises(secrets.exceptions.ResourceNotFoundException, secrets.describe_secret,
                                    SecretId="errors/none").value, botocore.exceptions.ClientError)
    refused(secrets.create_secret, "ValidationException", Name="errors/a b", SecretString="v")
    refused(secrets.put_resource_policy, "InvalidRequestException", SecretId="errors/empty", ResourcePolicy="{}")
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="errors/empty")


def test_boto3_lists_in_pages_and_reads_in_batches(module_cloud):
    secrets = module_cloud.client("secretsmanager")
    names = [f"pages/{number}" for number in range(5)]
    for name in names:
        secrets.create_secret(Name=name, SecretString=name)
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": ["pages/"]}], PaginationConfig={"PageSize": 2})
    assert [secret["Name"] for page in pages for secret in page["SecretList"]] == names
    batch = secrets.batch_get_secret_value(SecretIdList=["pages/0", "pages/none"])
    assert [value["SecretString"] for value in batch["SecretValues"]] == ["pages/0"]
    assert [error["ErrorCode"] for error in batch["Errors"]] == ["ResourceNotFoundException"]
    assert len(secrets.get_random_password(PasswordLength=20)["RandomPassword"]) == 20


def test_the_aws_cli_takes_a_secret_through_its_life(module_cloud):
    def aws(*arguments, code=0):
        done = subprocess.run(["aws", "secretsmanager", *arguments, "--output", "json"],
                              env=module_cloud.aws_environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if code == 0 else done.stderr

    arn = aws("create-secret", "--name", "cli/key", "--secret-string", "one")["ARN"]
    aws("put-secret-value", "--secret-id", "cli/key", "--secret-string", '{"user":"me"}')
    assert aws("get-secret-value", "--secret-id", arn)["SecretString"] == '{"user":"me"}'
    assert aws("get-secret-value", "--secret-id", "cli/key", "--version-stage", "AWSPREVIOUS")["SecretString"] == "one"
    assert [secret["Name"] for secret in aws("list-secrets", "--filters", "Key=name,Values=cli/")["SecretList"]] == [
        "cli/key"]
    aws("delete-secret", "--secret-id", "cli/key")
    assert MARKED in aws("get-secret-value", "--secret-id", "cli/key", code=255)
    aws("restore-secret", "--secret-id", "cli/key")
    aws("delete-secret", "--secret-id", "cli/key", "--force-delete-without-recovery")
    assert "ResourceNotFoundException" in aws("describe-secret", "--secret-id", "cli/key", code=255)


def test_the_aws_sdk_for_javascript_takes_a_secret_through_its_life(module_cloud):
    done = subprocess.run(["node", str(ROOT / "tests/e2e/js/secrets_manager.mjs")],
                          env=module_cloud.aws_environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "current": {"bytes": [0, 255, 128], "stages": ["AWSCURRENT"], "date": True, "version": True},
        "previous": "one",
        "described": {"tags": [{"Key": "purpose", "Value": "test"}], "stages": [["AWSPREVIOUS"], ["AWSCURRENT"]]},
        "listed": ["js/dev/key"],
        "days": 7,
        "whileDeleted": f"InvalidRequestException: {MARKED}",
        "afterwards": "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    }


def test_a_role_reads_the_one_secret_that_it_may(module_cloud):
    secrets = module_cloud.client("secretsmanager")
    mine = secrets.create_secret(Name="policy/mine", SecretString="mine")["ARN"]
    secrets.create_secret(Name="policy/other", SecretString="other")
    role = new_role(module_cloud, "secret-reader",
                    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": mine})
    reader = module_cloud.client("secretsmanager", **role["credentials"])
    for name in (mine, "policy/mine"):
        assert reader.get_secret_value(SecretId=name)["SecretString"] == "mine"
    assert "not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:" in refused(
        reader.get_secret_value, "AccessDeniedException", SecretId="policy/other")
    refused(reader.put_secret_value, "AccessDeniedException", SecretId=mine, SecretString="stolen")


def test_values_are_kept_over_a_crash_and_only_encrypted(cloud):
    arn = cloud.client("secretsmanager").create_secret(Name="kept", SecretString=VALUE)["ARN"]
    cloud.kill()
    cloud.start()
    assert cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == VALUE
    cloud.stop()
    assert files_with(cloud.home, VALUE) == []
    assert files_with(cloud.home, arn), "the search finds what is not encrypted"
    assert stat.S_IMODE((cloud.home / "data" / "secrets.key").stat().st_mode) == 0o600


def test_another_homes_key_reads_nothing(cloud, template):
    cloud.client("secretsmanager").create_secret(Name="kept", SecretString=VALUE)
    with cloud_in(new_directory("nimbus-"), template) as other:
        other.start().client("secretsmanager").create_secret(Name="x", SecretString="x")
        foreign = (other.home / "data" / "secrets.key").read_bytes()
    cloud.stop()
    key = cloud.home / "data" / "secrets.key"
    own = key.read_bytes()
    key.write_bytes(foreign)
    secrets = cloud.start().client("secretsmanager")
    assert "was encrypted with another key" in refused(secrets.get_secret_value, "DecryptionFailure", SecretId="kept")
    cloud.stop()
    os.truncate(key, 5)
    secrets = cloud.start().client("secretsmanager")
    assert "is damaged" in refused(secrets.get_secret_value, "DecryptionFailure", SecretId="kept")
    cloud.stop()
    key.write_bytes(own)
    assert cloud.start().client("secretsmanager").get_secret_value(SecretId="kept")["SecretString"] == VALUE
