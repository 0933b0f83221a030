"""The figures of migrations and previews on the local cloud. They need the Python packages of the end-to-end
tests."""

import contextlib
import os
import statistics
import sys

from measure import BUILD, ROOT, Bench, Figure

sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("NIMBUS_BUILD", str(BUILD))

from support.app import ScriptApp, made, manifest  # noqa: E402
from support.cloud import cloud_in, new_directory  # noqa: E402

MIGRATIONS = 50


def database(**what) -> dict:
    return {"name": "main-db", "schema": "shop", "deletionProtection": False, **what}


@contextlib.contextmanager
def deployed(sql: dict):
    """A script's application with that database, deployed to a cloud of its own."""
    directory = new_directory("nimbus-bench-")
    with cloud_in(directory, directory / "template") as cloud:
        app = ScriptApp(cloud.start(), directory, "testbed", manifest(sql=(sql,)))
        app.deploy()
        yield app


def write_migrations(app: ScriptApp) -> None:
    """Tables, rows and columns in turn."""
    directory = app.directory / "migrations"
    directory.mkdir()
    for number in range(1, MIGRATIONS + 1):
        table = f"t{(number - 1) // 5}"
        text = [f"CREATE TABLE {table} (id bigint PRIMARY KEY, name text NOT NULL);",
                f"INSERT INTO {table} VALUES (1, 'a'), (2, 'b');",
                f"ALTER TABLE {table} ADD COLUMN more text;",
                f"UPDATE {table} SET more = name;",
                f"CREATE INDEX ASYNC {table}_by_more ON {table} (more);"][(number - 1) % 5]
        (directory / f"{number:04}_step.sql").write_text(text)


class Migrations:
    def __init__(self):
        self._figures: dict[str, Figure] = {}

    def figure(self, name: str) -> Figure:
        if not self._figures:
            self._measure_migrations()
            self._measure_preview()
        return self._figures[name]

    def _measure_migrations(self) -> None:
        with deployed(database()) as app:
            without = self._deploys(app)
            write_migrations(app)
            app.document["sql"] = [database(migrations="migrations")]
            applied = app.run("migrate", "apply", "--file", "program", "--json")
            assert len(applied.json()["applied"]) == MIGRATIONS
            app.deploy()
            self._figures["apply"] = Figure(applied.seconds)
            self._figures["nothing_pending"] = Figure((self._deploys(app) - without) * 1000)

    @staticmethod
    def _deploys(app: ScriptApp) -> float:
        """Seconds of a deploy that changes nothing: the median of 15."""
        runs = [app.run("deploy", "program", "--yes", "--json") for _ in range(15)]
        assert all(made(run.json())["updated"] + made(run.json())["created"] == 0 for run in runs)
        return statistics.median(run.seconds for run in runs)

    def _measure_preview(self) -> None:
        with deployed(database(cluster="team-db")) as app:
            write_migrations(app)
            (app.directory / "seed.sql").write_text("INSERT INTO t0 VALUES (3, 'c');")
            app.document["sql"] = [database(cluster="team-db", migrations="migrations", seed="seed.sql")]
            preview = app.run("deploy", "program", "--preview", "--stage", "pr-42", "--yes", "--json")
            assert preview.json()["sql"][0]["schema"] == "shop_pr_42"
            self._figures["preview"] = Figure(preview.seconds)


class BenchOfMigrations(Bench):
    def __enter__(self) -> "BenchOfMigrations":
        super().__enter__()
        self.migrations = Migrations()
        return self

    def migrations_apply(self) -> Figure:
        return self.migrations.figure("apply")

    def migrations_nothing_pending(self) -> Figure:
        return self.migrations.figure("nothing_pending")

    def preview(self) -> Figure:
        return self.migrations.figure("preview")
