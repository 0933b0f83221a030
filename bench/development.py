"""The figures of `nimbus dev`: from saving a file until the new answer."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from measure import NIMBUS, ROOT, Bench, Figure, Home, processor_seconds, spread
from typescript import BenchWithTypeScript

EDITS = 7

TYPESCRIPT = """\
import Nimbus from '@hillock-tech/nimbus-js';
%s
const app = new Nimbus({ projectName: 'dev-ts', region: 'us-east-1' });
const api = app.API({ name: 'dev-api' });
api.route('GET', '/version', () => ({ statusCode: 200, body: 'version 0'%s }));
export default app;
"""

ROUTES_FILE = """\
#include <nimbus/nimbus.hpp>

void declare_{number}(nimbus::api& api)
{{
{routes}}}
"""
ROUTE = '    api.route("GET", "/route/{number}/{route}", [] {{ return nimbus::ok("version 0 of {number} {route}"); }});\n'
FILES, ROUTES_OF_A_FILE = 20, 5


class Dev:
    """A running `nimbus dev`."""

    def __init__(self, home: Home):
        self.process = subprocess.Popen([NIMBUS, "dev", "--json"], cwd=home.project, env=home.environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def event(self, name: str) -> dict:
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == name:
                return event
            if event["event"] == "failed":
                raise SystemExit(f"nimbus dev: {event['message']}\n{event['output']}")
        raise SystemExit("nimbus dev ended")

    def cpu_seconds(self) -> float:
        return processor_seconds(self.process.pid)

    def megabytes(self) -> float:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)) / 1024


@contextlib.contextmanager
def developing(home: Home):
    """`nimbus dev` in the home's project, and where the application answers."""
    dev = Dev(home)
    try:
        url = dev.event("deployed")["deployment"]["apis"][0]["url"]
        dev.event("watching")
        threading.Thread(target=dev.process.stdout.read).start()  # a full pipe would hold it up
        yield dev, url
    finally:
        dev.process.send_signal(signal.SIGINT)
        dev.process.wait()


def text_at(url: str) -> str:
    try:
        return urllib.request.urlopen(url).read().decode()
    except (urllib.error.URLError, OSError):
        return ""


def seconds_until(url: str, text: str, began: float) -> float:
    while text not in text_at(url):
        if time.perf_counter() - began > 60:
            raise SystemExit(f"{url} does not answer {text!r}")
        time.sleep(0.003)
    return time.perf_counter() - began


class Edits:
    """Saves the file with another version in the same place, again and again."""

    def __init__(self, file: pathlib.Path):
        self.file, self.text, self.number = file, file.read_text(), 0

    def save(self) -> tuple[str, float]:
        """The text that is new, and when it was saved."""
        self.number += 1
        word = f"version {self.number}"
        began = time.perf_counter()
        self.file.write_text(self.text.replace("version 0", word, 1))
        return word, began

    def undo(self) -> None:
        self.file.write_text(self.text)


