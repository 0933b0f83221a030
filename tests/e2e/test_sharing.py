"""Two applications on one cluster, each in a schema of its own."""

import json

import pytest

from support.cloud import REGION
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
