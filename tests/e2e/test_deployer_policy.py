"""`nimbus init --policy`: a user with exactly this policy deploys, changes and destroys an application
with all kinds of resource, and needs every statement of it."""

import concurrent.futures
import dataclasses
import fnmatch
import json
import re

import pytest
from botocore.exceptions import ClientError

from support.app import App, function_name, manifest
from support.aws_target import aws_target, declare_all_kinds
from support.cloud import REGION, Result
from support.inventory import inventory
from support.roles import new_user

AT_A_TIME = 4
REFUSAL = re.compile(r"is not authorized to perform: (?P<action>\S+)(?: on resource: (?P<resource>\S+))?")


@pytest.fixture
def app(projects, cloud):
    return projects.testbed(cloud)


def declare(app: App, is_changed=False) -> None:
    """All kinds, a key of KMS's among them; `is_changed`: something of each is different."""
    declare_all_kinds(app)
    document = app.document
    secret, timer = document["secrets"][0], document["timers"][0]
    secret["kmsKeyId"] = f"arn:aws:kms:{REGION}:{app.cloud.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    if is_changed:
        name = function_name("GET", "/pid")
        document["apis"][0]["routes"].append({"method": "GET", "path": "/pid", "function": name})
        document["functions"][0]["memory"] = 512
        document["functions"].append({"name": name, "memory": 256, "timeout": 30})
        secret["description"] = "Another"
        timer["schedule"] = "rate(10 minutes)"
    (app.directory / "manifest.json").write_text(json.dumps(document))


def policy_of(app: App, stage: str, environment: dict) -> dict:
    return app.cloud.run("init", "--policy", "--stage", stage, cwd=app.directory, env=environment).json()


@dataclasses.dataclass
class Deployer:
    """A user with a policy, and a stage that is this user's alone."""

    app: App
    stage: str
    environment: dict
    missing: dict  # the statement that the policy lacks
    refused: Result | None = None

    def run(self, *command) -> None:
        """Unless an earlier command was refused."""
        if self.refused:
            return
        result = self.app.cloud.run(*command, "--stage", self.stage, cwd=self.app.directory, env=self.environment,
                                    code=None)
        if result.code:
            self.refused = result

    def mistake(self) -> str | None:
        """What is wrong with the refusal: it has to name the operation and the resource of the statement."""
        if not self.refused:
            return "is not needed"
        text = self.refused.stderr
        for refusal in REFUSAL.finditer(text):
            patterns = self.missing["Resource"]
            fits = any(fnmatch.fnmatch(refusal["resource"] or "*", pattern) for pattern in patterns)
            is_denied_access = "AccessDenied" in text or "access denied" in text  # by an API, or by a database
            if refusal["action"] in self.missing["Action"] and fits and is_denied_access:
                return None
        return f"is missed with: {text}"


def without(policy: dict, statement: dict) -> dict:
    return {**policy, "Statement": [one for one in policy["Statement"] if one["Sid"] != statement["Sid"]]}


def deployer_without(app: App, sid: str, administrator: dict) -> Deployer:
    stage = sid.lower()[:16]
    policy = policy_of(app, stage, administrator)
    (missing,) = [statement for statement in policy["Statement"] if statement["Sid"] == sid]
    return Deployer(app, stage, new_user(app.cloud, sid, without(policy, missing)), missing)


DESTROY = ("destroy", "--project", "testbed", "--region", REGION, "--force", "--yes")


def test_a_user_with_the_policy_deploys_changes_and_destroys(app, cloud):
    before = inventory(cloud)
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator:
        user = new_user(cloud, "deployer", policy_of(app, "dev", administrator))
        made = app.deploy(env=user)
        assert made["secrets"] and made["timers"] and made["sql"] and made["apis"]
        assert app.deploy(env=user)["changes"]["updated"] == 0
        declare(app, is_changed=True)
        assert app.plan(env=user)["steps"]
        changes = app.deploy(env=user)["changes"]
        assert changes["created"] and changes["updated"]
        app.destroy("--force", env=user)
    assert inventory(cloud) == before


