"""Two applications on one cluster, each in a schema of its own."""

import json
import threading

import pytest

from support.app import ScriptApp, manifest
from support.aws_target import aws_target
from support.cloud import REGION
from support.clusters import active
from support.fault_proxy import Refusal, fault_proxy
from support.inventory import clusters, inventory


def database(schema: str) -> list[dict]:
    return [{"name": "main-db", "schema": schema, "deletionProtection": False, "cluster": "team-db"}]


@pytest.fixture(scope="module")
def pair(projects, module_cloud):
    """Applications `blue` and `red` on the cluster `team-db`, with a table and a row each."""
    apps = {}
    for colour in ("blue", "red"):
        app = projects.testbed(module_cloud, project=colour, routes=["GET /ping", "POST /sql"], sql=database(colour))
        app.deploy()
        assert app.sql(f"CREATE TABLE {colour}_things (name text)").status_code == 200
        assert app.sql(f"INSERT INTO {colour}_things VALUES ('{colour}')").status_code == 200
        apps[colour] = app
    return apps


def test_they_use_one_cluster(pair, module_cloud):
    (cluster,) = clusters(module_cloud)
    assert cluster["tags"]["nimbus:cluster"] == "team-db"
    assert pair["blue"].cluster["identifier"] == pair["red"].cluster["identifier"] == cluster["identifier"]
    content = inventory(module_cloud)["clusters"][0]["content"]
    assert content["schemas"] == ["blue", "red"]
    assert set(content["roles"]) == {"admin", "lambda_blue", "lambda_red"}


def test_each_sees_its_own_rows(pair):
    assert pair["blue"].sql("SELECT name FROM blue_things").json()["rows"] == [{"name": "blue"}]
    assert pair["red"].sql("SELECT name FROM red_things").json()["rows"] == [{"name": "red"}]


@pytest.mark.parametrize("statement", [
    "SELECT * FROM blue.blue_things",
    "INSERT INTO blue.blue_things VALUES ('mine')",
    "UPDATE blue.blue_things SET name = 'mine'",
    "DELETE FROM blue.blue_things",
    "DROP TABLE blue.blue_things",
    "ALTER TABLE blue.blue_things ADD COLUMN mine text",
    "CREATE TABLE blue.mine (name text)",
    "DROP SCHEMA blue CASCADE",
    "GRANT ALL ON SCHEMA blue TO lambda_red",
    "ALTER SCHEMA blue OWNER TO lambda_red",
    "ALTER TABLE blue.blue_things OWNER TO lambda_red",
    "SET ROLE lambda_blue",
    "SET ROLE admin",
    "SET SESSION AUTHORIZATION lambda_blue",
    "GRANT lambda_blue TO lambda_red",
    "GRANT admin TO lambda_red",
    "CREATE ROLE another LOGIN",
    "ALTER ROLE lambda_red SUPERUSER",
    "AWS IAM GRANT lambda_red TO 'arn:aws:iam::000000000000:role/mine'",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY (SELECT 1) TO '/tmp/nimbus-copied'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
])
def test_the_other_ones_tables_are_out_of_reach(pair, statement):
    answer = pair["red"].sql(statement)
    assert answer.status_code == 500, answer.text
    assert answer.json()["sqlstate"] in ("42501", "0A000", "42704", "42601", "42883"), answer.text
    assert pair["blue"].sql("SELECT name FROM blue.blue_things").json()["rows"] == [{"name": "blue"}]


@pytest.mark.parametrize("listing", [
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'blue'",
    "SELECT table_name AS name FROM information_schema.tables WHERE table_name LIKE 'blue%'",
    "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name = 'blue'",
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name LIKE 'blue%'",
])
def test_the_other_ones_tables_are_not_listed(pair, listing):
    assert pair["red"].sql(listing).json()["rows"] == []


def test_permission_denied_names_the_schema(pair):
    answer = pair["red"].sql("SELECT * FROM blue.blue_things").json()
    assert answer["sqlstate"] == "42501"
    assert "permission denied for schema blue" in answer["error"]


def test_another_application_cannot_take_a_schema(pair, projects, module_cloud):
    thief = projects.testbed(module_cloud, project="thief", routes=["GET /ping"], sql=database("blue"))
    result = thief.run("deploy", "--yes", code=1)
    assert "blue" in result.stderr
    assert pair["blue"].sql("SELECT name FROM blue_things").json()["rows"] == [{"name": "blue"}]
    assert not [f for f in inventory(module_cloud, with_sql=False)["functions"] if "thief" in f["name"]]


