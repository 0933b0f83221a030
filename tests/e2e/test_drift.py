"""What somebody changed of our resources by hand, though no program declares it: `plan` and `status` tell it,
and a deploy puts it right. Where an emulator keeps a setting it is changed there, with boto3."""

import json

import pytest

from support.app import ScriptApp, manifest
from support.aws_target import aws_target
from support.fault_proxy import EditAnswer, fault_proxy
from support.roles import new_user

FUNCTION = "testbed-dev-get-ping"
ROLE = "testbed-dev-functions-us-east-1"


def declare_timer(document: dict) -> dict:
    document["timers"] = [{"name": "cleanup", "schedule": "rate(5 minutes)", "timezone": "UTC", "function": "get-ping"}]
    return document


@pytest.fixture
def app(cloud, tmp_path):
    return ScriptApp(cloud, tmp_path, "testbed", declare_timer(manifest(sql=())))


def reasons(plan: dict) -> set[str]:
    return {reason for step in plan["steps"] for reason in step["reasons"]}


def statuses(app, **how) -> set[str]:
    resources = app.run("status", "--json", **how).json()["resources"]
    return {difference for resource in resources for difference in resource["differences"]}


def parts(gateway) -> tuple[dict, dict, dict]:
    """The API, its route and its integration."""
    (api,) = gateway.get_apis()["Items"]
    (route,) = gateway.get_routes(ApiId=api["ApiId"])["Items"]
    (integration,) = gateway.get_integrations(ApiId=api["ApiId"])["Items"]
    return api, route, integration


def expect_put_right(app, declared: set[str], altered: set[str], **how) -> None:
    """`declared`: differences that `status`, which has no program, does not know."""
    assert reasons(app.plan(**how)) == declared | altered
    assert statuses(app, **how) == altered
    text = app.run("status", **how).stdout
    assert all(difference in text for difference in altered)
    assert "'nimbus deploy' changes it back" in text
    app.deploy(**how)
    assert reasons(app.plan(**how)) == set()
    assert statuses(app, **how) == set()
    assert "changes it back" not in app.run("status", **how).stdout


def test_what_the_local_cloud_keeps(app, cloud):
    app.deploy()
    functions, gateway, iam = (cloud.client(name) for name in ("lambda", "apigatewayv2", "iam"))
    functions.update_function_configuration(
        FunctionName=FUNCTION, TracingConfig={"Mode": "Active"}, EphemeralStorage={"Size": 1024},
        LoggingConfig={"LogGroup": "/elsewhere"})
    iam.update_role(RoleName=ROLE, MaxSessionDuration=43_200)
    api, _, integration = parts(gateway)
    gateway.update_integration(ApiId=api["ApiId"], IntegrationId=integration["IntegrationId"],
                               PayloadFormatVersion="2.0", TimeoutInMillis=50, IntegrationMethod="GET")
    gateway.update_stage(ApiId=api["ApiId"], StageName="dev", AutoDeploy=False)
    gateway.update_api(ApiId=api["ApiId"], DisableExecuteApiEndpoint=True)
    expect_put_right(app, {f"logGroup: /elsewhere -> /aws/lambda/{FUNCTION}"}, {
        "tracing: Active -> PassThrough", "ephemeralStorage: 1024 -> 512", "maxSessionDuration: 43200 -> 3600",
        "payloadFormat: 2.0 -> 1.0", "timeout: 50 -> 30000", "method: GET -> POST", "autoDeploy: false -> true",
        "disableExecuteApiEndpoint: true -> false"})
    assert iam.get_role(RoleName=ROLE)["Role"]["MaxSessionDuration"] == 3600


def test_what_others_called_their_things_cannot_control_the_terminal(app, cloud):
    controls = "a\x1b]0;title\x07b\x9b2Jc"
    with fault_proxy(cloud.endpoint) as proxy, aws_target(app, cloud.endpoint) as environment:
        app.deploy(env=environment)
        environment["AWS_ENDPOINT_URL"] = proxy.endpoint

        def decide(call):
            if call.operation == "GetFunction":
                return EditAnswer(set_in("Configuration", "KMSKeyArn", controls))
            if call.operation == "GetRoutes":
                return EditAnswer(lambda answer: answer["items"].append({"routeId": "x", "routeKey": controls}))
            return None

        proxy.start_over(decide)
        for command in (["plan", "program"], ["status"]):
            shown = app.run(*command, env=environment).stdout
            assert "kmsKey: a]0;titleb2Jc -> none" in shown and "the route a]0;titleb2Jc" in shown
            assert not {"\x1b", "\x07", "\x9b"} & set(shown)
        assert f"kmsKey: {controls} -> none" in statuses(app, env=environment)
        proxy.start_over()
        app.destroy("--force", env=environment)


