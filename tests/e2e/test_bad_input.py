"""Mistakes and misfortunes: a sentence, exit code 1 or 2, nothing half-done."""

import json
import os
import shutil
import socket
import subprocess

import pytest

from support.cloud import ROOT
from support.inventory import inventory, objects
from support.wrong_manifests import WRONG, edited

EMPTY = {"clusters": [], "roles": [], "functions": [], "apis": [], "log_groups": []}


def assert_sentence(result, *words, codes=(1, 2)):
    """A failure as a person should see it."""
    assert result.code in codes, str(result)
    text = result.stderr
    for word in words:
        assert word.lower() in text.lower(), f"{word!r} is not in:\n{result}"
    assert len(text.strip().splitlines()) < 30, str(result)
    for trace in ("terminate called", "std::", "what():", "backtrace", "Traceback", "core dumped"):
        assert trace not in text, str(result)
    assert result.stdout == "" or result.stdout.lstrip().startswith("{"), str(result)


@pytest.fixture(scope="module")
def app(projects, module_cloud):
    return projects.testbed(module_cloud)


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("command", ["deploy", "plan"])
def test_a_manifest_with(app, module_cloud, what, command):
    edit, words = WRONG[what]
    app.document = edited(edit)
    assert_sentence(app.run(command, code=None, *(["--yes"] if command == "deploy" else [])), *words)
    assert inventory(module_cloud) == EMPTY and objects_besides_state(module_cloud) == []


def objects_besides_state(cloud) -> list[str]:
    return [key for keys in objects(cloud).values() for key in keys if "lock" in key]


def test_a_manifest_that_is_not_json(app, module_cloud):
    app.document = None
    (app.directory / "manifest.json").write_text('{"version": 1,')
    assert_sentence(module_cloud.run("deploy", "--yes", cwd=app.directory, code=None), "JSON")
    assert inventory(module_cloud) == EMPTY