def test_destroying_one_leaves_the_other_working(projects, cloud):
    apps = []
    for colour in ("green", "gold"):
        app = projects.testbed(cloud, project=colour, routes=["GET /ping", "POST /sql"], sql=database(colour))
        app.deploy()
        app.sql("CREATE TABLE things (name text)")
        app.sql(f"INSERT INTO things VALUES ('{colour}')")
        apps.append(app)
    green, gold = apps
    green.destroy("--force")
    assert len(clusters(cloud)) == 1
    assert inventory(cloud)["clusters"][0]["content"]["schemas"] == ["gold"]
    assert gold.sql("SELECT name FROM things").json()["rows"] == [{"name": "gold"}]
    gold.deploy()
    assert gold.sql("SELECT name FROM things").json()["rows"] == [{"name": "gold"}]
    gold.destroy("--force")
    assert clusters(cloud) == []


def attempted_state(cloud, project: str, cluster: dict, schema: str) -> None:
    """The state as a deploy leaves it that was refused while it created the schema."""
    shared = "cluster shared/team-db"
    document = {
        "version": 1, "project": project, "stage": "dev", "region": REGION, "account": cluster["arn"].split(":")[4],
        "resources": {
            shared: {"type": "cluster", "name": "shared/team-db", "status": "ready", "nonce": "1",
                     "dependsOn": [], "outputs": {"identifier": cluster["identifier"], "arn": cluster["arn"],
                                                  "endpoint": cluster["endpoint"], "sharedName": "team-db"}},
            f"schema shared/team-db/{schema}": {
                "type": "schema", "name": f"shared/team-db/{schema}", "status": "creating", "nonce": "2",
                "parent": shared, "dependsOn": [shared],
                "outputs": {"schema": schema, "dbRole": f"lambda_{schema}"}}}}
    s3 = cloud.client("s3")
    (bucket,) = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket=bucket, Key=f"nimbus/{project}/dev/{REGION}/state.json", Body=json.dumps(document))


@pytest.mark.parametrize("host_stays", [True, False], ids=["beside another", "alone"])
def test_a_schema_that_somebody_made_by_hand_is_never_taken(projects, cloud, host_stays):
    host = projects.testbed(cloud, project="host", routes=["GET /ping", "POST /sql"], sql=database("host"))
    cluster = host.deploy()["sql"][0]
    for statement in ("CREATE SCHEMA handmade", "CREATE TABLE handmade.things (name text)",
                      "INSERT INTO handmade.things VALUES ('precious')"):
        assert cloud.psql(cluster, statement).code == 0
    if not host_stays:
        assert "handmade" in host.destroy("--force").stderr
    attempted_state(cloud, "guest", cluster, "handmade")

    guest = projects.testbed(cloud, project="guest", routes=["GET /ping"], sql=database("handmade"))
    for _ in ("today", "tomorrow"):
        assert "Nimbus did not create it" in guest.run("deploy", "--yes", code=1).stderr
    guest.destroy("--force")
    assert cloud.rows(cluster, "SELECT name FROM handmade.things") == [["precious"]]
    if host_stays:
        assert host.sql("SELECT 1 AS one").json()["rows"] == [{"one": 1}]


def test_a_strangers_schema_in_our_own_cluster_is_shown_and_not_dropped(projects, cloud):
    app = projects.testbed(cloud, project="single", routes=["GET /ping"])
    cluster = app.deploy()["sql"][0]
    assert cloud.psql(cluster, "CREATE SCHEMA handmade").code == 0
    for command in ("plan", "status"):
        shown = app.run(command, "--json").json()["notOurs"]
        assert [(extra["what"], extra["prunable"]) for extra in shown] == [("the schema handmade", False)]
    app.run("deploy", "--yes", "--prune")
    refused = app.destroy("--force", code=1).stderr
    assert "handmade" in refused and "Nothing was deleted" in refused
    assert app.call("GET", "/ping").status_code == 200
    assert cloud.psql(cluster, "DROP SCHEMA handmade").code == 0
    app.destroy("--force")
    assert clusters(cloud) == []