@pytest.fixture
def aws(moto, idle_cloud, tmp_path):
    """The application, with moto for AWS."""
    moto.client("s3").create_bucket(Bucket="state-bucket")
    app = ScriptApp(idle_cloud, tmp_path, "testbed", manifest(sql=()))
    (tmp_path / ".nimbusrc").write_text(json.dumps(
        {"target": "aws", "bucket": "state-bucket", "region": "us-east-1"}))
    app.deploy(env=moto.environment)
    yield app, moto
    app.destroy("--force", env=moto.environment)


def test_what_moto_keeps(aws):
    app, moto = aws
    functions, gateway, iam = (moto.client(name) for name in ("lambda", "apigatewayv2", "iam"))
    layer = functions.publish_layer_version(LayerName="spy", Content={"ZipFile": b"PK"})["LayerVersionArn"]
    functions.update_function_configuration(FunctionName=FUNCTION, Layers=[layer], VpcConfig={
        "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]})
    iam.update_role(RoleName=ROLE, MaxSessionDuration=7_200)
    api, route, integration = parts(gateway)
    authorizer = gateway.create_authorizer(
        ApiId=api["ApiId"], Name="tokens", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["us"], "Issuer": "https://issuer.example"})
    gateway.update_route(ApiId=api["ApiId"], RouteId=route["RouteId"], AuthorizationType="JWT",
                         AuthorizerId=authorizer["AuthorizerId"], ApiKeyRequired=True)
    gateway.update_integration(
        ApiId=api["ApiId"], IntegrationId=integration["IntegrationId"], IntegrationType="HTTP_PROXY",
        TimeoutInMillis=1_000, PayloadFormatVersion="2.0", CredentialsArn="arn:aws:iam::123456789012:role/other",
        RequestParameters={"append:header.key": "a-secret"},
        ResponseParameters={"500": {"overwrite:statuscode": "200"}})
    assert "a-secret" not in app.run("plan", "program", env=moto.environment).stdout
    expect_put_right(app, set(), {
        f"layers: {layer} -> none", "subnets: subnet-1, subnet-2 -> none", "securityGroups: sg-1 -> none",
        "maxSessionDuration: 7200 -> 3600", "authorizationType: JWT -> NONE", "apiKeyRequired: true -> false",
        "type: HTTP_PROXY -> AWS_PROXY", "timeout: 1000 -> 30000", "payloadFormat: 2.0 -> 1.0",
        "credentials: arn:aws:iam::123456789012:role/other -> none", "requestParameters: append:header.key -> none",
        "responseParameters: 500 -> none"}, env=moto.environment)


def set_in(*path):
    """Sets the last but one of `path`, in what the others lead to, to the last."""
    def edit(document: dict) -> None:
        for step in path[:-2]:
            document = document[step]
        document[path[-2]] = path[-1]
    return edit


QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
MOUNT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"
IN_FUNCTION = ("GetFunction", "UpdateFunctionConfiguration")

#: What no emulator keeps: read by, changed by, how the answer shows it, what is told, and what the change says.
UNKEPT = [
    (*IN_FUNCTION, set_in("Configuration", "DeadLetterConfig", {"TargetArn": QUEUE}),
     f"deadLetterQueue: {QUEUE} -> none", {"DeadLetterConfig": {"TargetArn": ""}}),
    (*IN_FUNCTION, set_in("Configuration", "KMSKeyArn", KEY), f"kmsKey: {KEY} -> none", {"KMSKeyArn": ""}),
    (*IN_FUNCTION, set_in("Configuration", "FileSystemConfigs", [{"Arn": MOUNT, "LocalMountPath": "/mnt/data"}]),
     f"fileSystems: {MOUNT} -> none", {"FileSystemConfigs": []}),
    (*IN_FUNCTION, set_in("Configuration", "SnapStart", {"ApplyOn": "PublishedVersions"}),
     "snapStart: PublishedVersions -> None", {"SnapStart": {"ApplyOn": "None"}}),
    (*IN_FUNCTION, set_in("Configuration", "LoggingConfig", "LogFormat", "JSON"),
     "logFormat: JSON -> Text", {"LoggingConfig": {"LogFormat": "Text"}}),
    ("GetStages", "UpdateStage", set_in("items", 0, "stageVariables", {"mode": "a-secret"}),
     "stageVariables: mode -> none", {"stageVariables": {"mode": ""}}),
    ("GetApi", "UpdateApi", set_in("ipAddressType", "dualstack"),
     "ipAddressType: dualstack -> ipv4", {"ipAddressType": "ipv4"}),
    ("GetSchedule", "UpdateSchedule", set_in("ActionAfterCompletion", "DELETE"),
     "actionAfterCompletion: DELETE -> NONE", {}),
]


def test_what_no_emulator_keeps(app, cloud):
    """The proxy lets the answers of the local cloud have it until the change that takes it back. Who deploys may do
    what `nimbus init --policy` says."""
    with fault_proxy(cloud.endpoint) as proxy, aws_target(app, cloud.endpoint) as administrator:
        app.deploy(env=administrator)
        policy = app.run("init", "--policy", "program", env=administrator).json()
        environment = {**new_user(cloud, "deployer", policy), "AWS_ENDPOINT_URL": proxy.endpoint}
        cloud.client("iam").update_role(RoleName=ROLE, MaxSessionDuration=43_200)
        taken_back = []

        def decide(call):
            edits = [edit for read, _, edit, _, _ in UNKEPT if read == call.operation and read not in taken_back]
            for read, change, _, _, body in UNKEPT:
                if change == call.operation:
                    sent = json.loads(call.body)
                    assert sent | body == sent, f"{sent} does not say {body}"
                    taken_back.append(read)
            return EditAnswer(lambda document: [edit(document) for edit in edits]) if edits else None

        proxy.start_over(decide)
        expect_put_right(app, set(), {told for _, _, _, told, _ in UNKEPT} | {"maxSessionDuration: 43200 -> 3600"},
                         env=environment)
        assert set(taken_back) == {read for read, *_ in UNKEPT}
        app.destroy("--force", env=environment)


@pytest.mark.parametrize("service, operation, arguments, sentence", [
    ("lambda", "update_function_configuration", {"Layers": ["arn:aws:lambda:us-east-1:1:layer:l:1"]}, "Layers"),
    ("lambda", "update_function_configuration", {"VpcConfig": {"SecurityGroupIds": ["sg-1"]}}, "VpcConfig"),
    ("lambda", "update_function_configuration", {"DeadLetterConfig": {"TargetArn": QUEUE}}, "no dead-letter queues"),
    ("lambda", "update_function_configuration", {"KMSKeyArn": KEY}, "no keys of KMS"),
    ("lambda", "update_function_configuration", {"SnapStart": {"ApplyOn": "PublishedVersions"}}, "no versions"),
    ("lambda", "update_function_configuration", {"LoggingConfig": {"LogFormat": "JSON"}}, "LogFormat must be Text"),
    ("apigatewayv2", "update_route", {"AuthorizationType": "AWS_IAM"}, "no authorizers"),
    ("apigatewayv2", "update_route", {"AuthorizerId": "abc"}, "routes have no authorizerId"),
    ("apigatewayv2", "update_integration", {"CredentialsArn": "arn:aws:iam::1:role/r"}, "have no credentialsArn"),
    ("apigatewayv2", "update_integration", {"RequestParameters": {"append:header.x": "y"}}, "no requestParameters"),
    ("apigatewayv2", "update_stage", {"StageVariables": {"mode": "x"}}, "stages have no stageVariables"),
    ("apigatewayv2", "update_stage", {"DefaultRouteSettings": {"ThrottlingRateLimit": 1}}, "no throttlingRateLimit"),
    ("apigatewayv2", "update_api", {"IpAddressType": "dualstack"}, "ipAddressType must be ipv4"),
])
def test_the_local_cloud_refuses_what_it_would_not_heed(deployed, service, operation, arguments, sentence):
    client, names = deployed(service, operation)
    with pytest.raises(client.exceptions.ClientError, match=sentence):
        getattr(client, operation)(**names, **arguments)


@pytest.fixture(scope="module")
def deployed(module_cloud, tmp_path_factory):
    """Gives a client, and how a call names what it changes."""
    app = ScriptApp(module_cloud, tmp_path_factory.mktemp("deployed"), "testbed", manifest(sql=()))
    app.deploy()
    api, route, integration = parts(module_cloud.client("apigatewayv2"))
    names = {"update_function_configuration": {"FunctionName": FUNCTION},
             "update_route": {"ApiId": api["ApiId"], "RouteId": route["RouteId"]},
             "update_integration": {"ApiId": api["ApiId"], "IntegrationId": integration["IntegrationId"]},
             "update_stage": {"ApiId": api["ApiId"], "StageName": "dev"},
             "update_api": {"ApiId": api["ApiId"]}}
    return lambda service, operation: (module_cloud.client(service), names[operation])
