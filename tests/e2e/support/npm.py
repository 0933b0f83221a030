"""Applications in TypeScript: the packed package, and projects that npm installed it into."""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

from .app import App, Projects
from .cloud import BUILD, ROOT, Cloud

SEED = ROOT.parent / "shared" / "seed" / "sql-database-example.txt"
TEST_PACKAGES = ROOT / "tests" / "e2e" / "js" / "node_modules"
PACKAGES = ["@aws-sdk/dsql-signer", "pg"]
TOOLS = ["@types/node", "@types/pg", "tsx", "typescript"]


def environment() -> dict:
    """The caller's, for npm may need its registry and proxy, but for what nimbus looks at."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NIMBUS_"))}
    return {**kept, "BUILD": os.path.relpath(BUILD, ROOT),
            "npm_config_cache": str(BUILD / "test-env" / "npm-cache"), "npm_config_prefer_offline": "true",
            "npm_config_audit": "false", "npm_config_fund": "false", "npm_config_update_notifier": "false",
            "npm_config_loglevel": "error", "npm_config_ignore_scripts": "true"}


def run(command: list, directory: pathlib.Path, variables=None, **how) -> subprocess.CompletedProcess:
    done = subprocess.run(list(map(str, command)), cwd=directory, env={**environment(), **(variables or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=200, **how)
    assert done.returncode == 0, f"$ {' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done


@contextlib.contextmanager
def one_at_a_time():
    """npm's cache and sdk/js have one place for all pytest workers."""
    with open(BUILD / "test-env" / "npm.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tarball() -> pathlib.Path:
    """What `make npm` makes."""
    return pathlib.Path(run([ROOT / "scripts" / "pack-npm"], ROOT).stdout.strip().splitlines()[-1])


def link_packages(installed: pathlib.Path, node_modules: pathlib.Path, without) -> None:
    """Makes `node_modules` have the packages of `installed`."""
    if not without:
        node_modules.symlink_to(installed)
        return
    for entry in installed.iterdir():
        scoped = list(entry.iterdir()) if entry.name.startswith("@") else []
        for package in scoped or [entry]:
            name = str(package.relative_to(installed))
            if name not in without:
                (node_modules / name).parent.mkdir(parents=True, exist_ok=True)
                (node_modules / name).symlink_to(package)


def add_package(directory: pathlib.Path, name: str, files: dict, **description) -> None:
    """Installs a package of these files for a project whose node_modules may be a link to others'."""
    modules = directory / "node_modules"
    if modules.is_symlink():
        installed = modules.resolve()
        modules.unlink()
        link_packages(installed, modules, [name])
    package = modules / name
    files = {"package.json": json.dumps({"name": name, "version": "1.0.0", **description}), **files}
    for file, text in files.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text)


class NpmProject:
    """A directory set up as the page says, with the packed tarball in place of the registry's package;
    one for all pytest workers. It is set up again when the tarball is another one."""

    def __init__(self, directory: pathlib.Path, others: pathlib.Path):
        self.directory = directory
        self.others = others
        with one_at_a_time():
            self._set_up(tarball())

    def _set_up(self, package: pathlib.Path) -> None:
        steps = [["npm", "init", "-y"], ["npm", "install", package, *PACKAGES], ["npm", "install", "-D", *TOOLS]]
        asked = hashlib.sha256(package.read_bytes() + json.dumps([PACKAGES, TOOLS]).encode()).hexdigest()
        stamp = self.directory / "installed"
        if stamp.exists() and stamp.read_text() == asked:
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        for step in steps:
            run(step, self.directory)
        stamp.write_text(asked)

    @property
    def node_modules(self) -> pathlib.Path:
        return self.directory / "node_modules"

    def fresh(self) -> pathlib.Path:
        """The directory as it was right after the Setup."""
        for path in self.directory.iterdir():
            if path.name not in ("node_modules", "package.json", "package-lock.json", "installed"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return self.directory

    def project(self, name: str) -> pathlib.Path:
        """Another directory with the same packages, empty otherwise."""
        directory = self.others / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        (directory / "node_modules").symlink_to(self.node_modules)
        (directory / "package.json").write_text('{"name": "an-app", "private": true}\n')
        (directory / ".nimbusrc").write_text('{"target": "local"}')
        return directory


    def project_with_test_packages(self, name: str, without=()) -> pathlib.Path:
        """A directory that also has the packages of tests/e2e/js. Those in `without` are not installed."""
        outer = self.project(f"{name}-packages")
        (outer / "node_modules").unlink()
        link_packages(self.node_modules, outer / "node_modules", without)
        directory = outer / name
        directory.mkdir()
        link_packages(TEST_PACKAGES, directory / "node_modules", without)
        for file in ("package.json", ".nimbusrc"):
            shutil.copy(outer / file, directory / file)
        return directory


def page() -> str | None:
    return SEED.read_text() if SEED.exists() else None


def page_program(text: str, with_stray_lines=False) -> str:
    """The page's code block, up to the export or whole."""
    end = "export default app;"
    if with_stray_lines:
        return re.search(r"import Nimbus.*?\n  \}\);\n(?=\nSetup)", text, re.S).group()
    return text[text.index("import Nimbus"):text.index(end) + len(end)] + "\n"


def typescript_app(cloud: Cloud, packages: NpmProject, name: str, source: str, project: str) -> App:
    app = App(cloud, packages.project(name), project)
    (app.directory / "index.ts").write_text(source)
    return app


def sql_example(cloud: Cloud, packages: NpmProject, name="sql-ts") -> App:
    source = (ROOT / "examples" / "sql-ts" / "index.ts").read_text()
    return typescript_app(cloud, packages, name, source, "sql-demo")


def packages_of(projects: Projects) -> NpmProject:
    return NpmProject(projects.root.parent / "npm" / "sql-example", projects.root)