class BenchOfDevelopment(BenchWithTypeScript):
    def _edits(self, home: Home, file: str, path: str, unit=1.0) -> Figure:
        edits = Edits(home.project / file)
        with developing(home) as (_, url):
            text_at(url + path)
            values = []
            for _ in range(EDITS):
                word, began = edits.save()
                values.append(seconds_until(url + path, word, began) * unit)
                time.sleep(0.3)  # a person looks at it
        edits.undo()
        home.erase()
        return spread(values)

    def _guestbook(self) -> Home:
        """The example, with a route that needs no table."""
        project = self.work / "guestbook"
        if not project.exists():
            shutil.copytree(ROOT / "examples" / "guestbook", project)
            (project / ".nimbusrc").write_text('{"target": "local"}')
            source = project / "main.cpp"
            route = '    api.route("GET", "/version", [] { return nimbus::ok("version 0"); });\n\n'
            source.write_text(source.read_text().replace("    return app.run", route + "    return app.run"))
        return Home(self.work, "home-guestbook", project)

    def dev_cpp(self) -> Figure:
        self.measured_dev_cpp = self._edits(self._guestbook(), "main.cpp", "/version")
        return self.measured_dev_cpp

    def dev_cpp_to_deploy(self) -> Figure:
        """The same edits, each with a `nimbus deploy`."""
        home = self._guestbook()
        url = home.deploy()[0]["apis"][0]["url"]
        edits = Edits(home.project / "main.cpp")
        values = []
        for _ in range(3):
            word, began = edits.save()
            home.deploy()
            values.append(seconds_until(url + "/version", word, began))
        edits.undo()
        home.erase()
        deploy = spread(values)
        return Figure(self.measured_dev_cpp.value / deploy.value, len(values), {"deploy_seconds": round(deploy.value, 3)})

    def dev_cpp_large(self) -> Figure:
        project = self.work / "large"
        project.mkdir()
        names = range(FILES)
        for number in names:
            routes = "".join(ROUTE.format(number=number, route=route) for route in range(ROUTES_OF_A_FILE))
            (project / f"routes_{number}.cpp").write_text(ROUTES_FILE.format(number=number, routes=routes))
        declarations = "".join(f"void declare_{number}(nimbus::api& api);\n" for number in names)
        calls = "".join(f"    declare_{number}(api);\n" for number in names)
        (project / "main.cpp").write_text(
            f'#include <nimbus/nimbus.hpp>\n\n{declarations}\nint main(int argc, char** argv)\n{{\n'
            '    nimbus::app app{{.project_name = "large", .region = "us-east-1"}};\n'
            f'    auto api = app.api({{.name = "large-api"}});\n{calls}    return app.run(argc, argv);\n}}\n')
        sources = " ".join(f"routes_{number}.cpp" for number in names)
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(large LANGUAGES CXX)\nfind_package(nimbus REQUIRED)\n"
            f"nimbus_add_app(large main.cpp {sources})\n")
        return self._edits(Home(self.work, "home-large", project), "routes_7.cpp", "/route/7/0")

    def _typescript(self, name: str, imports="", use="") -> Home:
        project = self.work / name
        project.mkdir()
        (project / "node_modules").symlink_to(self.modules)
        (project / "package.json").write_text('{"private": true, "type": "module"}')
        (project / "index.ts").write_text(TYPESCRIPT % (imports, use))
        return Home(self.work, f"home-{name}", project)

    def dev_ts(self) -> Figure:
        return self._edits(self._typescript("dev-ts"), "index.ts", "/version", unit=1000)

    def dev_ts_large(self) -> Figure:
        """With an installed package of 2 MB, 26 modules of 1,000 functions, a quarter of which each call uses."""
        home = self._typescript("dev-ts-large", "import { total } from 'dependency';", " + total(1).toString().slice(0, 0)")
        modules = home.project / "node_modules"
        modules.unlink()
        modules.mkdir()
        for installed in self.modules.iterdir():
            (modules / installed.name).symlink_to(installed)
        package = modules / "dependency"
        package.mkdir()
        (package / "package.json").write_text('{"name": "dependency", "version": "1.0.0", "type": "module", "exports": "./index.js"}')
        index = ""
        for part in range(26):
            names = [part * 1000 + number for number in range(1000)]
            functions = "".join(f"export function f{n}(value) {{ return value * {n} + Math.sqrt(value + {n}) - {n % 7}; }}\n" for n in names)
            total = " + ".join(f"f{n}(value)" for n in names[::4])
            (package / f"part{part}.js").write_text(f"{functions}export function total{part}(value) {{ return {total}; }}\n")
            index += f"import {{ total{part} }} from './part{part}.js';\n"
        totals = " + ".join(f"total{part}(value)" for part in range(26))
        (package / "index.js").write_text(f"{index}export function total(value) {{ return {totals}; }}\n")
        return self._edits(home, "index.ts", "/version", unit=1000)

    def dev_idle_cpu(self) -> Figure:
        with developing(self._guestbook()) as (dev, url):
            text_at(url + "/version")
            time.sleep(1)
            before, seconds = dev.cpu_seconds(), self.seconds
            time.sleep(seconds)
            self.measured_idle_memory = dev.megabytes()
            percent = 100 * (dev.cpu_seconds() - before) / seconds
        self._guestbook().erase()
        return Figure(percent)

    def dev_idle_memory(self) -> Figure:
        return Figure(self.measured_idle_memory)
