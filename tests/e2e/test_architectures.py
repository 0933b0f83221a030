"""Functions for arm64: on another machine they are cross-compiled, and an emulator of processors runs what
Lambda would run."""

import base64
import hashlib
import io
import json
import os
import pathlib
import platform
import struct
import zipfile

import pytest
import requests

from support import npm
from support.app import App
from support.cloud import ROOT
from support.functions import create_api, ensure_role

EM_X86_64, EM_AARCH64 = 62, 183  # System V ABI, e_machine
MACHINES = {"x86_64": EM_X86_64, "arm64": EM_AARCH64}

HOST = "arm64" if platform.machine() == "aarch64" else "x86_64"
pytestmark = pytest.mark.skipif(HOST == "arm64", reason="on arm64 everything is built natively")

PROGRAM = """
#include <nimbus/nimbus.hpp>
#include <sys/utsname.h>

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "machines", .region = "us-east-1", .architecture = "arm64"}};
    auto api = app.api({.name = "machines-api"});
    const auto machine = [](const nimbus::request& req) {
        utsname system;
        uname(&system);
        return nimbus::ok({{"machine", system.machine}, {"name", std::string(req.param("name"))}});
    };
    api.route("GET", "/arm/{name}", machine);
    api.route("GET", "/x86/{name}", machine, {.architecture = "x86_64"});
    return app.run(argc, argv);
}
"""


@pytest.fixture
def app(projects, idle_cloud):
    directory = projects.root / "machines"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "main.cpp").write_text(PROGRAM)
    (directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))
    return App(idle_cloud, directory, "machines")


@pytest.fixture
def to_aws(moto):
    """Has an application deployed to moto, which stands for AWS."""
    def choose(app):
        client = moto.client("s3")
        if not client.list_buckets()["Buckets"]:
            client.create_bucket(Bucket="state-bucket")
        (app.directory / ".nimbusrc").write_text(json.dumps(
            {"target": "aws", "bucket": "state-bucket", "region": "us-east-1"}))
        return moto
    return choose


def bootstrap_in(archive: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(archive)).read("bootstrap")


def machine_of(program: bytes) -> int:
    assert program[:4] == b"\x7fELF"
    return struct.unpack_from("<H", program, 18)[0]


def uploaded(moto) -> dict[str, bytes]:
    """The archives in the bucket, by what Lambda calls CodeSha256."""
    s3 = moto.client("s3")
    archives = [s3.get_object(Bucket="state-bucket", Key=item["Key"])["Body"].read()
                for item in s3.list_objects_v2(Bucket="state-bucket")["Contents"] if item["Key"].endswith(".zip")]
    return {base64.b64encode(hashlib.sha256(archive).digest()).decode(): archive for archive in archives}


def functions_in(moto, prefix: str) -> dict[str, dict]:
    """By their handlers."""
    return {function["Handler"]: function for function in moto.client("lambda").list_functions()["Functions"]
            if function["FunctionName"].startswith(prefix)}


def test_each_function_gets_code_for_its_architecture(app, to_aws):
    moto = to_aws(app)
    deployed = app.run("deploy", "--json", "--yes", env=moto.environment)
    assert "architecture" not in deployed.stderr
    archives = uploaded(moto)
    functions = functions_in(moto, "machines")
    assert {name: function["Architectures"] for name, function in functions.items()} == {
        "get-arm-name": ["arm64"], "get-x86-name": ["x86_64"]}
    for function in functions.values():
        program = bootstrap_in(archives[function["CodeSha256"]])
        assert machine_of(program) == MACHINES[function["Architectures"][0]]
    assert app.deploy(env=moto.environment)["changes"]["updated"] == 0

    (app.directory / "main.cpp").write_text(PROGRAM.replace(', {.architecture = "x86_64"}', ""))
    plan = app.run("plan", env=moto.environment).stdout
    assert "architecture: x86_64 -> arm64" in plan
    app.deploy(env=moto.environment)
    moved = functions_in(moto, "machines")["get-x86-name"]
    assert machine_of(bootstrap_in(uploaded(moto)[moved["CodeSha256"]])) == EM_AARCH64
    app.destroy("--force", env=moto.environment)


