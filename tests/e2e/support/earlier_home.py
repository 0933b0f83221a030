"""Takes a home back to the layout that Nimbus had at commit bc07232 (2026-11-26): no format numbers, no
`auto_vacuum`, and the tables of that time with their columns. Files and clusters lay where they lie now."""

import contextlib
import json
import pathlib
import sqlite3

#: As that version made them: `git show bc07232:src/local/services/s3_store.cpp`, `…/log_store.cpp`. All other tables
#: of that time are documents by key.
TABLES = """
CREATE TABLE s3_objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, modified INTEGER NOT NULL, headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
CREATE INDEX s3_objects_by_blob ON s3_objects (blob);
CREATE TABLE s3_uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
    headers TEXT NOT NULL) STRICT;
CREATE TABLE s3_parts (
    upload TEXT NOT NULL REFERENCES s3_uploads ON DELETE CASCADE, number INTEGER NOT NULL,
    blob TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    PRIMARY KEY (upload, number)) STRICT;
CREATE INDEX s3_parts_by_blob ON s3_parts (blob);
CREATE TABLE logs_groups (
    name TEXT PRIMARY KEY, created INTEGER NOT NULL, retention INTEGER,
    tags TEXT NOT NULL, bytes INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE logs_streams (
    id INTEGER PRIMARY KEY,
    log_group TEXT NOT NULL REFERENCES logs_groups ON DELETE CASCADE, name TEXT NOT NULL,
    created INTEGER NOT NULL, UNIQUE (log_group, name)) STRICT;
CREATE TABLE logs_events (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES logs_streams ON DELETE CASCADE,
    timestamp INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
CREATE INDEX logs_events_by_time ON logs_events (stream, timestamp);
"""
DOCUMENTS = ["s3_buckets", "lambda_functions", "iam_users", "iam_roles", "iam_policies", "iam_access_keys",
             "iam_sessions", "apigateway_apis", "dsql_clusters"]


def take_back(home: pathlib.Path) -> None:
    """The cloud must be stopped."""
    settings = json.loads((home / "settings.json").read_text())
    del settings["format"]
    (home / "settings.json").write_text(json.dumps(settings))
    earlier = home / "earlier.db"
    with contextlib.closing(sqlite3.connect(home / "cloud.db")) as now, \
            contextlib.closing(sqlite3.connect(earlier)) as then, then:
        then.execute("PRAGMA journal_mode = WAL")
        then.executescript(TABLES)
        there = {name for (name,) in now.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for name in DOCUMENTS:
            if name in there:
                then.execute(f"CREATE TABLE {name} (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT")
        for (name,) in then.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [column[1] for column in then.execute(f"PRAGMA table_info({name})")]
            rows = now.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
            then.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
    for path in home.glob("cloud.db*"):
        path.unlink()
    earlier.rename(home / "cloud.db")
    for path in home.glob("earlier.db*"):
        path.unlink()
    for name in ("hosts", "functions-hosts", "crash.log"):
        (home / name).unlink(missing_ok=True)
