"""The calls of the seed's page, one by one, against examples/sql and examples/sql-ts: statuses, shapes
and types."""

import re
import uuid

import pytest

from support import npm
from support.cloud import cloud_in, new_directory

TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
MISSING = "Name and email are required"


@pytest.fixture(scope="module", params=["cpp", "typescript"])
def example(request, projects):
    """What makes the example in one of its languages, not yet deployed."""
    if request.param == "cpp":
        return projects.sql_example
    packages = npm.packages_of(projects)
    return lambda cloud: npm.sql_example(cloud, packages)


@pytest.fixture(scope="module")
def api(example, template):
    """The example with its tables made."""
    with cloud_in(new_directory("nimbus-"), template) as cloud:
        yield with_tables(example(cloud.start()))


def with_tables(sql_app):
    sql_app.deploy()
    answer = sql_app.call("POST", "/init")
    assert (answer.status_code, answer.json()) == (200, {
        "message": "Database initialized successfully", "schema": "myapp", "tables": ["users", "posts"]})
    return sql_app


def new_user(api, name="Alice"):
    email = f"{uuid.uuid4().hex}@example.com"
    answer = api.call("POST", "/users", json={"name": name, "email": email})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_info_tells_what_the_function_was_given(api):
    answer = api.call("GET", "/info")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    database = api.cluster
    assert answer.json() == {
        "message": "SQL Database Info",
        "endpoint": database["endpoint"],
        "identifier": database["identifier"],
        "schema": "myapp",
        "dbRole": "lambda_myapp",
        "arn": database["arn"],
        "note": "Lambdas connect using IAM role mapped to database role with permissions on the schema",
    }
    assert re.fullmatch(r"[a-z2-7]{26}", database["identifier"])
    assert re.fullmatch(rf"arn:aws:dsql:us-east-1:\d{{12}}:cluster/{database['identifier']}", database["arn"])


def test_init_can_be_called_again(api):
    assert api.call("POST", "/init").status_code == 200


def test_a_new_user_is_answered_with_the_row(api):
    answer = api.call("POST", "/users", json={"name": "Alice", "email": "alice@example.com"})
    assert answer.status_code == 201
    user = answer.json()
    assert list(user) == ["id", "name", "email", "created_at"]
    assert str(uuid.UUID(user["id"])) == user["id"]
    assert (user["name"], user["email"]) == ("Alice", "alice@example.com")
    assert TIMESTAMP.match(user["created_at"])


def test_an_email_that_is_taken_is_a_conflict(api):
    taken = new_user(api)["email"]
    answer = api.call("POST", "/users", json={"name": "Bob", "email": taken})
    assert (answer.status_code, answer.json()) == (409, {"error": "Email already exists"})


@pytest.mark.parametrize("body", [
    {"name": "Alice"}, {"email": "a@example.com"}, {}, {"name": "", "email": "a@example.com"},
    {"name": "Alice", "email": ""}, {"name": None, "email": "a@example.com"}])
