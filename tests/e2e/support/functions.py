"""Lambda functions made without Nimbus: a few lines of shell that speak the Runtime API by curl, or modules
for Node."""

import io
import json
import zipfile

from .cloud import REGION, Cloud

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})

# Runs `handle` for each event; it reads $event and prints the answer.
LOOP = """#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime
handle() {
%s
}
while true; do
    next=$(curl -sS -w '\\n%%header{lambda-runtime-aws-request-id}' "$api/invocation/next") || exit 1
    event=${next%%$'\\n'*}
    id=${next##*$'\\n'}
    handle | curl -sS -X POST --data-binary @- "$api/invocation/$id/response" >/dev/null
done
"""


def zipped(bootstrap: str | bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, bootstrap)
    return content.getvalue()


def answering(text: str) -> str:
    """A bootstrap that answers every event with `text`."""
    return LOOP % f"cat <<'NIMBUS_END'\n{text}\nNIMBUS_END"


def ensure_role(cloud: Cloud, name="shell-function") -> str:
    iam = cloud.client("iam")
    try:
        return iam.get_role(RoleName=name)["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]


def create_function(cloud: Cloud, name: str, bootstrap: str, **settings) -> str:
    """Its ARN. Its timeout is long: Lambda's own 3 s are soon over on a busy machine."""
    settings = {"Timeout": 300, **settings}
    functions = cloud.client("lambda")
    arn = functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="any", Role=ensure_role(cloud),
        Code={"ZipFile": zipped(bootstrap)}, **settings)["FunctionArn"]
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})
    return arn


def zipped_files(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


class NodeFunction:
    """A function of a nodejs runtime, made with Lambda's API and invoked with it."""

    def __init__(self, cloud: Cloud, name: str, files: dict[str, str], handler: str, **settings):
        self.name = name
        self.client = cloud.client("lambda")
        self.logs = cloud.client("logs")
        self.client.create_function(FunctionName=name, Runtime="nodejs22.x", Handler=handler, Role=ensure_role(cloud),
                                    Code={"ZipFile": zipped_files(files)}, **settings)
        self.client.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})

    def invoke(self, event=None, **options):
        """(the error's type or None, what was answered)"""
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event), **options)
        payload = json.loads(answer["Payload"].read())
        return (payload["errorType"], payload["errorMessage"]) if "FunctionError" in answer else (None, payload)

    def log(self) -> str:
        events = self.logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
        return "\n".join(event["message"] for event in events)


def create_api(cloud: Cloud, name: str, routes: dict[str, str], payload_format="1.0") -> str:
    """An HTTP API with one function per route key; returns the URL of its stage `dev`."""
    gateway, functions = cloud.client("apigatewayv2"), cloud.client("lambda")
    api = gateway.create_api(Name=name, ProtocolType="HTTP")
    for index, (key, function) in enumerate(routes.items()):
        integration = gateway.create_integration(
            ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=function,
            PayloadFormatVersion=payload_format)
        gateway.create_route(ApiId=api["ApiId"], RouteKey=key, Target=f"integrations/{integration['IntegrationId']}")
        functions.add_permission(
            FunctionName=function, StatementId=f"{name}-{index}", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{REGION}:{cloud.account}:{api['ApiId']}/*")
    gateway.create_stage(ApiId=api["ApiId"], StageName="dev", AutoDeploy=True)
    return api["ApiEndpoint"] + "/dev"
