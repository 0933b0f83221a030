"""`nimbus dev --inspect`: breakpoints in TypeScript, in whatever function is called."""

import concurrent.futures
import socket

import pytest
import requests

from support import npm
from support.dev import Dev
from support.inspector import Inspector

PROGRAM = """\
import Nimbus from '@hillock-tech/nimbus-js';

interface Answer {
    doubled: number;
}

const app = new Nimbus({ projectName: 'inspected', region: 'us-east-1' });
const api = app.API({ name: 'api' });
api.route('GET', '/double/{n}', (event: { pathParameters: { n: string } }) => {
    // nimbus-js has a function of this name.
    const explained: Answer = { doubled: 2 * Number(event.pathParameters.n) };
    return { statusCode: 200, body: String(explained.doubled) }; // DOUBLE
}, { timeout: 1 });
api.route('GET', '/other', () => {
    const word: string = 'other';
    return { statusCode: 200, body: word }; // OTHER
});
export default app;
"""


def line_of(mark: str) -> int:
    return next(n for n, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("// " + mark))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(url: str) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=60).text


@pytest.fixture
def background():
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        yield executor


def test_a_call_stops_at_a_line_of_typescript(projects, cloud, background):
    directory = npm.packages_of(projects).project("inspect")
    program = directory.resolve() / "index.ts"
    program.write_text(PROGRAM)
    port = free_port()
    with Dev(cloud, directory, f"--inspect={port}") as dev:
        url = dev.url()
        assert answer(url + "/double/1") == "2"
        with Inspector(port, program, line_of("DOUBLE"), "explained.doubled") as debugger:
            assert debugger.next() == "ready"
            answering = background.submit(answer, url + "/double/21")
            assert debugger.next() == 42
            # It is held for longer than its timeout.
            with pytest.raises(concurrent.futures.TimeoutError):
                answering.result(2.5)
            debugger.resume()
            assert answering.result(60) == "42"

            # Another function gets the port, and waits for the debugger to attach again.
            answering = background.submit(answer, url + "/other")
            assert debugger.next() == "closed"
        with Inspector(port, program, line_of("OTHER"), "word") as debugger:
            assert debugger.next() == "ready"
            assert debugger.next() == "other"
            debugger.resume()
            assert answering.result(60) == "other"


def test_a_program_in_cpp_has_no_inspector(cloud, tmp_path):
    (tmp_path / "main.cpp").write_text("""\
#include <nimbus/nimbus.hpp>
int main(int argc, char** argv) { return nimbus::app{{.project_name = "none", .region = "us-east-1"}}.run(argc, argv); }
""")
    with Dev(cloud, tmp_path, "--inspect") as dev:
        failed = dev.next("failed")
        assert "--inspect is for Node.js" in failed["message"] and "nimbus debug" in failed["hint"]


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_a_port_that_cannot_be_is_wrong_usage(idle_cloud, tmp_path, port):
    (tmp_path / "index.ts").touch()
    refused = idle_cloud.run("dev", f"--inspect={port}", cwd=tmp_path, code=2)
    assert "--inspect must be a port from 1 to 65535" in refused.stderr