def test_a_user_without_name_or_email_is_refused(api, body):
    answer = api.call("POST", "/users", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": MISSING})


def test_a_user_without_a_body_is_refused(api):
    answer = api.call("POST", "/users")
    assert (answer.status_code, answer.json()) == (400, {"error": MISSING})


@pytest.mark.parametrize("body", ["{", "nonsense", '{"name": "Alice",}', "[]", '"text"'])
def test_a_body_that_is_not_a_json_object_is_the_callers_mistake(api, body):
    answer = api.call("POST", "/users", data=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


def test_text_goes_through_unchanged_and_is_never_sql(api):
    name = "Zoë 'Robert'); DROP TABLE users; -- 漢字 \\ \" 🚀"
    user = new_user(api, name)
    assert user["name"] == name
    users = api.call("GET", "/users").json()["users"]
    assert name in [row["name"] for row in users]


def test_all_users_newest_first_with_their_count(api):
    first, second = new_user(api), new_user(api)
    answer = api.call("GET", "/users")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["count", "users"]
    assert body["count"] == len(body["users"]) and type(body["count"]) is int
    assert [user["id"] for user in body["users"][:2]] == [second["id"], first["id"]]
    assert all(list(user) == ["id", "name", "email", "created_at"] for user in body["users"])
    stamps = [user["created_at"] for user in body["users"]]
    assert stamps == sorted(stamps, reverse=True) and all(map(TIMESTAMP.match, stamps))


def test_the_count_is_a_number(api):
    before = api.call("GET", "/users/count").json()["count"]
    new_user(api)
    answer = api.call("GET", "/users/count")
    assert (answer.status_code, answer.json()) == (200, {"count": before + 1})
    assert type(answer.json()["count"]) is int


def test_posts_of_a_user_come_by_join(api):
    user = new_user(api, "Carol")
    empty = api.call("GET", f"/users/{user['id']}/posts")
    assert (empty.status_code, empty.json()) == (200, {
        "id": user["id"], "name": "Carol", "email": user["email"], "posts": []})

    created = api.call("POST", f"/users/{user['id']}/posts", json={"title": "Hello", "content": "World"})
    assert created.status_code == 201
    post = created.json()
    assert list(post) == ["id", "user_id", "title", "content", "created_at"]
    assert (post["user_id"], post["title"], post["content"]) == (user["id"], "Hello", "World")
    assert TIMESTAMP.match(post["created_at"])

    api.call("POST", f"/users/{user['id']}/posts", json={"title": "Again", "content": "World"})
    answer = api.call("GET", f"/users/{user['id']}/posts").json()
    assert [entry["title"] for entry in answer["posts"]] == ["Again", "Hello"]
    assert answer["posts"][1] == {key: post[key] for key in ("id", "title", "content", "created_at")}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_posts_of_an_unknown_user_are_not_found(api, method):
    answer = api.call(method, f"/users/{uuid.uuid4()}/posts", json={"title": "Hello", "content": "World"})
    assert (answer.status_code, answer.json()) == (404, {"error": "User not found"})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_id_that_is_no_uuid_is_the_callers_mistake(api, method):
    answer = api.call(method, "/users/42/posts", json={"title": "Hello", "content": "World"})
    assert answer.status_code in (400, 404)
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("method, path", [
    ("GET", "/nothing"), ("DELETE", "/users"), ("GET", "/users/1/posts/2"), ("GET", "/")])
def test_what_no_route_matches_is_not_found(api, method, path):
    answer = api.call(method, path)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_another_stage_is_not_found(api):
    answer = api.session.get(api.url.removesuffix("/dev") + "/prod/info", timeout=10)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_fresh_database_has_no_tables_and_says_so(example, cloud):
    """The page's "Schema not found": POST /init was not called."""
    app = example(cloud)
    app.deploy()
    answer = app.call("GET", "/users")
    assert answer.status_code == 500
    assert "users" in answer.json()["error"] and "does not exist" in answer.json()["error"]


def test_a_post_whose_transaction_meets_conflicts_is_stored_once(api):
    user = new_user(api)
    api.cloud.run("local", "faults", "--conflicts", "50%", "--seed", "1")
    try:
        answers = [api.call("POST", f"/users/{user['id']}/posts", json={"title": f"Post {n}"}) for n in range(6)]
    finally:
        api.cloud.run("local", "faults", "--off")
    assert [answer.status_code for answer in answers] == [201] * 6, [answer.text for answer in answers]
    assert len(api.call("GET", f"/users/{user['id']}/posts").json()["posts"]) == 6


def test_a_transaction_whose_connection_is_closed_fails_with_that(api):
    user = new_user(api)
    answer = api.call("POST", f"/users/{user['id']}/posts", json={"title": "First"})
    assert answer.status_code == 201, answer.text
    api.cloud.run("local", "faults", "--disconnects", "100%")
    try:
        answer = api.call("POST", f"/users/{user['id']}/posts", json={"title": "Second"})
    finally:
        api.cloud.run("local", "faults", "--off")
    assert answer.status_code == 500
    assert re.search("terminated|closed the connection", answer.json()["error"]), answer.text
    assert "queryable" not in answer.json()["error"], "that is what ROLLBACK says"
