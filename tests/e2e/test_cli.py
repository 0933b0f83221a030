"""The command line: help, versions, exit codes, --json, colours."""

import json
import os
import pty
import re
import shlex
import signal
import subprocess

import pytest

from support.cloud import NIMBUS, ROOT, cloud_in, new_directory

COMMANDS = ["new", "init", "deploy", "dev", "debug", "plan", "destroy", "status", "outputs", "logs", "invoke",
            "sql", "migrate", "seed", "test", "types", "check", "secret", "unlock", "whoami", "local", "completion", "help", "version"]


def test_help_names_every_command(idle_cloud):
    text = idle_cloud.run("--help").stdout
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\b", text, re.M), command


ALL_COMMANDS = COMMANDS + [
    "local start", "local stop", "local status", "local reset", "local logs", "local names",
    "local faults", "local operations", "local check", "local backup", "local restore", "migrate apply", "migrate check", "migrate new", "migrate squash", "migrate status",
    "secret set", "secret get", "secret list", "secret remove", "secret import"]


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_each_command_has_help(idle_cloud, command):
    result = idle_cloud.run(*command.split(), "--help")
    assert result.stderr == ""
    sections = re.findall(r"^(\S.*):$", result.stdout, re.M)
    assert "Examples" in sections or command in ("help", "version")
    assert "\n\n\n" not in result.stdout and not result.stdout.endswith("\n\n")
    for section in sections:
        assert f"\n\n{section}:\n" in result.stdout, f"a blank line before {section}"


