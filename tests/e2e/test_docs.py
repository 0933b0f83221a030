"""The documentation shows files that are built and run here, and its links lead somewhere."""

import re

import pytest

from support.app import App
from support.cloud import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (?P<file>\S+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```", re.S)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")


def normal(text: str) -> str:
    """Without indentation, so that a page can show a piece out of the middle of a function."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_is_taken_from_files(page):
    for block in BLOCK.finditer(page.read_text()):
        if block["language"] not in ("cpp", "cmake", "typescript", "sql") and not block["file"]:
            continue
        where = f"{page.name}: {block['text'][:60]!r}"
        assert block["file"], f"{where} does not say which file it shows"
        assert normal(block["text"]) in normal((ROOT / block["file"]).read_text()), f"{where} is not in {block['file']}"


@pytest.mark.parametrize("name", ["aws.md", "ci.md"])
def test_pages_of_commands_and_workflows_show_whole_files(name):
    for block in BLOCK.finditer((ROOT / "docs" / name).read_text()):
        assert block["file"], f"{name}: {block['text'][:60]!r} does not say which file it shows"
        assert block["text"] == (ROOT / block["file"]).read_text(), f"{name} and {block['file']} differ"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert broken == []


def example(projects, cloud, name: str, project: str) -> App:
    app = App(cloud, projects.copy(ROOT / "examples" / name, name), project)
    app.deploy()
    return app


def test_hello(projects, module_cloud):
    app = example(projects, module_cloud, "hello", "hello")
    answer = app.call("GET", "/hello/world")
    assert (answer.status_code, answer.json()) == (200, {"hello": "world"})


def test_the_readmes_guestbook(projects, module_cloud):
    app = example(projects, module_cloud, "guestbook", "guestbook")
    assert app.call("POST", "/init").status_code == 204
    entry = {"name": "Alice", "message": "It works!"}
    answer = app.call("POST", "/entries", json=entry)
    assert (answer.status_code, answer.json()) == (201, entry)
    assert app.call("GET", "/entries").json() == [entry]
    malformed = app.call("POST", "/entries", json={"name": "Bob"})
    assert (malformed.status_code, malformed.json()) == (400, {"error": "message is required"})


def test_greeting(projects, module_cloud):
    app = example(projects, module_cloud, "greeting", "greeting")
    answer = app.call("GET", "/hello/Ada?greeting=Salut")
    assert (answer.status_code, answer.json()) == (200, {"message": "Salut, Ada"})


def test_every_command_of_the_page_on_the_command_line_exists(idle_cloud):
    text = (ROOT / "docs" / "cli.md").read_text()
    for command in sorted(set(re.findall(r"^#+ `nimbus ([a-z]+(?: [a-z]+)?)", text, re.M))):
        assert idle_cloud.run(*command.split(), "--help").stdout
