"""What the local cloud's services ask IAM for beside the permission to call them, as AWS's do: to pass a
role on, to tag what is new, to make a service's own role."""

import itertools
import json

import botocore.exceptions
import pytest

from support.cloud import REGION
from support.functions import TRUST, ensure_role, zipped
from support.roles import new_role

TAGS = {"team": "web"}


def allow(action: str, resource="*", **condition) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource,
            **({"Condition": {"StringEquals": condition}} if condition else {})}


def callers(cloud):
    """Makes clients of services, each for a new role with these statements."""
    numbers = itertools.count(1)

    def make(service: str, *statements):
        return cloud.client(service, **new_role(cloud, f"caller-{next(numbers)}", *statements)["credentials"])
    return make


@pytest.fixture(scope="module")
def client_of(module_cloud):
    return callers(module_cloud)


def refusal(call) -> str:
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), caught.value
    return caught.value.response["Error"]["Message"]


def test_a_role_is_passed_to_lambda_by_who_may_pass_it(module_cloud, client_of):
    role = ensure_role(module_cloud)
    function = {"FunctionName": "passed", "Runtime": "provided.al2023", "Handler": "any", "Role": role,
                "Code": {"ZipFile": zipped("#!/bin/sh\n")}}
    words = f"is not authorized to perform: iam:PassRole on resource: {role} because no identity-based policy " \
            "allows the iam:PassRole action"
    for statements in ([allow("lambda:*")],
                       [allow("lambda:*"), allow("iam:PassRole", role, **{"iam:PassedToService": "ec2.amazonaws.com"})],
                       [allow("lambda:*"), allow("iam:PassRole", role + "-other")]):
        functions = client_of("lambda", *statements)
        assert words in refusal(lambda: functions.create_function(**function))
    passing = client_of("lambda", allow("lambda:*"),
                        allow("iam:PassRole", role, **{"iam:PassedToService": "lambda.amazonaws.com"}))
    passing.create_function(**function)
    changing = client_of("lambda", allow("lambda:*"))
    assert words in refusal(lambda: changing.update_function_configuration(FunctionName="passed", Role=role))
    changing.update_function_configuration(FunctionName="passed", Timeout=5)
    passing.delete_function(FunctionName="passed")


