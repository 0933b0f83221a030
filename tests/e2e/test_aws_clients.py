"""AWS's own clients work against the local cloud: the AWS CLI and the AWS SDK for JavaScript v3."""

import json
import subprocess

import botocore.exceptions
import pytest
import requests

from support.cloud import REGION, ROOT
from support.functions import TRUST, answering, zipped
from support.inventory import inventory
from support.roles import new_role
from support.waiting import wait_until

ANSWER = json.dumps({"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "from the function"})


def test_the_aws_cli_does_all_of_it(module_cloud, tmp_path):
    cloud = module_cloud
    (tmp_path / "code.zip").write_bytes(zipped(answering(ANSWER)))
    (tmp_path / "trust.json").write_text(TRUST)

    def aws(*arguments, code=0):
        done = subprocess.run(["aws", *arguments, "--output", "json"], env=cloud.aws_environment(), cwd=tmp_path,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if code == 0 and done.stdout.strip() else done.stderr

    assert aws("sts", "get-caller-identity")["Account"] == cloud.account

    cluster = aws("dsql", "create-cluster", "--no-deletion-protection-enabled", "--tags", "purpose=test")
    assert cluster["status"] in ("CREATING", "ACTIVE")
    aws("dsql", "wait", "cluster-active", "--identifier", cluster["identifier"])
    read = aws("dsql", "get-cluster", "--identifier", cluster["identifier"])
    assert (read["status"], read["tags"]) == ("ACTIVE", {"purpose": "test"})
    assert cloud.rows(read, "SELECT 1") == [["1"]], "with botocore's token: version 1 of the AWS CLI makes none"

    role = aws("iam", "create-role", "--role-name", "cli-role", "--assume-role-policy-document", "file://trust.json")
    arn = role["Role"]["Arn"]
    assert aws("iam", "get-role", "--role-name", "cli-role")["Role"]["Arn"] == arn

    function = aws("lambda", "create-function", "--function-name", "cli-function", "--runtime", "provided.al2023",
                   "--handler", "any", "--role", arn, "--zip-file", "fileb://code.zip")
    aws("lambda", "wait", "function-active-v2", "--function-name", "cli-function")
    invoked = aws("lambda", "invoke", "--function-name", "cli-function", "--payload", "{}", "out.json")
    assert invoked["StatusCode"] == 200
    assert json.loads((tmp_path / "out.json").read_text())["body"] == "from the function"

    api = aws("apigatewayv2", "create-api", "--name", "cli-api", "--protocol-type", "HTTP")
    integration = aws("apigatewayv2", "create-integration", "--api-id", api["ApiId"], "--integration-type",
                      "AWS_PROXY", "--integration-uri", function["FunctionArn"], "--payload-format-version", "1.0")
    aws("apigatewayv2", "create-route", "--api-id", api["ApiId"], "--route-key", "GET /cli",
        "--target", "integrations/" + integration["IntegrationId"])
    aws("apigatewayv2", "create-stage", "--api-id", api["ApiId"], "--stage-name", "dev", "--auto-deploy")
    url = api["ApiEndpoint"] + "/dev/cli"
    assert requests.get(url, timeout=10).status_code == 500, "the gateway may not invoke the function yet"
    aws("lambda", "add-permission", "--function-name", "cli-function", "--statement-id", "api",
        "--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com",
        "--source-arn", f"arn:aws:execute-api:{REGION}:{cloud.account}:{api['ApiId']}/*/GET/cli")
    assert requests.get(url, timeout=10).text == "from the function"
    assert aws("apigatewayv2", "get-apis")["Items"][0]["Name"] == "cli-api"

    assert "/aws/lambda/cli-function" in [g["logGroupName"] for g in aws("logs", "describe-log-groups")["logGroups"]]
    (tmp_path / "object.txt").write_text("content")
    aws("s3api", "create-bucket", "--bucket", "cli-bucket")
    subprocess.run(["aws", "s3", "cp", "object.txt", "s3://cli-bucket/a b/object.txt"], env=cloud.aws_environment(),
                   cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert aws("s3api", "list-objects-v2", "--bucket", "cli-bucket")["Contents"][0]["Key"] == "a b/object.txt"
    aws("s3api", "delete-object", "--bucket", "cli-bucket", "--key", "a b/object.txt")
    aws("s3api", "delete-bucket", "--bucket", "cli-bucket")

    aws("apigatewayv2", "delete-api", "--api-id", api["ApiId"])
    aws("lambda", "delete-function", "--function-name", "cli-function")
    aws("logs", "delete-log-group", "--log-group-name", "/aws/lambda/cli-function")
    aws("iam", "delete-role", "--role-name", "cli-role")
    aws("dsql", "delete-cluster", "--identifier", cluster["identifier"])
    assert "NoSuchEntity" in aws("iam", "get-role", "--role-name", "cli-role", code=255)
    assert "ResourceNotFoundException" in aws("lambda", "get-function", "--function-name", "cli-function", code=255)
    assert "NotFoundException" in aws("apigatewayv2", "get-api", "--api-id", api["ApiId"], code=255)
    wait_until(lambda: inventory(cloud) == {
        "clusters": [], "roles": [], "functions": [], "apis": [], "log_groups": []}, "all to be deleted")


def test_the_aws_sdk_for_javascript_does_all_of_it(cloud, tmp_path):
    (tmp_path / "code.zip").write_bytes(zipped(answering(ANSWER)))
    done = subprocess.run(["node", str(ROOT / "tests/e2e/js/all_services.mjs"), str(tmp_path / "code.zip")],
                          env=cloud.aws_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    log = seen["invoke"].pop("log")
    assert "START RequestId" in log and "REPORT RequestId" in log
    assert seen == {
        "account": cloud.account,
        "cluster": {"status": "ACTIVE", "tags": {"purpose": "test"}, "date": True},
        "role": "js-role",
        "invoke": {"status": 200, "error": None, "payload": json.loads(ANSWER)},
        "call": {"status": 200, "body": "from the function"},
        "routes": ["GET /js"],
        "logGroups": ["/aws/lambda/js-function"],
        "secondPut": "PreconditionFailed",
        "object": "content",
        "afterwards": ["ResourceNotFoundException", "NoSuchEntityException", "NotFoundException",
                       "ResourceNotFoundException"],
    }


def test_requests_that_are_not_signed_right_are_refused(module_cloud):
    cases = {
        "a wrong secret": {**module_cloud.credentials(), "aws_secret_access_key": "wrong"},
        "an unknown key": {**module_cloud.credentials(), "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"},
        "a made-up session": {**module_cloud.credentials(), "aws_session_token": "made-up"},
    }
    for what, credentials in cases.items():
        for service, operation, arguments in [
                ("sts", "get_caller_identity", {}), ("iam", "list_roles", {}), ("lambda", "list_functions", {}),
                ("dsql", "list_clusters", {}), ("apigatewayv2", "get_apis", {}), ("s3", "list_buckets", {}),
                ("logs", "describe_log_groups", {}), ("secretsmanager", "list_secrets", {}),
                ("scheduler", "list_schedules", {})]:
            client = module_cloud.client(service, **credentials)
            try:
                getattr(client, operation)(**arguments)
            except botocore.exceptions.ClientError as failure:
                assert failure.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403), (what, service)
            else:
                raise AssertionError(f"{service} accepted {what}")
    assert requests.get(module_cloud.endpoint + "/2015-03-31/functions/", timeout=10).status_code in (400, 403)


def test_policies_decide_what_a_caller_may_do(module_cloud):
    role = new_role(module_cloud, "policy-reader",
                    {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "s3:*"], "Resource": "*"},
                    {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::keep-*"})
    iam = module_cloud.client("iam", **role["credentials"])
    s3 = module_cloud.client("s3", **role["credentials"])
    assert iam.get_role(RoleName="policy-reader")["Role"]["RoleName"] == "policy-reader"
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: iam:CreateRole"):
        iam.create_role(RoleName="more", AssumeRolePolicyDocument=TRUST)
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: lambda:ListFunctions"):
        module_cloud.client("lambda", **role["credentials"]).list_functions()
    for bucket in ("keep-this", "drop-this"):
        s3.create_bucket(Bucket=bucket)
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        s3.delete_bucket(Bucket="keep-this")
    s3.delete_bucket(Bucket="drop-this")
    module_cloud.client("s3").delete_bucket(Bucket="keep-this")
    module_cloud.client("iam").delete_role_policy(RoleName="policy-reader", PolicyName="given")
    module_cloud.client("iam").delete_role(RoleName="policy-reader")
