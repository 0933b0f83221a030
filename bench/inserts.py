"""The figure of db.insert: the function of bench/insert, and psql's COPY of the same rows, in the same cluster."""

import json
import shutil
import statistics
import time
import urllib.request

from dsql import BenchOfDsql, Side
from measure import ROOT, Figure, Home


class BenchOfInserts(BenchOfDsql):
    """Both sides alternate, three times each, into a table that is new each time."""

    ROWS = 100_000
    BATCH = 3_000  # what DSQL takes in a transaction

    def cpp_insert(self) -> Figure:
        project = self.work / "insert"
        shutil.copytree(ROOT / "bench" / "insert", project)
        (project / ".nimbusrc").write_text('{"target": "local"}')
        home = Home(self.work, "insert-home", project)
        output = home.deploy()[0]
        try:
            url = output["apis"][0]["url"]
            database = output["sql"][0]
            admin = Side(self.work, self.connection(home, database))
            script = self.copy_script()
            ratios, seconds = [], []
            for _ in range(self.ROUNDS):
                pair = []
                for insert in (lambda: self.insert(url), lambda: self.copy(admin, script)):
                    admin.sql("CREATE TABLE bench.rows (id bigint PRIMARY KEY, name text, number int)",
                              "GRANT ALL ON bench.rows TO lambda_bench")
                    pair.append(insert())
                    admin.sql("DROP TABLE bench.rows")
                seconds.append([round(each, 3) for each in pair])
                ratios.append(pair[1] / pair[0])
            return Figure(statistics.median(ratios), self.ROUNDS, {"seconds, insert and COPY": seconds})
        finally:
            home.erase()

    def insert(self, url: str) -> float:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/rows", method="POST"), timeout=60) as answer:
            done = json.load(answer)
        assert done["count"] == self.ROWS, done
        return done["seconds"]

    def copy_script(self) -> str:
        """Rows as data of COPY, in batches, with nothing but the connection before them."""
        path = self.work / "copy.sql"
        with path.open("w") as script:
            for first in range(0, self.ROWS, self.BATCH):
                script.write("COPY bench.rows FROM STDIN;\n")
                for i in range(first, min(first + self.BATCH, self.ROWS)):
                    script.write(f"{i}\tname {i}\t0\n")
                script.write("\\.\n")
        return str(path)

    def copy(self, side: Side, script: str) -> float:
        started = time.perf_counter()
        side.sql("SELECT 1")
        connected = time.perf_counter() - started
        return side.timed_file(script) - connected
