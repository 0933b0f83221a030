"""No member of an input is accepted without effect: each is taken, harmless for a reason, or refused by its name.

The members are those of botocore's models. What an operation takes is what `nimbus local operations` says.
"""

import json
import re
import subprocess

import botocore.awsrequest
import botocore.exceptions
import botocore.session
import pytest

from support.cloud import NIMBUS

SERVED = json.loads(subprocess.run([NIMBUS, "local", "operations", "--json"], stdout=subprocess.PIPE, check=True).stdout)
OPERATIONS = [(service, operation) for service, operations in SERVED.items() for operation in operations]
LOADED = botocore.session.get_session()


def model_of(service: str, operation: str):
    return LOADED.get_service_model(service).operation_model(operation)


def members(shape, above="", seen=(), is_xml=False):
    """(path of names on the wire, path of names in the model, shape) of all members that are no part of the URI.

    Headers are members of S3's operations, whose bodies are XML.
    """
    if shape is None or shape.type_name not in ("structure", "list"):
        return
    if shape.type_name == "list":
        if is_xml and not shape.serialization.get("flattened"):
            above += shape.member.serialization.get("name", "member") + "."
        yield from ((path, [None, *names], one) for path, names, one in
                    members(shape.member, above, (*seen, shape.member.name), is_xml))
        return
    for name, member in shape.members.items():
        if not above and (member.serialization.get("location") in (("uri",) if is_xml else ("uri", "header"))
                          or shape.serialization.get("payload") == name and member.type_name == "blob"):
            continue
        path = above + member.serialization.get("name", name)
        yield path, [name], member
        if member.name not in seen:
            yield from ((below, [name, *names], one) for below, names, one in
                        members(member, path + ".", (*seen, member.name), is_xml))


def input_members(service: str, operation: str) -> list:
    model = model_of(service, operation)
    found = list(members(model.input_shape, is_xml=service == "s3"))
    if "requestAlgorithmMember" in (model.http_checksum or {}):  # the header that it names, by the algorithm
        found += [(f"x-amz-checksum-{one}", None, None) for one in ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")]
        found += [("Content-MD5", None, None)]
    return found


def is_known(table: dict, path: str) -> bool:
    listed = [*table["taken"], *table["harmless"]]
    return any(one == "*" or path == one or path.startswith(one + ".") or one.startswith(path + ".") for one in listed)


def sample(shape):
    """A value that says something."""
    return {"string": lambda: "x" * max(20, shape.metadata.get("min", 0)), "boolean": lambda: True, "integer": lambda: 1,
            "long": lambda: 1, "float": lambda: 1.0, "double": lambda: 1.0, "timestamp": lambda: "2026-01-01T00:00:00Z",
            "blob": lambda: b"x", "list": lambda: [sample(shape.member)], "map": lambda: {"key": sample(shape.value)},
            "structure": lambda: {name: sample(one) for name, one in list(shape.members.items())[:1]}}[shape.type_name]()


def nested(names: list, value):
    for name in reversed(names):
        value = [value] if name is None else {name: value}
    return value


def merged(base: dict, more: dict) -> dict:
    return {**base, **{key: merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict)
                       else value for key, value in more.items()}}


@pytest.mark.parametrize("service, operation", OPERATIONS, ids=[".".join(one) for one in OPERATIONS])
def test_what_an_operation_takes_is_in_its_model(service, operation):
    paths = {path for path, _, _ in input_members(service, operation)}
    table = SERVED[service][operation]
    assert [one for one in [*table["taken"], *table["harmless"]] if one not in {*paths, "*"}] == []
    assert all(table["harmless"].values())


def refused_members(service: str, operation: str):
    table = SERVED[service][operation]
    known_above = lambda path: any(not is_known(table, path[:at]) for at, letter in enumerate(path) if letter == ".")
    return [(path, names, shape) for path, names, shape in input_members(service, operation)
            if names and not is_known(table, path) and not known_above(path)]


REFUSED = [(service, operation, *one) for service, operation in OPERATIONS for one in refused_members(service, operation)]


def required(service: str, shape) -> dict:
    """The least input by which the operation can be found."""
    return {name: sample(one) for name, one in (shape.members.items() if shape else ())
            if one.serialization.get("location") == "uri" or service == "s3" and name in shape.required_members}


@pytest.mark.parametrize("service, operation, path, names, shape", REFUSED,
                         ids=[f"{one[0]}.{one[1]}.{one[2]}" for one in REFUSED])
def test_what_an_operation_does_not_take_is_refused_by_name(module_cloud, service, operation, path, names, shape):
    client = module_cloud.client(service)
    client._serializer = botocore.serialize.create_serializer(
        client.meta.service_model.metadata["protocol"], include_validation=False)
    model = model_of(service, operation)
    inputs = merged(required(service, model.input_shape), nested(names, sample(shape)))
    with pytest.raises(botocore.exceptions.ClientError) as refusal:
        client._make_api_call(operation, inputs)
    if service == "s3":
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    if model.http["method"] == "HEAD":  # has no body that could name it
        return
    assert re.search(rf"does not have '{re.escape(path)}(\.[\w.]+)?' of {operation}: ", str(refusal.value))


def test_unknown_operations_say_where_the_known_ones_are(module_cloud):
    for service, operation, inputs in (("logs", "start_query", {"startTime": 1, "endTime": 2, "queryString": "x"}),
                                       ("lambda", "list_layers", {}), ("iam", "list_groups", {})):
        with pytest.raises(botocore.exceptions.ClientError, match=f"nimbus local operations {service}"):
            getattr(module_cloud.client(service), operation)(**inputs)
