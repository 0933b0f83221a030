"""docs/manifest.schema.json is a JSON Schema that agrees with the engine and with libnimbus."""

import copy
import json
import subprocess

import jsonschema
import pytest

from support.app import manifest
from support.cloud import ROOT
from support.wrong_manifests import WRONG, edited

SCHEMA = json.loads((ROOT / "docs" / "manifest.schema.json").read_text())
CASES = json.loads((ROOT / "src" / "deploy" / "kinds" / "manifest_cases.json").read_text())  # the parser's unit test reads them, too

# What JSON Schema can't say: it compares values with each other, or suggests.
BEYOND_SCHEMA = {"two equal routes", "two routes that match the same", "a function that is not there",
                 "a database that is not there", "too large an environment", "a reserved schema",
                 "a path that is broken", "a reserved variable"}


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_manifest_is_valid():
    jsonschema.validate(manifest(routes=["GET /a", "ANY /b/{c}", "POST /d/{e+}"]), SCHEMA)


@pytest.mark.parametrize("what", sorted(set(WRONG) - BEYOND_SCHEMA))
def test_what_the_engine_refuses_the_schema_refuses(what):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(edited(WRONG[what][0]), SCHEMA)


def put(document, pointer: str, value) -> None:
    """Sets what a JSON pointer names, or removes it when the value is None."""
    *parents, last = pointer.split("/")[1:]
    for part in parents:
        document = document[int(part)] if isinstance(document, list) else document[part]
    if isinstance(document, list):
        document[int(last):int(last) + 1] = [value]
    elif value is None:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize("case", [case for case in CASES["cases"] if not case.get("beyondSchema")],
                         ids=lambda case: case["what"])
def test_the_schema_judges_like_the_parser(case):
    document = copy.deepcopy(CASES["base"])
    for pointer, value in case["set"].items():
        put(document, pointer, value)
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) == ("wrong" not in case)


def test_what_libnimbus_writes_is_valid(projects, module_cloud, tmp_path):
    app = projects.sql_example(module_cloud)
    app.run("plan")
    programs = [path for path in app.directory.rglob("*") if path.is_file() and path.stat().st_mode & 0o111
                and path.read_bytes()[:4] == b"\x7fELF" and path.name in ("bootstrap", "sql", "sql-demo", "sql_example")]
    programs += [path for path in module_cloud.home.rglob("bootstrap") if path.is_file()]
    assert programs, "the example's executable"
    out = tmp_path / "manifest.json"
    subprocess.run([programs[0]], env={"NIMBUS_MANIFEST_OUT": str(out)}, check=True)
    jsonschema.validate(json.loads(out.read_text()), SCHEMA)