def test_no_statement_of_the_policy_can_be_left_out(app, cloud):
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator, \
            concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        def deployer(sid: str) -> Deployer:
            return deployer_without(app, sid, administrator)

        def all_run(*command) -> None:
            list(pool.map(lambda one: one.run(*command), deployers))

        policy = policy_of(app, "dev", administrator)
        deployers = list(pool.map(deployer, [statement["Sid"] for statement in policy["Statement"]]))
        # Only the account's first cluster needs it.
        (first,) = [one for one in deployers if one.missing["Sid"] == "ServiceLinkedRole"]
        first.run("deploy", "--yes")
        all_run("deploy", "--yes")
        declare(app, is_changed=True)
        all_run("plan")
        all_run("deploy", "--yes")
        all_run(*DESTROY)
    mistakes = {one.missing["Sid"]: one.mistake() for one in deployers if one.mistake()}
    assert not mistakes, "\n".join(f"{sid}: {mistake}" for sid, mistake in mistakes.items())


def keys_of(user: dict) -> dict:
    return {"aws_access_key_id": user["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": user["AWS_SECRET_ACCESS_KEY"]}


def is_denied(call, **arguments) -> bool:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_cluster_of_another_application_cannot_be_taken_over(app, cloud):
    own = {"nimbus:project": "testbed", "nimbus:stage": "dev"}
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator:
        user = new_user(cloud, "deployer", policy_of(app, "dev", administrator))
        dsql = cloud.client("dsql", **keys_of(user))
        foreign = cloud.client("dsql").create_cluster(
            deletionProtectionEnabled=False, tags={"nimbus:project": "payroll", "nimbus:stage": "dev"})
        assert is_denied(dsql.tag_resource, resourceArn=foreign["arn"], tags=own)
        assert is_denied(dsql.untag_resource, resourceArn=foreign["arn"], tagKeys=list(own))
        assert is_denied(dsql.update_cluster, identifier=foreign["identifier"], deletionProtectionEnabled=True)
        assert is_denied(dsql.delete_cluster, identifier=foreign["identifier"])
        cloud.client("dsql").get_waiter("cluster_active").wait(
            identifier=foreign["identifier"], WaiterConfig={"Delay": 1})
        foreign = cloud.client("dsql").get_cluster(identifier=foreign["identifier"])
        refused = cloud.psql(foreign, "SELECT 1", credentials=keys_of(user))
        assert "not authorized to perform: dsql:DbConnectAdmin" in refused.stderr
        cloud.client("dsql").delete_cluster(identifier=foreign["identifier"])


def test_a_shared_cluster_is_used_and_not_changed(app, cloud):
    app.declare(sql=[{"name": "main-db", "schema": "maker", "deletionProtection": False, "cluster": "team-db"}])
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    with aws_target(app, cloud.endpoint) as administrator:
        maker = new_user(cloud, "maker", policy_of(app, "maker", administrator))
        app.deploy("--stage", "maker", env=maker)
        app.document["sql"][0]["schema"] = "testbed"
        (app.directory / "manifest.json").write_text(json.dumps(app.document))
        deployer = deployer_without(app, "UseSharedCluster", administrator)
        deployer.run("deploy", "--yes")
        assert deployer.mistake() is None
        user = new_user(cloud, "deployer", policy_of(app, "dev", administrator))
        app.deploy(env=user)
        dsql = cloud.client("dsql", **keys_of(user))
        (cluster,) = cloud.client("dsql").list_clusters()["clusters"]
        assert is_denied(dsql.tag_resource, resourceArn=cluster["arn"], tags={"nimbus:schema:maker": "testbed/dev"})
        assert is_denied(dsql.untag_resource, resourceArn=cluster["arn"], tagKeys=["nimbus:schema:maker"])
        assert is_denied(dsql.update_cluster, identifier=cluster["identifier"], deletionProtectionEnabled=True)
        assert is_denied(dsql.delete_cluster, identifier=cluster["identifier"])
        app.destroy("--force", env=user)
        app.destroy("--force", stage="maker", env=maker)
    assert inventory(cloud)["clusters"] == []


def test_a_stage_may_be_a_pattern(app, cloud):
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator:
        user = new_user(cloud, "previews", policy_of(app, "pr-*", administrator))
        app.deploy("--stage", "pr-7", env=user)
        app.destroy("--force", stage="pr-7", env=user)
        refused = app.run("deploy", "--yes", "--stage", "prod", env=user, code=1)
        wrong = app.run("init", "--policy", "--stage", "pr_*", env=administrator, code=2)
    assert "AccessDenied" in refused.stderr and "nimbus init --policy" in refused.stderr
    assert "--stage must be lower-case letters" in wrong.stderr


@pytest.mark.parametrize("stage", ["dev", "d*"])
def test_what_the_program_no_longer_has_is_in_the_policy_while_it_is_deployed(app, cloud, stage):
    before = inventory(cloud)
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator:
        app.deploy(env=administrator)
        app.document = {**manifest(project="testbed", routes=[], sql=[]), "apis": []}
        (app.directory / "manifest.json").write_text(json.dumps(app.document))
        user = new_user(cloud, "remover", policy_of(app, stage, administrator))
        assert app.deploy(env=user)["changes"]["deleted"]
        app.destroy("--force", env=user)
        ids = {statement["Sid"] for statement in policy_of(app, stage, administrator)["Statement"]}
    assert ids == {"FindState", "State"}
    assert inventory(cloud) == before


def test_who_may_not_read_the_state_gets_the_policy_of_the_program(app, cloud):
    declare(app)
    nobody = {"Version": "2012-10-17", "Statement": []}
    with aws_target(app, cloud.endpoint) as administrator:
        printed = app.run("init", "--policy", env=new_user(cloud, "nobody", nobody))
        policy = app.run("init", "--policy", env=administrator)
    assert printed.json() == policy.json()
    assert "What is deployed was not looked at: " in printed.stderr and "not looked at" not in policy.stderr


def test_a_policy_for_the_local_cloud_says_so(app):
    printed = app.run("init", "--policy")
    assert "The target is local: " in printed.stderr and printed.json()["Statement"]


def test_the_key_of_the_state_bucket_is_in_the_policy_when_it_is_named(app, cloud):
    key = f"arn:aws:kms:{REGION}:{cloud.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    with aws_target(app, cloud.endpoint) as administrator:
        policy = app.run("init", "--policy", "--kms-key", key, env=administrator).json()
        plain = app.run("init", "--policy", env=administrator).json()
    (statement,) = [one for one in policy["Statement"] if one not in plain["Statement"]]
    assert statement == {
        "Sid": "StateKey", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": [key],
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}}


