"""`nimbus local faults`: what goes wrong on demand, as programs, AWS's clients and people see it."""

import os
import re
import subprocess

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
import requests

from support.app import App
from support.cloud import NIMBUS, ROOT

OFF = {"on": False, "faults": [], "delayMilliseconds": 500, "seed": 0}


@pytest.fixture(scope="module")
def app(sql_app) -> App:
    assert sql_app.call("POST", "/init").status_code == 200
    return sql_app


@pytest.fixture(autouse=True)
def nothing_is_on(module_cloud):
    yield
    module_cloud.run("local", "faults", "--off")


def faults(cloud, *arguments) -> dict:
    return cloud.run("local", "faults", "--json", *arguments).json()


def fault(document: dict, name: str) -> dict:
    (found,) = [each for each in document["faults"] if each["fault"] == name]
    return found


def test_a_program_with_retries_loses_nothing(app, module_cloud):
    """The script of docs/local-cloud.md, "See a retry work"."""
    environment = {**module_cloud.environment, "PATH": f"{NIMBUS.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-e", ROOT / "examples" / "sql" / "retry.sh"], cwd=app.directory, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "  conflicts        2 of 12 transactions that changed rows\n" in done.stdout
    assert done.stdout.endswith("No faults are injected.\n10\n")


def test_the_same_seed_gives_the_same_conflicts(app, module_cloud):
    def codes() -> list[int]:
        module_cloud.run("local", "faults", "--conflicts", "50%", "--seed", "5")
        insert = "INSERT INTO myapp.users (name, email) VALUES ('a', gen_random_uuid()::text)"
        return [module_cloud.psql(app.cluster, insert).code for _ in range(6)]

    first = codes()
    assert 0 in first and 1 in first
    assert codes() == first


def test_psql_sees_what_dsql_says(app, module_cloud):
    count = "SELECT count(*) FROM myapp.users"
    before = module_cloud.rows(app.cluster, count)
    module_cloud.run("local", "faults", "--conflicts", "100%")
    refused = module_cloud.psql(app.cluster, "INSERT INTO myapp.users (name, email) VALUES ('b', 'b@b')")
    assert "ERROR:  change conflicts with another transaction (OC000)" in refused.stderr
    assert module_cloud.rows(app.cluster, count) == before
    module_cloud.run("local", "faults", "--disconnects", "100%")
    assert "connection to server was lost" in module_cloud.psql(app.cluster, count).stderr
    module_cloud.run("local", "faults", "--expired-tokens")
    refused = module_cloud.psql(app.cluster, count).stderr
    assert "FATAL:  unable to accept connection, access denied" in refused
    assert "HINT:  Signature expired: " in refused


def test_a_login_that_is_refused_on_demand_does_not_blame_the_credentials(app, module_cloud):
    injected = "Faults are injected on demand: expired-tokens 100%, seed 7. 'nimbus local faults --off' ends them."
    module_cloud.run("local", "faults", "--expired-tokens", "--seed", "7")
    for command in (["sql", "-c", "SELECT 1"], ["deploy", "--yes"]):
        refused = app.run(*command, code=1).stderr
        assert injected in refused and "dsql:DbConnectAdmin" not in refused, refused
    module_cloud.run("local", "faults", "--conflicts", "1%")
    assert "Faults are injected" not in app.run("sql", "-c", "SELECT 1").stderr


def test_throttled_functions_answer_as_on_aws(app, module_cloud):
    name = app.output["functions"][0]["arn"]
    module_cloud.run("local", "faults", "--throttles", "100%")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        module_cloud.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["Reason"] == "ConcurrentInvocationLimitExceeded"
    answer = app.call("GET", "/users/count")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert fault(faults(module_cloud), "throttles") == {"fault": "throttles", "percent": 100, "events": 2, "injected": 2}


def test_cold_starts_and_slow_statements_only_take_time(app, module_cloud):
    module_cloud.run("local", "faults", "--cold-starts", "100%", "--slow-statements", "100%", "--delay", "5ms")
    for _ in range(2):
        assert app.call("GET", "/users/count").status_code == 200
    document = faults(module_cloud)
    assert fault(document, "cold-starts")["injected"] == 2
    assert fault(document, "slow-statements")["injected"] >= 2
    assert document["delayMilliseconds"] == 5


