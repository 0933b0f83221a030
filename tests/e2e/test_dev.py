"""`nimbus dev`: what is saved answers a moment later."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest
import requests

from support import npm, processes
from support.cloud import ROOT
from support.dev import Dev
from support.dev_project import CPP, TS, Project, answer
from support.terminal import TerminalSession
from support.waiting import wait_until


@pytest.fixture
def cpp(tmp_path) -> Project:
    return Project(tmp_path, "main.cpp", CPP, "greeting.hpp", 'inline constexpr const char* greeting = "%s";\n')


@pytest.fixture
def typescript(projects) -> Project:
    directory = npm.packages_of(projects).project("dev")
    return Project(directory, "index.ts", TS, "greeting.ts", "export const greeting = '%s';\n")


@pytest.fixture(params=["cpp", "typescript"])
def project(request) -> Project:
    return request.getfixturevalue(request.param)


def test_what_is_saved_answers(project, cloud):
    with Dev(cloud, project.directory) as dev:
        url = dev.url()
        assert answer(url) == "first"
        project.greet("second")
        assert dev.next("changed")["files"] == [project.greeting_file.name]
        assert dev.next("deployed")["changes"]["updated"] == 1
        assert answer(url) == "second"
        # As editors save: another file takes the place of the old one.
        beside = project.directory / "beside.tmp"
        beside.write_text(project.form % "third")
        os.replace(beside, project.greeting_file)
        dev.next("deployed")
        assert answer(url) == "third"


def test_what_does_not_build_leaves_the_version_before(project, cloud):
    with Dev(cloud, project.directory) as dev:
        url = dev.url()
        right = project.program.read_text()
        project.program.write_text(right + "this is no program\n")
        failed = dev.next("failed")
        assert failed["isAnswering"] and project.program.name in failed["message"] + failed["output"]
        assert answer(url) == "first"
        project.greeting_file.unlink()
        assert project.greeting_file.name in dev.next("changed")["files"]
        dev.next("failed")
        project.program.write_text(right)
        dev.next("failed")
        project.greet("mended")
        dev.next("deployed")
        assert answer(url) == "mended"


def test_what_was_wrong_from_the_start_is_deployed_when_it_is_mended(project, cloud):
    right = project.program.read_text()
    project.program.write_text("this is no program\n" + right)
    with Dev(cloud, project.directory) as dev:
        assert not dev.next("failed")["isAnswering"]
        dev.next("watching")
        project.program.write_text(right)
        assert answer(dev.next("deployed")["deployment"]["apis"][0]["url"]) == "first"


def test_what_is_declared_anew_is_deployed(project, cloud):
    with Dev(cloud, project.directory) as dev:
        url = dev.url()
        project.program.write_text(project.program.read_text().replace('"/greeting', '"/other').replace("'/greeting", "'/other"))
        assert dev.next("deployed")["changes"]["created"] > 0
        assert requests.get(url + "/other", timeout=30).json() == "first"


def test_saving_many_times_at_once_ends_with_the_last(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        for number in range(50):
            typescript.greet(f"save {number}")
        wait_until(lambda: answer(url) == "save 49", "the last save to answer")
        dev.end()
        assert len([event for event in dev.events if event["event"] == "deployed"]) < 50


def test_a_file_that_a_new_import_brings_is_watched(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        (typescript.directory / "words.ts").write_text("export const words = 'from afar';\n")
        typescript.greeting_file.write_text("export { words as greeting } from './words';\n")
        dev.next("deployed")
        assert answer(url) == "from afar"
        (typescript.directory / "words.ts").write_text("export const words = 'nearer';\n")
        dev.next("deployed")
        assert answer(url) == "nearer"


def test_a_cmake_project_is_watched(cloud, tmp_path):
    directory = shutil.copytree(ROOT / "examples" / "greeting", tmp_path / "greeting")
    (directory / "extra.cmake").write_text("set(extra ON)\n")
    with (directory / "CMakeLists.txt").open("a") as file:
        file.write("include(extra.cmake)\n")
    with Dev(cloud, directory) as dev:
        dev.url()
        for name in ("greeting.cpp", "greeting.hpp", "CMakeLists.txt", "extra.cmake"):
            file = directory / name
            file.write_text(file.read_text() + "\n")
            assert dev.next("changed")["files"] == [name]
            dev.next("deployed", "unchanged")


def test_nothing_stays_that_dev_started(typescript, idle_cloud):
    before = {process.pid for process in processes.descendants(os.getpid())}
    with Dev(idle_cloud, typescript.directory) as dev:
        answer(dev.url())
        assert idle_cloud.status(fresh=True)["running"]
        assert dev.end() == 0
    assert not idle_cloud.status(fresh=True)["running"]
    wait_until(lambda: {process.pid for process in processes.descendants(os.getpid())} <= before, "all to be gone")


def test_a_cloud_that_ran_before_goes_on(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        assert dev.end(signal.SIGTERM) == 0
    assert answer(url) == "first"


def test_a_person_is_told_in_lines(typescript, cloud):
    with TerminalSession(cloud, "dev", cwd=typescript.directory) as person:
        person.expect("Watching for changes")
        assert "/greeting" in person.shown
        typescript.greet("second")
        person.expect("greeting.ts changed")
        person.expect("1 updated")
        typescript.program.write_text("no program at all")
        person.expect("The version before goes on answering.")
        person.type("\x03")
        assert person.finish() == 0


SECRET = "const token = app.Secret({ name: 'token' });\n"


@pytest.mark.parametrize("arguments, event", [([], "failed"), (["--yes"], "deployed")], ids=["asks", "yes"])
def test_data_are_not_deleted_without_asking(typescript, cloud, arguments, event):
    declared = typescript.program.read_text()
    typescript.program.write_text(declared.replace("const api", SECRET + "const api"))
    with Dev(cloud, typescript.directory, *arguments) as dev:
        url = dev.url()
        typescript.program.write_text(declared)
        told = dev.next("deployed", "unchanged", "failed")
        assert told["event"] == event
        assert event == "deployed" or "data would have been deleted" in told["message"]
        assert answer(url) == "first"


def test_a_person_is_asked_before_data_are_deleted(typescript, cloud):
    declared = typescript.program.read_text()
    typescript.program.write_text(declared.replace("const api", SECRET + "const api"))
    with TerminalSession(cloud, "dev", cwd=typescript.directory) as person:
        person.expect("Watching for changes")
        typescript.program.write_text(declared)
        person.expect("This deletes data. Continue?")
        person.type("y\n")
        person.expect("2 deleted")
        person.type("q")
        assert person.finish() == 0
        assert person.is_as_before()


def test_what_functions_write_is_shown_with_their_invocations(typescript, cloud):
    source = typescript.program.read_text()
    typescript.program.write_text(source.replace("({ statusCode", "(console.log('asked'), { statusCode"))
    with Dev(cloud, typescript.directory) as dev:
        answer(dev.url())
        lines = [dev.next("log"), dev.next("log")]
        said, ended = sorted(lines, key=lambda line: "invoked" in line)
        assert said["message"].endswith("asked") and said["function"] == "get-greeting"
        assert ended["invoked"] == "GET /greeting" and ended["milliseconds"] >= 0
        assert ended["requestId"] in said["message"]
        assert ended["status"] == 200
        typescript.greet("second")
        dev.next("deployed")
        assert answer(dev.events[0]["deployment"]["apis"][0]["url"]) == "second"
        assert dev.next("log")["requestId" if "invoked" in dev.events[-1] else "message"] not in str(lines)


def test_failures_are_shown_with_their_status_and_line(typescript, cloud):
    source = typescript.program.read_text()
    typescript.program.write_text(source.replace("({ statusCode", "{ throw new Error('bad luck'); })\n;(() => ({ statusCode"))
    line = source[:source.index("({ statusCode")].count("\n") + 1
    with Dev(cloud, typescript.directory) as dev:
        assert answer(dev.url()) == 500
        while "invoked" not in dev.next("log"):
            pass
        assert dev.events[-1]["status"] == 500
        assert any(f"index.ts:{line}:" in event.get("message", "") for event in dev.events)


def test_the_reason_of_a_failure_that_the_gateway_made_up_is_shown(typescript, cloud):
    """No function ran, so no function's log has it."""
    reason = "The function could not be invoked: it does not exist"
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url() + "/greeting"
        name = dev.events[0]["deployment"]["functions"][0]["name"]
        (function,) = dev.events[0]["deployment"]["functions"]
        cloud.client("lambda").delete_function(FunctionName=function["arn"])
        refused = requests.get(url, timeout=30)
        assert refused.status_code == 500
        told = dev.next("log")
        assert told["function"] == function["name"] and told["message"].startswith(f"GET /greeting 500: {reason}")
        assert refused.headers["apigw-requestid"] in told["message"]
        shown = cloud.run("logs", "--request", refused.headers["apigw-requestid"], cwd=typescript.directory)
        assert "it does not exist" in shown.stderr


