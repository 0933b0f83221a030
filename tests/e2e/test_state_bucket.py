"""`nimbus init --create-bucket`: the bucket that holds the state, made and kept as it has to be."""

import json

import pytest
import requests

from support.cloud import REGION
from support.fault_proxy import Refusal, fault_proxy
from support.terminal import TerminalSession

ACCOUNT = "123456789012"  # moto's
BUCKET = f"nimbus-state-{ACCOUNT}-{REGION}"
CREATE = ("init", "--create-bucket", "--region", REGION)


@pytest.fixture
def directory(tmp_path):
    return tmp_path


@pytest.fixture
def s3(moto):
    """moto's S3, empty."""
    requests.post(f"{moto.endpoint}/moto-api/reset", timeout=10).raise_for_status()
    return moto.client("s3")


def settings(s3, bucket: str) -> dict:
    (encryption,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return {
        "blocked": set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()),
        "encryption": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "versions": s3.get_bucket_versioning(Bucket=bucket).get("Status"),
        "statements": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"],
        "rules": s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
    }


def tls_only(bucket: str) -> dict:
    arn = f"arn:aws:s3:::{bucket}"
    return {"Sid": "NimbusTlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def right(bucket: str) -> dict:
    return {
        "blocked": {True}, "encryption": "AES256", "versions": "Enabled", "statements": [tls_only(bucket)],
        "rules": [{"ID": "nimbus-old-versions", "Status": "Enabled", "Filter": {"Prefix": "nimbus/"},
                   "Expiration": {"ExpiredObjectDeleteMarker": True},
                   "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                   "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]}


def test_a_new_bucket_is_private_encrypted_versioned_and_reached_over_tls_only(moto, s3, idle_cloud, directory):
    made = idle_cloud.run(*CREATE, cwd=directory, env=moto.environment)
    assert made.stdout.startswith(f"Created the bucket {BUCKET} in {REGION}: ")
    assert settings(s3, BUCKET) == right(BUCKET)
    assert json.loads((directory / ".nimbusrc").read_text()) == {"target": "aws", "bucket": BUCKET, "region": REGION}


def test_a_bucket_that_is_right_is_left_as_it_is(moto, s3, idle_cloud, directory):
    idle_cloud.run(*CREATE, cwd=directory, env=moto.environment)
    with fault_proxy(moto.endpoint) as proxy:
        again = idle_cloud.run(*CREATE, cwd=directory, env={**moto.environment, "AWS_ENDPOINT_URL": proxy.endpoint})
        assert [call for call in proxy.calls() if call.method in ("PUT", "DELETE")] == []
    assert "nothing had to be changed" in again.stdout


def test_a_bucket_of_ours_is_put_right_and_keeps_what_others_set(moto, s3, idle_cloud, directory):
    theirs = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
              "Resource": "arn:aws:s3:::my-state"}
    rule = {"ID": "theirs", "Status": "Disabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 3}}
    s3.create_bucket(Bucket="my-state")
    s3.put_object(Bucket="my-state", Key="nimbus/shop/dev/us-east-1/state.json", Body=b"{}")
    s3.put_bucket_policy(Bucket="my-state", Policy=json.dumps({"Version": "2012-10-17", "Statement": theirs}))
    s3.put_bucket_lifecycle_configuration(Bucket="my-state", LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket="my-state", VersioningConfiguration={"Status": "Suspended"})
    checked = idle_cloud.run(*CREATE, "--bucket", "my-state", cwd=directory, env=moto.environment)
    assert checked.stdout.startswith(f"Checked the bucket my-state in {REGION}: ")
    now = settings(s3, "my-state")
    expected = right("my-state")
    assert now["statements"] == [theirs, tls_only("my-state")]
    assert [r["ID"] for r in now["rules"]] == ["theirs", "nimbus-old-versions"] and now["rules"][0] == rule
    assert {**now, "statements": None, "rules": None} == {**expected, "statements": None, "rules": None}


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_a_bucket_is_encrypted_with_the_key_that_is_named(moto, s3, idle_cloud, directory):
    def encryption() -> dict:
        (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
        return rule

    idle_cloud.run(*CREATE, cwd=directory, env=moto.environment)
    made = idle_cloud.run(*CREATE, "--kms-key", KEY, cwd=directory, env=moto.environment)
    assert f"objects are encrypted with the key {KEY}" in made.stdout
    assert encryption() == {"BucketKeyEnabled": True, "ApplyServerSideEncryptionByDefault": {
        "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    for key in (["--kms-key", KEY], []):
        again = idle_cloud.run(*CREATE, *key, cwd=directory, env=moto.environment)
        assert "nothing had to be changed" in again.stdout, key
    assert encryption()["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY


@pytest.mark.parametrize("arguments, says", [
    ([*CREATE, "--kms-key", "alias/state"], "--kms-key must be the ARN of a KMS key, not 'alias/state'"),
    ([*CREATE, "--kms-key", KEY.replace(REGION, "eu-west-1")], f"The KMS key is in eu-west-1, and the bucket in {REGION}"),
    (["init", "--bucket", "b", "--region", REGION, "--kms-key", KEY], "--kms-key needs --create-bucket or --policy")],
    ids=["alias", "elsewhere", "no use"])
def test_a_key_that_cannot_encrypt_the_bucket_is_refused(idle_cloud, directory, arguments, says):
    assert says in idle_cloud.run(*arguments, cwd=directory, code=2).stderr
    assert not (directory / ".nimbusrc").exists()


def test_a_bucket_with_other_content_is_refused_before_anything_is_changed(moto, s3, idle_cloud, directory):
    s3.create_bucket(Bucket="website")
    s3.put_object(Bucket="website", Key="index.html", Body=b"<html>")
    refused = idle_cloud.run(*CREATE, "--bucket", "website", cwd=directory, env=moto.environment, code=1)
    assert "The bucket 'website' holds other things than Nimbus's, such as 'index.html'" in refused.stderr
    assert s3.get_bucket_versioning(Bucket="website").get("Status") is None
    assert not (directory / ".nimbusrc").exists()


def test_a_bucket_of_another_region_is_refused(moto, s3, idle_cloud, directory):
    s3.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    refused = idle_cloud.run(*CREATE, "--bucket", "far-away", cwd=directory, env=moto.environment, code=1)
    assert f"The bucket 'far-away' is not in Region {REGION}" in refused.stderr
    assert not (directory / ".nimbusrc").exists()


@pytest.mark.parametrize("refused_call, refusal", [
    ("HeadBucket", Refusal(403, "Forbidden")),
    ("CreateBucket", Refusal(409, "BucketAlreadyExists", "The requested bucket name is not available."))],
    ids=["found", "created"])
def test_a_bucket_of_another_account_is_refused(moto, s3, idle_cloud, directory, refused_call, refusal):
    def decide(call):
        return refusal if (call.service, call.operation) == ("s3", refused_call.replace("Create", "Put")) \
            or call.operation == refused_call else None
    with fault_proxy(moto.endpoint) as proxy:
        proxy.start_over(decide)
        result = idle_cloud.run(*CREATE, "--bucket", "theirs", cwd=directory, code=1,
                                env={**moto.environment, "AWS_ENDPOINT_URL": proxy.endpoint})
    assert "The bucket 'theirs' belongs to another account" in result.stderr
    assert not (directory / ".nimbusrc").exists()


def test_an_init_that_was_killed_is_continued_by_the_next(moto, s3, idle_cloud, directory):
    for step in range(1, 20):
        for moment in ("before", "after"):
            killed = idle_cloud.run(*CREATE, cwd=directory, code=None,
                                    env={**moto.environment, "NIMBUS_TEST_CRASH_AT": f"{step}:{moment}"})
            idle_cloud.run(*CREATE, cwd=directory, env=moto.environment)
            assert settings(s3, BUCKET) == right(BUCKET), f"{step}:{moment}"
            s3.delete_bucket(Bucket=BUCKET)
        if killed.code == 0:
            break
    assert step == 7, "the bucket and five settings"


def test_a_person_is_asked_for_the_bucket(moto, s3, idle_cloud, directory):
    with TerminalSession(idle_cloud, "init", cwd=directory, env=moto.environment) as session:
        session.expect("Choose 1 or 2")
        session.type("2\n")
        session.expect("AWS Region")
        session.type("\n")
        session.expect("[create one]")
        session.type("\n")
        assert session.finish() == 0, session.shown
    assert f"Created the bucket {BUCKET}" in session.shown
    assert settings(s3, BUCKET) == right(BUCKET)


def test_a_person_who_names_a_bucket_decides_whether_nimbus_touches_it(moto, s3, idle_cloud, directory):
    with TerminalSession(idle_cloud, "init", cwd=directory, env=moto.environment) as session:
        session.expect("Choose 1 or 2")
        session.type("2\n")
        session.expect("AWS Region")
        session.type("\n")
        session.expect("[create one]")
        session.type("my-state\n")
        session.expect("Create the bucket if it does not exist")
        session.type("n\n")
        assert session.finish() == 0, session.shown
    assert s3.list_buckets()["Buckets"] == []
    assert json.loads((directory / ".nimbusrc").read_text())["bucket"] == "my-state"


def test_without_credentials_nothing_is_written(idle_cloud, directory):
    refused = idle_cloud.run(*CREATE, cwd=directory, code=1)
    assert "No AWS credentials were found" in refused.stderr
    assert not (directory / ".nimbusrc").exists()


def test_a_region_needs_a_bucket_or_leave_to_create_one(idle_cloud, directory):
    refused = idle_cloud.run("init", "--region", REGION, cwd=directory, code=2)
    assert "--region needs --bucket or --create-bucket" in refused.stderr


def test_what_an_endpoint_does_not_have_is_told(cloud, directory):
    made = cloud.run(*CREATE, "--bucket", "my-state", cwd=directory, env=cloud.aws_environment())
    assert made.stdout.startswith(f"Created the bucket my-state in {REGION}: nothing had to be changed.")
    for setting in ("'encryption'", "bucket versioning cannot be enabled", "'policy'", "'lifecycle'"):
        assert setting in made.stdout
    blocked = cloud.client("s3").get_public_access_block(Bucket="my-state")["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}, "as of each new bucket"