def test_version(idle_cloud):
    version = re.search(r"project\(nimbus VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert idle_cloud.run("--version").stdout.split() == ["nimbus", version]


@pytest.mark.parametrize("arguments", [
    ["--nonsense"], ["nonsense"], ["deploy", "--nonsense"], ["local"], ["local", "nonsense"], [], ["destroy"],
    ["init", "--local", "--bucket", "b"], ["deploy", "a", "b"]])
def test_wrong_usage_is_exit_code_2(idle_cloud, arguments):
    result = idle_cloud.run(*arguments, code=2)
    assert result.stdout == "" and result.stderr.strip()


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_an_option_with_an_empty_value_is_refused_by_its_name(idle_cloud, command):
    text = idle_cloud.run(*command.split(), "--help").stdout
    for option in set(re.findall(r"^ +(?:-\w, )?(--[\w-]+) [A-Z]+\b", text, re.M)) - {"--command"}:  # psql -c ''
        for given in ([option, ""], [f"{option}=", "--no-color"]):
            refused = idle_cloud.run(*command.split(), *given, code=2)
            assert f"{option} has an empty value" in refused.stderr and refused.stdout == ""


@pytest.mark.parametrize("command", ["status", "outputs", "logs", "destroy --yes", "invoke f", "secret set key",
                                     "secret list", "sql -c ''", "unlock"])
def test_a_name_that_no_deployment_can_have_is_wrong_usage(idle_cloud, tmp_path, command):
    for option, value in (("--project", "My Shop"), ("--stage", "PROD"), ("--region", "mars")):
        names = {"--project": "shop", "--stage": "dev", "--region": "us-east-1", option: value}
        refused = idle_cloud.run(*shlex.split(command), *(word for pair in names.items() for word in pair),
                                 cwd=tmp_path, code=2)
        assert f"{option} must be " in refused.stderr and f"not '{value}'" in refused.stderr


def test_a_misspelt_command_gets_a_suggestion(idle_cloud):
    assert "deploy" in idle_cloud.run("deplyo", code=2).stderr


def test_failures_are_exit_code_1(idle_cloud):
    assert idle_cloud.run("sql", "-c", "SELECT 1", code=1).stderr.strip()


def test_json_is_one_object_and_nothing_else(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping"])
    for arguments in (["deploy", "--json", "--yes"], ["plan", "--json"], ["status", "--json"], ["outputs", "--json"],
                      ["local", "status", "--json"]):
        app.run(*arguments).json()


def test_init_writes_nimbusrc(idle_cloud, tmp_path):
    idle_cloud.run("init", "--local", cwd=tmp_path)
    assert json.loads((tmp_path / ".nimbusrc").read_text()) == {"target": "local"}
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    idle_cloud.run("init", "--bucket", "my-state", "--region", "eu-west-1", cwd=bucket)
    assert json.loads((bucket / ".nimbusrc").read_text()) == {
        "target": "aws", "bucket": "my-state", "region": "eu-west-1"}


def test_init_says_what_it_replaced(idle_cloud, tmp_path):
    aws = ["init", "--bucket", "my-state", "--region", "eu-west-1"]
    assert "replaced" not in idle_cloud.run(*aws, cwd=tmp_path).stdout
    assert "replaced" not in idle_cloud.run(*aws, cwd=tmp_path).stdout
    assert "(replaced: was AWS, my-state)" in idle_cloud.run("init", "--local", cwd=tmp_path).stdout
    assert "(replaced: was the local cloud)" in idle_cloud.run(*aws, cwd=tmp_path).stdout


@pytest.mark.parametrize("arguments", [
    ["deploy", "nofile.cpp"], ["invoke", "tick", "--event", "nofile.json"], ["secret", "import", "nofile.env"],
], ids=["deploy", "invoke", "secret import"])
def test_a_file_that_is_not_there_is_wrong_usage(idle_cloud, tmp_path, arguments):
    assert "nofile" in idle_cloud.run(*arguments, cwd=tmp_path, code=2).stderr


def test_init_asks_only_a_person(idle_cloud, tmp_path):
    result = idle_cloud.run("init", cwd=tmp_path, code=None)
    assert result.code in (0, 2)


def on_a_terminal(cloud, arguments, cwd, env=None):
    """Runs `nimbus …` with a terminal for stderr; returns what it showed there."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen([NIMBUS, *arguments], cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=terminal, env={**cloud.environment, "TERM": "xterm-256color", **(env or {})})
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    output = process.stdout.read().decode()
    assert process.wait() == 0, shown.decode()
    os.close(controller)
    return output, shown.decode()


def test_an_empty_log_is_told_to_people_alone(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping"])
    app.deploy()
    empty = app.run("logs")
    assert (empty.stdout, empty.stderr) == ("", "The functions have written nothing yet.\n")
    assert app.run("logs", "get-ping", "--since", "10m").stderr == "get-ping has written nothing in the last 10m.\n"
    app.call("GET", "/ping")
    assert app.run("logs").stderr == ""


def test_ctrl_c_ends_the_following_of_logs_by_its_signal(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping"])
    app.deploy()
    app.call("GET", "/ping")
    follower = subprocess.Popen([NIMBUS, "logs", "--follow"], cwd=app.directory, env=cloud.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert follower.stdout.readline()
    follower.send_signal(signal.SIGINT)
    assert follower.wait(30) == -signal.SIGINT
    follower.stdout.close()


def test_colours_only_for_a_terminal_that_wants_them(projects, cloud):
    app = projects.testbed(cloud, routes=["GET /ping"])
    app.deploy()
    output, shown = on_a_terminal(cloud, ["deploy", "--yes"], app.directory)
    assert "\x1b[" in shown and "\x1b[" not in output
    for arguments, env in ((["deploy", "--yes"], {"NO_COLOR": "1"}), (["--no-color", "deploy", "--yes"], {})):
        _, shown = on_a_terminal(cloud, arguments, app.directory, env)
        assert not re.search(r"\x1b\[[0-9;]*m", shown)


def test_local_start_stop_status_reset(idle_cloud):
    assert idle_cloud.run("local", "status", "--json").json()["running"] is False
    idle_cloud.start()
    status = idle_cloud.status(fresh=True)
    assert status["running"] is True
    assert set(status) >= {"running", "pid", "endpoint", "accountId", "credentials", "caFile", "clusters", "hostsFile", "names"}
    assert set(status["credentials"]) >= {"accessKeyId", "secretAccessKey"}
    assert re.fullmatch(r"\d{12}", status["accountId"])
    idle_cloud.start()
    assert idle_cloud.status(fresh=True)["pid"] == status["pid"], "starting twice is fine"
    idle_cloud.client("s3").create_bucket(Bucket="something")
    idle_cloud.stop()
    idle_cloud.stop()
    assert idle_cloud.run("local", "status", "--json").json()["running"] is False
    idle_cloud.start()
    assert [b["Name"] for b in idle_cloud.client("s3").list_buckets()["Buckets"]] == ["something"]
    idle_cloud.run("local", "reset", "--yes")
    idle_cloud.start()
    assert idle_cloud.client("s3").list_buckets()["Buckets"] == []


def test_reset_deletes_a_local_cloud_and_nothing_else(idle_cloud, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    refused = idle_cloud.run("local", "reset", "--yes", env={"NIMBUS_HOME": str(tmp_path)}, code=2)
    assert "thesis.txt" in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    idle_cloud.start()
    beside = idle_cloud.home / "beside.txt"
    beside.write_text("mine")
    idle_cloud.run("local", "reset", "--yes")
    assert list(idle_cloud.home.iterdir()) == [beside]


def test_two_homes_are_two_clouds(cloud, template):
    with cloud_in(new_directory("nimbus-"), template) as other:
        other.start()
        assert other.endpoint != cloud.endpoint
        other.client("s3").create_bucket(Bucket="mine")
        assert cloud.client("s3").list_buckets()["Buckets"] == []
