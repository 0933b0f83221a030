"""`nimbus new`: what it makes is built, tested and deployed as it is."""

import shutil
import subprocess

import pytest

from support import npm
from support.app import App
from support.cloud import BUILD, ROOT
from support.terminal import TerminalSession


def new_project(projects, cloud, language: str, name: str) -> App:
    """Where projects outlive a test, so that what was built once is not built again."""
    directory = projects.root / name
    shutil.rmtree(directory, ignore_errors=True)
    projects.root.mkdir(parents=True, exist_ok=True)
    cloud.run("new", language, name, cwd=projects.root)
    return App(cloud, directory, name)


def texts(directory) -> dict[str, str]:
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def check_answers(app: App) -> None:
    assert app.call("GET", "/hello/Ada").json() == {"hello": "Ada"}
    created = app.call("POST", "/notes", json={"text": "It works!"})
    assert created.status_code == 201 and created.json()["text"] == "It works!"
    assert app.call("GET", "/notes").json() == [created.json()]
    assert app.call("POST", "/notes", json={"text": ""}).status_code == 400


def test_a_project_in_cpp_is_built_tested_and_deployed(projects, cloud):
    app = new_project(projects, cloud, "--cpp", "new-shop")
    for command in (["cmake", "-S", ".", "-B", "build", "-DBUILD_TESTING=ON", f"-DCMAKE_PREFIX_PATH={BUILD}"],
                    ["cmake", "--build", "build"], ["ctest", "--test-dir", "build", "--output-on-failure"]):
        done = subprocess.run(command, cwd=app.directory, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    app.deploy()
    check_answers(app)


def test_a_project_in_typescript_is_tested_and_deployed(projects, cloud):
    packages = npm.packages_of(projects)
    app = new_project(projects, cloud, "--ts", "new-shop-ts")
    (app.directory / "node_modules").symlink_to(packages.node_modules)
    assert "# pass 8" in app.run("test").stdout
    app.deploy()
    check_answers(app)


@pytest.mark.parametrize(("language", "example"), [("--cpp", "starter"), ("--ts", "starter-ts")])
def test_it_is_an_example_under_another_name(idle_cloud, tmp_path, language, example):
    made = idle_cloud.run("new", language, "my-shop", "--json", cwd=tmp_path).json()
    expected = {name: text.replace("starter", "my-shop") for name, text in texts(ROOT / "examples" / example).items()}
    assert texts(tmp_path / "my-shop") == expected
    assert set(made["files"]) == set(expected)
    assert (made["project"], made["directory"]) == ("my-shop", str(tmp_path / "my-shop"))
    assert made["next"][0] == "cd my-shop" and made["next"][-1].endswith("nimbus dev")


def test_the_packages_of_a_project_are_those_of_the_examples():
    examples = ROOT / "examples"
    lines = (examples / "sql-ts" / "package.json").read_text().splitlines()
    starter = (examples / "starter-ts" / "package.json").read_text()
    for line in lines[lines.index('  "dependencies": {'):]:
        assert line in starter


def test_what_comes_next_is_printed(idle_cloud, tmp_path):
    shown = idle_cloud.run("new", "--ts", "shop", cwd=tmp_path).stdout
    for step in ("cd shop", "npm install TARBALL", "npx nimbus dev", "README.md"):
        assert step in shown


@pytest.mark.parametrize("name", ["My Shop", "shop/cart", "..", "1st", "a" * 33])
def test_a_name_that_no_project_can_have_is_refused(idle_cloud, tmp_path, name):
    refused = idle_cloud.run("new", "--cpp", name, cwd=tmp_path, code=2)
    assert "NAME must be a lower-case letter" in refused.stderr and f"not '{name}'" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_directory_with_something_in_it_is_refused(idle_cloud, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "thesis.txt").write_text("years of work")
    refused = idle_cloud.run("new", "--cpp", "shop", cwd=tmp_path, code=1)
    assert "The directory shop is not empty" in refused.stderr and "another name" in refused.stderr
    assert texts(tmp_path / "shop") == {"thesis.txt": "years of work"}


def test_an_empty_directory_is_taken(idle_cloud, tmp_path):
    (tmp_path / "shop").mkdir()
    idle_cloud.run("new", "--cpp", "shop", cwd=tmp_path)
    assert (tmp_path / "shop" / "main.cpp").exists()


def test_without_a_terminal_the_language_has_to_be_named(idle_cloud, tmp_path):
    refused = idle_cloud.run("new", "shop", cwd=tmp_path, code=2)
    assert "nimbus new --cpp shop" in refused.stderr and "nimbus new --ts shop" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("answer", "file"), [("1", "main.cpp"), ("2", "index.ts"), ("", "main.cpp")])
def test_a_person_is_asked_for_the_language(idle_cloud, tmp_path, answer, file):
    with TerminalSession(idle_cloud, "new", "shop", cwd=tmp_path) as session:
        session.expect("Choose 1 or 2")
        session.type(f"3\n{answer}\n")
        assert session.finish() == 0
    assert "'3' is neither 1 nor 2" in session.shown
    assert (tmp_path / "shop" / file).exists()
