"""Homes with AWS's files, and environments: the ways in which people and machines have credentials."""

import dataclasses
import datetime
import hashlib
import json
import pathlib

KEYS = "aws_access_key_id = {0}\naws_secret_access_key = secret\n"
START_URL = "https://corp.awsapps.com/start"
ROLE = "role_arn = arn:aws:iam::123456789012:role/{0}\n"
SSO = "sso_account_id = 123456789012\nsso_role_name = Developer\n"
SSO_SESSION = f"[sso-session corp]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n"
ENVIRONMENT_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "secret"}
INSTANCE = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{endpoint}"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{endpoint}/container"}
WEB_IDENTITY = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci"}
PROCESS = """credential_process = echo '{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}'\n"""


def sso_cache(key: str) -> str:
    return f".aws/sso/cache/{hashlib.sha1(key.encode()).hexdigest()}.json"


def in_minutes(minutes: int) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sso_token(token: str, minutes: int) -> str:
    return json.dumps({"startUrl": START_URL, "region": "us-east-1", "accessToken": token,
                       "expiresAt": in_minutes(minutes), "clientId": "client", "clientSecret": "secret",
                       "registrationExpiresAt": in_minutes(600), "refreshToken": "refresh"})


@dataclasses.dataclass
class Case:
    """A home, an environment, and what both find there: a part of the key's id, or None."""

    config: str = ""
    credentials: str = ""
    files: dict = dataclasses.field(default_factory=dict)
    environment: dict = dataclasses.field(default_factory=dict)
    key: str | None = None


def profile(name: str) -> dict:
    return {"AWS_PROFILE": name}


