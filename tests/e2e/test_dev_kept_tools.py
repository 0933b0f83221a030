"""What `nimbus dev` keeps from one build in TypeScript to the next: esbuild, and a Node.js that waits."""

import os
import shutil
import signal

import pytest

from support import npm, processes
from support.dev import Dev
from support.dev_project import TS, Project, answer
from support.waiting import wait_until


@pytest.fixture
def typescript(projects) -> Project:
    directory = npm.packages_of(projects).project("dev-kept")
    return Project(directory, "index.ts", TS, "greeting.ts", "export const greeting = '%s';\n")


def bundlers(root: int) -> list[int]:
    return [process.pid for process in processes.descendants(root) if "--service=" in process.command]


def describers(root: int) -> list[int]:
    return [process.pid for process in processes.descendants(root) if "wait.cjs" in process.command]


def save(dev: Dev, project: Project, words: str) -> dict:
    project.greet(words)
    return dev.next("deployed")


def test_esbuild_stays_from_one_build_to_the_next(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        first = bundlers(dev.process.pid)
        assert len(first) == 1
        save(dev, typescript, "second")
        assert bundlers(dev.process.pid) == first
        assert answer(url) == "second"


@pytest.mark.parametrize("tools", [bundlers, describers])
def test_what_was_killed_is_started_again(typescript, cloud, tools):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        wait_until(lambda: tools(dev.process.pid), "it to run")
        for number, words in enumerate(("second", "third")):
            [killed] = tools(dev.process.pid)
            os.kill(killed, signal.SIGKILL)
            save(dev, typescript, words)
            assert answer(url) == words
            wait_until(lambda: tools(dev.process.pid) not in ([], [killed]), "another one to run")


def test_they_end_with_a_dev_that_is_killed(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        dev.url()
        wait_until(lambda: describers(dev.process.pid), "Node.js to wait")
        kept = {*bundlers(dev.process.pid), *describers(dev.process.pid)}
        assert len(kept) == 2
        dev.end(signal.SIGKILL)
        wait_until(lambda: not kept & {process.pid for process in processes.descendants(os.getpid())}, "them to end")


def test_mistakes_are_told_as_by_a_build_of_its_own(typescript, cloud):
    right = typescript.program.read_text()
    wrong = "console.log({ a: 1, a: 2 });\n" + right + "let let = 1;\n"
    told = []
    with Dev(cloud, typescript.directory) as dev:
        dev.url()
        typescript.program.write_text(wrong)
        told.append(dev.next("failed"))
    with Dev(cloud, typescript.directory) as dev:
        told.append(dev.next("failed"))
    assert told[0]["message"] == told[1]["message"] and told[0]["output"] == told[1]["output"]
    assert "index.ts:" in told[0]["message"]


def test_a_changed_tsconfig_is_heeded(typescript, cloud):
    for name in ("first", "second"):
        (typescript.directory / name).mkdir()
        (typescript.directory / name / "words.ts").write_text(f"export const greeting = 'the {name}';\n")
    config = typescript.directory / "tsconfig.json"
    config.write_text('{"compilerOptions": {"paths": {"@words": ["./first/words.ts"]}}}')
    typescript.greeting_file.write_text("export { greeting } from '@words';\n")
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        assert answer(url) == "the first"
        config.write_text(config.read_text().replace("first", "second"))
        dev.next("deployed")
        assert answer(url) == "the second"


def test_a_package_that_was_installed_anew_is_taken(typescript, cloud):
    modules = typescript.directory / "node_modules"
    installed = modules.resolve()
    modules.unlink()
    modules.mkdir()
    npm.link_packages(installed, modules, ["words"])
    package = modules / "words"
    package.mkdir()
    (package / "package.json").write_text('{"name": "words", "version": "1.0.0"}')
    lock = modules / ".package-lock.json"
    lock.write_text('{"version": 1}')

    def install(greeting: str) -> None:
        (package / "index.js").write_text(f"exports.greeting = '{greeting}';\n")
        lock.write_text(f'{{"version": "{greeting}"}}')

    install("old")
    typescript.greeting_file.write_text("export { greeting } from 'words';\n")
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        assert answer(url) == "old"
        install("new")
        dev.next("deployed")
        assert answer(url) == "new"


def test_another_esbuild_is_taken(typescript, cloud):
    modules = typescript.directory / "node_modules"
    installed = modules.resolve()
    modules.unlink()
    modules.mkdir()
    copied = ["@hillock-tech/nimbus-js", *(f"@esbuild/{each.name}" for each in (installed / "@esbuild").iterdir())]
    npm.link_packages(installed, modules, copied)
    for name in copied:
        shutil.copytree(installed / name, modules / name, ignore=shutil.ignore_patterns("Linux-*"))
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        before = bundlers(dev.process.pid)
        for binary in (modules / "@esbuild").glob("*/bin/esbuild"):
            os.utime(binary, ns=(0, 10**18))
        save(dev, typescript, "second")
        assert answer(url) == "second"
        assert bundlers(dev.process.pid) != before


FORKING = """\
import { fork } from 'node:child_process';
import { Worker, isMainThread } from 'node:worker_threads';
if (process.env.NIMBUS_MANIFEST_OUT && isMainThread) {
    new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
    fork(__filename, { env: {} });
}
"""


def test_a_program_does_not_see_that_its_process_waited(typescript, cloud):
    declared = typescript.program.read_text()
    typescript.program.write_text(FORKING + declared.replace("'/greeting'", "'/' + ['greeting', ...process.execArgv.filter((it) => it.includes('wait.cjs'))].join('-')"))
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        for words in ("second", "third"):
            wait_until(lambda: describers(dev.process.pid), "Node.js to wait")
            assert save(dev, typescript, words)["changes"]["updated"] == 1
            assert answer(url) == words
