"""What `deploy` and `plan` do and print: the contract of the command line (design, 4.4 to 4.6)."""

import json
import re
import subprocess
import threading

import pytest
import requests

from support.app import CHANGES, made
from support.cloud import NIMBUS, REGION
from support.inventory import clusters, inventory, objects, own_roles, pages

@pytest.fixture
def app(projects, cloud):
    return projects.testbed(cloud, routes=["GET /ping", "POST /sql"])


def test_a_deploy_prints_what_it_made(app, cloud):
    output = app.deploy()
    assert {key: output[key] for key in ("project", "stage", "region", "target")} == {
        "project": "testbed", "stage": "dev", "region": REGION, "target": "local"}

    (api,) = output["apis"]
    assert api["name"] == "testbed-api" and api["id"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/dev", api["url"])
    assert len(api["routes"]) == 2

    (database,) = output["sql"]
    assert database["name"] == "main-db"
    assert (database["schema"], database["dbRole"], database["port"]) == ("testbed", "lambda_testbed", 5432)
    assert database["arn"] == f"arn:aws:dsql:{REGION}:{cloud.account}:cluster/{database['identifier']}"
    assert database["endpoint"] == f"{database['identifier']}.dsql.{REGION}.on.aws"
    assert database["hostaddr"].startswith("127.")

    arns = {function["name"]: function["arn"] for function in output["functions"]}
    assert len(arns) == 2
    assert all(arn.startswith(f"arn:aws:lambda:{REGION}:{cloud.account}:function:") for arn in arns.values())

    assert set(output["changes"]) >= set(CHANGES)
    assert made(output)["created"] > 0 and made(output)["updated"] == made(output)["deleted"] == 0
    assert app.call("GET", "/ping").text == "pong"


def test_progress_goes_to_stderr_and_the_result_to_stdout(app):
    result = app.run("deploy", "--yes")
    assert app.run("outputs").stdout
    assert "testbed" in result.stdout and "http://127.0.0.1" in result.stdout
    assert result.stderr.strip()
    assert "\x1b" not in result.stdout + result.stderr


def test_the_same_program_again_changes_nothing(app, cloud):
    app.deploy()
    before = inventory(cloud)
    revisions = {f["FunctionName"]: f["RevisionId"] for f in pages(cloud.client("lambda"), "list_functions", "Functions")}
    again = app.deploy()
    assert made(again) | {"unchanged": 0} == {"created": 0, "updated": 0, "deleted": 0, "unchanged": 0}
    assert made(again)["unchanged"] > 0
    assert inventory(cloud) == before
    assert revisions == {f["FunctionName"]: f["RevisionId"]
                         for f in pages(cloud.client("lambda"), "list_functions", "Functions")}


def test_a_route_that_left_the_program_is_removed_with_its_function(app, cloud):
    app.declare(routes=["GET /ping", "GET /pid", "POST /sql"])
    app.deploy()
    assert app.call("GET", "/pid").status_code == 200
    app.declare(routes=["GET /ping", "POST /sql"])
    output = app.deploy()
    assert made(output)["deleted"] > 0
    assert app.call("GET", "/pid").status_code == 404
    assert app.call("GET", "/ping").status_code == 200
    handlers = {item["handler"] for item in inventory(cloud)["functions"]}
    assert handlers == {"get-ping", "post-sql"}
    assert [name for name in inventory(cloud)["log_groups"] if "get-pid" in name], "kept until destroy"


def test_a_new_route_leaves_the_others_alone(app, cloud):
    first = app.deploy()
    app.declare(routes=["GET /ping", "POST /sql", "GET /pid"])
    output = app.deploy()
    assert output["apis"][0]["url"] == first["apis"][0]["url"]
    assert made(output)["deleted"] == 0
    assert app.call("GET", "/pid").status_code == 200


def test_changed_settings_reach_the_function(app, cloud):
    app.deploy()
    app.declare(routes=["GET /ping", "GET /environment"], memory=512, timeout=7, environment={"GREETING": "hello"})
    output = app.deploy()
    assert made(output)["updated"] > 0
    answer = app.call("GET", "/environment").json()
    assert answer["GREETING"] == "hello"
    assert answer["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert {item["timeout"] for item in inventory(cloud)["functions"]} == {7}


def test_functions_get_the_databases_variables_and_nothing_of_ours(app, cloud):
    app.declare(routes=["GET /environment", "GET /ping"])
    app.deploy(env={"SECRET_OF_THE_CALLER": "leaked", "AWS_PROFILE": "default"})
    cloud.stop()
    cloud.run("local", "start", env={"SECRET_OF_THE_CALLER": "leaked"})
    answer = app.call("GET", "/environment").json()
    database = app.cluster
    assert {key: value for key, value in answer.items() if key.startswith("SQL_")} == {
        "SQL_MAIN_DB_ENDPOINT": database["endpoint"],
        "SQL_MAIN_DB_IDENTIFIER": database["identifier"],
        "SQL_MAIN_DB_SCHEMA": "testbed",
        "SQL_MAIN_DB_DB_ROLE": "lambda_testbed",
        "SQL_MAIN_DB_ARN": database["arn"],
    }
    assert answer["AWS_REGION"] == answer["AWS_DEFAULT_REGION"] == REGION
    assert answer["_HANDLER"] == "get-environment"
    assert answer["AWS_ACCESS_KEY_ID"].startswith("ASIA") and answer["AWS_SESSION_TOKEN"]
    assert answer["AWS_ACCESS_KEY_ID"] != cloud.status()["credentials"]["accessKeyId"]
    assert answer["AWS_LAMBDA_FUNCTION_NAME"] in {f["name"] for f in app.output["functions"]} | {
        f["arn"].rpartition(":")[2] for f in app.output["functions"]}
    leaked = [key for key in answer if key in ("SECRET_OF_THE_CALLER", "NIMBUS_HOME", "AWS_PROFILE", "CCACHE_DIR")]
    assert not leaked and "leaked" not in answer.values()


def test_every_resource_says_whose_it_is(app, cloud):
    app.deploy()
    expected = {"nimbus:project": "testbed", "nimbus:stage": "dev"}
    (cluster,) = clusters(cloud)
    assert expected.items() <= cluster["tags"].items() and "nimbus:resource" in cluster["tags"]
    functions, gateway, iam = cloud.client("lambda"), cloud.client("apigatewayv2"), cloud.client("iam")
    for function in pages(functions, "list_functions", "Functions"):
        tags = functions.list_tags(Resource=function["FunctionArn"])["Tags"]
        assert expected.items() <= tags.items() and "nimbus:resource" in tags
    for api in pages(gateway, "get_apis", "Items"):
        assert expected.items() <= api["Tags"].items() and "nimbus:resource" in api["Tags"]
    for role in own_roles(cloud):
        tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role["RoleName"])["Tags"]}
        assert expected.items() <= tags.items() and "nimbus:resource" in tags


