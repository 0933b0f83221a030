"""Everything that exists in the cloud, as AWS's own client sees it.

Identifiers that differ from one deploy to the next are left out, so that the inventories of two
clouds can be compared: what is orphaned or doubled shows as a difference.
"""

import json
import re

from .cloud import Cloud


def pages(client, operation: str, key: str, **arguments) -> list:
    """All items of a list, whatever its paging is called."""
    if client.can_paginate(operation):
        return [item for page in client.get_paginator(operation).paginate(**arguments)
                for item in page.get(key, [])]
    items, answer = [], getattr(client, operation)(**arguments)
    while True:
        items += answer.get(key, [])
        if not answer.get("NextToken"):
            return items
        answer = getattr(client, operation)(**arguments, NextToken=answer["NextToken"])


def own_roles(cloud: Cloud) -> list[dict]:
    """The roles that people and programs made; those of AWS's services stay with the account."""
    return [role for role in pages(cloud.client("iam"), "list_roles", "Roles")
            if not role["Path"].startswith("/aws-service-role/")]


def is_of_tests(cluster: dict) -> bool:
    """A template of `nimbus test`, or what migrations are tried in."""
    return re.fullmatch("(test|trial)-[0-9a-f]{10}", cluster.get("tags", {}).get("nimbus:stage", "")) is not None


def clusters(cloud: Cloud, of_tests=False) -> list[dict]:
    """Those of deployments, or those of tests."""
    dsql = cloud.client("dsql")
    found = [dsql.get_cluster(identifier=item["identifier"]) for item in pages(dsql, "list_clusters", "clusters")]
    return [cluster for cluster in found
            if cluster["status"] not in ("DELETING", "DELETED") and is_of_tests(cluster) == of_tests]


def cluster_content(cloud: Cloud, cluster: dict) -> dict:
    return {
        "schemas": sorted(row[0] for row in cloud.rows(
            cluster, "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
                     "AND nspname NOT IN ('information_schema', 'public', 'sys')")),
        "roles": sorted(row[0] for row in cloud.rows(
            cluster, "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolcanlogin")),
        "mappings": sorted((row[0].rpartition("/")[2], row[1]) for row in cloud.rows(
            cluster, "SELECT arn, pg_role_name FROM sys.iam_pg_role_mappings")),
        "privileges": cloud.rows(
            cluster, "SELECT nspname::text, nspacl::text FROM pg_namespace WHERE nspacl IS NOT NULL "
                     "AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' UNION ALL "
                     "SELECT defaclobjtype::text, defaclacl::text FROM pg_default_acl ORDER BY 1, 2"),
    }


def inventory(cloud: Cloud, with_sql: bool = True) -> dict:
    iam, functions = cloud.client("iam"), cloud.client("lambda")
    gateway, logs = cloud.client("apigatewayv2"), cloud.client("logs")
    found = {"clusters": [], "roles": [], "functions": [], "apis": []}

    for cluster in clusters(cloud):
        entry = {"tags": cluster.get("tags", {}), "protected": cluster["deletionProtectionEnabled"]}
        if with_sql:
            entry["content"] = cluster_content(cloud, cluster)
        found["clusters"].append(entry)

    for role in own_roles(cloud):
        name = role["RoleName"]
        found["roles"].append({
            "name": name,
            "inline": sorted(pages(iam, "list_role_policies", "PolicyNames", RoleName=name)),
            "attached": sorted(policy["PolicyArn"] for policy in pages(
                iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)),
        })

    for function in pages(functions, "list_functions", "Functions"):
        variables = function.get("Environment", {}).get("Variables", {})
        found["functions"].append({
            "name": function["FunctionName"], "handler": function["Handler"],
            "role": function["Role"].rpartition("/")[2], "memory": function["MemorySize"],
            "timeout": function["Timeout"], "code": function["CodeSha256"],
            "variables": sorted(variables),
        })

    for api in pages(gateway, "get_apis", "Items"):
        where = {"ApiId": api["ApiId"]}
        integrations = {item["IntegrationId"]: item for item in pages(gateway, "get_integrations", "Items", **where)}
        routes = pages(gateway, "get_routes", "Items", **where)
        assert {route["Target"].rpartition("/")[2] for route in routes} == set(integrations), \
            "each integration belongs to a route"
        found["apis"].append({
            "name": api["Name"],
            "routes": sorted((route["RouteKey"], integrations[route["Target"].rpartition("/")[2]]
                              ["IntegrationUri"].rpartition("function:")[2].partition("/")[0])
                             for route in routes),
            "stages": sorted(stage["StageName"] for stage in pages(gateway, "get_stages", "Items", **where)),
        })

    found["log_groups"] = sorted(group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups"))
    for kind in ("roles", "functions", "apis"):
        found[kind].sort(key=lambda item: item["name"])
    return found


def statements_of(functions, name: str) -> list[dict]:
    """The resource policy of a function."""
    try:
        return json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    except functions.exceptions.ResourceNotFoundException:
        return []


def secrets_and_timers(cloud: Cloud) -> dict:
    """The same for the kinds that few applications have, and for what calls functions."""
    functions, secrets, scheduler = (cloud.client(name) for name in ("lambda", "secretsmanager", "scheduler"))
    names = [function["FunctionName"] for function in pages(functions, "list_functions", "Functions")]
    return {
        "secrets": sorted((secret["Name"], "DeletedDate" in secret) for secret in pages(
            secrets, "list_secrets", "SecretList", IncludePlannedDeletion=True)),
        "groups": sorted(group["Name"] for group in pages(scheduler, "list_schedule_groups", "ScheduleGroups")),
        "schedules": sorted((item["GroupName"], item["Name"]) for item in pages(scheduler, "list_schedules", "Schedules")),
        "statements": sorted((name, statement["Sid"]) for name in names for statement in statements_of(functions, name)),
    }


def objects(cloud: Cloud) -> dict[str, list[str]]:
    """The keys in each bucket."""
    s3 = cloud.client("s3")
    return {bucket["Name"]: sorted(item["Key"] for item in pages(s3, "list_objects_v2", "Contents", Bucket=bucket["Name"]))
            for bucket in s3.list_buckets()["Buckets"]}
