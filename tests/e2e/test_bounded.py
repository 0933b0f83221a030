"""What the cloud keeps has limits, and what is beyond them is taken away and its space given back."""

import contextlib
import resource
import select
import socket
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from support.cloud import NIMBUS
from support.functions import answering, create_api, create_function
from support.processes import resident_bytes
from support.waiting import wait_until

DAY = 24 * 3600 * 1000


def count(cloud, table):
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_the_cloud_takes_the_descriptors_that_it_may_have(cloud):
    """Systems allow 1,024 at first, which its connections alone would use up."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    cloud.stop()
    subprocess.run([NIMBUS, "local", "start"], env=cloud.environment, check=True, timeout=120,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard)))
    soft, _ = resource.prlimit(cloud.status(fresh=True)["pid"], resource.RLIMIT_NOFILE)
    assert soft == min(hard, 16_384)


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


@contextlib.contextmanager
def stuck_uploads(url: str, path: str, count: int, size: int):
    """Clients whose bodies have come but for their last byte, and of which some were refused."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    head = f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode()
    body = b"x" * (size - 1)
    with contextlib.ExitStack() as clients:
        sockets = []
        for _ in range(count):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
            with contextlib.suppress(ConnectionError):  # refused before all was sent
                client.sendall(head + body)
            sockets.append(client)
        wait_until(lambda: select.select(sockets, [], [], 0)[0], "one of them to be refused", seconds=60)
        answers = [client.recv(12) for client in select.select(sockets, [], [], 0)[0]]
        assert set(answers) == {b"HTTP/1.1 503"}
        yield


def test_uploads_that_stand_still_hold_no_more_than_their_limit(module_cloud):
    """Of all requests that are on their way to an API together, and likewise to S3, Lambda and the others."""
    pid = module_cloud.status(fresh=True)["pid"]
    function = create_function(module_cloud, "slow-uploads", answering('{"statusCode": 200}'))
    api = create_api(module_cloud, "slow-uploads", {"ANY /up": function})
    for url, path, count, size, most in (
            (api, "/dev/up", 300, 1_000_000, 128), (module_cloud.endpoint, "/bucket/key", 90, 12_000_000, 640),
            (module_cloud.endpoint, "/2015-03-31/functions/f/invocations", 90, 12_000_000, 640)):
        before = resident_bytes(pid)
        with stuck_uploads(url, path, count, size):
            assert resident_bytes(pid) - before < (most + 64) * 1024 * 1024
            with urllib.request.urlopen(api + "/up") as answer:
                assert answer.status == 200, "others are served"
        wait_until(lambda: resident_bytes(pid) - before < 64 * 1024 * 1024, "the memory to come back")
