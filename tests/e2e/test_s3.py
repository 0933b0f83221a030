"""S3 as AWS's own command line and transfer managers use it."""

import base64
import hashlib
import os
import subprocess
import zlib

import botocore.exceptions
import pytest
from boto3.s3.transfer import TransferConfig

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
