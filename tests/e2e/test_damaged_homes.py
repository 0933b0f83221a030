"""A home that lost something is refused with a sentence, and nothing is deleted because of what is missing."""

import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import sqlite3
import struct
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from support.clusters import new_cluster
from support.processes import descendants

SEGMENT_BYTES = 4 * 1024 * 1024


def fill(cloud):
    """An object and the end of the cloud, in good order."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="a/fruit", Body=b"pear")
    cloud.stop()


def content(home: pathlib.Path) -> dict:
    """What the home holds, without what each start writes."""
    files = [path for part in ("data", "clusters") for path in (home / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.stat().st_size for path in files}


@contextlib.contextmanager
def replaced(path: pathlib.Path, damage):
    """The file or directory after `damage(path)`; as it was, afterwards."""
    kept = path.with_name(path.name + ".kept")
    (shutil.copytree if path.is_dir() else shutil.copy2)(path, kept)
    damage(path)
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        os.rename(kept, path)


def refused(cloud) -> str:
    before = content(cloud.home)
    result = cloud.run("local", "start", code=1)
    assert result.stdout == "" and result.seconds < 5, str(result)
    assert content(cloud.home) == before, "nothing is deleted, nothing is made"
    assert not [process for process in descendants(os.getpid()) if "local serve" in process.command]
    return result.stderr


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink() if path.is_file() else shutil.rmtree(path)


def directory_instead(path):
    path.unlink()
    path.mkdir()


def file_instead(path):
    shutil.rmtree(path)
    path.write_bytes(b"")


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def junk(path):
    path.write_bytes(b"junk" * 2048)


def newer_database(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def foreign_database(path):
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA application_id = 7")
        database.execute("CREATE TABLE notes (text TEXT)")


def without_tables(path):
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (a)")
        database.execute("DROP TABLE t")


def newer_settings(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))


def without_key(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "accessKeyId": ""}))


def expired(path):
    key = serialization.load_pem_private_key((path.parent / "ca-key.pem").read_bytes(), None)
    old = x509.load_pem_x509_certificate(path.read_bytes())
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(old.subject).issuer_name(old.issuer).public_key(key.public_key())
               .serial_number(old.serial_number).not_valid_before(now - 2 * day).not_valid_after(now - day))
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def another_key(path):
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path],
                   check=True, capture_output=True)


DAMAGES = [
    ("cloud.db", remove, r"cloud.db' is missing.*local restore"),
    ("cloud.db", empty, r"cloud.db' is empty.*local restore"),
    ("cloud.db", without_tables, r"cloud.db' is empty"),
    ("cloud.db", cut, r"cloud.db' cannot be read: .*damaged.*local restore"),
    ("cloud.db", junk, r"cloud.db' cannot be read: .*damaged"),
    ("cloud.db", directory_instead, r"cloud.db' is not a regular file"),
    ("cloud.db", newer_database, r"cloud.db' was written by a newer Nimbus \(format 99.*Install that Nimbus"),
    ("cloud.db", foreign_database, r"cloud.db' is another program's database"),
    ("settings.json", remove, r"settings.json' is missing.*local check --repair"),
    ("settings.json", empty, r"settings.json is damaged.*local check --repair"),
    ("settings.json", cut, r"settings.json is damaged"),
    ("settings.json", without_key, r"settings.json is damaged: the account or the key is missing"),
    ("settings.json", directory_instead, r"settings.json.*(not a regular file|Is a directory)"),
    ("settings.json", newer_settings, r"newer Nimbus \(format 99.*Install that Nimbus"),
    ("ca.pem", remove, r"certificate authority .*has lost its certificate.*local check --repair"),
    ("ca-key.pem", remove, r"certificate authority .*has lost its key"),
    ("ca.pem", cut, r"certificate authority .*has a certificate that cannot be read"),
    ("ca-key.pem", junk, r"certificate authority .*has a key that cannot be read"),
    ("ca-key.pem", another_key, r"certificate authority .*has a key that is not its certificate's"),
    ("ca.pem", expired, r"certificate authority .*has expired"),
    ("data", file_instead, r"data' is not a directory"),
]


@pytest.fixture(scope="module")
def filled(module_cloud):
    fill(module_cloud)
    return module_cloud


@pytest.mark.parametrize("name,damage,said", DAMAGES, ids=lambda each: getattr(each, "__name__", str(each)[:20]))
def test_is_refused(filled, matches, name, damage, said):
    with replaced(filled.home / name, damage):
        matches(said, refused(filled))


@pytest.fixture
def matches():
    def check(pattern: str, text: str):
        assert re.search(pattern, text.replace("\n", " ")), text
    return check


def test_and_after_all_that_everything_is_there(filled):
    filled.start()
    assert filled.client("s3").get_object(Bucket="things", Key="a/fruit")["Body"].read() == b"pear"
    filled.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
@pytest.mark.parametrize("options,said", [("ro", r"cannot be written: Read-only file system.*NIMBUS_HOME"),
                                          ("size=64k", r"is full.*Free some space")])
def test_a_disk_that_cannot_be_written(idle_cloud, matches, options, said):
    idle_cloud.home.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", idle_cloud.home], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount")
    try:
        matches(said, idle_cloud.run("local", "start", code=1).stderr)
    finally:
        subprocess.run(["umount", idle_cloud.home], check=True)


def test_what_no_row_refers_to_is_set_aside_before_it_is_deleted(cloud):
    """A row may be what is missing: SQLite lost its last transactions with its journal."""
    fill(cloud)
    store = cloud.home / "data" / "objects"
    (blob,) = [path for path in store.rglob("*") if path.is_file()]
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database, database:
        (row,) = database.execute("SELECT * FROM s3_objects").fetchall()
        database.execute("DELETE FROM s3_objects")
    cloud.start()
    assert (store / "unreferenced" / blob.name).read_bytes() == b"pear" and not blob.exists()
    cloud.stop()
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database, database:
        database.execute(f"INSERT INTO s3_objects VALUES ({', '.join('?' * len(row))})", row)
    cloud.start()
    assert cloud.client("s3").get_object(Bucket="things", Key="a/fruit")["Body"].read() == b"pear"
    cloud.stop()
    with contextlib.closing(sqlite3.connect(cloud.home / "cloud.db")) as database, database:
        database.execute("DELETE FROM s3_objects")
    cloud.start()
    cloud.stop()
    old = store / "unreferenced" / blob.name
    os.utime(old, (0, 0))
    cloud.start()
    assert not old.exists(), "a week later it is garbage"


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


def lose_checkpoint(path):
    """The write-ahead log is there, but the record that a start begins with is not."""
    control = (path.parent.parent / "global" / "pg_control").read_bytes()
    (checkpoint,) = struct.unpack_from("<Q", control, 32)
    with path.open("r+b") as file:
        file.seek(checkpoint % SEGMENT_BYTES + 30)
        file.write(b"damage")


def segment_of_checkpoint(data: pathlib.Path) -> pathlib.Path:
    (checkpoint,) = struct.unpack_from("<Q", (data / "global" / "pg_control").read_bytes(), 32)
    number, per_name = checkpoint // SEGMENT_BYTES, 0x100000000 // SEGMENT_BYTES
    return data / "pg_wal" / f"{1:08X}{number // per_name:08X}{number % per_name:08X}"


CLUSTER_DAMAGES = [
    (lambda cluster: cluster, remove, r"data of the database cluster in .* is missing.*local check --repair"),
    (lambda cluster: cluster, file_instead, r"data of the database cluster in .* is missing"),
    (lambda cluster: cluster / "data", remove, r"data of the database cluster in .* is missing"),
    (lambda cluster: cluster / "data" / "PG_VERSION", remove, r"PG_VERSION' is missing"),
    (lambda cluster: cluster / "data" / "global" / "pg_control", remove, r"pg_control' is missing"),
    (lambda cluster: cluster / "data" / "global" / "pg_control", cut, r"pg_control' is truncated"),
    (lambda cluster: cluster / "data" / "global" / "pg_control", zero, r"pg_control' is damaged"),
    (lambda cluster: segment_of_checkpoint(cluster / "data"), remove, r"write-ahead log, is missing"),
    (lambda cluster: segment_of_checkpoint(cluster / "data"), cut, r"write-ahead log, is truncated"),
    (lambda cluster: segment_of_checkpoint(cluster / "data"), zero, r"write-ahead log, is damaged"),
    (lambda cluster: segment_of_checkpoint(cluster / "data"), lose_checkpoint, r"lacks the last checkpoint"),
]


def test_a_damaged_cluster(cloud, matches):
    cluster = new_cluster(cloud)
    cloud.rows(cluster, "CREATE TABLE fruit (name text PRIMARY KEY)")
    cloud.rows(cluster, "INSERT INTO fruit VALUES ('pear')")
    cloud.stop()
    directory = cloud.home / "clusters" / cluster["identifier"]
    for place, damage, said in CLUSTER_DAMAGES:
        kept = cloud.directory / "kept"
        subprocess.run(["cp", "-a", directory, kept], check=True)
        damage(place(directory))
        matches(said, refused(cloud))
        if directory.exists():
            remove(directory)
        os.rename(kept, directory)
    cloud.start()
    assert cloud.rows(cluster, "SELECT name FROM fruit") == [["pear"]]