def test_a_role_is_passed_to_scheduler_by_who_may_pass_it(module_cloud, client_of):
    iam = module_cloud.client("iam")
    role = iam.create_role(RoleName="timers", AssumeRolePolicyDocument=TRUST.replace("lambda", "scheduler"))["Role"]["Arn"]
    schedule = {"Name": "passed", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": f"arn:aws:lambda:{REGION}:{module_cloud.account}:function:none", "RoleArn": role}}
    words = f"is not authorized to perform: iam:PassRole on resource: {role}"
    plain = client_of("scheduler", allow("scheduler:*"))
    assert words in refusal(lambda: plain.create_schedule(**schedule))
    passing = client_of("scheduler", allow("scheduler:*"),
                        allow("iam:PassRole", role, **{"iam:PassedToService": "scheduler.amazonaws.com"}))
    passing.create_schedule(**schedule)
    assert words in refusal(lambda: plain.update_schedule(**schedule))
    passing.update_schedule(**schedule)
    passing.delete_schedule(Name="passed")
    iam.delete_role(RoleName="timers")


def pairs(tags: dict) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.mark.parametrize("service, operation, arguments, tags, needed", [
    ("logs", "create_log_group", {"logGroupName": "tagged"}, {"tags": TAGS}, "logs:TagResource"),
    ("iam", "create_role", {"RoleName": "tagged", "AssumeRolePolicyDocument": TRUST}, {"Tags": pairs(TAGS)}, "iam:TagRole"),
    ("iam", "create_user", {"UserName": "tagged"}, {"Tags": pairs(TAGS)}, "iam:TagUser"),
    ("iam", "create_policy", {"PolicyName": "tagged", "PolicyDocument": json.dumps(
        {"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})}, {"Tags": pairs(TAGS)}, "iam:TagPolicy"),
    ("scheduler", "create_schedule_group", {"Name": "tagged"}, {"Tags": pairs(TAGS)}, "scheduler:TagResource"),
    ("secretsmanager", "create_secret", {"Name": "tagged"}, {"Tags": pairs(TAGS)}, "secretsmanager:TagResource"),
    ("dsql", "create_cluster", {}, {"tags": TAGS}, "dsql:TagResource"),
])
def test_tags_of_what_is_new_need_leave(client_of, service, operation, arguments, tags, needed):
    action = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
    client = client_of(service, allow(action), allow("iam:CreateServiceLinkedRole"))
    assert f"is not authorized to perform: {needed}" in refusal(
        lambda: getattr(client, operation)(**arguments, **tags))


def test_the_first_cluster_makes_dsqls_own_role_for_who_may_make_it(cloud):
    role = f"arn:aws:iam::{cloud.account}:role/aws-service-role/dsql.amazonaws.com/AWSServiceRoleForAuroraDsql"
    creating = allow("dsql:CreateCluster")
    client_of = callers(cloud)
    for statement in (creating, allow("iam:CreateServiceLinkedRole", role, **{"iam:AWSServiceName": "ecs.amazonaws.com"})):
        clusters = client_of("dsql", creating, statement)
        assert f"is not authorized to perform: iam:CreateServiceLinkedRole on resource: {role}" in refusal(
            clusters.create_cluster)
    client_of("dsql", creating, allow("iam:CreateServiceLinkedRole", role, **{
        "iam:AWSServiceName": "dsql.amazonaws.com"})).create_cluster()
    assert cloud.client("iam").get_role(RoleName="AWSServiceRoleForAuroraDsql")["Role"]["Arn"] == role
    assert client_of("dsql", creating).create_cluster()["identifier"]


def test_things_are_told_apart_by_their_tags(module_cloud, client_of):
    """Of each service, a call that changes what has our tag, and is refused for what has not."""
    role = ensure_role(module_cloud)
    functions, logs, scheduler, iam = (module_cloud.client(name) for name in ("lambda", "logs", "scheduler", "iam"))
    calls = {
        ("lambda", "update_function_configuration"): lambda name: {"FunctionName": name, "Timeout": 7},
        ("lambda", "invoke"): lambda name: {"FunctionName": name, "InvocationType": "DryRun"},
        ("lambda", "get_policy"): lambda name: {"FunctionName": name},
        ("lambda", "tag_resource"): lambda name: {"Resource": f"arn:aws:lambda:{REGION}:{module_cloud.account}:function:{name}",
                                                  "Tags": {"a": "b"}},
        ("logs", "put_retention_policy"): lambda name: {"logGroupName": name, "retentionInDays": 7},
        ("logs", "tag_resource"): lambda name: {"resourceArn": f"arn:aws:logs:{REGION}:{module_cloud.account}:log-group:{name}",
                                                "tags": {"a": "b"}},
        ("scheduler", "get_schedule_group"): lambda name: {"Name": name},
        ("scheduler", "tag_resource"): lambda name: {
            "ResourceArn": f"arn:aws:scheduler:{REGION}:{module_cloud.account}:schedule-group/{name}",
            "Tags": pairs({"a": "b"})},
        ("iam", "update_role"): lambda name: {"RoleName": name, "MaxSessionDuration": 7200},
        ("iam", "put_role_policy"): lambda name: {"RoleName": name, "PolicyName": "p", "PolicyDocument": json.dumps(
            {"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})},
        ("iam", "get_user"): lambda name: {"UserName": name},
        ("iam", "get_policy"): lambda name: {"PolicyArn": f"arn:aws:iam::{module_cloud.account}:policy/{name}"},
    }
    for name, tags in (("ours", TAGS), ("theirs", {"team": "shop"})):
        functions.create_function(FunctionName=name, Runtime="provided.al2023", Handler="any", Role=role, Tags=tags,
                                  Code={"ZipFile": zipped("#!/bin/sh\n")})
        functions.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction",
                                 Principal="apigateway.amazonaws.com")
        logs.create_log_group(logGroupName=name, tags=tags)
        scheduler.create_schedule_group(Name=name, Tags=pairs(tags))
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=pairs(tags))
        iam.create_user(UserName=name, Tags=pairs(tags))
        iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]}), Tags=pairs(tags))
    for (service, operation), arguments in calls.items():
        action = ("lambda:InvokeFunction" if operation == "invoke" else
                  f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}")
        client = client_of(service, allow(action, **{"aws:ResourceTag/team": "web"}))
        getattr(client, operation)(**arguments("ours"))
        assert action in refusal(lambda: getattr(client, operation)(**arguments("theirs"))), (service, operation)


@pytest.mark.parametrize("service, operation, arguments, tags", [
    ("logs", "create_log_group", {"logGroupName": "asked"}, lambda tags: {"tags": tags}),
    ("scheduler", "create_schedule_group", {"Name": "asked"}, lambda tags: {"Tags": pairs(tags)}),
    ("iam", "create_user", {"UserName": "asked"}, lambda tags: {"Tags": pairs(tags)}),
    ("iam", "create_role", {"RoleName": "asked", "AssumeRolePolicyDocument": TRUST}, lambda tags: {"Tags": pairs(tags)}),
])
def test_what_is_made_has_to_have_the_tags_that_a_policy_asks_for(client_of, service, operation, arguments, tags):
    action = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
    tagging = {"logs": "logs:TagResource", "scheduler": "scheduler:TagResource"}.get(
        service, f"iam:Tag{operation.removeprefix('create_').capitalize()}")
    client = client_of(service, allow([action, tagging], **{"aws:RequestTag/team": "web"}))
    assert action in refusal(lambda: getattr(client, operation)(**arguments))
    assert action in refusal(lambda: getattr(client, operation)(**arguments, **tags({"team": "shop"})))
    getattr(client, operation)(**arguments, **tags(TAGS))


def test_clusters_are_told_apart_by_their_tags(module_cloud, client_of):
    ours, theirs = (module_cloud.client("dsql").create_cluster(tags={"team": team})["identifier"]
                    for team in ("web", "shop"))
    clusters = client_of("dsql", allow("dsql:UpdateCluster", **{"aws:ResourceTag/team": "web"}))
    clusters.update_cluster(identifier=ours, deletionProtectionEnabled=False)
    assert "dsql:UpdateCluster" in refusal(
        lambda: clusters.update_cluster(identifier=theirs, deletionProtectionEnabled=False))
