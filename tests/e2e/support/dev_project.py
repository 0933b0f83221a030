"""Programs of two files that `nimbus dev` is tried with."""

import requests

CPP = """\
#include <nimbus/nimbus.hpp>
#include "greeting.hpp"

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "dev-cpp", .region = "us-east-1"}};
    auto api = app.api({.name = "dev-api"});
    api.route("GET", "/greeting", [] { return nimbus::ok(std::string(greeting)); });
    return app.run(argc, argv);
}
"""

TS = """\
import Nimbus from '@hillock-tech/nimbus-js';
import { greeting } from './greeting';

const app = new Nimbus({ projectName: 'dev-ts', region: 'us-east-1' });
const api = app.API({ name: 'dev-api' });
api.route('GET', '/greeting', () => ({ statusCode: 200, body: JSON.stringify(greeting) }));
export default app;
"""


class Project:
    """A program, and beside it the file with what it answers."""

    def __init__(self, directory, name: str, source: str, greeting_name: str, greeting: str):
        self.directory, self.form = directory, greeting
        self.program, self.greeting_file = directory / name, directory / greeting_name
        self.program.write_text(source)
        self.greet("first")

    def greet(self, words: str) -> None:
        self.greeting_file.write_text(self.form % words)


def answer(url: str):
    with requests.Session() as session:
        session.trust_env = False
        got = session.get(url + "/greeting", timeout=30)
    return got.json() if got.status_code == 200 else got.status_code
