"""The application's permissions boundary: every role that Nimbus makes gets it, and with it the printed
policy makes nobody an administrator."""

import contextlib
import json

import pytest
from botocore.exceptions import ClientError

from support.aws_target import aws_target, declare_all_kinds
from support.cloud import ROOT
from support.inventory import inventory
from support.roles import new_user

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def document(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def app(projects, cloud):
    app = projects.testbed(cloud)
    declare_all_kinds(app)
    return app


@pytest.fixture
def limits(cloud):
    """The ARNs of two policies that are boundaries."""
    iam = cloud.client("iam")
    arns = [iam.create_policy(PolicyName=name, PolicyDocument=document(ALL))["Policy"]["Arn"]
            for name in ("limit", "other-limit")]
    yield arns
    for arn in arns:
        iam.delete_policy(PolicyArn=arn)


def boundaries(cloud) -> dict:
    iam = cloud.client("iam")
    roles = [iam.get_role(RoleName=role["RoleName"])["Role"] for role in iam.list_roles()["Roles"]]
    return {role["RoleName"]: role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
            for role in roles if role["RoleName"].startswith("testbed-")}


def declare_boundary(app, arn: str | None) -> None:
    app.document.pop("permissionsBoundary", None)
    if arn:
        app.document["permissionsBoundary"] = arn


def reasons(plan: dict) -> set:
    return {reason for step in plan["steps"] for reason in step.get("reasons", [])}


def test_every_role_gets_the_boundary_and_follows_its_changes(app, cloud, limits):
    limit, other = limits
    before = inventory(cloud)
    with aws_target(app, cloud.endpoint) as administrator:
        declare_boundary(app, limit)
        app.deploy(env=administrator)
        made = boundaries(cloud)
        assert len(made) == 2 and set(made.values()) == {limit}, "of the functions and of the timers"
        for arn, change in ((other, f"permissionsBoundary: {limit} -> {other}"),
                            (None, f"permissionsBoundary: {other} -> none"),
                            (limit, f"permissionsBoundary: none -> {limit}")):
            declare_boundary(app, arn)
            assert reasons(app.plan(env=administrator)) == {change}
            app.deploy(env=administrator)
            assert set(boundaries(cloud).values()) == {arn}
            assert app.deploy(env=administrator)["changes"]["updated"] == 0
        app.destroy("--force", env=administrator)
    assert inventory(cloud) == before


def test_a_boundary_that_somebody_else_set_is_shown_and_stays(app, cloud, limits):
    with aws_target(app, cloud.endpoint) as administrator:
        app.deploy(env=administrator)
        role = next(name for name in boundaries(cloud) if "functions" in name)
        cloud.client("iam").put_role_permissions_boundary(RoleName=role, PermissionsBoundary=limits[0])
        shown = f"the permissions boundary {limits[0]}"
        assert shown in app.run("plan", env=administrator).stdout
        app.deploy(env=administrator)
        assert boundaries(cloud)[role] == limits[0]
        app.deploy("--prune", env=administrator)
        assert boundaries(cloud)[role] is None
        assert shown not in app.run("plan", env=administrator).stdout
        app.destroy("--force", env=administrator)


def test_a_function_does_what_its_policy_and_the_boundary_allow(app, cloud):
    """With the boundary of docs/ci.md it reaches its database, and without dsql:DbConnect in it, it does not."""
    text = (ROOT / "examples" / "ci" / "boundary.json").read_text()
    enough = json.loads(text.replace("123456789012", cloud.account).replace("shop", "testbed"))["Statement"]
    narrow = [statement for statement in enough if statement["Action"] != "dsql:DbConnect"]
    iam = cloud.client("iam")
    app.declare(routes=["POST /sql"])
    for name, statements, status in (("narrow", narrow, 500), ("enough", enough, 200)):
        policy = iam.create_policy(PolicyName=name, PolicyDocument=document(*statements))["Policy"]
        declare_boundary(app, policy["Arn"])
        app.deploy()
        answer = app.sql("SELECT 1 AS one")
        assert answer.status_code == status, answer.text


@contextlib.contextmanager
def denied():
    with pytest.raises(ClientError) as refused:
        yield
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def policy_of(app, environment: dict) -> dict:
    return app.run("init", "--policy", env=environment).json()


def test_a_deployer_with_the_policy_makes_no_role_that_is_not_limited(app, cloud, limits):
    limit, other = limits
    before = inventory(cloud)
    with aws_target(app, cloud.endpoint) as administrator:
        declare_boundary(app, limit)
        user = new_user(cloud, "deployer", policy_of(app, administrator))
        app.deploy(env=user)
        app.document["functions"][0]["permissions"] = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}]
        assert app.deploy(env=user)["changes"]["updated"]

        theirs = cloud.client("iam", aws_access_key_id=user["AWS_ACCESS_KEY_ID"],
                              aws_secret_access_key=user["AWS_SECRET_ACCESS_KEY"])
        role = {"RoleName": "testbed-dev-admin", "AssumeRolePolicyDocument": json.dumps(TRUST)}
        admin = {"RoleName": "testbed-dev-admin", "PolicyName": "admin", "PolicyDocument": document(ALL)}
        with denied():
            theirs.create_role(**role)
        with denied():
            theirs.create_role(**role, PermissionsBoundary=other)
        cloud.client("iam").create_role(**role)  # as an earlier version of the program may have left one
        with denied():
            theirs.put_role_policy(**admin)
        with denied():
            theirs.attach_role_policy(RoleName="testbed-dev-admin",
                                      PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        cloud.client("iam").delete_role(RoleName="testbed-dev-admin")
        limited = next(iter(boundaries(cloud)))
        with denied():
            theirs.delete_role_permissions_boundary(RoleName=limited)
        with denied():
            theirs.put_role_permissions_boundary(RoleName=limited, PermissionsBoundary=other)
        app.destroy("--force", env=user)
    assert inventory(cloud) == before


def test_the_policy_moves_from_one_boundary_to_the_next_and_to_none(app, cloud, limits):
    limit, other = limits
    with aws_target(app, cloud.endpoint) as administrator:
        app.deploy(env=administrator)
        for number, arn in enumerate((limit, other, None)):
            declare_boundary(app, arn)
            user = new_user(cloud, f"deployer-{number}", policy_of(app, administrator))
            app.deploy(env=user)
            assert set(boundaries(cloud).values()) == {arn}
        app.destroy("--force", env=user)


def test_no_part_of_the_statement_for_limited_roles_can_be_left_out(app, cloud, limits):
    with aws_target(app, cloud.endpoint) as administrator:
        declare_boundary(app, limits[0])
        policy = policy_of(app, administrator)
        (giving,) = [one for one in policy["Statement"] if one["Sid"] == "GiveRoles"]
        app.document.pop("permissionsBoundary")
        app.deploy(env=administrator)  # roles without it, so that it has to be put
        declare_boundary(app, limits[0])
        actions = list(giving["Action"])
        for number, action in enumerate(actions):
            giving["Action"] = [one for one in actions if one != action]
            user = new_user(cloud, f"deployer-{number}", policy)
            if action == "iam:CreateRole":
                app.destroy("--force", env=administrator)
            if action == "iam:PutRolePolicy":
                app.deploy(env=administrator)
                app.document["functions"][0]["permissions"] = [
                    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
            if action == "iam:PutRolePermissionsBoundary":
                declare_boundary(app, None)
                app.deploy(env=administrator)
                declare_boundary(app, limits[0])
            refused = app.run("deploy", "--yes", env=user, code=1)
            assert f"is not authorized to perform: {action}" in refused.stderr
        app.destroy("--force", env=administrator)


def test_the_local_cloud_does_without_a_policy_of_another_account_and_says_so(app, cloud):
    arn = "arn:aws:iam::999999999999:policy/limit"
    declare_boundary(app, arn)
    said = f"The local cloud's account does not have the policy {arn}, so its roles get no permissions boundary."
    assert app.plan()["warnings"] == [said]
    app.deploy()
    assert set(boundaries(cloud).values()) == {None}
    assert app.deploy()["changes"]["updated"] == 0


@pytest.mark.parametrize("arn, code, sentence", [
    ("arn:aws:iam::{account}:policy/none", 1, "policy/none does not exist"),
    ("arn:aws-cn:iam::{account}:policy/limit", 2, "is in the partition aws-cn, and Region us-east-1 is in aws"),
    ("arn:aws:iam::999999999999:policy/limit", 2, "is a policy of another account than the roles"),
    ("arn:aws:iam::{account}:policy/*", 2, "permissionsBoundary"),
])
def test_a_boundary_that_no_role_can_have_is_refused_before_anything_is_made(app, cloud, arn, code, sentence):
    before = inventory(cloud)
    with aws_target(app, cloud.endpoint) as administrator:
        declare_boundary(app, arn.format(account=cloud.account))
        for command in (["plan"], ["deploy", "--yes"]):
            assert sentence in app.run(*command, env=administrator, code=code).stderr
    assert inventory(cloud) == before


def test_a_boundary_of_the_local_cloud_that_is_not_there_is_named(app, cloud):
    declare_boundary(app, f"arn:aws:iam::{cloud.account}:policy/none")
    assert f"arn:aws:iam::{cloud.account}:policy/none does not exist" in app.run("plan", code=1).stderr


def test_a_deployer_has_to_see_the_boundary(app, cloud, limits):
    with aws_target(app, cloud.endpoint) as administrator:
        declare_boundary(app, limits[0])
        policy = policy_of(app, administrator)
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "FindBoundary"]
        refused = app.run("plan", env=new_user(cloud, "blind", policy), code=1)
        assert "is not authorized to perform: iam:GetPolicy" in refused.stderr
