"""S3 as AWS's own command line and transfer managers use it."""

import base64
import hashlib
import os
import subprocess
import urllib.error
import urllib.request
import zlib

import boto3
import botocore.exceptions
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from support.inventory import pages

MEBIBYTE = 1024 * 1024


@pytest.fixture
def bucket(module_cloud, request):
    name = "bucket-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:16]
    module_cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(module_cloud):
    return module_cloud.client("s3")


def in_parts(mebibytes: int = 5) -> TransferConfig:
    return TransferConfig(multipart_threshold=mebibytes * MEBIBYTE, multipart_chunksize=mebibytes * MEBIBYTE)


def aws(cloud, directory, *arguments) -> str:
    done = subprocess.run(["aws", "s3", *arguments], env=cloud.aws_environment(), cwd=directory, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def signing(cloud, version: str | None, region="us-east-1"):
    """A client that makes signatures of this version; without one, of boto3's own choice."""
    config = Config(signature_version=version) if version else None
    return boto3.Session(**cloud.credentials(), region_name=region).client("s3", endpoint_url=cloud.endpoint, config=config)


def fetched(url: str, method="GET", data=None, headers=None):
    """Status, body, headers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, data=data, headers=headers or {})) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_an_empty_body_does_not_answer_the_next_request(s3, bucket):
    """boto3 sends `Expect: 100-continue` with empty bodies, too, and keeps the connection."""
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    assert s3.put_object(Bucket=bucket, Key="full", Body=b"x")["ETag"]
    with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="empty", Body=b"", IfNoneMatch="*")
    assert s3.put_object(Bucket=bucket, Key="another", Body=b"x")["ETag"]


def test_the_command_line_copies_and_moves_large_objects(module_cloud, bucket, s3, tmp_path):
    content = os.urandom(20 * MEBIBYTE)
    (tmp_path / "large").write_bytes(content)
    aws(module_cloud, tmp_path, "cp", "large", f"s3://{bucket}/a")
    aws(module_cloud, tmp_path, "cp", f"s3://{bucket}/a", f"s3://{bucket}/b")
    aws(module_cloud, tmp_path, "mv", f"s3://{bucket}/b", f"s3://{bucket}/c")
    aws(module_cloud, tmp_path, "cp", f"s3://{bucket}/c", "back")
    assert (tmp_path / "back").read_bytes() == content
    assert [one["Key"] for one in pages(s3, "list_objects_v2", "Contents", Bucket=bucket)] == ["a", "c"]
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_the_command_line_synchronizes_directories(module_cloud, bucket, tmp_path):
    for name in ("one", "two/three"):
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_text(name)
    aws(module_cloud, tmp_path, "sync", "here", f"s3://{bucket}/there")
    aws(module_cloud, tmp_path, "sync", f"s3://{bucket}/there", "back")
    assert (tmp_path / "back" / "two" / "three").read_text() == "two/three"
    assert aws(module_cloud, tmp_path, "sync", "here", f"s3://{bucket}/there") == ""


def test_an_upload_in_parts_has_the_checksum_of_its_parts(bucket, s3, tmp_path):
    parts = [os.urandom(5 * MEBIBYTE), os.urandom(MEBIBYTE)]
    (tmp_path / "large").write_bytes(b"".join(parts))
    s3.upload_file(str(tmp_path / "large"), bucket, "large", Config=in_parts())
    head = s3.head_object(Bucket=bucket, Key="large", ChecksumMode="ENABLED")
    crcs = b"".join(zlib.crc32(part).to_bytes(4, "big") for part in parts)
    assert head["ChecksumCRC32"] == base64.b64encode(zlib.crc32(crcs).to_bytes(4, "big")).decode() + "-2"
    assert head["ChecksumType"] == "COMPOSITE"
    assert head["ServerSideEncryption"] == "AES256"


def test_a_complete_that_lost_its_answer_may_be_sent_again(bucket, s3):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    assert [one["UploadId"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    done = {"Bucket": bucket, "Key": "k", "UploadId": upload,
            "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}
    assert s3.complete_multipart_upload(**done)["ETag"] == s3.complete_multipart_upload(**done)["ETag"]


def test_a_copy_that_its_source_does_not_allow_is_refused(bucket, s3):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x")["ETag"]
    copy = {"Bucket": bucket, "Key": "b", "CopySource": f"{bucket}/a"}
    s3.copy_object(**copy, CopySourceIfMatch=etag)
    for condition in ({"CopySourceIfNoneMatch": etag}, {"CopySourceIfMatch": '"other"'},
                      {"CopySourceIfUnmodifiedSince": "2020-01-01"}, {"IfNoneMatch": "*"}):
        with pytest.raises(botocore.exceptions.ClientError, match="PreconditionFailed"):
            s3.copy_object(**copy, **condition)


@pytest.mark.parametrize("version", ["s3v4", "s3", None], ids=["version 4", "version 2", "by default"])
def test_links_are_good_for_what_they_were_made_for(module_cloud, bucket, s3, version):
    """Without a configuration, botocore signs links by version 2."""
    client = signing(module_cloud, version)
    put = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a b/ü", "Metadata": {"who": "me"},
                                                              "ContentType": "text/plain"}, ExpiresIn=60)
    sent = {"Content-Type": "text/plain"} | ({"x-amz-meta-who": "me"} if "X-Amz-Signature" in put else {})
    assert fetched(put, method="PUT", data=b"content", headers=sent)[0] == 200
    assert s3.head_object(Bucket=bucket, Key="a b/ü")["Metadata"] == {"who": "me"}
    get = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü",
                                                              "ResponseContentType": "x/y"}, ExpiresIn=60)
    status, body, headers = fetched(get)
    assert (status, body, headers["Content-Type"]) == (200, b"content", "x/y")
    assert fetched(get.replace("x%2Fy", "x%2Fz"))[0] == 403
    assert fetched(get, method="DELETE")[0] == 403
    assert fetched(get, headers={"x-amz-copy-source": "other/secret"})[0] == 403
    late = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"}, ExpiresIn=-1)
    status, body, _ = fetched(late)
    assert status in (400, 403) and (b"expired" in body or b"non-negative" in body)


def test_a_link_may_ask_for_no_more_than_s3_has(module_cloud, bucket):
    link = module_cloud.client("s3").generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "ACL": "public-read", "ContentType": "text/plain"})
    status, body, _ = fetched(link, method="PUT", data=b"x", headers={"Content-Type": "text/plain"})
    assert status == 400 and b"AccessControlListNotSupported" in body


def test_buckets_of_newer_regions_do_not_take_the_old_signature(module_cloud):
    newer = signing(module_cloud, "s3v4", "eu-central-1")
    newer.create_bucket(Bucket="in-frankfurt", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    old = signing(module_cloud, "s3")
    status, body, _ = fetched(old.generate_presigned_url("list_objects", Params={"Bucket": "in-frankfurt"}))
    assert status == 400 and b"Please use AWS4-HMAC-SHA256" in body


def test_the_command_line_makes_links(module_cloud, bucket, s3, tmp_path):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    link = aws(module_cloud, tmp_path, "presign", f"s3://{bucket}/k").strip()
    assert fetched(link)[:2] == (200, b"content")


def curl_form(post: dict, file, **more) -> tuple[int, str]:
    fields = [argument for name, value in {**post["fields"], **more}.items() for argument in ("-F", f"{name}={value}")]
    done = subprocess.run(["curl", "-s", "-w", "\n%{http_code} %{redirect_url}", *fields, "-F", f"file=@{file}", post["url"]],
                          text=True, stdout=subprocess.PIPE, check=True, timeout=60)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status.split()[0]), body + status[4:]


@pytest.mark.parametrize("version", ["s3v4", None], ids=["version 4", "by default"])
def test_a_form_uploads_what_its_policy_allows(module_cloud, bucket, s3, tmp_path, version):
    (tmp_path / "me.txt").write_text("content")
    client = signing(module_cloud, version)
    post = client.generate_presigned_post(
        bucket, "up/${filename}", Fields={"acl": "private", "success_action_status": "201"},
        Conditions=[{"acl": "private"}, ["content-length-range", 1, 10], ["starts-with", "$Content-Type", "text/"],
                    {"success_action_status": "201"}])
    status, answer = curl_form(post, tmp_path / "me.txt", **{"Content-Type": "text/html"})
    assert status == 201 and "<Key>up/me.txt</Key>" in answer
    stored = s3.get_object(Bucket=bucket, Key="up/me.txt")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"content", "text/html")

    refused = lambda **more: curl_form(post, tmp_path / "me.txt", **{"Content-Type": "text/html", **more})
    for more, words in (({"Content-Type": "image/png"}, "Policy Condition failed"),
                        ({"x-amz-meta-more": "1"}, "Extra input fields: x-amz-meta-more"),
                        ({"key": "elsewhere"}, "Policy Condition failed"),
                        ({"policy": base64.b64encode(b"{}").decode()}, "SignatureDoesNotMatch")):
        status, answer = refused(**more)
        assert status == 403 and words in answer, more
    (tmp_path / "me.txt").write_text("x" * 11)
    status, answer = refused()
    assert status == 400 and "EntityTooLarge" in answer
    late = client.generate_presigned_post(bucket, "late", ExpiresIn=-60)
    status, answer = curl_form(late, tmp_path / "me.txt")
    assert status == 403 and "Policy expired" in answer


def test_a_form_may_lead_the_browser_on(module_cloud, bucket, s3, tmp_path):
    (tmp_path / "file").write_text("content")
    back = {"success_action_redirect": "http://127.0.0.1:9/done"}
    post = s3.generate_presigned_post(bucket, "k", Fields=back, Conditions=[back])
    status, answer = curl_form(post, tmp_path / "file")
    assert status == 303 and f"http://127.0.0.1:9/done?bucket={bucket}&key=k&etag=%22" in answer


def test_a_bucket_of_somebody_else_is_not_used(bucket, s3):
    for call, more in ((s3.head_bucket, {}), (s3.list_objects_v2, {}), (s3.put_object, {"Key": "k", "Body": b"x"}),
                       (s3.delete_objects, {"Delete": {"Objects": [{"Key": "k"}]}})):
        with pytest.raises(botocore.exceptions.ClientError) as refusal:
            call(Bucket=bucket, ExpectedBucketOwner="999999999999", **more)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_what_is_said_of_a_whole_upload_has_to_be_true(bucket, s3):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32")
    own = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}
    for more, claim in (({"MpuObjectSize": 2}, {}), ({"ChecksumType": "FULL_OBJECT"}, {}), ({"ChecksumSHA1": "x"}, {}),
                        ({}, {"ChecksumSHA256": "x"})):
        with pytest.raises(botocore.exceptions.ClientError, match="InvalidRequest|InvalidPart"):
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                         MultipartUpload={"Parts": [{**own, **claim}]}, **more)
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": [own]},
                                 MpuObjectSize=1, ChecksumType="COMPOSITE")
    copied = s3.copy_object(Bucket=bucket, Key="l", CopySource=f"{bucket}/k", ChecksumAlgorithm="SHA256")
    assert copied["CopyObjectResult"]["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"x").digest()).decode()


def test_buckets_are_listed_in_pages(module_cloud, s3):
    names = [f"page-of-buckets-{one}" for one in range(3)]
    for name in names:
        s3.create_bucket(Bucket=name)
    pager = s3.get_paginator("list_buckets").paginate(Prefix="page-of-buckets-", PaginationConfig={"PageSize": 2})
    assert [[one["Name"] for one in page["Buckets"]] for page in pager] == [names[:2], names[2:]]
