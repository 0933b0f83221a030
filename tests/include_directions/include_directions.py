#!/usr/bin/env python3
"""Fails when a source file includes a header of a room that its own room may not know.

The rooms are the folders below src/, and sdk/cpp. A room may include its own headers and those of
the rooms reachable along MAY_USE; docs/architecture.md draws the same picture. The two products, the
engine (deploy, aws) and the local cloud (local), meet only in the manifest and on the wire: that is
what makes a test of one by the other worth something.

Each folder of src/local is a room, too. Between them only the headers of MEETINGS are included, by
the rooms that stand there; docs/architecture.md names the same headers.
"""

import fnmatch
import pathlib
import re
import sys

MAY_USE = {
    "base": [],
    "crypto": ["base"],
    "sigv4": ["crypto"],
    "net": ["base"],
    "http": ["net"],
    "process": ["base"],
    "sqlite": ["base"],
    "pgwire": ["base"],
    "routes": ["base"],
    "schedule": ["base"],
    "manifest": ["routes"],
    "frontends": ["manifest", "process", "crypto"],
    "aws": ["sigv4", "http", "process"],
    "deploy": ["aws", "manifest", "schedule"],
    "local": ["http", "sqlite", "crypto", "process"],
    "local/control_plane": ["http", "sqlite"],
    "local/debugging": ["process"],
    "local/dsql": ["pgwire", "sigv4"],
    "local/dsql/host": ["pgwire", "crypto", "net"],
    "local/faults": ["base"],
    "local/front_door": ["http", "sigv4"],
    "local/gateway": ["http"],
    "local/iam": ["sqlite"],
    "local/instances": ["net", "process"],
    "local/lambda": ["base"],
    "local/postgres": ["crypto", "process"],
    "local/runtime_api": ["net"],
    "local/services": ["http", "crypto"],
    "local/services/*": ["http", "crypto", "sqlite"],
    "local/services/lambda": ["http", "crypto", "sqlite", "sigv4"],
    "local/services/scheduler": ["http", "sqlite", "schedule"],
    "cli": ["deploy", "local", "local/dsql", "local/faults", "frontends"],
    "sdk": ["sigv4", "pgwire", "routes"],
}

# What the tests of a room may use beyond it: those of sdk and local/dsql start a PostgreSQL.
TESTS_MAY_USE = {
    "sdk": ["process"],
    "local/dsql": ["process"],
    "local/services": ["sqlite"],
    "local/services/dsql": ["process"],
    "local/control_plane": ["sigv4"],
}

