"""AWS is consistent after a while, and has quotas: what it refuses for now is waited out."""

import pytest

from support.app import made
from support.aws_target import aws_target, declare_all_kinds
from support.fault_proxy import Refusal
from support.inventory import own_roles


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = projects.testbed(module_cloud)
    declare_all_kinds(app)
    return app


@pytest.fixture
def environment(app, proxy):
    proxy.start_over()
    with aws_target(app, proxy.endpoint) as environment:
        yield environment
        proxy.start_over()
        app.destroy("--force", env=environment)
        app.cloud.client("s3").delete_bucket(Bucket="state-bucket")
        app.cloud.client("secretsmanager").delete_secret(SecretId="testbed/dev/stripe-key",
                                                         ForceDeleteWithoutRecovery=True)


NEW_ROLE = {
    "PutRolePolicy": Refusal(404, "NoSuchEntity", "The role with name testbed-dev-functions-us-east-1 cannot be found."),
    "CreateFunction": Refusal(400, "InvalidParameterValueException",
                              "The role defined for the function cannot be assumed by Lambda."),
    "CreateSchedule": Refusal(400, "ValidationException", "The execution role you provide must allow AWS "
                              "EventBridge Scheduler to assume the role."),
}
BUSY = {
    "AddPermission": Refusal(409, "ResourceConflictException", "The operation cannot be performed at this time. "
                             "The function is currently in the following state: Pending"),
    "CreateRoute": Refusal(409, "ConflictException", "Unable to complete operation due to concurrent modification. "
                           "Please try again later."),
}
NEW = {
    "CreateFunction": Refusal(400, "InvalidParameterValueException",
                              "Lambda was unable to configure access to your environment variables because the KMS "
                              "key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: "
                              "InvalidArnException KMS Message: ARN does not refer to a valid principal"),
    "AddPermission": Refusal(404, "ResourceNotFoundException", "Function not found: testbed-dev-get-ping"),
    "PutRetentionPolicy": Refusal(400, "ResourceNotFoundException", "The specified log group does not exist."),
}
CONCURRENT = {
    "AddPermission": Refusal(409, "ResourceConflictException",
                             "The function could not be updated due to a concurrent update operation."),
    "CreateLogGroup": Refusal(400, "OperationAbortedException",
                              "A conflicting operation is currently in progress against this resource."),
    "PutRolePolicy": Refusal(409, "ConcurrentModification", "Multiple requests to change this object were submitted "
                             "simultaneously."),
}


@pytest.mark.parametrize("refusals", [NEW_ROLE, BUSY, NEW, CONCURRENT], ids=["new roles", "busy", "new", "concurrent"])
def test_what_passes_is_waited_for(app, proxy, environment, refusals):
    proxy.start_over(lambda call: refusals.get(call.operation) if call.nth <= 2 else None)
    output = app.deploy(env=environment)
    assert made(output)["created"] > 10
    assert all(sum(call.operation == name for call in proxy.calls()) >= 3 for name in refusals)
    assert made(app.deploy(env=environment))["updated"] == 0


def test_a_role_whose_policies_are_still_there_is_deleted_a_little_later(app, proxy, environment):
    app.deploy(env=environment)
    refusal = Refusal(409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
    proxy.start_over(lambda call: refusal if call.operation == "DeleteRole" and call.nth == 1 else None)
    app.destroy("--force", env=environment)
    assert own_roles(app.cloud) == []


def test_throttling_is_waited_out_by_time(app, proxy, environment):
    refusal = Refusal(429, "ThrottlingException", "Rate exceeded")
    proxy.start_over(lambda call: refusal if call.operation == "CreateLogGroup" and call.nth <= 7 else None)
    shown = app.run("deploy", "--yes", env={**environment, "AWS_MAX_ATTEMPTS": "2"})
    assert "CloudWatch Logs takes no more calls just now" in shown.stderr
    assert sum(call.operation == "CreateLogGroup" for call in proxy.calls()) == 8