def test_the_status_stands_beside_the_route(typescript, cloud):
    with TerminalSession(cloud, "dev", cwd=typescript.directory) as person:
        person.expect("Watching for changes")
        answer(person.shown[person.shown.index("http://127"):].split()[0])
        person.expect("GET /greeting  200  ")
        person.type("q")
        assert person.finish() == 0


TOKEN = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'dev-env', region: 'us-east-1' });
const token = app.Secret({ name: 'token' });
const api = app.API({ name: 'dev-api' });
api.route('GET', '/greeting', async () => ({ statusCode: 200, body: JSON.stringify(await token.value()) }));
export default app;
"""


def test_secrets_of_a_saved_dotenv_file_are_used_at_once(typescript, cloud):
    typescript.program.write_text(TOKEN)
    dotenv = typescript.directory / ".env"
    dotenv.write_text("TOKEN=first\nOTHER=nobody's\n")
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        assert {"event": "note", "message": "Set from .env: token"} in dev.events
        assert answer(url) == "first"
        dotenv.write_text("TOKEN=second\n")
        assert dev.next("changed")["files"] == [".env"]
        assert dev.next("note")["message"] == "Set from .env: token"
        assert answer(url) == "second"
        dotenv.write_text("TOKEN='half of it\n")
        mistake = dev.next("note")["message"]
        assert ".env:1: " in mistake and "half" not in mistake
        assert answer(url) == "second"


VARIABLES = """\
import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'dev-variables', region: 'us-east-1' });
const { GREETING, LEVEL } = process.env;
app.API({ name: 'dev-api' }).route('GET', '/greeting', () => ({ statusCode: 200, body: JSON.stringify([GREETING, LEVEL]) }),
    { environment: { LEVEL: 'of the program' } });
