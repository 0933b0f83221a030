"""What functions see of the machine: what Lambda shows them, and nothing of the cloud's or a person's."""

import base64
import json
import os
import re
import subprocess

import pytest

from support.cloud import NIMBUS
from support.functions import NodeFunction, create_function
from support.waiting import wait_until

# Runs the event, a script in a JSON string, and answers with what it prints.
SHELL = """#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime
while true; do
    next=$(curl -sS -w '\\n%header{lambda-runtime-aws-request-id}' "$api/invocation/next") || exit 1
    id=${next##*$'\\n'}
    script=$(sed -n '1s/^"\\(.*\\)"$/\\1/p' <<<"$next" | base64 -d)
    bash -c "$script" 2>&1 | curl -sS -X POST --data-binary @- "$api/invocation/$id/response" >/dev/null
done
"""


class Shell:
    """A function of a custom runtime that runs scripts."""

    def __init__(self, cloud, name, **settings):
        self.client, self.name = cloud.client("lambda"), name
        create_function(cloud, name, SHELL, **settings)

    def run(self, script: str) -> str:
        answer = self.client.invoke(FunctionName=self.name,
                                    Payload=json.dumps(base64.b64encode(script.encode()).decode()))
        text = answer["Payload"].read().decode()
        assert "FunctionError" not in answer, text
        return text


RUN = "exports.handler = async (script) => require('child_process').spawnSync('sh', ['-c', `(${script}) 2>&1`]).stdout.toString();"


class Node:
    """The same in Node."""

    def __init__(self, cloud, name, **settings):
        self.function = NodeFunction(cloud, name, {"index.js": RUN}, "index.handler", **settings)

    def run(self, script: str) -> str:
        error, output = self.function.invoke(script)
        assert error is None, output
        return output


def contained(cloud):
    sandbox = cloud.status()["sandbox"]
    if not sandbox["on"]:
        pytest.skip(sandbox["reason"])
    return sandbox


@pytest.fixture(scope="module", params=[Shell, Node], ids=["provided", "node"])
def function(module_cloud, request):
    contained(module_cloud)
    return request.param(module_cloud, f"contained-{request.param.__name__.lower()}", Timeout=60)


def test_the_home_is_not_there(module_cloud, function):
    assert "No such file" in function.run(f"cat {module_cloud.home}/settings.json")
    assert "No such file" in function.run(f"ls {module_cloud.home}")
    assert not {"home", "root", "run"} & set(function.run("ls /").split())
    sockets = function.run(f"find / -name '.s.PGSQL*' -not -path '/proc/*'; find {module_cloud.home} -type s")
    assert not re.search(r"^/.*PGSQL", sockets, re.M), sockets


def test_code_is_read_only_in_var_task(function):
    assert function.run("echo $LAMBDA_TASK_ROOT; pwd").split() == ["/var/task", "/var/task"]
    assert "Read-only file system" in function.run("echo x > /var/task/new")
    assert "Read-only file system" in function.run("echo x > /usr/new")
    assert "Read-only file system" in function.run("echo 1 > /proc/sys/kernel/panic")


def test_tmp_is_the_instances_own(module_cloud, function):
    assert function.run("echo kept > /tmp/file") == ""
    # While that instance still talks to the Runtime API, others answer.
    wait_until(lambda: function.run("cat /tmp/file") == "kept\n", "the same instance to answer")
    assert function.run("df -m --output=size /tmp | tail -n 1").strip() == "512"
    assert "No space left on device" in function.run("head -c 600M /dev/zero > /tmp/large")
    assert function.run("rm /tmp/large") == ""
    assert "file" not in os.listdir("/tmp")


def test_other_processes_and_their_environment_are_not_there(module_cloud, function):
    other = Shell(module_cloud, f"other-{type(function).__name__.lower()}", Environment={"Variables": {"SECRET": "of another"}})
    assert other.run("echo $SECRET") == "of another\n"
    assert "of another" not in function.run("cat /proc/*/environ")
    processes = function.run("for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done")
    assert "postgres" not in processes and "serve" not in processes
    assert processes.startswith("init"), processes
    assert "No such process" in function.run(f"kill -0 {module_cloud.status()['pid']}")
    assert function.run("id -un").strip() == "sbx_user1051"


def test_a_fork_bomb_ends_with_its_function(module_cloud, function):
    spared = Shell(module_cloud, f"spared-{type(function).__name__.lower()}")
    assert spared.run("echo warm") == "warm\n"
    bomb = type(function)(module_cloud, f"bomb-{type(function).__name__.lower()}", Timeout=20)
    with pytest.raises(AssertionError) as ended:
        bomb.run("bomb() { bomb | bomb & }; bomb; sleep 1000")
    assert "timed out" in str(ended.value)
    assert spared.run("echo alive") == "alive\n"


def test_names_of_clusters_are_in_the_hosts_file_at_once(module_cloud, function):
    assert "localhost" in function.run("cat /etc/hosts")
    made = module_cloud.client("dsql").create_cluster(deletionProtectionEnabled=False)
    endpoint = f"{made['identifier']}.dsql.us-east-1.on.aws"
    assert endpoint in function.run("cat /etc/hosts"), "of the instance that ran before"


def test_node_finds_its_files_in_var_task(module_cloud):
    contained(module_cloud)
    made = NodeFunction(module_cloud, "places", {
        "index.js": "exports.handler = async () => [__dirname, __filename, new Error('x').stack.split('\\n')[1].trim()];"},
        "index.handler")
    error, (directory, file, frame) = made.invoke()
    assert (error, directory, file) == (None, "/var/task", "/var/task/index.js")
    assert "/var/task/index.js:1:" in frame


def test_status_says_what_is_in_force(module_cloud):
    sandbox = contained(module_cloud)
    assert (sandbox["reason"], sandbox["processLimit"]) == (None, 1024)
    assert "Sandbox    functions see their code" in module_cloud.run("local", "status").stdout


def test_without_a_sandbox_functions_see_the_machine(idle_cloud):
    idle_cloud.run("local", "start", "--no-sandbox")
    assert idle_cloud.status()["sandbox"]["reason"] == "--no-sandbox was asked for"
    assert "Sandbox    none" in idle_cloud.run("local", "status").stdout
    function = Shell(idle_cloud, "free")
    assert function.run(f"ls {idle_cloud.home}/settings.json").strip() == f"{idle_cloud.home}/settings.json"
    assert function.run("pwd").startswith(str(idle_cloud.home))


def test_a_running_cloud_keeps_its_sandbox(module_cloud):
    contained(module_cloud)
    refused = module_cloud.run("local", "start", "--no-sandbox", code=1)
    assert "is already running" in refused.stderr and "nimbus local stop" in refused.stderr


def test_where_namespaces_are_refused_functions_run_without(idle_cloud):
    # A user namespace in which there may be no further ones (namespaces.7: /proc/sys/user).
    alone = ["unshare", "--user", "--map-root-user", "sh", "-c",
             "echo 0 >/proc/sys/user/max_mnt_namespaces && exec \"$@\"", "-"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody make user namespaces")
    subprocess.run([*alone, str(NIMBUS), "local", "start"], env=idle_cloud.environment, check=True, timeout=60)
    sandbox = idle_cloud.status()["sandbox"]
    assert not sandbox["on"] and "making a mount namespace" in sandbox["reason"], sandbox
    assert "Sandbox    none" in idle_cloud.run("local", "status").stdout
    assert Shell(idle_cloud, "uncontained").run("echo runs") == "runs\n"