def test_a_schema_made_again_without_a_claim_is_not_taken_for_ours(projects, cloud):
    app = projects.testbed(cloud, project="single", routes=["GET /ping"])
    cluster = app.deploy()["sql"][0]
    (tag,) = [name for name in clusters(cloud)[0]["tags"] if name.startswith("nimbus:schema:")]
    dsql = cloud.client("dsql")
    claim = {tag: clusters(cloud)[0]["tags"][tag]}
    dsql.untag_resource(resourceArn=cluster["arn"], tagKeys=[tag])
    assert tag in app.run("plan", code=1).stderr
    assert tag in app.run("deploy", "--yes", code=1).stderr
    assert tag in app.destroy("--force", code=1).stderr
    assert len(clusters(cloud)) == 1
    dsql.tag_resource(resourceArn=cluster["arn"], tags=claim)
    app.destroy("--force")
    assert clusters(cloud) == []


def team_cluster(cloud, **settings) -> dict:
    """As somebody makes it with another tool, for applications to share."""
    settings = {"deletionProtectionEnabled": False, **settings}
    made = cloud.client("dsql").create_cluster(tags={"nimbus:cluster": "team-db", "owner": "payroll"}, **settings)
    return active(cloud, made["identifier"])


def mappings(cloud, cluster: dict) -> list[list[str]]:
    return cloud.rows(cluster, "SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings")


def test_a_database_role_that_somebody_made_by_hand_is_never_taken(projects, cloud):
    cluster = team_cluster(cloud)
    stranger = f"arn:aws:iam::{cluster['arn'].split(':')[4]}:role/payroll-app"
    for statement in ("CREATE SCHEMA payroll", "CREATE TABLE payroll.salaries (amount int)",
                      "CREATE ROLE lambda_guest WITH LOGIN", "GRANT USAGE ON SCHEMA payroll TO lambda_guest",
                      "GRANT SELECT ON payroll.salaries TO lambda_guest"):
        assert cloud.psql(cluster, statement).code == 0
    cloud.client("iam").create_role(RoleName="payroll-app", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                 "Principal": {"Service": "lambda.amazonaws.com"}}]}))
    assert cloud.psql(cluster, f"AWS IAM GRANT lambda_guest TO '{stranger}'").code == 0

    guest = projects.testbed(cloud, project="guest", routes=["GET /ping"], sql=database("guest"))
    for command in (["plan"], ["deploy", "--yes"], ["deploy", "--yes"]):
        refused = guest.run(*command, code=1).stderr
        assert "The database role 'lambda_guest'" in refused and "Nimbus did not create it" in refused
    guest.destroy("--force")
    assert mappings(cloud, cluster) == [[stranger, "lambda_guest"]]
    assert not [name for name in clusters(cloud)[0]["tags"] if name.startswith("nimbus:schema:")]


def test_a_cluster_that_somebody_made_for_sharing_stays_as_it_is(projects, cloud):
    cluster = team_cluster(cloud, deletionProtectionEnabled=True)
    guest = projects.testbed(cloud, project="guest", routes=["GET /ping", "POST /sql"], sql=database("guest"))
    guest.deploy()
    assert cloud.client("dsql").get_cluster(identifier=cluster["identifier"])["deletionProtectionEnabled"]
    assert cloud.psql(cluster, "CREATE ROLE payroll WITH LOGIN").code == 0
    assert "Nimbus did not create it" in guest.destroy("--force").stderr
    (left,) = clusters(cloud)
    assert left["tags"] == {"nimbus:cluster": "team-db", "owner": "payroll"}
    content = inventory(cloud)["clusters"][0]["content"]
    assert "guest" not in content["schemas"] and "lambda_guest" not in content["roles"]
    assert "payroll" in content["roles"]


def test_what_keeps_a_role_from_being_dropped_is_named_with_the_way_out(projects, cloud):
    app = projects.testbed(cloud, project="single", routes=["GET /ping"], sql=database("single"))
    cluster = app.deploy()["sql"][0]
    host = projects.testbed(cloud, project="host", routes=["GET /ping"], sql=database("host"))
    host.deploy()
    grant = "ON SCHEMA host {} lambda_single"
    assert cloud.psql(cluster, "GRANT USAGE " + grant.format("TO")).code == 0
    refused = app.destroy("--force", code=1).stderr
    assert "lambda_single" in refused and "REVOKE" in refused
    assert cloud.psql(cluster, "REVOKE USAGE " + grant.format("FROM")).code == 0
    app.destroy("--force")
    assert "lambda_single" not in inventory(cloud)["clusters"][0]["content"]["roles"]


@pytest.fixture
def proxy(cloud):
    with fault_proxy(cloud.endpoint) as proxy:
        yield proxy


