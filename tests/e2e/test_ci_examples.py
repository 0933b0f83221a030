"""examples/ci and examples/aws, which docs/ci.md and docs/aws.md show: workflows, policies and commands."""

import json
import os
import re
import shlex
import subprocess

import pytest
import yaml

from support.aws_target import aws_target
from support.cloud import NIMBUS, REGION, ROOT
from support.inventory import clusters, inventory

CI, AWS = ROOT / "examples" / "ci", ROOT / "examples" / "aws"
WORKFLOWS = sorted(CI.glob("*.yml"))
SCRIPTS = sorted([*CI.glob("*.sh"), *AWS.glob("*.sh")])
TRUST_POLICIES = sorted(CI.glob("trust-*.json"))
ACCOUNT = "123456789012"  # moto's, and that of the examples

NOT_UNDERSTOOD = "--help' to see its options"


def name(path) -> str:
    return path.name


def texts(value):
    """All strings of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def lines(path) -> list[str]:
    if path.suffix == ".yml":
        return [line for text in texts(yaml.safe_load(path.read_text())) for line in text.splitlines()]
    return path.read_text().replace("\\\n", " ").splitlines()


def commands(path) -> list[list[str]]:
    """The arguments of each call of nimbus, with a number where the CI system puts one."""
    found = []
    for line in lines(path):
        line = re.sub(r"\$\{\{[^}]*\}\}|\$CI_\w+", "7", line)
        line = re.sub(r"^\w+=\$\(([^|)]*).*", r"\1", line)
        words = shlex.split(line.partition(">")[0])
        if words[:1] == ["npx"]:
            words.pop(0)
        if words[:1] == ["nimbus"]:
            found.append(words[1:])
    return found


@pytest.fixture
def elsewhere(idle_cloud, tmp_path):
    """A directory whose target is AWS, and nobody is signed in: whatever is understood fails for that."""
    (tmp_path / ".nimbusrc").write_text(json.dumps({"target": "aws", "bucket": "state-bucket", "region": REGION}))
    return tmp_path


@pytest.mark.parametrize("path", [*WORKFLOWS, *SCRIPTS], ids=name)
def test_every_command_is_understood(idle_cloud, elsewhere, path):
    for arguments in commands(path):
        result = idle_cloud.run(*arguments, cwd=elsewhere, code=None)
        assert NOT_UNDERSTOOD not in result.stderr, result


def test_a_command_that_does_not_exist_would_be_noticed(idle_cloud, elsewhere):
    assert NOT_UNDERSTOOD in idle_cloud.run("deploy", "--stge", "prod", cwd=elsewhere, code=2).stderr


def test_workflows_and_scripts_call_nimbus():
    calling = {path.name for path in [*WORKFLOWS, *SCRIPTS] if commands(path)}
    assert calling == {path.name for path in [*WORKFLOWS, *SCRIPTS]} - {
        "boundary.sh", "install-cpp.sh", "provider-github.sh", "roles.sh"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_a_pull_request_gets_a_preview_beside_production_and_loses_it(projects, cloud, path):
    production, preview, end = commands(path)
    app = projects.testbed(cloud, project="shop", sql=[
        {"name": "main-db", "schema": "shop", "deletionProtection": False, "cluster": "team-db"}])

    def schemas() -> set[str]:
        (cluster,) = clusters(cloud)
        return {row[0] for row in cloud.rows(cluster, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop%'")}

    with aws_target(app, cloud.endpoint) as environment:
        app.run(*production, env=environment)
        app.run(*preview, env=environment)
        stage = preview[preview.index("--stage") + 1]
        assert schemas() == {"shop", "shop_" + stage.replace("-", "_")}
        app.run(*preview, env=environment)
        app.run(*end, env=environment)
        assert schemas() == {"shop"}
        app.destroy("--force", stage="prod", env=environment)


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_are_right_for_the_shell(path):
    subprocess.run(["bash", "-n", path], check=True)


@pytest.mark.parametrize("path", TRUST_POLICIES, ids=name)
def test_iam_takes_the_trust_policies(module_cloud, path):
    document = json.loads(path.read_text())
    (statement,) = document["Statement"]
    provider = statement["Principal"]["Federated"].partition("oidc-provider/")[2]
    tested = [key for keys in statement["Condition"].values() for key in keys]
    assert sorted(tested) == [f"{provider}:aud", f"{provider}:sub"]
    module_cloud.client("iam").create_role(RoleName=path.stem, AssumeRolePolicyDocument=json.dumps(document))


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_roles_of_workflows_are_those_that_the_script_makes(path):
    made = set(re.findall(r"--role-name (\S+)", (CI / "roles.sh").read_text()))
    used = set(re.findall(rf"arn:aws:iam::{ACCOUNT}:role/(\S+)", path.read_text()))
    assert used == {"shop-production", "shop-previews"} <= made


def test_the_guestbook_goes_from_an_empty_account_to_a_url_and_back(projects, cloud):
    """The local cloud is AWS here, by AWS's own variables."""
    directory = projects.copy(ROOT / "examples" / "guestbook", "guestbook")
    (directory / ".nimbusrc").unlink()
    before = inventory(cloud)
    environment = {**cloud.environment, **cloud.aws_environment(), "PATH": f"{NIMBUS.parent}:{os.environ['PATH']}"}

    def run(script: str) -> str:
        done = subprocess.run(["bash", "-e", AWS / script], cwd=directory, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("deploy.sh")
    assert "It works!" in run("call.sh")
    assert "It works!" in run("look.sh")
    run("destroy.sh")
    assert inventory(cloud) == before


def test_the_policy_of_the_guestbook_is_what_nimbus_prints(projects, idle_cloud, moto):
    directory = projects.copy(ROOT / "examples" / "guestbook", "guestbook")
    settings = directory / ".nimbusrc"
    before = settings.read_text()
    settings.write_text(json.dumps(
        {"target": "aws", "bucket": f"nimbus-state-{ACCOUNT}-{REGION}", "region": REGION}))
    try:
        printed = idle_cloud.run("init", "--policy", cwd=directory, env=moto.environment).stdout
    finally:
        settings.write_text(before)
    assert printed == (CI / "deployer-policy.json").read_text()
