"""AWS's connectors and signers for Go, Java and Rust, unmodified, against a cluster. `make test-clients` builds the
programs and runs this file; `make test` does not, for they need three more languages and minutes to build."""

import os

import pytest

from support.clients import client_runner
from support.cloud import BUILD
from support.clusters import new_cluster

BUILT = BUILD / "test-clients"
GO = [BUILT / "go" / "client"]
JAVA = ["java", "-cp", f"{BUILT}/java/target/classes{os.pathsep}{BUILT}/java/target/dependency/*", "Client"]
RUST = [BUILT / "rust" / "target" / "debug" / "clients"]
SYSTEMS_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def cluster(module_cloud):
    return new_cluster(module_cloud)


@pytest.fixture
def run(module_cloud, cluster, tmp_path):
    return client_runner(module_cloud, cluster, tmp_path)


def test_gos_signer_with_pgx_and_lib_pq(run):
    assert run(*GO) == {
        "pgx": {"user": "admin", "total": 2, "conflict": "40001"}, "lib/pq": {"user": "admin", "total": 2}}


def test_the_java_connector(run):
    assert run(*JAVA) == {"connector": {"user": "admin", "total": 2, "conflict": "40001"}}


def test_the_rust_connector_and_tokio_postgres(run):
    assert run(*RUST) == {
        "connector": {"user": "admin", "total": 2, "conflict": "Data OC000"},
        "pool": {"tries": 2, "value": 13},
        "tokio-postgres": {"user": "admin", "total": 2}}


@pytest.mark.parametrize("program", [GO, JAVA, RUST], ids=["go", "java", "rust"])
def test_who_does_not_trust_the_clouds_authority_refuses_the_cluster(run, program):
    with pytest.raises(AssertionError, match="(?i)certificate|PKIX"):
        run("env", f"PGSSLROOTCERT={SYSTEMS_AUTHORITIES}", *program)
