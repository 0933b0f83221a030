#!/usr/bin/env python3
"""Fails when docs/architecture.md is wrong about the files that a new kind of resource touches.

The table there names the existing files. Timers are the proof: the files that know them outside of
their own homes have to be those of the table, no more and no fewer.
"""

import pathlib
import re
import sys

# The row of the table, where to look, what is a timer's own, and what a file says that knows timers.
PLACES = [
    ("a new kind of resource, deployed", ["src/deploy", "src/manifest", "src/cli"], r"kinds/timer/", r"\btimers?\b"),
    ("… its service in the local cloud", ["src/local"], r"services/scheduler/|_test\.cpp$", r"scheduler"),
    ("… in libnimbus", ["sdk/cpp"], r"timer/|timer\.hpp$", r"\btimer\b|timer/|timer_declarations"),
    ("… in nimbus-js", ["sdk/js/src"], r"kinds/timer\.ts$", r"timer\.js"),
]

SOURCES = {".h", ".hpp", ".cpp", ".ts", ".txt", ".json"}


def files_that_know(root: pathlib.Path, folders, own, knows) -> set[str]:
    found = set()
    for folder in folders:
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.suffix in SOURCES and "node_modules" not in name and not re.search(own, name):
                text = re.sub(r"//.*", "", path.read_text()) if path.suffix != ".json" else path.read_text()
                if re.search(knows, text, re.I):
                    found.add(name)
    return found


def files_of_row(document: str, row: str) -> set[str]:
    (line,) = [line for line in document.splitlines() if line.startswith(f"| {row} |")]
    return {name for name in re.findall(r"`([^`]+)`", line) if "/" in name and "." in name.rsplit("/", 1)[1]}


def main() -> int:
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    document = (root / "docs" / "architecture.md").read_text()
    wrong = []
    for row, folders, own, knows in PLACES:
        written, real = files_of_row(document, row), files_that_know(root, folders, own, knows)
        wrong += [f"'{row}' names {name}, which knows no timer" for name in sorted(written - real)]
        wrong += [f"'{row}' does not name {name}, which knows timers" for name in sorted(real - written)]
    print("\n".join(wrong) or "The table of files is true.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
