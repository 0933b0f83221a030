#!/usr/bin/env python3
"""Fails when a source file includes a header of a room that its own room may not know.

The rooms are the folders below src/, and sdk/cpp. A room may include its own headers and those of
the rooms reachable along MAY_USE; docs/architecture.md draws the same picture. The two products, the
engine (deploy, aws) and the local cloud (local), meet only in the manifest and on the wire: that is
what makes a test of one by the other worth something.
"""

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
    "manifest": ["routes"],
    "frontends": ["manifest", "process", "crypto"],
    "aws": ["sigv4", "http", "process"],
    "deploy": ["aws", "manifest"],
    "local": ["pgwire", "sigv4", "http", "process", "sqlite", "manifest"],
    "cli": ["deploy", "local", "frontends"],
    "sdk": ["sigv4", "pgwire", "routes"],
}

# What the tests of a room may use beyond it: sdk's start a PostgreSQL.
TESTS_MAY_USE = {"sdk": ["process"]}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z0-9_]+)/([^"]+)"', re.M)


def reachable(room: str) -> set[str]:
    found, open_rooms = {room}, [room]
    while open_rooms:
        for used in MAY_USE[open_rooms.pop()]:
            if used not in found:
                found.add(used)
                open_rooms.append(used)
    return found


def room_of(path: pathlib.Path) -> str:
    return "sdk" if path.parts[0] == "sdk" else path.parts[1]


def violations(root: pathlib.Path):
    for folder in ("src", "sdk/cpp"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".hpp", ".cpp"):
                continue
            relative = path.relative_to(root)
            room = room_of(relative)
            if room not in MAY_USE:
                yield f"{relative}: the room '{room}' is not in the list of rooms"
                continue
            allowed = reachable(room)
            if path.name.endswith("_test.cpp"):
                allowed |= {name for used in TESTS_MAY_USE.get(room, []) for name in reachable(used)}
            for match in INCLUDE.finditer(path.read_text()):
                used = match.group(1)
                if used in MAY_USE and used not in allowed:
                    line = path.read_text()[: match.start(1)].count("\n") + 1
                    yield f'{relative}:{line}: {room} must not include "{used}/{match.group(2)}"'


def main() -> int:
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    found = list(violations(root))
    print("\n".join(found) or "All include lines follow the allowed directions.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
