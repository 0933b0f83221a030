"""`nimbus local check` reads all of a home; `--repair` does what loses nothing."""

import contextlib
import json
import sqlite3

import pytest

from support.clusters import new_cluster
from support.functions import answering, create_function


@pytest.fixture
def filled(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="fruit", Body=b"pear")
    s3.put_object(Bucket="things", Key="nut", Body=b"almond")
    create_function(cloud, "hello", answering('"hello"'))
    return cloud


def blobs(cloud, store="objects"):
    return {path.read_bytes(): path for path in (cloud.home / "data" / store).rglob("*") if path.is_file()}


def damage(cloud, *options, code=1):
    return cloud.run("local", "check", "--json", *options, code=code).json()["damage"]


def test_a_sound_home(filled):
    cluster = new_cluster(filled)
    filled.rows(cluster, "CREATE TABLE fruit (name text PRIMARY KEY)")
    assert damage(filled, code=0) == [], "while it runs"
    filled.stop()
    assert damage(filled, code=0) == []
    assert "is sound" in filled.run("local", "check").stdout
    assert damage(filled, "--repair", code=0) == []


def test_lost_and_changed_contents(filled):
    files = blobs(filled)
    filled.stop()
    files[b"pear"].unlink()
    files[b"almond"].write_bytes(b"almonD")
    found = damage(filled)
    assert sorted(each["what"].split(", ")[1] for each in found) == [
        "the content of the object s3://things/fruit", "the content of the object s3://things/nut"]
    assert {each["what"].split(", ")[2] for each in found} == {"is missing", "has another content"}
    assert all(each["repairable"] and each["repaired"] is None for each in found)
    filled.start()
    assert "running" in filled.run("local", "check", "--repair", code=1).stderr
    filled.stop()
    assert all(each["repaired"] for each in damage(filled, "--repair", code=0))
    assert damage(filled, code=0) == []
    forgotten = [json.loads(line) for line in (filled.home / "set-aside" / "forgotten.jsonl").read_text().splitlines()]
    assert sorted(each["key"] for each in forgotten) == ["fruit", "nut"]
    assert b"almonD" in {path.read_bytes() for path in (filled.home / "set-aside").iterdir()}
    filled.start()
    assert "Contents" not in filled.client("s3").list_objects_v2(Bucket="things")


def test_code_that_is_also_an_object(filled):
    """`nimbus deploy` puts the code into a bucket, too: the same content has the same name."""
    (code,) = blobs(filled, "functions").values()
    filled.client("s3").put_object(Bucket="things", Key="code", Body=code.read_bytes())
    filled.stop()
    code.write_bytes(b"")
    (found,) = damage(filled)
    assert "the function arn:aws:lambda:" in found["what"] and found["repairable"]
    damage(filled, "--repair", code=0)
    filled.start()
    answer = filled.client("lambda").invoke(FunctionName="hello")
    assert answer["Payload"].read().strip() == b'"hello"'


def test_code_that_is_lost(filled):
    (code,) = blobs(filled, "functions").values()
    filled.stop()
    code.unlink()
    (found,) = damage(filled, "--repair")
    assert not found["repairable"] and "deploy its application again" in found["wayOut"]


def test_lost_settings(filled):
    account, key = filled.account, filled.credentials()["aws_access_key_id"]
    filled.stop()
    (filled.home / "settings.json").write_text("{")
    (found,) = damage(filled, "--repair", code=0)
    assert account in found["repaired"]
    filled.start()
    assert filled.account == account and filled.credentials()["aws_access_key_id"] != key
    assert filled.client("s3").get_object(Bucket="things", Key="fruit")["Body"].read() == b"pear"
    assert [path.read_text() for path in (filled.home / "set-aside").iterdir()] == ["{"]


def test_a_lost_authority(filled):
    filled.stop()
    (filled.home / "ca-key.pem").unlink()
    assert damage(filled, "--repair", code=0)
    filled.start()
    cluster = new_cluster(filled)
    assert filled.rows(cluster, "SELECT 1") == [["1"]]


def test_a_damaged_database_of_the_cloud(filled):
    filled.stop()
    with contextlib.closing(sqlite3.connect(filled.home / "cloud.db")) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 's3_objects'").fetchone()
    with (filled.home / "cloud.db").open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xff" * 64)
    found = damage(filled)
    assert any("cloud.db" in each["what"] and "damaged" in each["what"] for each in found), found


def test_a_damaged_cluster_is_kept_and_not_served(filled):
    good, bad = new_cluster(filled), new_cluster(filled)
    filled.rows(good, "CREATE TABLE fruit (name text PRIMARY KEY)")
    filled.rows(bad, "CREATE TABLE fruit (name text PRIMARY KEY)")
    filled.stop()
    data = filled.home / "clusters" / bad["identifier"] / "data"
    (data / "global" / "pg_control").unlink()
    assert "pg_control' is missing" in filled.run("local", "start", code=1).stderr
    (found,) = damage(filled, "--repair", code=0)
    assert bad["identifier"] in found["repaired"]
    filled.start()
    assert filled.rows(good, "SELECT count(*) FROM fruit") == [["0"]]
    assert filled.client("dsql").get_cluster(identifier=bad["identifier"])["status"] == "FAILED"
    assert data.exists() and not (data / "global" / "pg_control").exists(), "as it was"
    filled.stop()
    filled.start()


def test_damaged_pages_of_a_cluster(filled):
    cluster = new_cluster(filled)
    filled.rows(cluster, "CREATE TABLE fruit (name text PRIMARY KEY)")
    filled.rows(cluster, "INSERT INTO fruit VALUES ('pear')")
    filled.stop()
    base = filled.home / "clusters" / cluster["identifier"] / "data" / "base"
    table = max((path for path in base.rglob("*") if path.name.isdigit() and path.stat().st_size),
                key=lambda path: int(path.name))
    with table.open("r+b") as file:
        file.write(b"junk" * 16)
    (found,) = damage(filled)
    assert found["what"].startswith("Page 0 of ") and table.name in found["what"]
