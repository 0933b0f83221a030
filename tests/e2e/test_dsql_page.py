"""docs/dsql.md shows pieces of a file that does here what it says."""

import re

import pytest

from support.cloud import ROOT
from support.clusters import new_cluster

SCRIPT = ROOT / "examples" / "dsql" / "differences.sql"
FAILURE = re.compile(r"^-- (?P<sqlstate>[0-9A-Z]{5}): (?P<message>.*)$", re.M)
#: The first one is the file's own comment.
PIECES = SCRIPT.read_text().strip().split("\n\n")[1:]


@pytest.fixture(scope="module")
def cluster(module_cloud):
    return new_cluster(module_cloud)


def test_each_piece_does_what_the_page_says(module_cloud, cluster):
    for piece in PIECES:
        result = module_cloud.psql(cluster, piece, options=["-v", "VERBOSITY=verbose"])
        if failure := FAILURE.search(piece):
            assert result.code != 0, piece
            assert f"ERROR:  {failure['sqlstate']}: {failure['message']}" in result.stderr, f"{piece}\n{result}"
        else:
            assert result.code == 0, f"{piece}\n{result}"


def test_the_page_shows_whole_pieces():
    page = (ROOT / "docs" / "dsql.md").read_text()
    shown = [piece for block in re.findall(r"```sql\n(.*?)```", page, re.S) for piece in block.strip().split("\n\n")]
    assert shown and all(piece in PIECES for piece in shown)