# Where the rooms of src/local meet: the header, and the rooms that include it. `*` is any name. The
# tests of a room may include every header of the rooms that it meets, directly or by others.
MEETINGS = {
    # Interfaces and values: what one room asks of another without knowing it.
    "local/debugging/debugger.h": ["local/instances"],
    "local/dsql/cluster_host.h": ["local/dsql/host", "local/services/dsql"],
    "local/gateway/api.h": ["local/services/apigateway"],
    "local/iam/access_control.h": ["local", "local/control_plane", "local/dsql", "local/instances",
                                   "local/services", "local/services/*"],
    "local/lambda/entry_name.h": ["local/instances", "local/services/lambda"],
    "local/lambda/function.h": ["local/gateway", "local/instances", "local/services/lambda"],
    "local/lambda/log_sink.h": ["local/instances", "local/services/logs"],
    "local/services/data_planes.h": ["local/control_plane"],
    "local/services/lambda/event_invoker.h": ["local/services/scheduler"],
    "local/services/s3/object_reader.h": ["local/services/lambda"],
    # What is made for others to use.
    "local/dsql/backup.h": ["local/dsql/host"],
    "local/dsql/carry_over.h": ["local/dsql/host"],
    "local/dsql/database_copies.h": ["local/dsql/host"],
    "local/dsql/session.h": ["local", "local/dsql/host"],
    "local/debugging/debug_sessions.h": ["local", "local/control_plane", "local/gateway",
                                         "local/instances", "local/services/debugging"],
    "local/faults/fault_injector.h": ["local", "local/control_plane", "local/dsql",
                                      "local/instances", "local/services/faults"],
    "local/gateway/answered_requests.h": ["local", "local/control_plane", "local/services/requests"],
    "local/iam/evaluate.h": ["local/services/lambda", "local/services/sts"],
    "local/iam/identity_access.h": ["local/control_plane", "local/services/sts"],
    "local/iam/identity_store.h": ["local/services/iam"],
    "local/iam/policy_document.h": ["local/services/iam", "local/services/lambda"],
    "local/postgres/data_check.h": ["local"],
    "local/postgres/postgres_server.h": ["local", "local/dsql", "local/dsql/host"],
    "local/runtime_api/runtime_endpoint.h": ["local/instances"],
    "local/services/answers.h": ["local/front_door", "local/services/*"],
    "local/services/blob_store.h": ["local", "local/control_plane", "local/services/lambda",
                                    "local/services/s3"],
    "local/services/form.h": ["local/services/iam", "local/services/sts"],
    "local/services/housekeeping.h": ["local/control_plane"],
    "local/services/inputs.h": ["local/services/*"],
    "local/services/needed_file.h": ["local", "local/control_plane", "local/services/lambda",
                                     "local/services/s3"],
    "local/services/service.h": ["local/control_plane", "local/front_door", "local/services/*"],
    "local/services/timer_thread.h": ["local/services/lambda", "local/services/scheduler"],
    # What the two places that put the cloud together make.
    "local/control_plane/control_plane.h": ["local"],
    "local/control_plane/served.h": ["local"],
    "local/control_plane/stored_state.h": ["local"],
    "local/dsql/host/dsql_host.h": ["local"],
    "local/front_door/front_door.h": ["local/control_plane"],
    "local/gateway/gateway.h": ["local"],
    "local/instances/function_sandbox.h": ["local"],
    "local/instances/instance_pool.h": ["local"],
    "local/services/*/*_service.h": ["local/control_plane"],
    "local/services/apigateway/api_store.h": ["local/control_plane"],
    "local/services/dsql/cluster_copies.h": ["local/control_plane"],
    "local/services/dsql/cluster_store.h": ["local/control_plane"],
    "local/services/dsql/stored_clusters.h": ["local/control_plane"],
    "local/services/lambda/code_garbage.h": ["local/control_plane"],
    "local/services/lambda/function_registry.h": ["local/control_plane"],
    "local/services/lambda/needed_code.h": ["local/control_plane"],
    "local/services/logs/log_writer.h": ["local/control_plane"],
    "local/services/s3/needed_objects.h": ["local/control_plane"],
    "local/services/s3/s3_store.h": ["local/control_plane"],
    "local/services/secretsmanager/secret_store.h": ["local/control_plane"],
    "local/services/secretsmanager/secrets_key.h": ["local/control_plane"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z0-9_/]+)/([^"/]+)"', re.M)


def room_of(path: pathlib.PurePath) -> str:
    """The room of a file below src/, or of sdk/cpp."""
    return str(path.parent) if path.parts[0] == "local" else path.parts[0]


def rule_of(room: str, rules: dict):
    """The row of the room itself, else of a pattern that it fits."""
    if room in rules:
        return rules[room]
    return next((row for pattern, row in rules.items() if fnmatch.fnmatch(room, pattern)), None)


def reachable(room: str) -> set[str]:
    found, open_rooms = {room}, [room]
    while open_rooms:
        for used in rule_of(open_rooms.pop(), MAY_USE):
            if used not in found:
                found.add(used)
                open_rooms.append(used)
    return found


def fits_any(name: str, patterns) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def is_test(path: pathlib.PurePath) -> bool:
    return path.stem.endswith(("_test", "_probe")) or path.name.startswith("test_")


class Include:
    def __init__(self, path, line, header):
        self.path = path  # of the including file, below src/ or sdk/cpp's as "sdk/…"
        self.line = line
        self.header = header  # as it is written, "local/iam/evaluate.h"
        self.room = room_of(path)
        self.used = room_of(pathlib.PurePath(header))

    def between_local_rooms(self) -> bool:
        return self.used.startswith("local") and self.room.startswith("local")


def includes(root: pathlib.Path):
    for folder, name in (("src", ""), ("sdk/cpp", "sdk")):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".hpp", ".cpp"):
                continue
            relative = pathlib.PurePath(name) / path.relative_to(root / folder)
            text = path.read_text()
            for match in INCLUDE.finditer(text):
                line = text[: match.start(1)].count("\n") + 1
                include = Include(relative, line, f"{match.group(1)}/{match.group(2)}")
                is_ours = include.header.startswith("local/") or include.used in MAY_USE
                if is_ours and include.used != include.room:
                    yield include


def met_by(include: Include) -> bool:
    return any(
        fnmatch.fnmatch(include.header, header) and fits_any(include.room, rooms)
        for header, rooms in MEETINGS.items()
    )


def closure(meetings: dict[str, set[str]]) -> dict[str, set[str]]:
    """Each room with the rooms that it reaches by including."""
    reached = {}
    for room in meetings:
        found, open_rooms = set(), [room]
        while open_rooms:
            for used in meetings.get(open_rooms.pop(), ()):
                if used not in found:
                    found.add(used)
                    open_rooms.append(used)
        reached[room] = found
    return reached


def violations(root: pathlib.Path):
    every = list(includes(root))
    meetings: dict[str, set[str]] = {}
    for include in every:
        if include.between_local_rooms() and met_by(include) and not is_test(include.path):
            meetings.setdefault(include.room, set()).add(include.used)
    reached = closure(meetings)
    for room in sorted(room for room in reached if room in reached[room]):
        yield f"{room}: it reaches itself by way of the rooms that it includes"

    for include in every:
        where = f"{include.path}:{include.line}"
        rule = rule_of(include.room, MAY_USE)
        if rule is None:
            yield f"{where}: the room '{include.room}' is not in the list of rooms"
            continue
        if include.between_local_rooms():
            allowed = met_by(include)
            if is_test(include.path):
                allowed = allowed or include.used in reached.get(include.room, ())
        else:
            rooms = reachable(include.room)
            if is_test(include.path):
                for used in rule_of(include.room, TESTS_MAY_USE) or []:
                    rooms = rooms | reachable(used)
            allowed = include.used in rooms
        if not allowed:
            yield f'{where}: {include.room} must not include "{include.header}"'

    yield from stale_rows(root, every)


def stale_rows(root: pathlib.Path, every):
    """What MEETINGS says and no file does, and what the documentation leaves out."""
    document = (root / "docs/architecture.md").read_text()
    for header, rooms in MEETINGS.items():
        used = [include for include in every if fnmatch.fnmatch(include.header, header)]
        for room in rooms:
            if not any(fnmatch.fnmatch(include.room, room) for include in used):
                yield f"MEETINGS: {room} does not include {header}"
        if "*" not in header and f"`{header.removeprefix('local/')}`" not in document:
            yield f"docs/architecture.md does not name the header {header}"


def main() -> int:
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    found = list(violations(root))
    print("\n".join(found) or "All include lines follow the allowed directions.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
