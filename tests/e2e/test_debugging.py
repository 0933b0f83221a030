"""What a developer sees of a program in C++ that crashes or throws, and how a debugger gets into it."""

import concurrent.futures
import re
import shutil
import subprocess

import pytest
import requests

from support.cloud import ROOT
from support.dev import Dev
from support.terminal import TerminalSession

PROGRAM = """\
#include <nimbus/nimbus.hpp>

#include <cassert>
#include <stdexcept>
#include <thread>

void write_to_null()
{
    volatile int* nowhere = nullptr;
    *nowhere = 1; // SIGSEGV
}

void recurse(volatile int n)
{
    volatile char room[4096];
    room[0] = static_cast<char>(n);
    recurse(n + 1); // OVERFLOW
    room[1] = room[0];
}

void check_order(int quantity)
{
    assert(quantity > 0); // ASSERT
}

void find_user()
{
    throw std::runtime_error("no such user"); // THROW
}

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "crashes", .region = "us-east-1"}};
    auto api = app.api({.name = "crash-api"});
    api.route("GET", "/segv", [] { write_to_null(); return nimbus::ok(1); });
    api.route("GET", "/overflow", [] { recurse(0); return nimbus::ok(1); });
    api.route("GET", "/assert", [] { check_order(0); return nimbus::ok(1); });
    api.route("GET", "/thread", [] { std::thread(find_user).join(); return nimbus::ok(1); });
    api.route("GET", "/throw", [] { find_user(); return nimbus::ok(1); });
    api.route("GET", "/caught", [] {
        try { find_user(); } catch (const std::runtime_error&) { throw std::logic_error("other"); } // OTHER
        return nimbus::ok(1);
    });
    return app.run(argc, argv);
}
"""


def place_of(mark: str) -> str:
    """As a backtrace names the line with that comment."""
    return f"main.cpp:{next(n for n, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith('// ' + mark))})"


def status_of(url: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=30).status_code


@pytest.fixture(scope="module")
def crashing(module_cloud, tmp_path_factory):
    """The program under `nimbus dev`."""
    directory = tmp_path_factory.mktemp("crashes")
    (directory / "main.cpp").write_text(PROGRAM)
    with Dev(module_cloud, directory) as dev:
        dev.root = dev.url()
        dev.directory = directory
        yield dev


@pytest.mark.parametrize("path, words, mark, function", [
    ("segv", "The program crashed: Segmentation fault", "SIGSEGV", "write_to_null"),
    ("overflow", "The program crashed: Segmentation fault", "OVERFLOW", "recurse"),
    ("assert", "The program crashed: Aborted", "ASSERT", "check_order"),
    ("thread", "The program crashed: Aborted", "THROW", "find_user"),
])
def test_a_crash_is_told_with_the_lines_that_led_to_it(crashing, module_cloud, path, words, mark, function):
    assert status_of(f"{crashing.root}/{path}") == 503
    told = []
    while not any(f"at {function} (" in line and place_of(mark) in line for line in told):
        told.append(crashing.next("log")["message"])
    assert words in told
    assert all(f"({crashing.directory}/" in line for line in told if line.startswith("at ")), "the author's alone"
    logs = module_cloud.run("logs", f"get-{path}", cwd=crashing.directory).stdout
    assert f"({crashing.directory / place_of(mark)}" in logs


def test_an_exception_that_a_handler_lets_out_is_told_with_the_line_that_threw_it(crashing):
    assert status_of(f"{crashing.root}/throw") == 500
    while '"no such user"' not in (said := crashing.next("log"))["message"]:
        pass
    assert f"at find_user ({crashing.directory / place_of('THROW')}" in said["message"]


def test_the_line_is_that_of_the_exception_that_came_out(crashing):
    assert status_of(f"{crashing.root}/caught") == 500
    while '"other"' not in (said := crashing.next("log"))["message"]:
        pass
    assert place_of("OTHER") in said["message"] and place_of("THROW") not in said["message"]


def test_a_cmake_project_has_them_too(cloud, tmp_path):
    directory = shutil.copytree(ROOT / "examples" / "greeting", tmp_path / "greeting")
    source = directory / "main.cpp"
    crash = '    app.api({.name = "crash-api"}).route("GET", "/crash", []() -> nimbus::response { std::abort(); });\n'
    source.write_text(source.read_text().replace("    return app.run", crash + "    return app.run"))
    number = source.read_text().splitlines().index(crash.rstrip()) + 1
    with Dev(cloud, directory) as dev:
        apis = {api["name"]: api["url"] for api in dev.deployed()["deployment"]["apis"]}
        assert status_of(apis["crash-api"] + "/crash") == 503
        while f"main.cpp:{number})" not in dev.next("log")["message"]:
            pass


