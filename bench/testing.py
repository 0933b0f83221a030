"""The figures of `nimbus test`: from a fixture's request to a database with 50 migrations."""

import json
import sys

from measure import Bench, Figure, spread

MIGRATIONS = 50
MANIFEST = {
    "version": 1, "project": "tested", "region": "us-east-1", "stage": "dev", "runtime": "provided.al2023",
    "architecture": "x86_64", "apis": [], "functions": [],
    "sql": [{"name": "main-db", "schema": "tested", "deletionProtection": False, "migrations": "migrations"}]}

# Runs under `nimbus test`: asks as fixtures do, one test after the other, then eight at once.
CLIENT = r"""
import http.client, json, os, threading, time

AT_ONCE, ROUNDS = 8, 5
host = os.environ["NIMBUS_TEST_ENDPOINT"].removeprefix("http://")
headers = {"Authorization": "Bearer " + os.environ["NIMBUS_TEST_TOKEN"]}

def call(method, path):
    connection = http.client.HTTPConnection(host)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    assert answer.status in (201, 204), answer.read()
    text = answer.read()
    return json.loads(text) if text else {}

def milliseconds(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000

def one_test():
    made = []
    took = milliseconds(lambda: made.append(call("POST", "/schemas")["name"]))
    call("DELETE", "/schemas/" + made[0])
    return took

def at_once():
    barrier, took = threading.Barrier(AT_ONCE), []
    def client():
        barrier.wait()
        took.append(milliseconds(lambda: call("POST", "/schemas")))
    clients = [threading.Thread(target=client) for _ in range(AT_ONCE)]
    for thread in clients: thread.start()
    for thread in clients: thread.join()
    return max(took)

one = [one_test() for _ in range(40)]
eight = []
for _ in range(ROUNDS):
    time.sleep(2)  # as between two runs of tests
    eight.append(at_once())
print(json.dumps({"one": one, "eight": eight}))
"""


class BenchOfTests(Bench):
    _taken: dict | None = None

    def _measured(self) -> dict:
        if self._taken is None:
            project = self.work / "tested"
            (project / "migrations").mkdir(parents=True)
            for number in range(1, MIGRATIONS + 1):
                (project / "migrations" / f"{number:04}_table.sql").write_text(
                    f"CREATE TABLE table_{number} (id bigint PRIMARY KEY, name text NOT NULL UNIQUE);\n")
            (project / "manifest.json").write_text(json.dumps(MANIFEST))
            program = project / "program"
            program.write_text(f'#!/bin/sh\ncp "{project}/manifest.json" "$NIMBUS_MANIFEST_OUT"\n')
            program.chmod(0o755)
            home = self.new_home("tested-home")
            home.project = project
            try:
                self._taken = json.loads(home.nimbus("test", "program", "--", sys.executable, "-c", CLIENT)[0])
            finally:
                home.erase()
        return self._taken

    def test_schema(self) -> Figure:
        return spread(self._measured()["one"])

    def test_schemas_at_once(self) -> Figure:
        """Until the last of eight has its schema."""
        return spread(self._measured()["eight"])
