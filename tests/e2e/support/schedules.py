"""Schedules of EventBridge Scheduler, and the roles that they invoke functions with."""

import datetime
import json
import zoneinfo


def create_role(cloud, name: str, *statements) -> str:
    """A role that Scheduler may take on, for this account's schedules only."""
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": cloud.account}}}]}))["Role"]["Arn"]
    allow(cloud, name, *statements)
    return arn


def allow(cloud, role: str, *statements) -> None:
    if statements:
        cloud.client("iam").put_role_policy(RoleName=role, PolicyName="timers", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": list(statements)}))


def may_invoke(function: str) -> dict:
    return {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function}


def in_seconds(seconds: int, zone: str = "UTC") -> datetime.datetime:
    return (datetime.datetime.now(zoneinfo.ZoneInfo(zone)) + datetime.timedelta(seconds=seconds)).replace(microsecond=0)


def at(moment: datetime.datetime) -> str:
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"