GREETER = """\
#include <nimbus/nimbus.hpp>

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "greeter", .region = "us-east-1"}};
    auto api = app.api({.name = "greeter-api"});
    api.route("GET", "/hello/{id}", [](const nimbus::request& req) {
        const int doubled = 2 * req.param<int>("id");
        return nimbus::ok(doubled); // STOP
    }, {.timeout = 1});
    return app.run(argc, argv);
}
"""
STOP = f"main.cpp:{next(n for n, line in enumerate(GREETER.splitlines(), 1) if line.endswith('// STOP'))}"


@pytest.fixture(scope="module")
def greeter(module_cloud, tmp_path_factory):
    directory = tmp_path_factory.mktemp("greeter")
    (directory / "main.cpp").write_text(GREETER)
    with Dev(module_cloud, directory) as dev:
        dev.root, dev.directory = dev.url(), directory
        yield dev


@pytest.fixture
def background():
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        yield executor


def answer(url: str):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=60).text


def process_that_waits(session: TerminalSession) -> str:
    session.expect("(gdb) continue")
    return re.findall(r"gdb -p (\d+)", session.shown)[-1]


def gdb(process: str, *commands: str) -> str:
    arguments = [word for command in commands for word in ("-ex", command)]
    done = subprocess.run(["gdb", "-nx", "-batch", "-p", process, *arguments], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_a_request_stops_at_a_breakpoint_and_gets_its_answer(greeter, module_cloud, background):
    with TerminalSession(module_cloud, "debug", "GET /hello/{id}", cwd=greeter.directory) as debug:
        debug.expect("waits for a debugger")
        answering = background.submit(answer, greeter.root + "/hello/21")
        # It is held for longer than its timeout.
        told = gdb(process_that_waits(debug), f"break {STOP}", "continue", "print doubled", "shell sleep 2.5", "detach")
        assert f"{STOP.split(':')[1]}\t" in told and "$1 = 42" in told
        assert answering.result(60) == "42"
        debug.type("\x03")
        assert debug.finish() == 0
    assert answer(greeter.root + "/hello/4") == "8"


LLDB = next((found for name in ("lldb", "lldb-19", "lldb-14") if (found := shutil.which(name))), None)


@pytest.mark.skipif(LLDB is None, reason="lldb is not installed")
def test_lldb_attaches_by_what_is_printed(greeter, module_cloud, background):
    with TerminalSession(module_cloud, "debug", "GET /hello/{id}", cwd=greeter.directory) as debug:
        debug.expect("waits for a debugger")
        answering = background.submit(answer, greeter.root + "/hello/21")
        debug.expect("(lldb) continue")
        # As it is printed: the command, and the lines to type.
        process = re.findall(r"lldb -p (\d+)", debug.shown)[-1]
        file, line = STOP.split(":")
        commands = [f"breakpoint set -f {file} -l {line}", "continue", "frame variable doubled", "detach"]
        arguments = [word for command in commands for word in ("-o", command)]
        done = subprocess.run([LLDB, "--no-lldbinit", "--batch", "-p", process, *arguments], capture_output=True, text=True, timeout=60)
        assert "stop reason = breakpoint" in done.stdout and "doubled = 42" in done.stdout, done.stdout + done.stderr
        assert answering.result(60) == "42"
        debug.type("\x03")
        assert debug.finish() == 0


def test_a_request_that_waits_for_a_debugger_goes_on_when_debugging_ends(greeter, module_cloud, background):
    with TerminalSession(module_cloud, "debug", "get-hello-id", cwd=greeter.directory) as debug:
        debug.expect("waits for a debugger")
        answering = background.submit(answer, greeter.root + "/hello/5")
        process_that_waits(debug)
        debug.type("\x03")
        assert debug.finish() == 0
        assert answering.result(60) == "10"


def test_a_process_that_was_started_before_is_not_debugged(greeter, module_cloud, background):
    assert answer(greeter.root + "/hello/1") == "2"
    with TerminalSession(module_cloud, "debug", "GET /hello/{id}", cwd=greeter.directory) as debug:
        debug.expect("waits for a debugger")
        answering = background.submit(answer, greeter.root + "/hello/3")
        gdb(process_that_waits(debug), "break main", "continue", "detach")
        assert answering.result(60) == "6"
        debug.process.kill()
    # Its end ends debugging, however it comes.
    assert answer(greeter.root + "/hello/2") == "4"


def test_what_is_built_for_lambda_has_nothing_to_debug(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text(GREETER)
    cloud.run("deploy", cwd=tmp_path)
    url = cloud.run("outputs", "--json", cwd=tmp_path).json()["apis"][0]["url"]
    with TerminalSession(cloud, "debug", "GET /hello/{id}", cwd=tmp_path) as debug:
        debug.expect("waits for a debugger")
        assert answer(url + "/hello/3") == "6"
        debug.expect("has no debugging information")
        debug.type("\x03")
        assert debug.finish() == 0


def test_a_route_that_is_not_there_is_wrong_usage(greeter, module_cloud):
    wrong = module_cloud.run("debug", "GET /helo/{id}", cwd=greeter.directory, code=2)
    assert "get-hello-id" in wrong.stderr