def test_a_plan_says_why_and_changes_nothing(app, cloud):
    before = inventory(cloud), objects(cloud)
    plan = app.plan()
    assert (inventory(cloud), objects(cloud)) == before
    text = json.dumps(plan)
    assert "create" in text and "main-db" in text
    app.deploy()

    app.declare(routes=["GET /ping"], memory=512)
    before = inventory(cloud), objects(cloud)
    text = json.dumps(app.plan())
    assert (inventory(cloud), objects(cloud)) == before
    assert "512" in text or "memory" in text.lower(), "the reason names what differs"
    assert "post-sql" in text
    human = app.run("plan")
    assert "memory" in human.stdout.lower()


def test_what_somebody_changed_of_an_api_is_told(app, cloud):
    """CORS, which the API would answer by itself, stays until it is pruned; its URL is switched on again."""
    app.deploy()
    gateway = cloud.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    gateway.update_api(ApiId=api["ApiId"], CorsConfiguration={"AllowOrigins": ["*"]}, DisableExecuteApiEndpoint=True)
    plan = app.run("plan").stdout
    assert "the CORS configuration" in plan and "disableExecuteApiEndpoint: true -> false" in plan
    app.deploy()
    changed = gateway.get_api(ApiId=api["ApiId"])
    assert "CorsConfiguration" in changed and not changed["DisableExecuteApiEndpoint"]
    app.deploy("--prune")
    assert "CorsConfiguration" not in gateway.get_api(ApiId=api["ApiId"])
    assert "No changes" in app.run("plan").stdout


def test_a_plan_with_nothing_to_do_says_so(app):
    app.deploy()
    result = app.run("plan")
    assert "no change" in result.stdout.lower() or "nothing" in result.stdout.lower()


def test_stages_are_deployed_beside_each_other(app, cloud):
    dev = app.deploy()
    prod = app.deploy("--stage", "prod")
    assert (prod["stage"], prod["apis"][0]["url"].rpartition("/")[2]) == ("prod", "prod")
    assert prod["sql"][0]["identifier"] != dev["sql"][0]["identifier"]
    assert len(clusters(cloud)) == 2 and len(inventory(cloud, with_sql=False)["functions"]) == 4
    for output in (dev, prod):
        assert requests.get(output["apis"][0]["url"] + "/ping", timeout=10).text == "pong"
    app.destroy("--force", stage="prod")
    assert len(clusters(cloud)) == 1
    assert requests.get(dev["apis"][0]["url"] + "/ping", timeout=10).text == "pong"