class Throttled:
    """AWS takes no call of `operation` from the `nth` on until it is let go."""

    def __init__(self, operation: str, nth: int = 1):
        self.operation, self.nth = operation, nth
        self.asked, self.let_go = threading.Event(), threading.Event()

    def __call__(self, call):
        if call.service != "dsql" or call.operation != self.operation or call.nth < self.nth or self.let_go.is_set():
            return None
        self.asked.set()
        return Refusal(400, "ThrottlingException", "Rate exceeded")


def script(cloud, directory, project: str, schema: str) -> ScriptApp:
    """An application in a directory of its own: two run at the same time."""
    (directory / project).mkdir()
    return ScriptApp(cloud, directory / project, project, {**manifest(sql=database(schema)), "project": project})


def run_meanwhile(proxy, throttled: Throttled, command, meanwhile):
    """Runs `command` until AWS throttles it, then `meanwhile`; returns the results of both."""
    proxy.start_over(throttled)
    results = {}
    thread = threading.Thread(target=lambda: results.update(command=command()))
    thread.start()
    try:
        assert throttled.asked.wait(60)
        results["meanwhile"] = meanwhile()
    finally:
        throttled.let_go.set()
        thread.join()
    return results["command"], results["meanwhile"]


@pytest.mark.parametrize("nth", [1, 2], ids=["before its intention", "between intention and claim"])
def test_of_two_that_want_one_schema_at_the_same_time_one_gets_it(cloud, proxy, tmp_path, nth):
    cluster = team_cluster(cloud)
    alpha, beta = (script(cloud, tmp_path, name, "data") for name in ("alpha", "beta"))
    with aws_target(beta, proxy.endpoint) as environment:
        of_beta, of_alpha = run_meanwhile(
            proxy, Throttled("TagResource", nth),
            lambda: beta.run("deploy", "program", "--yes", env=environment, code=None),
            lambda: alpha.run("deploy", "program", "--yes", code=None))
        assert sorted((of_beta.code, of_alpha.code)) == [0, 1]
        winner, loser = ("alpha", of_beta) if of_alpha.code == 0 else ("beta", of_alpha)
        assert f"{winner}/dev" in loser.stderr
        claims = {name: owner for name, owner in active(cloud, cluster["identifier"])["tags"].items()
                  if name.startswith("nimbus:schema:")}
        assert claims == {"nimbus:schema:data": f"{winner}/dev"}
        assert cloud.psql(cluster, "CREATE TABLE data.things (name text)").code == 0
        if winner == "alpha":
            beta.destroy("--force", env=environment)
        else:
            alpha.destroy("--force")
        assert cloud.rows(cluster, "SELECT count(*) FROM data.things") == [["0"]]


def test_who_came_while_a_shared_cluster_was_being_deleted_loses_nothing(cloud, proxy, tmp_path):
    alpha, beta = (script(cloud, tmp_path, name, name) for name in ("alpha", "beta"))
    with aws_target(alpha, proxy.endpoint) as environment:
        alpha.deploy(env=environment)
        of_alpha, of_beta = run_meanwhile(
            proxy, Throttled("DeleteCluster"),
            lambda: alpha.destroy("--force", env=environment, code=None),
            lambda: beta.run("deploy", "program", "--yes", code=None))
    assert of_alpha.code == 0
    assert of_beta.code == 1 and "is being deleted by alpha/dev" in of_beta.stderr
    beta.deploy()
    (cluster,) = clusters(cloud)
    assert cluster["tags"]["nimbus:project"] == "beta"


def reasons(app) -> set[str]:
    return {reason for step in app.plan()["steps"] for reason in step["reasons"]}


def test_what_somebody_took_from_the_database_role_is_seen_and_given_back(projects, cloud):
    app = projects.testbed(cloud, project="single", routes=["GET /ping", "POST /sql"], sql=database("single"))
    cluster = app.deploy()["sql"][0]
    assert reasons(app) == set()
    for statement in ("ALTER ROLE lambda_single WITH NOLOGIN",
                      "ALTER DEFAULT PRIVILEGES IN SCHEMA single REVOKE ALL ON TABLES FROM lambda_single"):
        assert cloud.psql(cluster, statement).code == 0
    assert reasons(app) == {"login: missing -> allowed", "defaultPrivileges: missing -> granted"}
    app.deploy()
    assert cloud.psql(cluster, "CREATE TABLE single.things (name text)").code == 0
    assert app.sql("SELECT name FROM things").json()["rows"] == []
    assert reasons(app) == set()