def test_what_is_on_is_told(module_cloud):
    assert faults(module_cloud) == OFF
    assert module_cloud.run("local", "faults").stdout == "No faults are injected.\n"
    assert "Faults" not in module_cloud.run("local", "status").stdout
    assert module_cloud.status(fresh=True)["faults"] == OFF

    on = faults(module_cloud, "--conflicts", "5%", "--disconnects", "0.5%", "--seed", "7")
    assert on == {"on": True, "delayMilliseconds": 500, "seed": 7, "faults": [
        {"fault": "conflicts", "percent": 5, "events": 0, "injected": 0},
        {"fault": "disconnects", "percent": 0.5, "events": 0, "injected": 0}]}
    assert module_cloud.status(fresh=True)["faults"] == on
    sentence = "Faults are injected on demand: conflicts 5%, disconnects 0.5%, seed 7. 'nimbus local faults --off' ends them."
    assert sentence in module_cloud.run("local", "status").stdout
    assert module_cloud.run("local", "faults").stdout.startswith(sentence)

    # What is asked for replaces what was on.
    assert [each["fault"] for each in faults(module_cloud, "--throttles", "1%")["faults"]] == ["throttles"]
    assert faults(module_cloud, "--off") == OFF


def test_what_is_injected_is_in_the_log(app, module_cloud):
    module_cloud.run("local", "faults", "--throttles", "100%", "--seed", "1")
    request = app.call("GET", "/users/count").headers["apigw-requestid"]
    lines = module_cloud.run("local", "logs", request).stdout
    assert re.search(r"info +instances +A fault was injected on demand +fault=throttles request_id=", lines), lines


def test_a_restart_ends_all_faults(cloud):
    cloud.run("local", "faults", "--conflicts", "5%")
    cloud.stop()
    assert faults(cloud) == cloud.status(fresh=True)["faults"] == OFF
    refused = cloud.run("local", "faults", "--conflicts", "5%", code=1)
    assert "The local cloud is not running" in refused.stderr
    assert faults(cloud.start()) == OFF


@pytest.mark.parametrize("arguments, message", [
    (["--conflicts", "5"], "--conflicts must be a percentage from 0% to 100%, not '5'"),
    (["--conflicts", "101%"], "--conflicts must be a percentage from 0% to 100%, not '101%'"),
    (["--throttles=-1%"], "--throttles must be a percentage from 0% to 100%, not '-1%'"),
    (["--expired-tokens", "often"], "--expired-tokens must be a percentage from 0% to 100%, not 'often'"),
    (["--slow-statements", "5%", "--delay", "5"], "--delay must be a time from 1ms to 300s, not '5'"),
    (["--delay", "500ms"], "--delay needs --slow-statements"),
    (["--seed", "7"], "--seed needs a fault"),
    (["--conflicts", "5%", "--seed", "x"], "--seed must be a whole number from 0 to 4294967295, not 'x'"),
    (["--off", "--conflicts", "5%"], "--conflicts excludes --off"),
    (["--fires", "5%"], "--fires"),
])
def test_bad_input_is_named_and_changes_nothing(module_cloud, arguments, message):
    refused = module_cloud.run("local", "faults", *arguments, code=2)
    assert message in refused.stderr
    assert faults(module_cloud) == OFF


def test_a_policy_must_allow_it(module_cloud):
    iam = module_cloud.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    request = botocore.awsrequest.AWSRequest("GET", module_cloud.endpoint + "/faults")
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"]),
                            "nimbus", "us-east-1").add_auth(request)
    answer = requests.get(request.url, headers=dict(request.headers), timeout=60)
    assert answer.status_code == 403
    assert "nimbus:GetFaults" in answer.text


def test_deploy_turns_faults_on_and_off(app, module_cloud):
    deployed = app.run("deploy", "--yes", "--faults", "conflicts=5%,slow-statements=1%,delay=20ms,seed=7")
    assert ("Faults are injected on demand: conflicts 5%, slow-statements 1% (20 ms), seed 7. "
            "'nimbus local faults --off' ends them.\n") in deployed.stderr
    assert [each["percent"] for each in faults(module_cloud)["faults"]] == [5, 1]
    assert app.run("deploy", "--yes", "--faults", "off").stderr.endswith("No faults are injected.\n")
    assert faults(module_cloud) == OFF


def test_deploy_refuses_faults_that_it_does_not_know_and_a_target_that_has_none(app, module_cloud, tmp_path):
    refused = app.run("deploy", "--faults", "conflict=5%", code=2)
    assert "--faults does not know 'conflict'" in refused.stderr
    refused = app.run("deploy", "--faults", "conflicts=5", code=2)
    assert "conflicts in --faults must be a percentage" in refused.stderr
    (tmp_path / ".nimbusrc").write_text('{"target": "aws", "bucket": "a-bucket", "region": "us-east-1"}')
    refused = module_cloud.run("deploy", "--faults", "conflicts=5%", cwd=tmp_path, code=2)
    assert "--faults is for the local cloud, and the target is aws" in refused.stderr