def test_a_file_that_does_not_compile(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text("#include <nimbus/nimbus.hpp>\nint main() { return nonsense; }\n")
    result = cloud.run("deploy", "--yes", cwd=tmp_path, code=None)
    assert result.code == 1
    assert "main.cpp:2" in result.stderr and "nonsense" in result.stderr
    assert inventory(cloud) == EMPTY


def test_a_program_that_fails_to_describe_itself(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text('#include <cstdio>\nint main() { std::puts("no"); return 3; }\n')
    assert_sentence(cloud.run("deploy", "--yes", cwd=tmp_path, code=None), "3")
    assert inventory(cloud) == EMPTY


def test_a_program_that_writes_no_manifest(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text("int main() { return 0; }\n")
    assert_sentence(cloud.run("deploy", "--yes", cwd=tmp_path, code=None), "nimbus::app")
    assert inventory(cloud) == EMPTY


def test_a_program_with_mistakes_in_its_declarations(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text('''#include <nimbus/nimbus.hpp>
int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "mistakes", .region = "us-east-1"}};
    auto api = app.api({.name = "api"});
    api.route("FETCH", "/x", [] { return nimbus::ok(); });
    return app.run(argc, argv);
}
''')
    assert_sentence(cloud.run("deploy", "--yes", cwd=tmp_path, code=None), "main.cpp:6:14: ", "FETCH", "GET")
    assert inventory(cloud) == EMPTY


def test_a_directory_without_a_program(cloud, tmp_path):
    assert_sentence(cloud.run("deploy", "--yes", cwd=tmp_path, code=None), "main.cpp")
    assert_sentence(cloud.run("deploy", "missing.cpp", "--yes", cwd=tmp_path, code=None), "missing.cpp")
    assert_sentence(cloud.run("deploy", "notes.txt", "--yes", cwd=tmp_path, code=None), "notes.txt")


def test_a_nimbusrc_that_is_wrong(app, tmp_path):
    for text, word in (("{", ".nimbusrc"), ('{"target": "moon"}', "moon"), ('{"target": "aws"}', "bucket"),
                       ('{"target": "local", "colour": "red"}', "colour")):
        (tmp_path / ".nimbusrc").write_text(text)
        shutil.copy(ROOT / "tests/e2e/apps/testbed/main.cpp", tmp_path / "main.cpp")
        assert_sentence(app.cloud.run("plan", cwd=tmp_path, code=None), word)


def test_no_credentials(idle_cloud, projects):
    """Target AWS, and nobody to sign as."""
    app = projects.testbed(idle_cloud)
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    target = idle_cloud.directory / "aws"
    shutil.copytree(app.directory, target, ignore=shutil.ignore_patterns(".nimbus", "build"))
    (target / ".nimbusrc").write_text('{"target": "aws", "bucket": "some-bucket", "region": "us-east-1"}')
    result = idle_cloud.run("deploy", "--yes", cwd=target, code=None,
                            env={"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert_sentence(result, "credentials", "AWS_ACCESS_KEY_ID")


def test_a_cloud_that_is_not_there(idle_cloud, projects):
    """The page's "Connection failed": wrong endpoint, or nothing deployed."""
    app = projects.testbed(idle_cloud)
    (app.directory / "manifest.json").write_text(json.dumps(app.document))
    target = idle_cloud.directory / "aws"
    shutil.copytree(app.directory, target, ignore=shutil.ignore_patterns(".nimbus", "build"))
    (target / ".nimbusrc").write_text('{"target": "aws", "bucket": "some-bucket", "region": "us-east-1"}')
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    result = idle_cloud.run("status", cwd=target, code=None,
                            env={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x",
                                 "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    assert_sentence(result, f"127.0.0.1:{port}")


def test_sql_before_a_deploy(cloud, tmp_path):
    (tmp_path / ".nimbusrc").write_text('{"target": "local"}')
    assert_sentence(cloud.run("sql", "-c", "SELECT 1", cwd=tmp_path, code=None), "deploy")


def test_a_port_in_use(idle_cloud):
    idle_cloud.start()
    port = int(idle_cloud.endpoint.rpartition(":")[2])
    idle_cloud.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        result = idle_cloud.run("local", "start", code=None)
        assert_sentence(result, str(port))
        assert idle_cloud.run("local", "status", "--json").json()["running"] is False
    idle_cloud.start()
    assert int(idle_cloud.endpoint.rpartition(":")[2]) == port


def test_the_port_that_was_asked_for_in_use(idle_cloud):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = idle_cloud.run("local", "start", "--port", str(port), code=None)
        assert_sentence(result, str(port))


def test_postgresql_that_is_not_installed(projects, idle_cloud):
    idle_cloud.environment["NIMBUS_POSTGRES_BIN"] = "/nonexistent"
    idle_cloud.environment["NIMBUS_POSTGRES_TEMPLATE_DIR"] = str(idle_cloud.directory / "template")
    app = projects.testbed(idle_cloud)
    result = app.run("deploy", "--yes", code=None)
    assert_sentence(result, "PostgreSQL")
    assert "install" in result.stderr.lower() or "NIMBUS_POSTGRES_BIN" in result.stderr
    without = projects.testbed(idle_cloud, project="no-sql", sql=[])
    without.deploy()
    assert without.call("GET", "/ping").text == "pong"


@pytest.fixture
def small_disk(idle_cloud):
    """The home of `idle_cloud` on a file system of a few megabytes."""
    idle_cloud.home.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(idle_cloud.home)], capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("mounting a small file system needs root")
    yield idle_cloud
    idle_cloud.run("local", "stop", code=None)
    subprocess.run(["umount", "-l", str(idle_cloud.home)], check=True)


def test_a_full_disk(projects, small_disk):
    app = projects.testbed(small_disk, routes=["GET /ping", "POST /sql"])
    result = app.run("deploy", "--yes", code=None)
    assert_sentence(result, "space", codes=(1,))
    subprocess.run(["mount", "-o", "remount,size=400m", str(small_disk.home)], check=True)
    app.run("unlock", "--yes", "--project", app.project, "--region", "us-east-1", code=None)
    app.deploy()
    assert app.sql("SELECT 1 AS one").json() == {"rows": [{"one": 1}]}
    found = inventory(small_disk)
    assert len(found["clusters"]) == 1 and len(found["functions"]) == 2
