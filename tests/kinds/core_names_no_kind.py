#!/usr/bin/env python3
"""Fails when the core names a kind of resource, or a kind's home another kind.

A new kind is one folder of src/deploy/kinds and a line in its catalogue. That stays true as long as
plan, journal, state, destroy, outputs, the manifest's reader and the command line know no kind by
its name. Commands of one kind stand apart; the home of functions may be used by every kind, for what
a program declares is there for its functions.
"""

import pathlib
import re
import sys

WORDS = ["sql", "database", "databases", "schema", "cluster", "clusters", "api", "apis", "route", "routes",
         "secret", "secrets", "timer", "timers", "dsql", "gateway", "scheduler"]

# Where a word stands for something else: the sentence or name that holds it.
OTHER_MEANINGS = [
    r"manifest\.schema\.json", r"JSON Schema", # of the manifest
    r"[Ss]ecrets?[ ,.;:]", r"may be secrets", r"no secret",  # a value that nobody is to see
    r"sql_text\.h", # quoting, in base
    r"home_\.database\(\)", # where the local cloud keeps what it knows
    r"ApiError", r"secret_?[Aa]ccess_?[Kk]ey", r'"[A-Z_]+"', # of AWS's; reserved variables
]

# Commands of one kind, the list of all commands, and the commands about the local cloud.
OF_ONE_KIND = {"cli/api_addresses.cpp", "cli/api_addresses.h", "cli/sql_command.cpp", "cli/sql_text.cpp", "cli/sql_text.h", "cli/secret_command.cpp",
               "cli/debug_command.cpp", "cli/psql.cpp", "cli/psql.h", "cli/invocation_names.cpp", "cli/invocation_names.h",
               "cli/migrate.cpp", "cli/migrate.h", "cli/migrate_apply_command.cpp", "cli/migrate_command.cpp",
               "cli/migrate_squash_command.cpp", "cli/migration_trial.cpp", "cli/migration_trial.h", "cli/seed_command.cpp", "cli/row_types.cpp", "cli/row_types.h",
               "cli/types_command.cpp", "cli/cluster_copies.cpp", "cli/cluster_copies.h", "cli/check_command.cpp", "cli/row_fit.cpp", "cli/row_fit.h", "cli/argument_fit.cpp", "cli/argument_fit.h", "cli/written_type.h", "cli/statement_checker.cpp", "cli/statement_checker.h",
               "cli/database_template.cpp", "cli/database_template.h", "cli/databases_of_tests.cpp", "cli/databases_of_tests.h",
               "cli/endpoint_of_tests.cpp", "cli/endpoint_of_tests.h", "cli/environment_of_tests.cpp", "cli/environment_of_tests.h",
               "cli/statement_check.cpp", "cli/secret_store.cpp", "cli/secret_store.h", "cli/secret_import.cpp", "cli/secret_import.h",
               "cli/declared_secrets.cpp", "cli/declared_secrets.h", "cli/dotenv.cpp", "cli/dotenv.h",
               "cli/dotenv_secrets.cpp", "cli/dotenv_secrets.h", "cli/dotenv_variables.cpp", "cli/dotenv_variables.h",
               "cli/hidden_input.cpp", "cli/hidden_input.h", "cli/main.cpp", "cli/command.h",
               "cli/local_backup_command.cpp", "cli/local_command.cpp", "cli/local_names_command.cpp"}

CORE = ["deploy", "manifest", "cli"]


def code_of(text: str) -> list[str]:
    """The lines without comments."""
    return [re.sub(r"//.*", "", line) for line in text.splitlines()]


def words_of(line: str) -> set[str]:
    for meaning in OTHER_MEANINGS:
        line = re.sub(meaning, "", line)
    line = re.sub(r"([a-z])([A-Z])", r"\1 \2", line)
    return set(re.findall(r"[a-z]+", line.lower()))


def violations(root: pathlib.Path):
    source = root / "src"
    kinds = source / "deploy" / "kinds"
    for room in CORE:
        for path in sorted((source / room).rglob("*")):
            relative = path.relative_to(source).as_posix()
            if (path.suffix not in (".h", ".cpp") or kinds in path.parents or "test" in path.stem
                    or relative in OF_ONE_KIND):
                continue
            for number, line in enumerate(code_of(path.read_text()), 1):
                for word in sorted(words_of(line) & set(WORDS)):
                    yield f"src/{relative}:{number}: the core names '{word}': {line.strip()}"
    for path in sorted(kinds.rglob("*")):
        if path.suffix not in (".h", ".cpp") or path.parent == kinds:
            continue
        for used in re.findall(r'#include "deploy/kinds/([a-z_]+)/', path.read_text()):
            if used not in (path.parent.name, "function"):
                yield f"{path.relative_to(root)}: the home of {path.parent.name} includes that of {used}"


def main() -> int:
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    found = list(violations(root))
    print("\n".join(found) or "The core names no kind of resource.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
