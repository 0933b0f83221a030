"""Fetches AWS's published SigV4 signing test suite into a directory.

botocore's source distribution carries the suite (tests/unit/auth/aws4_testsuite, Apache-2.0): it is
taken from there by package name, at the version that tests/requirements.txt pins.
"""

import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

SUITE = "tests/unit/auth/aws4_testsuite/"


def main(target: pathlib.Path) -> None:
    requirements = pathlib.Path(__file__).parent.parent / "requirements.txt"
    version = re.search(r"^botocore==(\S+)$", requirements.read_text(), re.M).group(1)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--no-binary", "botocore", "--dest", directory, f"botocore=={version}"],
            check=True)
        (archive,) = pathlib.Path(directory).glob("botocore-*.tar.gz")
        with tarfile.open(archive) as tar:
            for member in tar:
                _, found, name = member.name.partition(SUITE)
                if found and member.isfile() and ".." not in name:
                    path = target / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(tar.extractfile(member).read())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
