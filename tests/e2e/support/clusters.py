"""Clusters made with DSQL's API, without an application."""

from .cloud import Cloud
from .waiting import wait_until


def active(cloud: Cloud, identifier: str) -> dict:
    """As GetCluster describes it once it is active."""
    dsql = cloud.client("dsql")
    return wait_until(lambda: (c := dsql.get_cluster(identifier=identifier))["status"] == "ACTIVE" and c,
                      "the cluster to be active", seconds=60)


def new_cluster(cloud: Cloud) -> dict:
    return active(cloud, cloud.client("dsql").create_cluster(deletionProtectionEnabled=False)["identifier"])
