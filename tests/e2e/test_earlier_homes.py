"""A home of an earlier Nimbus is taken over at the first start, with all that is in it."""

import contextlib
import json
import sqlite3

from support.clusters import active, new_cluster
from support.earlier_home import take_back
from support.functions import answering, create_function


def pragma(cloud, name):
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database:
        return database.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_home_of_bc07232(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="fruit", Body=b"pear", Metadata={"colour": "green"})
    upload = s3.create_multipart_upload(Bucket="things", Key="large")["UploadId"]
    part = s3.upload_part(Bucket="things", Key="large", UploadId=upload, PartNumber=1, Body=b"half")["ETag"]
    create_function(cloud, "hello", answering('"hello"'))
    assert cloud.client("lambda").invoke(FunctionName="hello")["Payload"].read().strip() == b'"hello"'
    cluster = new_cluster(cloud)
    cloud.rows(cluster, "CREATE TABLE fruit (name text PRIMARY KEY)")
    cloud.rows(cluster, "INSERT INTO fruit VALUES ('pear')")
    cloud.client("logs").create_log_group(logGroupName="group")
    account, credentials = cloud.account, cloud.credentials()
    cloud.stop()
    take_back(cloud.home)
    assert pragma(cloud, "user_version") == 0 and pragma(cloud, "auto_vacuum") == 0

    cloud.start()
    assert (cloud.account, cloud.credentials()) == (account, credentials)
    s3 = cloud.client("s3")
    got = s3.get_object(Bucket="things", Key="fruit")
    assert got["Body"].read() == b"pear" and got["Metadata"] == {"colour": "green"}
    s3.complete_multipart_upload(Bucket="things", Key="large", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    assert cloud.client("lambda").invoke(FunctionName="hello")["Payload"].read().strip() == b'"hello"'
    active(cloud, cluster["identifier"])
    assert cloud.rows(cluster, "SELECT name FROM fruit") == [["pear"]]
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="group")["logGroups"]
    assert [each["logGroupName"] for each in groups] == ["group"]
    assert not list((cloud.home / "data").rglob("unreferenced"))
    cloud.stop()
    assert pragma(cloud, "user_version") == 1 and pragma(cloud, "auto_vacuum") == 2
    assert pragma(cloud, "application_id") == 0x4E696D62
    cloud.start()
    cloud.stop()
    assert cloud.run("local", "check", "--json").json()["damage"] == []
    assert json.loads((cloud.home / "settings.json").read_text())["accountId"] == account


def test_a_home_that_was_moved(cloud):
    """The rows of functions have the paths of their code."""
    create_function(cloud, "hello", answering('"hello"'))
    cloud.stop()
    moved = cloud.directory / "moved"
    cloud.home.rename(moved)
    cloud.home = moved
    cloud.environment["NIMBUS_HOME"] = str(moved)
    cloud.start()
    assert cloud.client("lambda").invoke(FunctionName="hello")["Payload"].read().strip() == b'"hello"'