export default app;
"""


def test_other_lines_of_a_dotenv_file_are_variables(typescript, cloud):
    typescript.program.write_text(VARIABLES)
    dotenv = typescript.directory / ".env"
    dotenv.write_text("GREETING=hello\nLEVEL=debug\nAWS_REGION=nowhere\n")
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        assert answer(url) == ["hello", "of the program"]
        without_effect = {"event": "note", "message": ".env:3: AWS_REGION has no effect: Lambda or Nimbus sets it."}
        assert dev.events.count(without_effect) == 1
        dotenv.write_text("GREETING='good day'\n")
        dev.next("deployed")
        assert answer(url) == ["good day", "of the program"]
        dotenv.write_text("GREETING='half of it\n")
        mistake = dev.next("note")["message"]
        assert ".env:1: " in mistake and "half" not in mistake
        dev.next("unchanged")
        assert answer(url) == ["good day", "of the program"]
        dotenv.unlink()
        dev.next("deployed")
        assert answer(url) == [None, "of the program"]


def test_keys_steer_it(typescript, cloud):
    with TerminalSession(cloud, "dev", cwd=typescript.directory) as person:
        person.expect("q end")
        person.type("r")
        person.expect("Nothing to deploy")
        person.type("l")
        person.expect("Logs are not shown")
        person.type("s")
        person.expect("The application has no database")
        person.type("q")
        assert person.finish() == 0
        assert person.is_as_before()


def test_a_project_with_links_in_a_circle_and_50_000_files_is_watched(typescript, cloud):
    (typescript.directory / "circle").symlink_to(typescript.directory)
    many = typescript.directory / "aaa"
    many.mkdir()
    for number in range(50_000):
        (many / f"{number}.txt").touch()
    right = typescript.program.read_text()
    typescript.program.write_text("this is no program\n")
    with Dev(cloud, typescript.directory) as dev:
        dev.next("failed")
        dev.next("watching")
        typescript.program.write_text(right)
        assert dev.next("deployed", "failed")["event"] == "deployed"


def test_files_are_looked_at_where_no_more_can_be_watched(typescript, cloud):
    # In a namespace of users there may be fewer watches (namespaces.7: /proc/sys/user).
    alone = ["unshare", "--user", "--map-root-user", "sh", "-c", 'echo 2 >/proc/sys/user/max_inotify_watches && exec "$@"', "-"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("this system lets us make no namespace of users")
    with Dev(cloud, typescript.directory, before=alone) as dev:
        url = dev.url()
        assert any("looked at twice a second" in event["message"] for event in dev.events if event["event"] == "note")
        for words in ("second", "third"):
            typescript.greet(words)
            dev.next("deployed")
            assert answer(url) == words


def test_a_flood_of_changes_loses_none_that_counts(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        dev.process.send_signal(signal.SIGSTOP)
        for number in range(int(pathlib.Path("/proc/sys/fs/inotify/max_queued_events").read_text()) // 2):
            for name in ("a.log", "b.log"):  # equal events one after another are one
                (typescript.directory / name).write_text(str(number))
        typescript.greet("after the flood")
        dev.process.send_signal(signal.SIGCONT)
        wait_until(lambda: answer(url) == "after the flood", "the last save to answer", seconds=60)


@pytest.fixture
def small_disk(tmp_path):
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", directory], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only root can make a small disk")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


def test_a_full_disk_leaves_the_version_before(typescript, cloud, small_disk):
    directory = small_disk / "project"
    shutil.copytree(typescript.directory, directory, symlinks=True, ignore=shutil.ignore_patterns(".nimbus"))
    project = Project(directory, "index.ts", TS, "greeting.ts", typescript.form)
    with Dev(cloud, directory) as dev:
        url = dev.url()
        with contextlib.suppress(OSError), open(small_disk / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        # The file stays in its place: a new one would find no room.
        with open(project.greeting_file, "r+") as file:
            file.write(typescript.form % "other")
            file.truncate()
        failed = dev.next("failed")
        assert failed["isAnswering"] and "space" in failed["message"] + failed["output"]
        assert answer(url) == "first"
        (small_disk / "filler").unlink()
        project.greet("room again")
        dev.next("deployed")
        assert answer(url) == "room again"


def test_a_program_that_never_ends_to_describe_itself_is_given_up(typescript, cloud):
    with Dev(cloud, typescript.directory) as dev:
        url = dev.url()
        right = typescript.program.read_text()
        typescript.program.write_text(right.replace("export default", "for (;;) ;\nexport default"))
        failed = dev.next("failed")
        assert failed["isAnswering"] and "move what takes long into the handlers" in failed["hint"]
        typescript.program.write_text(right)
        typescript.greet("mended")
        dev.next("deployed", "unchanged")
        wait_until(lambda: answer(url) == "mended", "the mended program to answer")


def test_several_applications_are_developed_at_once(typescript, cpp, cloud):
    with Dev(cloud, typescript.directory) as one, Dev(cloud, cpp.directory) as other:
        urls = one.url(), other.url()
        typescript.greet("one")
        cpp.greet("other")
        one.next("deployed")
        other.next("deployed")
        assert [answer(url) for url in urls] == ["one", "other"]
        assert one.end() == 0
        cpp.greet("goes on")
        other.next("deployed")
        assert answer(urls[1]) == "goes on"


def test_the_last_who_develops_stops_the_cloud_that_one_of_them_started(typescript, idle_cloud, projects):
    other = npm.packages_of(projects).project("dev-other")
    (other / "index.ts").write_text((ROOT / "examples" / "hello-ts" / "index.ts").read_text())
    with Dev(idle_cloud, typescript.directory) as one, Dev(idle_cloud, other) as last:
        one.url()
        url = last.url() + "/hello/world"
        assert one.end() == 0
        assert requests.get(url, timeout=30).json() == {"hello": "world"}
        assert last.end() == 0
    assert not idle_cloud.status(fresh=True)["running"]


def test_a_cloud_that_was_asked_for_outlives_development(typescript, idle_cloud):
    with Dev(idle_cloud, typescript.directory) as dev:
        url = dev.url()
        idle_cloud.run("local", "start")
        assert dev.end() == 0
    assert answer(url) == "first"


def test_a_cloud_that_ended_is_started_again(typescript, idle_cloud):
    with Dev(idle_cloud, typescript.directory) as dev:
        url = dev.url()
        os.kill(idle_cloud.status(fresh=True)["pid"], signal.SIGKILL)
        wait_until(lambda: not idle_cloud.status(fresh=True)["running"], "the cloud to be gone")
        typescript.greet("again")
        assert dev.next("note")["message"] == "The local cloud had ended, and was started again."
        dev.next("deployed", "unchanged")
        assert answer(url) == "again"
        assert dev.end(signal.SIGHUP) == 0
    assert not idle_cloud.status(fresh=True)["running"]


def test_a_port_that_another_program_took_is_named(typescript, idle_cloud):
    idle_cloud.start()
    port = int(idle_cloud.endpoint.rpartition(":")[2])
    idle_cloud.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = idle_cloud.run("dev", cwd=typescript.directory, code=None)
        assert refused.code == 1 and str(port) in refused.stderr
    with Dev(idle_cloud, typescript.directory) as dev:
        assert answer(dev.url()) == "first"


def test_a_program_in_cpp_that_never_ends_to_describe_itself_is_given_up(cpp, cloud):
    with Dev(cloud, cpp.directory) as dev:
        url = dev.url()
        right = cpp.program.read_text()
        cpp.program.write_text(right.replace("    return app", "    for (volatile int i = 0;; i = i + 1) {}\n    return app"))
        failed = dev.next("failed")
        assert failed["isAnswering"] and "within 10 s" in failed["message"]
        assert answer(url) == "first"


@pytest.mark.parametrize("files, sentence", [({}, "There is no application"), ({"notes.txt": ""}, "not an application")],
                         ids=["nothing", "another file"])
def test_what_is_no_application_is_wrong_usage(idle_cloud, tmp_path, files, sentence):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert sentence in idle_cloud.run("dev", *files, cwd=tmp_path, code=2).stderr
    assert not idle_cloud.status(fresh=True)["running"]