def test_deploy_starts_the_cloud_on_demand(projects, idle_cloud):
    app = projects.testbed(idle_cloud, routes=["GET /ping"])
    assert idle_cloud.run("local", "status", "--json").json()["running"] is False
    app.deploy()
    assert idle_cloud.status(fresh=True)["running"] is True
    assert app.call("GET", "/ping").text == "pong"


def test_status_and_outputs_show_what_is_deployed(app):
    deployed = app.deploy()
    outputs = app.run("outputs", "--json").json()
    assert outputs["apis"][0]["url"] == deployed["apis"][0]["url"]
    assert outputs["sql"][0]["endpoint"] == deployed["sql"][0]["endpoint"]
    status = app.run("status", "--json").json()
    assert deployed["sql"][0]["identifier"] in json.dumps(status)
    assert deployed["apis"][0]["url"] in app.run("outputs").stdout


def test_status_before_any_deploy_says_so(app):
    result = app.run("status", code=None)
    assert result.code in (0, 1) and "deploy" in (result.stdout + result.stderr)


def test_logs_of_a_function_can_be_read(app):
    app.declare(routes=["GET /logs"])
    app.deploy()
    assert app.call("GET", "/logs", params={"mark": "first-mark"}).status_code == 204
    name = app.output["functions"][0]["name"]
    assert "first-mark" in app.run("logs", name).stdout


def test_logs_follow_as_they_come(app, cloud):
    app.declare(routes=["GET /logs"])
    app.deploy()
    follower = subprocess.Popen([NIMBUS, "logs", app.output["functions"][0]["name"], "--follow"],
                                cwd=app.directory, env=cloud.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        app.call("GET", "/logs", params={"mark": "seen-while-following"})
        for line in follower.stdout:
            if "seen-while-following" in line:
                break
        else:
            pytest.fail("the line never came: " + follower.stderr.read())
    finally:
        follower.terminate()
        follower.communicate()


def test_sql_runs_statements_as_psql_would(app):
    app.deploy()
    app.sql("CREATE TABLE fruit (name text PRIMARY KEY)")
    app.run("sql", "main-db", "-c", "INSERT INTO fruit VALUES ('pear')")
    assert "pear" in app.run("sql", "-c", "SELECT name FROM fruit").stdout
    failed = app.run("sql", "-c", "SELECT nonsense", code=1)
    assert "nonsense" in failed.stderr


def test_a_function_that_changes_its_role_keeps_its_database_meanwhile(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping", "POST /sql"], uses=["main-db"])
    app.deploy()
    roles = {role["name"] for role in inventory(cloud, with_sql=False)["roles"]}

    answers, done = [], threading.Event()

    def ask():
        while not done.is_set():
            answers.append(app.sql("SELECT 1 AS one"))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        # What the functions use is no longer all that there is: they get another role.
        app.document["secrets"] = [{"name": "another"}]
        app.deploy()
    finally:
        done.set()
        asking.join()
    found = inventory(cloud)
    assert roles.isdisjoint(role["name"] for role in found["roles"])
    (mapping,) = found["clusters"][0]["content"]["mappings"]
    assert mapping[0] in {role["name"] for role in found["roles"]}
    assert answers and [answer.text for answer in answers if answer.status_code != 200] == []
    assert app.sql("SELECT 1 AS one").json()["rows"] == [{"one": 1}]


def test_two_deploys_at_once_do_not_mix(app, cloud):
    app.deploy()
    app.declare(routes=["GET /ping", "POST /sql", "GET /pid"])
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    running = [subprocess.Popen([NIMBUS, "deploy", "--json", "--yes"], cwd=app.directory,
                                env=cloud.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(process.communicate(), process.returncode) for process in running]
    codes = sorted(code for _, code in ends)
    assert codes in ([0, 0], [0, 1]), ends
    for (_, stderr), code in ends:
        if code == 1:
            assert "lock" in stderr.lower()
    app.deploy()
    assert len(inventory(cloud, with_sql=False)["functions"]) == 3


def test_a_single_main_cpp_is_an_application(cloud, tmp_path):
    source = '''#include <nimbus/nimbus.hpp>
int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "single", .region = "us-east-1"}};
    auto api = app.api({.name = "single-api"});
    api.route("GET", "/hello/{name}", [](const nimbus::request& req) {
        return nimbus::ok({{"hello", req.param("name")}});
    });
    return app.run(argc, argv);
}
'''
    (tmp_path / "main.cpp").write_text(source)
    output = cloud.run("deploy", "--json", "--yes", cwd=tmp_path, env={"HOME": str(cloud.user_home)}).json()
    answer = requests.get(output["apis"][0]["url"] + "/hello/world", timeout=10)
    assert answer.json() == {"hello": "world"}
