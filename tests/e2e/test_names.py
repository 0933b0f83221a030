"""The host names of clusters, <id>.dsql.<region>.on.aws, which DNS does not know: who finds them, and how."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from support.cloud import NIMBUS, REGION, ROOT, new_directory
from support.clusters import new_cluster
from support.functions import NodeFunction
from support.names import in_place_of_etc_hosts, new_hosts_file, with_names

NODE_HOST_NAMES = ROOT / "src" / "local" / "instances" / "node_host_names.cjs"


@pytest.fixture(scope="module")
def cluster(module_cloud):
    return new_cluster(module_cloud)


# --- the endpoint ---------------------------------------------------------------------------------------------


def test_the_endpoint_has_dsqls_form(module_cloud, cluster):
    assert cluster["endpoint"] == f"{cluster['identifier']}.dsql.{REGION}.on.aws"
    shown = {each["identifier"]: each for each in module_cloud.status(fresh=True)["clusters"]}
    assert shown[cluster["identifier"]]["endpoint"] == cluster["endpoint"]
    assert shown[cluster["identifier"]]["hostaddr"] == module_cloud.address(cluster["endpoint"])


def test_sni_and_the_startup_option_name_the_cluster(module_cloud, cluster):
    """Of two clusters, each is at its own address; a client that names the other one is not let in."""
    other = new_cluster(module_cloud)
    address = module_cloud.address(cluster["endpoint"])

    def connect(host, options, sslmode="verify-full"):
        done = subprocess.run(
            ["psql", "-XAt", f"host={host} hostaddr={address} user=admin dbname=postgres sslmode={sslmode}", "-c", "SELECT 1"],
            env={**module_cloud.aws_environment(), "PGPASSWORD": module_cloud.token(cluster, "admin"), "PGOPTIONS": options},
            capture_output=True, text=True, timeout=60)
        return done.stdout.strip() or done.stderr
    own_id, other_id = (f"-c amzn-cluster-id={each['identifier']}" for each in (cluster, other))
    assert connect(cluster["endpoint"], "") == "1"
    assert connect(cluster["endpoint"], own_id) == "1"
    assert connect(address, own_id, sslmode="require") == "1", "as behind a VPC endpoint"
    assert "access denied" in connect(cluster["endpoint"], other_id)
    assert "access denied" in connect(address, other_id, sslmode="require")
    assert "access denied" in connect(other["endpoint"], "", sslmode="require")
    assert "does not match host name" in connect(other["endpoint"], "")


def test_a_cluster_that_is_gone_is_told_without_a_wait_for_dns(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping"])
    app.deploy()
    cloud.client("dsql").delete_cluster(identifier=app.cluster["identifier"])
    assert "'nimbus status'" in app.run("sql", "-c", "SELECT 1", code=1, timeout=25).stderr


# --- functions ------------------------------------------------------------------------------------------------


def test_functions_have_the_names_of_all_clusters(module_cloud, cluster):
    function = NodeFunction(module_cloud, "looks-up", {"index.mjs": """
        import { lookup } from 'node:dns';
        import { connect } from 'node:net';
        import { readFileSync } from 'node:fs';
        export const handler = async (name) => ({
            lookup: await new Promise((resolve, reject) => lookup(name, (error, address) => error ? reject(error) : resolve(address))),
            connected: await new Promise((resolve, reject) => {
                const socket = connect(5432, name, () => resolve(socket.remoteAddress));
                socket.on('error', reject);
            }),
            hosts: readFileSync('/etc/hosts', 'utf8'),
        });"""}, "index.handler", Timeout=60)
    error, found = function.invoke(cluster["endpoint"])
    assert error is None, found
    address = module_cloud.address(cluster["endpoint"])
    assert (found["lookup"], found["connected"]) == (address, address)
    systems = pathlib.Path("/etc/hosts").read_text()
    assert f"{address} {cluster['endpoint']}\n" in found["hosts"] and found["hosts"].endswith(systems)
    assert cluster["endpoint"] not in systems


NODE_PROGRAM = """
    import dns, { lookup } from 'node:dns';
    import promises from 'node:dns/promises';
    import { promisify } from 'node:util';
    const [name] = process.argv.slice(1);
    const told = (...given) => new Promise((resolve) => lookup(...given, (...answer) => resolve(answer)));
    const failure = (promise) => promise.then(() => 'none', ({ code }) => code);
    console.log(JSON.stringify({
        plain: await told(name),
        upperCase: await told(name.toUpperCase()),
        family: await told(name, 4),
        options: await told(name, { family: 0, hints: dns.ADDRCONFIG }),
        all: await told(name, { all: true }),
        promisified: await promisify(lookup)(name),
        promise: await promises.lookup(name),
        promiseOfAll: await dns.promises.lookup(name, { all: true }),
        ipv6: await failure(promises.lookup(name, { family: 6 })),
        others: await told('127.0.0.9'),
        wrong: (() => { try { lookup(name); } catch ({ code }) { return code; } })(),
    }));"""


def test_nodes_lookup_knows_the_names_where_etc_hosts_does_not(module_cloud, cluster):
    """As in a function on a system that does not let its users make namespaces."""
    done = subprocess.run(
        ["node", "--require", str(NODE_HOST_NAMES), "--input-type=module", "-e", NODE_PROGRAM, cluster["endpoint"]],
        env={"PATH": os.environ["PATH"], "NIMBUS_HOSTS_FILE": str(module_cloud.hosts_file)},
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    address = module_cloud.address(cluster["endpoint"])
    answer, entry = [None, address, 4], {"address": address, "family": 4}
    found = json.loads(done.stdout)
    assert found.pop("ipv6") in ("ENOTFOUND", "EAI_AGAIN")
    assert found == {
        "plain": answer, "upperCase": answer, "family": answer, "options": answer, "all": [None, [entry]],
        "promisified": entry, "promise": entry, "promiseOfAll": [entry], "others": [None, "127.0.0.9", 4],
        "wrong": "ERR_INVALID_ARG_TYPE"}


# --- deployments made when the address was the endpoint ---------------------------------------------------------


def state_of(cloud, project: str) -> tuple[str, str, dict]:
    """The bucket and the key of a deployment's state, and what it holds."""
    s3 = cloud.client("s3")
    (bucket,) = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    key = f"nimbus/{project}/dev/{REGION}/state.json"
    return bucket, key, json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def make_earlier(app, cloud) -> None:
    """Has the state and the functions know the cluster as earlier versions left it."""
    address = app.cluster["hostaddr"]
    bucket, key, state = state_of(cloud, app.project)
    for resource in state["resources"].values():
        if resource["outputs"].pop("hostaddr", None) or "endpoint" in resource["outputs"]:
            if resource["type"] in ("cluster", "schema"):
                resource["outputs"]["endpoint"] = address
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(state))
    functions = cloud.client("lambda")
    for function in functions.list_functions()["Functions"]:
        variables = {**function["Environment"]["Variables"], "SQL_MAIN_DB_ENDPOINT": address}
        functions.update_function_configuration(FunctionName=function["FunctionName"], Environment={"Variables": variables})


