"""How many calls a deploy makes, and that it keeps to AWS's quotas. Counts only: times are in bench/."""

import collections

import pytest

from support.app import ScriptApp, made, manifest
from support.aws_target import BUCKET, aws_target
from support.fault_proxy import Refusal
from support.inventory import inventory
from support.quotas import Quotas

FUNCTIONS = 30


@pytest.fixture(scope="module")
def app(tmp_path_factory, module_cloud):
    return ScriptApp(module_cloud, tmp_path_factory.mktemp("quotas"), "testbed",
                     manifest(routes=[f"GET /r{i}" for i in range(FUNCTIONS)], sql=()))


@pytest.fixture
def environment(app, proxy):
    proxy.start_over()
    with aws_target(app, proxy.endpoint) as environment:
        yield environment
        proxy.start_over()
        app.destroy("--force", env=environment)
        app.cloud.client("s3").delete_bucket(Bucket=BUCKET)


def calls_of_functions(proxy) -> collections.Counter:
    return collections.Counter(call.operation for call in proxy.calls() if call.service == "lambda")


def test_a_deploy_that_changes_nothing_makes_two_calls_a_function(app, proxy, environment):
    app.deploy(env=environment)
    quotas = Quotas()
    proxy.start_over(quotas.decide)
    assert made(app.deploy(env=environment))["unchanged"] > FUNCTIONS
    assert calls_of_functions(proxy) == {"GetFunction": FUNCTIONS, "GetPolicy": FUNCTIONS}
    assert len(proxy.calls()) <= 2 * FUNCTIONS + 20
    assert quotas.throttled == []
    assert proxy.changes() == []


def test_a_change_of_the_code_polls_each_function_about_once(app, proxy, environment):
    app.deploy(env=environment)
    app.change_code("one handler is another")
    quotas = Quotas()
    proxy.start_over(quotas.decide)
    assert made(app.deploy(env=environment))["updated"] == FUNCTIONS
    calls = calls_of_functions(proxy)
    assert calls["UpdateFunctionCode"] == calls["GetPolicy"] == FUNCTIONS
    # One look before, one after, and those until the first was seen done.
    assert 2 * FUNCTIONS <= calls["GetFunction"] <= 2 * FUNCTIONS + 8
    assert quotas.throttled == []


def test_an_account_without_a_cluster_left_is_told_what_to_do(app, proxy, environment):
    app.document = manifest(routes=["GET /r0"])
    refusal = Refusal(402, "ServiceQuotaExceededException", "You have reached the cluster limit.")
    proxy.start_over(lambda call: refusal if call.operation == "CreateCluster" else None)
    failed = app.run("deploy", "program", "--yes", env=environment, code=1)
    assert ("Cannot create cluster main-db: The account's quota of Aurora DSQL clusters in Region us-east-1 is "
            "used up\n") in failed.stderr
    assert "Delete a cluster that nobody needs, share one with another application by `cluster`" in failed.stderr
    assert sum(call.operation == "CreateCluster" for call in proxy.calls()) == 1
    assert inventory(app.cloud)["functions"] == []

    # What was made until then is recorded: it goes with destroy.
    proxy.start_over()
    app.destroy("--force", env=environment)
    left = inventory(app.cloud)
    assert all(left[kind] == [] for kind in ("clusters", "roles", "functions", "apis", "log_groups"))
