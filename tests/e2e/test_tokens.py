"""Who gets into a DSQL cluster: TLS, tokens, IAM policies and role mappings.

The texts are DSQL's own; AWS's clients sign the tokens.
"""

import json
import subprocess

import boto3
import pytest

from support.cloud import REGION, ROOT
from support.inventory import pages
from support.names import with_names
from support.roles import assume, new_role
from support.waiting import wait_until

DENIED = "unable to accept connection, access denied"
JS = ROOT / "tests" / "e2e" / "js"


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    app = projects.testbed(module_cloud, routes=["GET /ping", "POST /sql"])
    app.deploy()
    return app


@pytest.fixture(scope="module")
def cluster(app):
    return app.cluster


@pytest.fixture(scope="module")
def function_role(app, module_cloud):
    """Credentials of the functions' own role, got by sts:AssumeRole as Lambda gets them."""
    (role,) = {f["Role"] for f in pages(module_cloud.client("lambda"), "list_functions", "Functions")}
    iam = module_cloud.client("iam")
    trust = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
    name = role.rpartition("/")[2]
    trust["Statement"].append({"Effect": "Allow", "Principal": {"AWS": module_cloud.account}, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return assume(module_cloud, role)


def failed(result):
    return result if result.code != 0 else None


def refused(result) -> str:
    assert result.code == 2, str(result)
    assert DENIED in result.stderr, str(result)
    return result.stderr


def test_psql_connects_with_verification_on(module_cloud, cluster):
    assert module_cloud.rows(cluster, "SELECT current_user, 1 + 1") == [["admin", "2"]]


def test_the_functions_role_connects_as_its_database_role(module_cloud, cluster, function_role):
    rows = module_cloud.rows(cluster, "SELECT current_user", user=cluster["dbRole"], credentials=function_role)
    assert rows == [["lambda_testbed"]]


def test_node_postgres_connects_as_the_page_does(module_cloud, cluster, function_role, tmp_path):
    environment = module_cloud.aws_environment() | {
        "AWS_ACCESS_KEY_ID": function_role["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": function_role["aws_secret_access_key"],
        "AWS_SESSION_TOKEN": function_role["aws_session_token"]}
    done = subprocess.run([*with_names(module_cloud, tmp_path), "node", str(JS / "node_postgres.mjs"), cluster["endpoint"],
                           cluster["dbRole"], cluster["schema"]],
                          env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"user": "lambda_testbed", "sum": 2, "code": "23505", "authorized": True}


def test_an_unknown_certificate_authority_is_not_trusted(module_cloud, cluster, tmp_path):
    environment = module_cloud.aws_environment()
    del environment["PGSSLROOTCERT"]
    done = subprocess.run(["psql", f"host={cluster['endpoint']} hostaddr={cluster['hostaddr']} user=admin dbname=postgres "
                           "sslmode=verify-full "
                           "sslrootcert=/etc/ssl/certs/ca-certificates.crt", "-c", "SELECT 1"],
                          env=environment | {"PGPASSWORD": "x"}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "certificate" in done.stderr


def test_a_plaintext_connection_is_refused(module_cloud, cluster):
    """The page's "SSL connection required"."""
    result = module_cloud.psql(cluster, "SELECT 1", sslmode="disable")
    assert result.code == 2
    assert "ssl" in result.stderr.lower() or "tls" in result.stderr.lower()


def test_an_expired_token_is_refused(module_cloud, cluster):
    token = module_cloud.token(cluster, "admin", expires=1)
    result = wait_until(lambda: failed(module_cloud.psql(cluster, "SELECT 1", token=token)), "its expiry")
    assert "Signature expired" in refused(result)


@pytest.mark.parametrize("tamper", [
    lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
    lambda token: token.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"),
    lambda token: token.replace("X-Amz-Expires=900", "X-Amz-Expires=604801"),
    lambda token: token.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    lambda token: token.replace("us-east-1%2Fdsql", "us-west-2%2Fdsql"),
    lambda token: token.replace("%2Fdsql%2F", "%2Frds-db%2F"),
    lambda token: token.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
    lambda token: token + "&Action=DbConnectAdmin",
    lambda token: token.partition("&X-Amz-Signature")[0],
    lambda token: "AKIAIOSFODNN7EXAMPLE".join(
        [token.partition("Credential=")[0] + "Credential=", token.partition("Credential=")[2][20:]]),
    lambda token: "password",
    lambda token: "x" * 9000,
], ids=["signature", "lifetime", "week", "algorithm", "region", "service", "headers", "twice", "unsigned", "key",
        "password", "long"])
def test_a_tampered_token_is_refused(module_cloud, cluster, tamper):
    refused(module_cloud.psql(cluster, "SELECT 1", token=tamper(module_cloud.token(cluster, "admin"))))


def test_an_empty_token_is_refused(module_cloud, cluster):
    result = module_cloud.psql(cluster, "SELECT 1", token="")
    assert result.code == 2


def test_a_token_for_another_cluster_is_refused(module_cloud, cluster):
    other = {**cluster, "endpoint": "127.200.200.200"}
    refused(module_cloud.psql(cluster, "SELECT 1", token=module_cloud.token(other, "admin")))
    other = {**cluster, "endpoint": f"abcdefghijklmnopqrstuvwxyz.dsql.{REGION}.on.aws"}
    refused(module_cloud.psql(cluster, "SELECT 1", token=module_cloud.token(other, "admin")))


def test_the_address_is_accepted_in_the_place_of_the_name(module_cloud, cluster):
    """Functions that were deployed when the address was the endpoint have it in their environment."""
    earlier = {**cluster, "endpoint": cluster["hostaddr"]}
    assert module_cloud.rows(earlier, "SELECT 1", token=module_cloud.token(earlier, "admin")) == [["1"]]


def test_the_wrong_action_for_the_user_is_refused(module_cloud, cluster):
    connect, admin = module_cloud.token(cluster, "someone"), module_cloud.token(cluster, "admin")
    text = refused(module_cloud.psql(cluster, "SELECT 1", token=connect))
    assert "Wrong user to action mapping. user: admin, action: DbConnect" in text
    text = refused(module_cloud.psql(cluster, "SELECT 1", user=cluster["dbRole"], token=admin))
    assert f"Wrong user to action mapping. user: {cluster['dbRole']}, action: DbConnectAdmin" in text


def test_a_user_that_does_not_exist_is_refused(module_cloud, cluster, function_role):
    refused(module_cloud.psql(cluster, "SELECT 1", user="nobody", credentials=function_role))


def test_a_role_that_is_not_mapped_is_refused(module_cloud, cluster):
    role = new_role(module_cloud, "unmapped", {"Effect": "Allow", "Action": "dsql:DbConnect", "Resource": "*"})
    refused(module_cloud.psql(cluster, "SELECT 1", user=cluster["dbRole"], credentials=role["credentials"]))


def test_a_mapping_lets_in_and_its_end_keeps_out(module_cloud, cluster):
    role = new_role(module_cloud, "mapped", {"Effect": "Allow", "Action": "dsql:DbConnect", "Resource": cluster["arn"]})
    module_cloud.rows(cluster, "CREATE ROLE reader WITH LOGIN")
    module_cloud.rows(cluster, f"AWS IAM GRANT reader TO '{role['arn']}'")
    assert [role["arn"], "reader"] in module_cloud.rows(
        cluster, "SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings")
    assert module_cloud.rows(cluster, "SELECT current_user", user="reader", credentials=role["credentials"]) == [["reader"]]
    module_cloud.rows(cluster, f"AWS IAM REVOKE reader FROM '{role['arn']}'")
    refused(module_cloud.psql(cluster, "SELECT 1", user="reader", credentials=role["credentials"]))
    module_cloud.rows(cluster, "DROP ROLE reader")


def test_a_caller_without_the_iam_policy_is_refused(module_cloud, cluster):
    role = new_role(module_cloud, "powerless")
    text = refused(module_cloud.psql(cluster, "SELECT 1", credentials=role["credentials"]))
    assert (f"User: arn:aws:sts::{module_cloud.account}:assumed-role/powerless/test is not authorized to perform: "
            f"dsql:DbConnectAdmin on resource: {cluster['arn']} because no identity-based policy allows the "
            "dsql:DbConnectAdmin action") in text


def test_an_explicit_deny_wins(module_cloud, cluster):
    role = new_role(module_cloud, "denied", {"Effect": "Allow", "Action": "dsql:*", "Resource": "*"},
                    {"Effect": "Deny", "Action": "dsql:DbConnect*", "Resource": cluster["arn"]})
    assert "explicit deny" in refused(module_cloud.psql(cluster, "SELECT 1", credentials=role["credentials"]))


def test_a_policy_for_another_cluster_does_not_help(module_cloud, cluster):
    role = new_role(module_cloud, "elsewhere", {
        "Effect": "Allow", "Action": "dsql:DbConnectAdmin", "Resource": cluster["arn"][:-3] + "aaa"})
    refused(module_cloud.psql(cluster, "SELECT 1", credentials=role["credentials"]))


def test_a_role_made_again_no_longer_matches_its_mapping(module_cloud, cluster):
    statement = {"Effect": "Allow", "Action": "dsql:DbConnect", "Resource": "*"}
    role = new_role(module_cloud, "phoenix", statement)
    module_cloud.rows(cluster, "CREATE ROLE phoenix WITH LOGIN")
    module_cloud.rows(cluster, f"AWS IAM GRANT phoenix TO '{role['arn']}'")
    iam = module_cloud.client("iam")
    iam.delete_role_policy(RoleName="phoenix", PolicyName="given")
    iam.delete_role(RoleName="phoenix")
    reborn = new_role(module_cloud, "phoenix", statement)
    refused(module_cloud.psql(cluster, "SELECT 1", user="phoenix", credentials=reborn["credentials"]))


def test_what_dsql_does_not_have_is_refused_in_its_words(module_cloud, cluster):
    result = module_cloud.psql(cluster, "SET statement_timeout = 5", options=["-v", "VERBOSITY=verbose"])
    assert result.code == 1
    assert "0A000" in result.stderr
    assert 'setting configuration parameter "statement_timeout" not supported' in result.stderr


def test_a_function_without_the_mapping_gets_an_answer_a_person_can_act_on(app, module_cloud, cluster):
    """The page's "Permission denied": the role is not mapped."""
    (role,) = {f["Role"] for f in pages(module_cloud.client("lambda"), "list_functions", "Functions")}
    module_cloud.rows(cluster, f"AWS IAM REVOKE {cluster['dbRole']} FROM '{role}'")
    module_cloud.stop()
    module_cloud.start()
    answer = app.sql("SELECT 1")
    assert answer.status_code == 500
    assert "access denied" in answer.json()["error"]
    app.deploy()
    answer = app.sql("SELECT 1 AS one")
    assert answer.status_code == 200, answer.text