def changes_in(plan: dict) -> set[tuple[str, str]]:
    return {(step["action"], step["type"]) for step in plan["steps"] if step["action"] != "keep"}


def test_an_earlier_deployment_goes_on_working_and_changes_by_an_update(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /environment", "POST /sql"])
    app.deploy()
    new = app.cluster
    assert app.sql("CREATE TABLE kept (id int PRIMARY KEY)").status_code == 200
    make_earlier(app, cloud)
    assert app.call("GET", "/environment").json()["SQL_MAIN_DB_ENDPOINT"] == new["hostaddr"]
    assert app.sql("INSERT INTO kept VALUES (1)").status_code == 200
    assert app.run("sql", "-c", "SELECT id FROM kept", "--json").json()["results"][0]["rows"] == [{"id": "1"}]

    assert changes_in(app.plan()) == {("update", "function")}
    app.deploy()
    assert app.cluster == new
    assert app.call("GET", "/environment").json()["SQL_MAIN_DB_ENDPOINT"] == new["endpoint"]
    assert app.sql("SELECT id FROM kept").json() == {"rows": [{"id": 1}]}
    assert changes_in(app.plan()) == set()


# --- nimbus local names ---------------------------------------------------------------------------------------


def block(cloud, hosts) -> list[str]:
    """The lines of the cloud's part of a hosts file."""
    lines = hosts.read_text().splitlines()
    begin, end = (f"# {word} names of the local cloud in {cloud.home}" for word in ("BEGIN", "END"))
    return lines[lines.index(begin) + 1:lines.index(end)] if begin in lines else []


def test_names_go_into_the_hosts_file_and_out_of_it(cloud, tmp_path):
    hosts = new_hosts_file(tmp_path)
    hosts.chmod(0o640)
    foreign = hosts.read_bytes() + b"10.0.0.1 intranet\r\n"
    hosts.write_bytes(foreign)
    assert "has no names" in cloud.run("local", "names", "--file", hosts).stdout

    first, second = new_cluster(cloud), new_cluster(cloud)
    written = cloud.run("local", "names", "--file", hosts)
    line = f"{cloud.address(first['endpoint'])} {first['endpoint']}"
    assert line in written.stderr, "it says what it does"
    assert "now has the 2 names" in written.stdout
    assert len(block(cloud, hosts)) == 2 and line in block(cloud, hosts)
    assert hosts.stat().st_mode & 0o777 == 0o640
    before = hosts.stat()
    again = cloud.run("local", "names", "--file", hosts)
    assert "already has" in again.stdout and again.stderr == ""
    assert hosts.stat().st_ino == before.st_ino, "nothing is written where nothing changes"

    cloud.client("dsql").delete_cluster(identifier=second["identifier"])
    output = cloud.run("local", "names", "--file", hosts, "--json").json()
    assert output == {"file": str(hosts), "changed": True,
                      "names": [{"name": first["endpoint"], "address": cloud.address(first["endpoint"])}]}
    assert block(cloud, hosts) == [line]
    cloud.stop()
    assert "no longer" in cloud.run("local", "names", "--file", hosts, "--remove").stdout
    assert hosts.read_bytes() == foreign
    assert cloud.run("local", "names", "--file", hosts, "--remove", "--json").json()["changed"] is False


def test_names_needs_a_whole_hosts_file(cloud, tmp_path):
    assert "no-such-file" in cloud.run("local", "names", "--file", tmp_path / "no-such-file", code=1).stderr
    hosts = tmp_path / "hosts"
    text = f"# BEGIN names of the local cloud in {cloud.home}\n10.0.0.1 precious\n"
    hosts.write_text(text)
    assert "# END names" in cloud.run("local", "names", "--file", hosts, "--remove", code=1).stderr
    assert hosts.read_text() == text


def test_a_hosts_file_that_is_a_mount_point_is_written_in_place(cloud, tmp_path):
    """As in a container."""
    cluster = new_cluster(cloud)
    hosts = new_hosts_file(tmp_path)
    done = subprocess.run([*in_place_of_etc_hosts(hosts), NIMBUS, "local", "names"], env=cloud.environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert block(cloud, hosts) == [f"{cloud.address(cluster['endpoint'])} {cluster['endpoint']}"]


def test_status_says_when_names_are_needed(cloud, tmp_path):
    def status(names, *options):
        return subprocess.run([*names, NIMBUS, "local", "status", *options], env=cloud.environment,
                              capture_output=True, text=True, timeout=60).stdout
    nobody = in_place_of_etc_hosts(new_hosts_file(tmp_path))
    assert "nimbus local names" not in status(nobody), "there are no clusters"
    cluster = new_cluster(cloud)
    assert "nimbus local names" in status(nobody)
    assert f"host={cluster['endpoint']} hostaddr={cloud.address(cluster['endpoint'])} " in status(nobody)
    assert json.loads(status(nobody, "--json"))["names"] == {"file": "/etc/hosts", "missing": [cluster["endpoint"]]}
    everybody = with_names(cloud, tmp_path)
    assert "nimbus local names" not in status(everybody)
    assert json.loads(status(everybody, "--json"))["names"]["missing"] == []
    later = new_cluster(cloud)
    assert json.loads(status(everybody, "--json"))["names"]["missing"] == [later["endpoint"]]


def test_a_reset_tells_of_names_that_are_left(cloud, tmp_path):
    new_cluster(cloud)
    names = with_names(cloud, tmp_path)
    done = subprocess.run([*names, NIMBUS, "local", "reset", "--yes"], env=cloud.environment,
                          capture_output=True, text=True, timeout=120)
    assert "nimbus local names --remove" in done.stdout
    cloud.run("local", "names", "--file", tmp_path / "hosts", "--remove")
    assert block(cloud, tmp_path / "hosts") == []


# --- sudo -----------------------------------------------------------------------------------------------------

SUDO = """#!/bin/sh
echo "$@" >> "{asked}"
{deed}
"""


@pytest.fixture
def unprivileged():
    """Runs `nimbus local names` as somebody who may not write the hosts file, with a sudo of the test's own."""
    user = 65534
    directory = new_directory("nimbus-")
    home = directory / "home"
    home.mkdir()
    (home / "hosts").write_text("127.64.0.1 abc.dsql.us-east-1.on.aws\n10.0.0.1 abc.dsql.us-east-1.on.aws\n127.0.0.1 bank\n")
    etc = directory / "etc"
    etc.mkdir()
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    programs = directory / "programs"
    programs.mkdir()
    program = shutil.copy(NIMBUS, programs / "nimbus")
    for name in ("env", "sh", "chmod"):
        (programs / name).symlink_to(shutil.which(name))
    become = []
    if os.geteuid() == 0:
        become = [shutil.which("setpriv"), "--reuid", str(user), "--regid", str(user), "--clear-groups"]
        for path in [directory, *directory.rglob("*")]:
            os.chown(path, user, user, follow_symlinks=False)
    (etc / "hosts").chmod(0o444)
    etc.chmod(0o555)

    def run(deed=None, *arguments):
        if deed is not None:
            (programs / "sudo").write_text(SUDO.format(asked=directory / "asked", deed=deed))
            (programs / "sudo").chmod(0o755)
        done = subprocess.run([*become, program, "local", "names", "--file", etc / "hosts", *arguments],
                              env={"PATH": str(programs), "NIMBUS_HOME": str(home)}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        asked = directory / "asked"
        return done, etc / "hosts", asked.read_text() if asked.exists() else ""
    yield run
    etc.chmod(0o755)
    shutil.rmtree(directory)


def test_names_asks_for_roots_rights(unprivileged):
    done, hosts, asked = unprivileged('shift 2; chmod 755 "{0}"; exec "$@"'.format("${NIMBUS_HOME%/home}/etc"))
    assert done.returncode == 0, done.stderr
    assert "127.64.0.1 abc.dsql.us-east-1.on.aws" in done.stderr and "sudo may ask for your password" in done.stderr
    assert asked.startswith("--non-interactive -- env NIMBUS_HOME="), "nobody can type a password"
    assert "now has the name" in done.stdout
    lines = hosts.read_text().splitlines()
    assert lines[0] == "127.0.0.1 localhost" and lines[2] == "127.64.0.1 abc.dsql.us-east-1.on.aws"
    assert not any("bank" in line or "10.0.0.1" in line for line in lines), "names of clusters, and nothing else"


def test_names_says_what_root_is_to_run_where_sudo_does_not_help(unprivileged):
    done, hosts, _ = unprivileged()
    assert done.returncode == 1 and "sudo is not installed" in done.stderr
    assert "Run this as root: env NIMBUS_HOME=" in done.stderr
    done, hosts, _ = unprivileged("exit 1")
    assert done.returncode == 1 and "was not changed" in done.stderr and "Run this as root" in done.stderr
    assert hosts.read_text() == "127.0.0.1 localhost\n"
