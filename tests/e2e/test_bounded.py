"""What the cloud keeps has limits, and what is beyond them is taken away and its space given back."""

import contextlib
import sqlite3
import time

from support.waiting import wait_until

DAY = 24 * 3600 * 1000


def count(cloud, table):
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_retention_deletes_and_the_space_comes_back(cloud):
    logs = cloud.client("logs")
    now = int(time.time() * 1000)
    for group in ("short", "other"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    for _ in range(20):
        logs.put_log_events(logGroupName="short", logStreamName="s", logEvents=[
            {"timestamp": now - 5 * DAY, "message": "x" * 900} for _ in range(1000)])
    logs.put_log_events(logGroupName="other", logStreamName="s", logEvents=[
        {"timestamp": now - 5 * DAY, "message": "kept"}, {"timestamp": now, "message": "new"}])
    logs.put_log_events(logGroupName="short", logStreamName="s", logEvents=[{"timestamp": now, "message": "new"}])
    logs.put_retention_policy(logGroupName="short", retentionInDays=3)
    events = logs.get_log_events(logGroupName="short", logStreamName="s", startFromHead=True)["events"]
    assert [each["message"] for each in events] == ["new"], "at once, whatever is still stored"
    cloud.stop()
    large = (cloud.home / "cloud.db").stat().st_size
    assert large > 18_000_000
    cloud.start()
    wait_until(lambda: count(cloud, "logs_events") == 3, "the old events to be deleted", seconds=60)
    wait_until(lambda: (cloud.home / "cloud.db").stat().st_size < 6_000_000, "the space to come back", seconds=60)
    group = cloud.client("logs").describe_log_groups(logGroupNamePrefix="short")["logGroups"][0]
    assert group["storedBytes"] == len("new")


def test_an_abandoned_upload_is_aborted(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    upload = s3.create_multipart_upload(Bucket="things", Key="large")["UploadId"]
    s3.upload_part(Bucket="things", Key="large", UploadId=upload, PartNumber=1, Body=b"half")
    cloud.stop()
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database, database:
        database.execute("UPDATE s3_uploads SET initiated = 1")
    cloud.start()
    wait_until(lambda: count(cloud, "s3_uploads") == 0, "the upload to be aborted", seconds=60)
    wait_until(lambda: not [path for path in (cloud.home / "data" / "objects").rglob("*") if path.is_file()],
               "its part to be deleted", seconds=60)
