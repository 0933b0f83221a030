#!/usr/bin/env python3
"""A kind of resource has one home in libnimbus: nothing else of its source names it.

The folders of src/ that are not in SHARED are the kinds. A kind KIND has the public header
nimbus/KIND.hpp, what it adds to nimbus::app in KIND_declarations there, and its source in src/KIND. The
shared folders and other kinds know nothing of it.
"""

import pathlib
import re
import sys

SHARED = {"core", "development", "io", "testing", "values"}


def sources(folder: pathlib.Path):
    return [path for path in sorted(folder.rglob("*")) if path.suffix in (".h", ".cpp") and "test" not in path.stem]


def lines_with(pattern: re.Pattern, folder: pathlib.Path, reason: str):
    for path in sources(folder):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if found := pattern.search(line):
                yield f"{path}:{number}: {reason}: {found.group(0)}"


def violations(library: pathlib.Path):
    source, headers = library / "src", library / "include" / "nimbus"
    kinds = sorted({folder.name for folder in source.iterdir() if folder.is_dir()} - SHARED)
    for folder in sorted(SHARED):
        named = re.compile("|".join(rf"\b{kind}s?\b|\b{kind.capitalize()}[A-Z]\w*" for kind in kinds))
        yield from lines_with(named, source / folder, "what all kinds share names one")
    for kind in kinds:
        others = "|".join(other for other in kinds if other != kind)
        yield from lines_with(re.compile(rf'#\s*include\s*"({others})/.*'), source / kind, "a kind uses another")
        if not (source / kind / f"{kind}.cpp").exists():
            yield f"{source / kind}: the source of the kind is not {kind}.cpp"
        header = headers / f"{kind}.hpp"
        if not header.exists() or f"class {kind}_declarations" not in header.read_text():
            yield f"{header}: does not say what the kind adds to nimbus::app in {kind}_declarations"
        if f"{kind}_declarations" not in (headers / "app.hpp").read_text():
            yield f"{headers / 'app.hpp'}: nimbus::app has no {kind}_declarations"


def main() -> int:
    found = list(violations(pathlib.Path(__file__).parent))
    print("\n".join(found) or "Each kind of resource has one home.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