CASES = {
    "nothing": Case(),
    "a default profile with only a Region": Case(config="[default]\nregion = us-east-1\n"),
    "keys in the environment": Case(environment=ENVIRONMENT_KEYS, key="AKIAENVIRONMENT"),
    "a session token in the environment": Case(
        environment={**ENVIRONMENT_KEYS, "AWS_SESSION_TOKEN": "abc"}, key="AKIAENVIRONMENT"),
    "keys in the environment before AWS_PROFILE": Case(
        credentials="[work]\n" + KEYS.format("AKIAWORK"), environment={**ENVIRONMENT_KEYS, **profile("work")},
        key="AKIAENVIRONMENT"),
    "keys of the default profile": Case(credentials="[default]\n" + KEYS.format("AKIADEFAULT"), key="AKIADEFAULT"),
    "keys in the config file": Case(
        config="[profile work]\n" + KEYS.format("AKIAWORK"), environment=profile("work"), key="AKIAWORK"),
    "keys in both files": Case(
        config="[profile work]\n" + KEYS.format("AKIACONFIG"), credentials="[work]\n" + KEYS.format("AKIACREDENTIALS"),
        environment=profile("work"), key="AKIACREDENTIALS"),
    "AWS_DEFAULT_PROFILE": Case(
        credentials="[work]\n" + KEYS.format("AKIAWORK"), environment={"AWS_DEFAULT_PROFILE": "work"}, key="AKIAWORK"),
    "both variables for a profile": Case(
        credentials="[one]\n" + KEYS.format("AKIAONE") + "[two]\n" + KEYS.format("AKIATWO"),
        environment={"AWS_DEFAULT_PROFILE": "one", "AWS_PROFILE": "two"}, key="AKIAONE"),
    "files elsewhere": Case(
        files={"elsewhere": "[default]\n" + KEYS.format("AKIAELSEWHERE")},
        environment={"AWS_SHARED_CREDENTIALS_FILE": "~/elsewhere"}, key="AKIAELSEWHERE"),
    "files that variables name by other variables": Case(
        files={"a/config": "[profile work]\nregion = eu-west-1\n", "a/credentials": "[work]\n" + KEYS.format("AKIAWORK")},
        environment={"AWS_CONFIG_FILE": "$WHERE/config", "AWS_SHARED_CREDENTIALS_FILE": "~/${DIRECTORY}/credentials",
                     "WHERE": "{home}/a", "DIRECTORY": "a", **profile("work")}, key="AKIAWORK"),
    **{f"keys {how}": Case(credentials=text.replace("<id>", "aws_access_key_id").replace("<key>", "aws_secret_access_key"),
                           key="AKIAODD")
       for how, text in {
           "that are indented alike": "[default]\n    <id> = AKIAODD\n    <key> = secret\n",
           "that are indented by tabs": "[default]\n\t<id>=AKIAODD\n\t<key>=secret\n",
           "that are indented in an indented section": "  [default]\n  <id> = AKIAODD\n  <key> = secret\n",
           "that are indented less and less": "[default]\n    <id> = AKIAODD\n  <key> = secret\n",
           "between comments and empty lines": "; a\n[default]\n\n# b\n  <id> = AKIAODD\n    # c\n\n  <key> = secret\n\n",
           "after nested settings": "[default]\ns3 =\n  <id> = AKIANESTED\n\n  max_queue_size = 1\n<id> = AKIAODD\n<key> = secret\n",
           "after colons": "[default]\n<id>: AKIAODD\n<key> :secret\n",
           "in capitals": "[default]\nAWS_ACCESS_KEY_ID = AKIAODD\nAWS_SECRET_ACCESS_KEY = secret\n",
           "in lines that end as on Windows": "[default]\r\n  <id> = AKIAODD\r\n  <key> = secret\r\n",
           "that [DEFAULT] lends": "[DEFAULT]\n<id> = AKIAODD\n[default]\n<key> = secret\n",
       }.items()},
    "keys that continue the value above them": Case(
        credentials="[default]\noutput = json\n  aws_access_key_id = AKIAODD\n  aws_secret_access_key = secret\n"),
    "a section without its bracket": Case(credentials="[default\n" + KEYS.format("AKIAODD")),
    "a credential_process over two lines": Case(
        config="[default]\n" + PROCESS.replace("echo ", "echo\n    "), key="AKIAPROCESS"),
    "a profile that is not there": Case(environment=profile("nobody")),
    "half of a key pair": Case(credentials="[default]\naws_access_key_id = AKIAHALF\n"),
    "a credential_process": Case(config="[default]\n" + PROCESS, key="AKIAPROCESS"),
    "a credential_process before keys in the config file": Case(
        config="[default]\n" + PROCESS + KEYS.format("AKIACONFIG"), key="AKIAPROCESS"),
    "keys in the credentials file before a credential_process": Case(
        config="[default]\n" + PROCESS, credentials="[default]\n" + KEYS.format("AKIACREDENTIALS"),
        key="AKIACREDENTIALS"),
    "a credential_process that fails": Case(config="[default]\ncredential_process = false\n"),
    "a role by the keys of another profile": Case(
        config="[default]\n" + ROLE.format("deployer") + "source_profile = base\n",
        credentials="[base]\n" + KEYS.format("AKIABASE"), key="ASIA-deployer-by-AKIABASE"),
    "a role by the profile's own keys": Case(
        config="[default]\n" + ROLE.format("deployer") + "source_profile = default\n" + KEYS.format("AKIAOWN"),
        key="ASIA-deployer-by-AKIAOWN"),
    "roles one after the other": Case(
        config="[default]\n" + ROLE.format("a") + "source_profile = b\n[profile b]\n" + ROLE.format("b")
        + "source_profile = c\n", credentials="[c]\n" + KEYS.format("AKIAC"), key="ASIA-a-by-ASIA-b-by-AKIAC"),
    "keys of a source_profile before its role": Case(
        config="[default]\n" + ROLE.format("a") + "source_profile = b\n[profile b]\n" + ROLE.format("b")
        + "source_profile = c\n" + KEYS.format("AKIAB"), credentials="[c]\n" + KEYS.format("AKIAC"),
        key="ASIA-a-by-AKIAB"),
    "profiles that are each other's source": Case(
        config="[default]\n" + ROLE.format("a") + "source_profile = b\n[profile b]\n" + ROLE.format("b")
        + "source_profile = default\n"),
    "a role without a source": Case(config="[default]\n" + ROLE.format("a")),
    "a role with two sources": Case(
        config="[default]\n" + ROLE.format("a") + "source_profile = b\ncredential_source = Environment\n",
        credentials="[b]\n" + KEYS.format("AKIAB")),
    "a source_profile that is not there": Case(config="[default]\n" + ROLE.format("a") + "source_profile = nobody\n"),
    "a role by the environment": Case(
        config="[profile r]\n" + ROLE.format("r") + "credential_source = Environment\n"
        + "[profile outer]\n" + ROLE.format("outer") + "source_profile = r\n",
        environment={**profile("outer")}),
    "a role by a container": Case(
        config="[default]\n" + ROLE.format("r") + "credential_source = EcsContainer\n", environment=CONTAINER,
        key="ASIA-r-by-ASIA-container-open"),
    "a role by an instance": Case(
        config="[default]\n" + ROLE.format("r") + "credential_source = Ec2InstanceMetadata\n", environment=INSTANCE,
        key="ASIA-r-by-ASIA-instance-server"),
    "an unknown credential_source": Case(config="[default]\n" + ROLE.format("r") + "credential_source = Moon\n"),
    "SSO with a session": Case(
        config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION,
        files={sso_cache("corp"): sso_token("access", 60)}, key="ASIA-Developer-123456789012-access"),
    "SSO whose token ends soon": Case(
        config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION,
        files={sso_cache("corp"): sso_token("access", 10)}, key="ASIA-Developer-123456789012-renewed"),
    "SSO whose token has expired": Case(
        config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION,
        files={sso_cache("corp"): sso_token("access", -10)}, key="ASIA-Developer-123456789012-renewed"),
    "SSO without a session": Case(
        config=f"[default]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n" + SSO,
        files={sso_cache(START_URL): sso_token("access", 60)}, key="ASIA-Developer-123456789012-access"),
    "SSO without a session, expired": Case(
        config=f"[default]\nsso_start_url = {START_URL}\nsso_region = us-east-1\n" + SSO,
        files={sso_cache(START_URL): sso_token("access", -1)}),
    "SSO before keys": Case(
        config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION,
        credentials="[default]\n" + KEYS.format("AKIADEFAULT"),
        files={sso_cache("corp"): sso_token("access", 60)}, key="ASIA-Developer-123456789012-access"),
    "SSO nobody signed in to": Case(config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION),
    "SSO with a session that is not there": Case(config="[default]\nsso_session = nowhere\n" + SSO),
    "SSO that lacks a role": Case(config="[default]\nsso_session = corp\nsso_account_id = 1\n" + SSO_SESSION),
    "a role by SSO": Case(
        config="[default]\n" + ROLE.format("admin") + "source_profile = dev\n[profile dev]\nsso_session = corp\n"
        + SSO + SSO_SESSION, files={sso_cache("corp"): sso_token("access", 60)},
        key="ASIA-admin-by-ASIA-Developer-123456789012-access"),
    "a web identity of the environment": Case(
        files={"token": "a.b.c"}, environment=WEB_IDENTITY, key="ASIA-ci-for-a.b.c"),
    "a web identity of the environment before keys of the profile": Case(
        credentials="[default]\n" + KEYS.format("AKIADEFAULT"), files={"token": "a.b.c"}, environment=WEB_IDENTITY,
        key="ASIA-ci-for-a.b.c"),
    "a role of the profile before a web identity of the environment": Case(
        config="[default]\n" + ROLE.format("deployer") + "source_profile = base\n",
        credentials="[base]\n" + KEYS.format("AKIABASE"), files={"token": "a.b.c"}, environment=WEB_IDENTITY,
        key="ASIA-deployer-by-AKIABASE"),
    "a web identity of the profile": Case(
        config="[profile ci]\n" + ROLE.format("ci") + "web_identity_token_file = {home}/token\n",
        files={"token": "a.b.c"}, environment=profile("ci"), key="ASIA-ci-for-a.b.c"),
    "a role by a web identity": Case(
        config="[profile ci]\n" + ROLE.format("ci") + "web_identity_token_file = {home}/token\n"
        + "[default]\n" + ROLE.format("deployer") + "source_profile = ci\n",
        files={"token": "a.b.c"}, key="ASIA-deployer-by-ASIA-ci-for-a.b.c"),
    "a web identity without a role": Case(
        files={"token": "a.b.c"}, environment={"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}),
    "a web identity without its token": Case(environment=WEB_IDENTITY),
    "a container": Case(environment=CONTAINER, key="ASIA-container-open"),
    "a container with an authorization token": Case(
        environment={**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "secret"}, key="ASIA-container-secret"),
    "a container with a file for the authorization token": Case(
        files={"authorization": "from-file"}, key="ASIA-container-from-file",
        environment={**CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "secret",
                     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/authorization"}),
    "a container elsewhere, without TLS": Case(
        environment={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://container.example/"}),
    "keys of the profile before a container": Case(
        credentials="[default]\n" + KEYS.format("AKIADEFAULT"), environment=CONTAINER, key="AKIADEFAULT"),
    "an instance": Case(environment=INSTANCE, key="ASIA-instance-server"),
    "an instance, for a profile that has no credentials": Case(
        config="[profile work]\nregion = us-east-1\n", environment={**INSTANCE, **profile("work")},
        key="ASIA-instance-server"),
    "a container before an instance": Case(environment={**CONTAINER, **INSTANCE}, key="ASIA-container-open"),
    "an endpoint in the profile": Case(
        config="[default]\nendpoint_url = {endpoint}\n" + ROLE.format("deployer") + "source_profile = base\n",
        credentials="[base]\n" + KEYS.format("AKIABASE"), environment={"AWS_ENDPOINT_URL": ""},
        key="ASIA-deployer-by-AKIABASE"),
    "an endpoint in a services section": Case(
        config="[default]\nservices = mine\n" + ROLE.format("deployer") + "source_profile = base\n"
        + "[services mine]\nsts =\n  endpoint_url = {endpoint}\n",
        credentials="[base]\n" + KEYS.format("AKIABASE"), environment={"AWS_ENDPOINT_URL": ""},
        key="ASIA-deployer-by-AKIABASE"),
    "an endpoint for STS alone": Case(
        config="[default]\n" + ROLE.format("deployer") + "source_profile = base\n",
        credentials="[base]\n" + KEYS.format("AKIABASE"),
        environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_STS": "{endpoint}"},
        key="ASIA-deployer-by-AKIABASE"),
}


class Home:
    """A home directory and the environment of commands that run in it."""

    def __init__(self, directory: pathlib.Path, endpoint: str, environment: dict):
        self.directory = directory
        self.environment = {
            "HOME": str(directory), "PATH": "/usr/bin:/bin", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": endpoint,
            **{name: self._filled(value, endpoint) for name, value in environment.items()}}
        self.environment = {name: value for name, value in self.environment.items() if value}
        self.endpoint = endpoint

    def _filled(self, text: str, endpoint: str) -> str:
        return text.replace("{home}", str(self.directory)).replace("{endpoint}", endpoint)

    def write(self, name: str, text: str) -> pathlib.Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._filled(text, self.endpoint))
        return path