def test_a_cmake_project_is_cross_compiled_as_well(projects, idle_cloud, to_aws):
    app = App(idle_cloud, projects.copy(ROOT / "examples" / "greeting", "greeting-arm64"), "greeting")
    main = app.directory / "main.cpp"
    main.write_text(main.read_text().replace('.region = "us-east-1"', '.region = "us-east-1", .architecture = "arm64"'))
    moto = to_aws(app)
    app.deploy(env=moto.environment)
    for function in functions_in(moto, "greeting").values():
        assert function["Architectures"] == ["arm64"]
        assert machine_of(bootstrap_in(uploaded(moto)[function["CodeSha256"]])) == EM_AARCH64
    app.destroy("--force", env=moto.environment)


def program_for_arm64(app, moto) -> bytes:
    """What AWS would get for the function get-arm-name."""
    app.deploy(env=moto.environment)
    function = functions_in(moto, "machines")["get-arm-name"]
    program = bootstrap_in(uploaded(moto)[function["CodeSha256"]])
    app.destroy("--force", env=moto.environment)
    return program


def create_function(cloud, name: str, files: dict[str, bytes | str]) -> str:
    """A function of executable files, made as AWS's own tools make it; returns its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = 0o755 << 16
            target.writestr(entry, content)
    functions = cloud.client("lambda")
    arn = functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="get-arm-name", Role=ensure_role(cloud), Timeout=60,
        MemorySize=1024, Architectures=["arm64"], Code={"ZipFile": archive.getvalue()})["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
    return arn


def test_the_program_for_arm64_answers_requests(app, to_aws, cloud):
    """The local cloud calls the very program that AWS would get, which an emulator runs."""
    program = program_for_arm64(app, to_aws(app))
    arn = create_function(cloud, "emulated", {
        "program": program, "bootstrap": '#!/bin/sh\nexec /usr/bin/qemu-aarch64 "$LAMBDA_TASK_ROOT/program"\n'})
    url = create_api(cloud, "machines", {"GET /arm/{name}": arn})
    for name in ("first", "second"):
        answer = requests.get(f"{url}/arm/{name}", timeout=60)
        assert (answer.status_code, answer.json()) == (200, {"machine": "aarch64", "name": name})


@pytest.mark.skipif(pathlib.Path("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists(),
                    reason="the kernel has an emulator for arm64")
def test_a_program_for_arm64_cannot_start_in_the_local_cloud_by_itself(app, to_aws, cloud):
    create_function(cloud, "bare", {"bootstrap": program_for_arm64(app, to_aws(app))})
    functions = cloud.client("lambda")
    assert functions.get_function_configuration(FunctionName="bare")["Architectures"] == ["arm64"]
    answer = functions.invoke(FunctionName="bare", Payload="{}")
    error = json.loads(answer["Payload"].read())
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert "Exec format error" in error["errorMessage"]


def test_the_local_cloud_runs_all_functions_on_this_machine_and_says_so_once(app):
    deployed = app.run("deploy", "--json", "--yes")
    app.output = deployed.json()
    said = "The local cloud runs functions on this machine's architecture, x86_64, even those that declare arm64."
    assert deployed.stderr.count(said) == 1
    assert app.plan()["warnings"] == [said]
    functions = app.cloud.client("lambda").list_functions()["Functions"]
    assert [function["Architectures"] for function in functions] == [["x86_64"], ["x86_64"]]
    for path in ("/arm/a", "/x86/a"):
        assert app.call("GET", path).json() == {"machine": os.uname().machine, "name": "a"}
    app.destroy("--force")


def test_a_program_in_typescript_declares_an_architecture_too(projects, idle_cloud, to_aws):
    source = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'machines-ts', architecture: 'arm64' });
app.Function({ name: 'arm', handler: async () => process.arch });
app.Function({ name: 'x86', handler: async () => process.arch, architecture: 'x86_64' });
export default app;
"""
    app = npm.typescript_app(idle_cloud, npm.packages_of(projects), "machines-ts", source, "machines-ts")
    moto = to_aws(app)
    app.deploy(env=moto.environment)
    functions = functions_in(moto, "machines-ts")
    assert {name: function["Architectures"] for name, function in functions.items()} == {
        "index.arm": ["arm64"], "index.x86": ["x86_64"]}
    assert len({function["CodeSha256"] for function in functions.values()}) == 1
    app.destroy("--force", env=moto.environment)
