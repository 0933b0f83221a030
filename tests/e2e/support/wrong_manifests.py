"""Manifests with one mistake each, and the words that an answer to it has to contain."""

from .app import manifest


def edited(edit) -> dict:
    document = manifest(routes=["GET /ping", "POST /sql"])
    edit(document)
    return document


def put(path: str, value):
    def edit(document):
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in parents:
            document = document[part]
        document[last] = value
    return edit


def second_route_the_same(document):
    document["apis"][0]["routes"][1].update(document["apis"][0]["routes"][0])


def two_parameters_of_another_name(document):
    document["apis"][0]["routes"][0]["path"] = "/users/{id}"
    document["apis"][0]["routes"][1].update(method="GET", path="/users/{name}")


WRONG = {
    "a wrong type": (put("functions.0.memory", "much"), ["functions[0].memory", "number"]),
    "a wrong type of list": (put("apis", {}), ["apis", "array"]),
    "an unknown field": (put("functions.0.memroy", 1), ["functions[0]", "memroy", "memory"]),
    "an unknown method": (put("apis.0.routes.0.method", "FETCH"), ["apis[0].routes[0].method", "FETCH", "GET"]),
    "two equal routes": (second_route_the_same, ["apis[0].routes[1]", "GET /ping"]),
    "two routes that match the same": (two_parameters_of_another_name, ["apis[0].routes[1]"]),
    "a schema with a quote": (put("sql.0.schema", 'my"app'), ["sql[0].schema"]),
    "a schema with an injection": (put("sql.0.schema", "a; DROP TABLE users"), ["sql[0].schema"]),
    "a reserved schema": (put("sql.0.schema", "pg_catalog"), ["sql[0].schema"]),
    "a path without a slash": (put("apis.0.routes.0.path", "ping"), ["apis[0].routes[0].path"]),
    "a path that is broken": (put("apis.0.routes.0.path", "/users/{id"), ["apis[0].routes[0].path"]),
    "a function that is not there": (put("apis.0.routes.0.function", "nobody"), ["apis[0].routes[0].function", "nobody"]),
    "a database that is not there": (put("functions.0.uses", ["other-db"]), ["functions[0].uses", "other-db"]),
    "too little memory": (put("functions.0.memory", 64), ["functions[0].memory", "128"]),
    "too long a timeout": (put("functions.0.timeout", 901), ["functions[0].timeout", "900"]),
    "a reserved variable": (put("functions.0.environment", {"AWS_REGION": "mars"}), ["AWS_REGION"]),
    "too large an environment": (put("functions.0.environment", {"LARGE": "x" * 4097}), ["functions[0].environment", "4"]),
    "a project without a name": (put("project", ""), ["project"]),
    "a project with a space": (put("project", "my app"), ["project"]),
    "an unknown version": (put("version", 2), ["version"]),
    "an unknown runtime": (put("runtime", "cobol"), ["runtime", "cobol"]),
}