def test_the_policy_names_what_the_application_has_and_fits_into_a_managed_one(app, cloud):
    declare(app)
    with aws_target(app, cloud.endpoint) as administrator:
        policy = policy_of(app, "prod", administrator)
    assert len(json.dumps(policy, separators=(",", ":"))) < 6144
    unscoped = {action for statement in policy["Statement"] if statement["Resource"] == ["*"]
                for action in statement["Action"]}
    assert unscoped == {"dsql:ListClusters", "logs:DescribeLogGroups", "scheduler:ListSchedules"}
    assert all(statement["Condition"]["StringEquals"] for statement in policy["Statement"]
               if set(statement["Action"]) & {"iam:PassRole", "iam:CreateServiceLinkedRole", "kms:Decrypt"})
    assert "testbed-prod-*" in json.dumps(policy) and "dev" not in json.dumps(policy)


def test_a_policy_is_printed_without_credentials_and_without_a_cloud(projects, idle_cloud, tmp_path):
    app = projects.testbed(idle_cloud)
    app.declare(routes=["GET /ping"], sql=[])
    nobody = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(tmp_path / "none"),
              "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    told = idle_cloud.run("init", "--policy", cwd=app.directory)
    assert ":ACCOUNT_ID:" in told.stdout and "The local cloud is not running" in told.stderr

    (app.directory / ".nimbusrc").write_text(json.dumps({"target": "aws", "bucket": "my-state", "region": REGION}))
    told = idle_cloud.run("init", "--policy", cwd=app.directory, env=nobody)
    assert ":ACCOUNT_ID:" in told.stdout and "AWS could not be asked" in told.stderr and "--account" in told.stderr
    told = idle_cloud.run("init", "--policy", "--account", "210987654321", cwd=app.directory, env=nobody)
    assert ":210987654321:" in told.stdout and "ACCOUNT_ID" not in told.stdout
    assert "12 digits" in idle_cloud.run("init", "--policy", "--account", "me", cwd=app.directory, code=2).stderr
    assert idle_cloud.status(fresh=True)["running"] is False, "none of these started a cloud"
