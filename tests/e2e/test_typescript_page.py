"""The seed's page from top to bottom, word for word, but for the packed tarball in place of the registry's
package, and the local target in place of an AWS account."""

import json
import re
import subprocess
import uuid
import warnings

import pytest
import requests

from support import npm
from support.cloud import ROOT, cloud_in, new_directory
from support.waiting import wait_until

SCRIPTS = {"deploy": "npx nimbus deploy",
           "destroy": "npx nimbus destroy --project sql-demo --region us-east-1 --force"}


class Walk:
    """Somebody who follows the page in a directory of the project."""

    def __init__(self, cloud, directory):
        self.cloud = cloud
        self.directory = directory

    def type(self, *command) -> str:
        done = subprocess.run(command, cwd=self.directory, env={**npm.environment(), **self.cloud.environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def curl(self, method: str, path: str, body: str | None = None) -> requests.Response:
        return requests.request(method, self.url + path, data=body, timeout=60,
                                headers={"Content-Type": "application/json"} if body else {})


def program() -> str:
    page = npm.page()
    if page is None:
        warnings.warn(f"{npm.SEED} is not here: this test runs on examples/sql-ts instead of the page's program")
        return (ROOT / "examples" / "sql-ts" / "index.ts").read_text()
    return npm.page_program(page)


@pytest.fixture(scope="module")
def walk(projects, template):
    """Setup and Deploy."""
    packages = npm.packages_of(projects)
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        walk = Walk(cloud, packages.fresh())
        walk.type("npx", "nimbus", "init", "--local")
        (walk.directory / "index.ts").write_text(program())
        package = json.loads((walk.directory / "package.json").read_text())
        package["scripts"] = SCRIPTS
        (walk.directory / "package.json").write_text(json.dumps(package, indent=2))
        shown = walk.type("npm", "run", "deploy")
        walk.url = re.search(r"http://127\.0\.0\.1:\d+/dev", shown).group()
        yield walk


def test_database_info(walk):
    answer = walk.curl("GET", "/info")
    info = answer.json()
    assert answer.status_code == 200
    assert {key: info[key] for key in ("message", "schema", "dbRole")} == {
        "message": "SQL Database Info", "schema": "myapp", "dbRole": "lambda_myapp"}
    assert re.fullmatch(r"[a-z2-7]{26}", info["identifier"])
    assert re.fullmatch(rf"arn:aws:dsql:us-east-1:\d{{12}}:cluster/{info['identifier']}", info["arn"])
    assert info["endpoint"]


def test_initialize_database(walk):
    answer = walk.curl("POST", "/init")
    assert (answer.status_code, answer.json()) == (200, {
        "message": "Database initialized successfully", "schema": "myapp", "tables": ["users", "posts"]})


def is_alice(user: dict) -> bool:
    return (list(user) == ["id", "name", "email", "created_at"] and str(uuid.UUID(user["id"])) == user["id"]
            and (user["name"], user["email"]) == ("Alice", "alice@example.com")
            and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["created_at"]) is not None)


def test_create_get_and_count_users(walk):
    answer = walk.curl("POST", "/users", '{"name":"Alice","email":"alice@example.com"}')
    assert answer.status_code == 201 and is_alice(answer.json()), answer.text
    everyone = walk.curl("GET", "/users")
    assert (everyone.status_code, everyone.json()) == (200, {"count": 1, "users": [answer.json()]})
    count = walk.curl("GET", "/users/count")
    assert (count.status_code, count.json()) == (200, {"count": 1})
    again = walk.curl("POST", "/users", '{"name":"Alice","email":"alice@example.com"}')
    assert (again.status_code, again.json()) == (409, {"error": "Email already exists"})
    without = walk.curl("POST", "/users", '{"name":"Alice"}')
    assert (without.status_code, without.json()) == (400, {"error": "Name and email are required"})


def test_a_deploy_that_changes_nothing_bundles_nothing(walk):
    shown = walk.cloud.run("deploy", cwd=walk.directory)
    assert "Bundling" not in shown.stderr and "No changes" in shown.stderr
    assert walk.curl("GET", "/users/count").json() == {"count": 1}


def test_the_stray_lines_behind_the_export_are_pointed_at(walk):
    page = npm.page()
    if page is None:
        pytest.skip("the page is not here")
    text = npm.page_program(page, with_stray_lines=True)
    line = text.splitlines().index("  })") + 1
    (walk.directory / "whole.ts").write_text(text)
    result = walk.cloud.run("deploy", "whole.ts", cwd=walk.directory, code=None)
    assert result.code == 1
    assert f'whole.ts cannot be bundled: whole.ts:{line}:3: Unexpected "}}"' in result.stderr
    assert f"{line} │   }})" in result.stderr


def test_the_advanced_routes_join_and_run_transactions(walk):
    page = npm.page()
    if page is None:
        pytest.skip("the page is not here")
    routes = re.findall(r"^api\.route\('(?:GET|POST)', '/users/\{id\}/posts'.*?^\}\);\n", page, re.S | re.M)
    assert len(routes) == 2
    program_text = npm.page_program(page).replace("export default app;", "\n".join(routes) + "\nexport default app;")
    (walk.directory / "index.ts").write_text(program_text)
    walk.type("npm", "run", "deploy")
    user = walk.curl("GET", "/users").json()["users"][0]
    post = walk.curl("POST", f"/users/{user['id']}/posts", '{"title":"Hello","content":"World"}')
    assert post.status_code == 201
    assert list(post.json()) == ["id", "user_id", "title", "content", "created_at"]
    answer = walk.curl("GET", f"/users/{user['id']}/posts")
    assert (answer.status_code, answer.json()) == (200, {
        "id": user["id"], "name": "Alice", "email": "alice@example.com",
        "posts": [{key: post.json()[key] for key in ("id", "title", "content", "created_at")}]})
    for method in ("GET", "POST"):
        answer = walk.curl(method, f"/users/{uuid.uuid4()}/posts", '{"title":"Hello"}' if method == "POST" else None)
        assert (answer.status_code, answer.json()) == (404, {"error": "User not found"})


def test_clean_up(walk):
    assert len(walk.cloud.status(fresh=True)["clusters"]) == 1
    walk.type("npm", "run", "destroy")
    wait_until(lambda: walk.cloud.status(fresh=True)["clusters"] == [], "the cluster to be deleted")
    with pytest.raises(requests.exceptions.ConnectionError):
        walk.curl("GET", "/info")
