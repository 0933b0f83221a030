"""The databases are PostgreSQL 16, as DSQL's are; what 15 made is carried over, and 15 alone is told."""

import pathlib
import subprocess

import pytest

from support.clusters import active, new_cluster
from support.plain_clients import plain_port_to

OLDER = pathlib.Path("/usr/lib/postgresql/15/bin")
#: The first is fetched where the others are not installed.
PROGRAMS = [path for place in ("/usr/local/lib/nimbus/postgresql/16", "/usr/lib/postgresql/16", "/usr/pgsql-16")
            if (path := pathlib.Path(place, "bin")).exists()]


#: A function that only its owner's rights let through, in all places where PostgreSQL calls functions by itself: for
#: rows, and for constants when it makes a table, an index or a plan.
CALLS_WITH_OTHER_RIGHTS_FAIL = (
    "CREATE FUNCTION one(n int) RETURNS int IMMUTABLE LANGUAGE sql "
    "AS $$ SELECT 1 / (CASE WHEN current_user = 'admin' THEN 1 ELSE 0 END) $$",
    "CREATE DOMAIN checked AS int CHECK (one(VALUE) = 1 AND one(1) = 1)",
    "CREATE TABLE guarded (n checked PRIMARY KEY, one int GENERATED ALWAYS AS (one(1) * one(n)) STORED, "
    "CHECK (one(2) = one(n)))",
    "INSERT INTO guarded VALUES (1), (2)",
    "CREATE INDEX ASYNC ON guarded (one(n), one(3)) WHERE one(4) = 1",
)


def version_in_status(cloud) -> int:
    (cluster,) = cloud.status(fresh=True)["clusters"]
    return cluster["postgresVersion"]


def test_psql_16_describes_what_there_is(cloud):
    cluster = new_cluster(cloud)
    for statement in ("CREATE TABLE fruit (id int PRIMARY KEY, name text)", "CREATE SEQUENCE numbers CACHE 1",
                      "CREATE VIEW names AS SELECT name FROM fruit"):
        cloud.rows(cluster, statement)
    commands = [r"\l", r"\dt", r"\d fruit", r"\d+ fruit", r"\dn+", r"\du", r"\drg", r"\dp", r"\df", r"\di", r"\dv",
                r"\ds", r"\dT", r"\dD", r"\dO", r"\dx", r"\ddp", r"\dRp", r"\dX", r"\dconfig server_version",
                r"\dv sys.*", r"\df sys.*"]
    with plain_port_to(cloud.address(cluster["endpoint"]), cloud.ca_file) as port:
        done = subprocess.run(
            [PROGRAMS[0] / "psql", "-X", "-A", "-t", f"host=127.0.0.1 port={port} user=admin dbname=postgres"],
            input="\n".join(commands), env={"PGPASSWORD": cloud.token(cluster, "admin")}, capture_output=True, text=True,
            timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert done.stdout.startswith("postgres|"), done.stdout
    assert "sys|wait_for_job|" in done.stdout and "nimbus_" not in done.stdout, done.stdout
    assert version_in_status(cloud) == 16
    assert "PostgreSQL" not in cloud.run("local", "status").stdout


@pytest.mark.skipif(not OLDER.exists(), reason="PostgreSQL 15 is not installed")
def test_a_home_made_by_postgresql_15(idle_cloud):
    idle_cloud.environment["NIMBUS_POSTGRES_BIN"] = str(OLDER)
    cloud = idle_cloud.start()
    cluster = new_cluster(cloud)
    for statement in ("CREATE TABLE fruit (name text PRIMARY KEY)", "CREATE ROLE eater LOGIN",
                      "INSERT INTO fruit SELECT 'pear ' || n FROM generate_series(1, 1000) n",
                      "GRANT SELECT ON fruit TO eater", *CALLS_WITH_OTHER_RIGHTS_FAIL):
        cloud.rows(cluster, statement)
    assert version_in_status(cloud) == 15
    remark = cloud.run("local", "status").stdout
    assert "It runs on PostgreSQL 15, for 16 is not installed" in remark and "carries the data over" in remark
    cloud.stop()

    del cloud.environment["NIMBUS_POSTGRES_BIN"]
    for _ in range(2):  # the second start finds what the first one made
        cloud.start()
        cluster = active(cloud, cluster["identifier"])
        assert cloud.rows(cluster, "SELECT count(*), has_table_privilege('eater', 'fruit', 'SELECT') FROM fruit") == [
            ["1000", "t"]]
        assert cloud.rows(cluster, "SELECT JSON_ARRAY(0x10)") == [["[16]"]]
        assert cloud.rows(cluster, "SELECT count(*), min(n), sum(one) FROM guarded") == [["2", "1", "2"]]
        assert cloud.rows(cluster, "SELECT prosecdef FROM pg_proc WHERE proname = 'one'") == [["f"]]
        assert version_in_status(cloud) == 16
        cloud.stop()
