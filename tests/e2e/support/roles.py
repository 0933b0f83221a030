"""IAM roles that tests make and take on."""

import json
import uuid

from .cloud import Cloud


def assumer(cloud: Cloud) -> dict:
    """Credentials of a user who may assume every role that lets the account: the root user may assume none."""
    iam = cloud.client("iam")
    name = f"assumer-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def assume(cloud: Cloud, role_arn: str) -> dict:
    sts = cloud.client("sts", **assumer(cloud))
    given = sts.assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"]}


def new_role(cloud: Cloud, name: str, *statements) -> dict:
    """A role that this account may assume, and credentials for it."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "sts:AssumeRole"}]}))["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="given", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": list(statements)}))
    return {"arn": role["Arn"], "credentials": assume(cloud, role["Arn"])}


def new_user(cloud: Cloud, name: str, policy: dict) -> dict:
    """A user who may do what a managed policy says; the environment in which a command is that user's."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(policy, separators=(",", ":")))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {**cloud.aws_environment(), "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
