"""Applications that tests deploy, and the calls a client makes to them."""

import copy
import json
import os
import pathlib
import shutil
import uuid

import requests

from .cloud import BUILD, REGION, ROOT, Cloud, Result

APPS = ROOT / "tests" / "e2e" / "apps"


def function_name(method: str, path: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in f"{method} {path}".lower()).split()
    return "-".join(words)


def manifest(project="testbed", routes=("GET /ping",), sql=({"name": "main-db", "schema": "testbed",
             "deletionProtection": False},), stage="dev", region=REGION, **function) -> dict:
    """A manifest of one API with the given routes, in the form that libnimbus writes."""
    pairs = [route.split(" ", 1) for route in routes]
    return {
        "version": 1, "project": project, "region": region, "stage": stage,
        "runtime": "provided.al2023", "architecture": "arm64" if os.uname().machine == "aarch64" else "x86_64",
        "sql": copy.deepcopy(list(sql)),
        "apis": [{"name": f"{project}-api", "stage": stage, "routes": [
            {"method": method, "path": path, "function": function_name(method, path)} for method, path in pairs]}],
        "functions": [{"name": function_name(method, path), "memory": 256, "timeout": 30, **function}
                      for method, path in pairs],
    }


CHANGES = ("created", "updated", "deleted", "unchanged")


def made(output: dict) -> dict:
    """How many resources a deploy created, updated, deleted and left alone."""
    changes = output["changes"]
    return {key: changes[key] if isinstance(changes[key], int) else len(changes[key]) for key in CHANGES}


class App:
    """A project directory and the cloud that it is deployed to."""

    def __init__(self, cloud: Cloud, directory: pathlib.Path, project: str):
        self.cloud = cloud
        self.directory = directory
        self.project = project
        self.document: dict | None = None
        self.output: dict = {}
        self.session = requests.Session()
        self.session.trust_env = False

    def declare(self, **what) -> dict:
        """What the application declares from now on (testbed only); see `manifest`."""
        self.document = manifest(project=self.project, **what)
        return self.document

    def run(self, *arguments, **how) -> Result:
        if self.document is not None:
            # In one step: another run's program may read it just now.
            written = self.directory / f"manifest-{uuid.uuid4().hex}.json"
            written.write_text(json.dumps(self.document, indent=2))
            written.replace(self.directory / "manifest.json")
        return self.cloud.run(*arguments, cwd=self.directory, **how)

    def deploy(self, *arguments, **how) -> dict:
        self.output = self.run("deploy", "--json", "--yes", *arguments, **how).json()
        return self.output

    def plan(self, *arguments, **how) -> dict:
        return self.run("plan", "--json", *arguments, **how).json()

    def destroy(self, *arguments, stage=None, **how) -> Result:
        if stage:
            arguments += ("--stage", stage)
        return self.run("destroy", "--project", self.project, "--region", REGION, "--yes", *arguments, **how)

    @property
    def url(self) -> str:
        return self.output["apis"][0]["url"]

    @property
    def cluster(self) -> dict:
        """The first database, as `deploy --json` prints it."""
        return self.output["sql"][0]

    def call(self, method: str, path: str, **how) -> requests.Response:
        how.setdefault("timeout", 60)
        return self.session.request(method, self.url + path, **how)

    def sql(self, text: str) -> requests.Response:
        """Runs SQL inside the application's function (testbed's POST /sql)."""
        return self.call("POST", "/sql", data=text.encode())


class ScriptApp(App):
    """An application that declares and serves nothing: a script, which needs no compiler."""

    def __init__(self, cloud: Cloud, directory: pathlib.Path, project: str, document: dict):
        super().__init__(cloud, directory, project)
        self.document = document
        (directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))
        self.change_code("")

    def change_code(self, remark: str) -> None:
        program = self.directory / "program"
        program.write_text(f'#!/bin/sh\ncp "{self.directory}/manifest.json" "$NIMBUS_MANIFEST_OUT" # {remark}\n')
        program.chmod(0o755)

    def deploy(self, *arguments, **how) -> dict:
        return super().deploy("program", *arguments, **how)

    def plan(self, *arguments, **how) -> dict:
        return super().plan("program", *arguments, **how)


class Projects:
    """Project directories that outlive a test, one set per pytest worker: what was compiled once is
    not compiled again, and no two workers build in the same place."""

    def __init__(self):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.root = BUILD / "test-env" / "projects" / worker

    def copy(self, source: pathlib.Path, name: str) -> pathlib.Path:
        target = self.root / name
        target.mkdir(parents=True, exist_ok=True)
        for path in source.rglob("*"):
            copied = target / path.relative_to(source)
            if path.is_dir():
                copied.mkdir(exist_ok=True)
            elif not copied.exists() or copied.read_bytes() != path.read_bytes():
                shutil.copyfile(path, copied)
        (target / ".nimbusrc").write_text(json.dumps({"target": "local"}))
        return target

    def sql_example(self, cloud: Cloud) -> App:
        return App(cloud, self.copy(ROOT / "examples" / "sql", "sql"), "sql-demo")

    def testbed(self, cloud: Cloud, project="testbed", **what) -> App:
        """An application that declares what `what` says (see `manifest`). All of them share one
        directory, and so one build: they differ in what they declare."""
        app = App(cloud, self.copy(APPS / "testbed", "testbed"), project)
        app.declare(**what)
        return app
