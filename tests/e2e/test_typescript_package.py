"""The npm package: its own tests, the command that it brings, and the pages that show it."""

import os
import pty
import shutil
import subprocess

import pytest

from support import npm
from support.cloud import BUILD, NIMBUS, ROOT


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


def nimbus(packages, *arguments, path=None, **variables):
    environment = {**npm.environment(), **variables}
    environment["PATH"] = path or environment["PATH"]
    return subprocess.run([packages.node_modules / ".bin" / "nimbus", *arguments], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def version() -> str:
    return subprocess.run([NIMBUS, "--version"], capture_output=True, text=True, check=True).stdout


def test_its_own_tests_pass(packages):
    npm.run(["npm", "test"], ROOT / "sdk" / "js")


def test_the_command_is_the_program_in_the_package(packages):
    assert nimbus(packages, "--version").stdout == version()
    assert nimbus(packages, "frobnicate").returncode == 2


def test_another_program_can_be_named(packages, tmp_path):
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho other $1\n")
    other.chmod(0o755)
    assert nimbus(packages, "--version", NIMBUS_BIN=str(other)).stdout == "other --version\n"
    wrong = nimbus(packages, "--version", NIMBUS_BIN=str(tmp_path / "missing"))
    assert wrong.returncode == 1 and "NIMBUS_BIN" in wrong.stderr


def test_without_a_program_in_the_package_one_is_looked_for_on_path(packages, tmp_path):
    bare = tmp_path / "node_modules" / "@hillock-tech" / "nimbus-js"
    shutil.copytree(ROOT / "sdk" / "js" / "bin", bare / "bin")
    links = tmp_path / "node_modules" / ".bin"
    links.mkdir()
    (links / "nimbus").symlink_to("../@hillock-tech/nimbus-js/bin/nimbus")
    programs = tmp_path / "programs"
    programs.mkdir()

    def run():
        return subprocess.run([links / "nimbus", "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env={"PATH": f"{links}:{programs}:/usr/bin:/bin"}, timeout=20)
    none = run()
    assert none.returncode == 1
    assert "holds no program for Linux-" in none.stderr and "NIMBUS_BIN" in none.stderr
    (programs / "nimbus").symlink_to(NIMBUS)
    assert run().stdout == version()


def test_both_kinds_of_modules_get_the_same(packages, tmp_path):
    directory = packages.project("modules")
    for name, text in (("a.mjs", "import Nimbus, { Nimbus as named } from '@hillock-tech/nimbus-js';"
                                 "console.log(typeof Nimbus, Nimbus === named);"),
                       ("b.cjs", "const { default: Nimbus, Nimbus: named } = require('@hillock-tech/nimbus-js');"
                                 "console.log(typeof Nimbus, Nimbus === named);")):
        (directory / name).write_text(text)
        assert npm.run(["node", name], directory).stdout == "function true\n"


def test_the_examples_pass_the_compilers_check(packages):
    for name in ("sql-ts", "hello-ts", "webhooks-ts", "shared-function-ts"):
        directory = packages.project("check")
        for file in ("index.ts", "tsconfig.json"):
            shutil.copy(ROOT / "examples" / name / file, directory)
        npm.run(["npx", "tsc", "--noEmit"], directory)


def test_init_asks_a_person(packages, idle_cloud, tmp_path):
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [packages.node_modules / ".bin" / "nimbus", "init"], cwd=tmp_path, stdin=terminal, stdout=terminal,
        stderr=terminal, env={**idle_cloud.environment, "TERM": "xterm"}, start_new_session=True)
    os.close(terminal)
    os.write(controller, b"\n" * 4)
    shown = b""
    try:
        while part := os.read(controller, 4096):
            shown += part
    except OSError:
        pass
    os.close(controller)
    assert process.wait(20) == 0, shown.decode()
    assert "?" in shown.decode() and (tmp_path / ".nimbusrc").exists(), shown.decode()


def test_getting_started_as_written(packages, idle_cloud):
    directory = packages.project("hello")
    shutil.copy(ROOT / "examples" / "hello-ts" / "index.ts", directory)
    from support.app import App
    app = App(idle_cloud, directory, "hello-ts")
    app.deploy()
    answer = app.call("GET", "/hello/world")
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})
    app.destroy()


def test_programs_that_were_built_on_other_machines_go_into_the_package(tmp_path):
    other = tmp_path / "Linux-other"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "nimbus").write_text("#!/bin/sh\n")
    (other / "bin" / "nimbus").chmod(0o755)
    build = tmp_path / "build"
    build.mkdir()
    (build / "test-env").symlink_to(BUILD / "test-env")
    with npm.one_at_a_time():
        packed = npm.run([ROOT / "scripts" / "pack-npm"], ROOT,
                         {"BUILD": os.path.relpath(build, ROOT), "PLATFORMS": str(other)})
    names = subprocess.run(["tar", "-tf", packed.stdout.strip()], capture_output=True, text=True, check=True).stdout.split()
    assert "package/bin/Linux-other/bin/nimbus" in names and "package/bin/nimbus" in names
