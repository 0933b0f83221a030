"""Whose credentials Nimbus finds: the same as botocore in the same home and environment, and a sentence where
there are none."""

import base64
import dataclasses
import datetime
import email.utils
import hashlib
import json
import pathlib
import re
import socket
import stat
import subprocess
import sys
import time

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from support.signin import EXPIRES, running_sign_in
from support.terminal import TerminalSession

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

BOTOCORE = """
import json, botocore.session
session = botocore.session.get_session()
credentials = session.get_credentials()
frozen = credentials.get_frozen_credentials()
print(json.dumps({"accessKeyId": frozen.access_key, "token": frozen.token or "no-token"}))
"""


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


@pytest.fixture
def sign_in():
    with running_sign_in() as server:
        yield server


@pytest.fixture
def home(tmp_path, sign_in):
    def make(case: Case) -> Home:
        directory = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        made = Home(directory, sign_in.endpoint, case.environment)
        made.write(".aws/config", case.config)
        made.write(".aws/credentials", case.credentials)
        for name, text in case.files.items():
            made.write(name, text)
        return made
    return make


def whoami(cloud, home: Home, code=0, **how):
    env = {name: "" for name in cloud.environment if name.startswith("AWS_")} | home.environment
    return cloud.run("whoami", "--aws", "--json", env=env, cwd=home.directory, code=code, **how)


@pytest.mark.parametrize("name", CASES)
def test_the_same_credentials_as_botocores(idle_cloud, home, name):
    case = CASES[name]
    theirs = subprocess.run([sys.executable, "-c", BOTOCORE], env=home(case).environment, text=True,
                            capture_output=True, timeout=60)
    ours = whoami(idle_cloud, home(case), code=None)
    if case.key is None:
        assert theirs.returncode != 0, theirs.stdout
        assert ours.code == 1 and ours.stdout == "", str(ours)
        assert re.search(r"\S\.?\n", ours.stderr) and "Traceback" not in ours.stderr, ours.stderr
        return
    expected = json.loads(theirs.stdout)
    assert expected["accessKeyId"] == case.key, "this test itself is wrong"
    found = ours.json()
    assert found["credentials"]["accessKeyId"] == case.key
    assert found["arn"] == f"arn:aws:sts::123456789012:{case.key}", "calls are signed with them"
    assert found["userId"] == expected["token"], "and carry the session's token"


def test_a_renewed_token_is_kept_for_its_owner_alone(idle_cloud, home, sign_in):
    ours = home(CASES["SSO whose token ends soon"])
    whoami(idle_cloud, ours)
    cache = ours.directory / sso_cache("corp")
    assert json.loads(cache.read_text())["accessToken"] == "renewed"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    whoami(idle_cloud, ours)
    assert sign_in.operations().count("/token") == 1


# --- aws login: botocore needs its C library for it, and the machine that tests run on has none ---------------


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_login_session_is_renewed_with_a_proof(idle_cloud, home, sign_in):
    session = "arn:aws:iam::123456789012:user/me"
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                            serialization.NoEncryption()).decode()
    ours = home(Case(config=f"[default]\nlogin_session = {session}\n"))
    cache = ours.write(f".aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json", json.dumps({
        "accessToken": {"accessKeyId": "ASIA-login", "secretAccessKey": "secret", "sessionToken": "t",
                        "accountId": "123456789012", "expiresAt": in_minutes(-5)},
        "tokenType": "aws_sigv4", "refreshToken": "refresh-1", "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": pem}))
    found = whoami(idle_cloud, ours).json()
    assert found["credentials"]["accessKeyId"] == "ASIA-login-renewed"
    assert found["credentials"]["source"] == "profile 'default', login session"
    assert json.loads(cache.read_text())["refreshToken"] == "refresh-2"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600

    (proof,) = [headers["DPoP"] for _, path, headers, _ in sign_in.requests if path == "/v1/token"]
    header, claims, signature = proof.split(".")
    numbers = key.public_key().public_numbers()
    assert json.loads(decoded(header)) == {"typ": "dpop+jwt", "alg": "ES256", "jwk": {
        "kty": "EC", "crv": "P-256",
        **{name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).decode().rstrip("=")
           for name, value in (("x", numbers.x), ("y", numbers.y))}}}
    payload = json.loads(decoded(claims))
    assert payload["htm"] == "POST" and payload["htu"] == f"{sign_in.endpoint}/v1/token"
    assert abs(payload["iat"] - time.time()) < 60
    r, s = (int.from_bytes(decoded(signature)[i:i + 32], "big") for i in (0, 32))
    key.public_key().verify(utils.encode_dss_signature(r, s), f"{header}.{claims}".encode(),
                            ec.ECDSA(hashes.SHA256()))


# --- MFA ------------------------------------------------------------------------------------------------------

MFA = Case(config="[profile admin]\n" + ROLE.format("admin") + "source_profile = base\n"
           "mfa_serial = arn:aws:iam::123456789012:mfa/me\n",
           credentials="[base]\n" + KEYS.format("AKIABASE"), environment=profile("admin"))


def test_a_person_is_asked_for_an_mfa_code_once_for_nimbus_and_the_aws_cli(idle_cloud, home, sign_in):
    ours = home(MFA)
    with TerminalSession(idle_cloud, "whoami", "--aws", cwd=ours.directory, env=ours.environment) as session:
        session.expect("Code of the MFA device arn:aws:iam::123456789012:mfa/me:")
        session.type("123456\n")
        assert session.finish() == 0, session.shown
        assert "ASIA-admin-by-AKIABASE-with-123456" in session.shown
    kept = whoami(idle_cloud, ours).json()["credentials"]
    assert kept["accessKeyId"] == "ASIA-admin-by-AKIABASE-with-123456"
    assert kept["expires"] == EXPIRES
    (cache,) = (ours.directory / ".aws/cli/cache").iterdir()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600

    cli = pathlib.Path(sys.executable).with_name("aws")
    identity = subprocess.run([sys.executable, cli, "sts", "get-caller-identity"], env=ours.environment, text=True,
                              capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    assert identity.returncode == 0, identity.stderr
    assert "ASIA-admin-by-AKIABASE-with-123456" in json.loads(identity.stdout)["Arn"]
    assert sign_in.operations().count("AssumeRole") == 1


def test_nobody_is_asked_where_nobody_is(idle_cloud, home):
    refused = whoami(idle_cloud, home(MFA), code=1).stderr
    assert "no person is there to type it" in refused and "Run `nimbus whoami` on a terminal first" in refused


# --- what it says ---------------------------------------------------------------------------------------------


def test_whoami_says_where_credentials_and_region_come_from(idle_cloud, home):
    ours = home(CASES["SSO with a session"])
    shown = idle_cloud.run("whoami", "--aws", env=ours.environment, cwd=ours.directory).stdout
    assert "profile 'default', SSO session 'corp', good until 2033-05-18T03:33:20Z" in shown
    assert "us-east-1 (AWS_REGION)" in shown and "123456789012" in shown
    assert "secret" not in shown and "token-of" not in shown.replace("user id      token-of", "")
    (ours.directory / ".nimbusrc").write_text(json.dumps(
        {"target": "aws", "bucket": "my-state", "region": "eu-west-1"}))
    found = whoami(idle_cloud, ours).json()
    assert found["target"] == "aws" and found["region"] == "eu-west-1"
    assert found["regionSource"] == str(ours.directory / ".nimbusrc")


def test_whoami_without_a_region(idle_cloud, home):
    ours = home(Case(credentials="[default]\n" + KEYS.format("AKIADEFAULT"),
                     environment={"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}))
    found = whoami(idle_cloud, ours).json()
    assert found["region"] is None and found["regionSource"] is None
    ours.write(".aws/config", "[default]\nregion = eu-central-1\n")
    found = whoami(idle_cloud, ours).json()
    assert (found["region"], found["regionSource"]) == ("eu-central-1", "profile 'default'")


def test_whoami_of_the_local_cloud(cloud, tmp_path):
    found = cloud.run("whoami", "--json", cwd=tmp_path).json()
    assert found["target"] == "local" and found["account"] == cloud.account
    assert found["credentials"]["accessKeyId"] == cloud.status()["credentials"]["accessKeyId"]
    assert found["credentials"]["source"] == "local cloud, its administrator"
    assert found["region"] == "us-east-1"


def test_moto_takes_roles_and_web_identities(moto, idle_cloud, tmp_path):
    ours = Home(tmp_path, moto.endpoint, {})
    ours.write(".aws/config", "[default]\n" + ROLE.format("deployer") + "source_profile = base\n")
    ours.write(".aws/credentials", "[base]\n" + KEYS.format("AKIAIOSFODNN7EXAMPLE"))
    found = whoami(idle_cloud, ours).json()
    assert re.fullmatch(r"arn:aws:sts::123456789012:assumed-role/deployer/nimbus-\d+", found["arn"])
    ours.write("token", "a.b.c")
    ours.environment |= {"AWS_WEB_IDENTITY_TOKEN_FILE": f"{tmp_path}/token",
                         "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci", "AWS_ROLE_SESSION_NAME": "build-7"}
    ours.write(".aws/config", "")
    assert whoami(idle_cloud, ours).json()["arn"] == "arn:aws:sts::123456789012:assumed-role/ci/build-7"


# --- bad input ------------------------------------------------------------------------------------------------


def test_without_credentials_every_place_is_named(idle_cloud, home):
    ours = home(CASES["a default profile with only a Region"])
    said = whoami(idle_cloud, ours, code=1).stderr
    for place in ("AWS_ACCESS_KEY_ID", f"{ours.directory}/.aws/config", f"{ours.directory}/.aws/credentials",
                  "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                  "AWS_EC2_METADATA_DISABLED"):
        assert place in said, place
    assert "Run `aws login`, `aws configure sso` or `aws configure`" in said


def test_a_metadata_service_that_is_silent_is_not_waited_for(idle_cloud, home):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        ours = home(Case(environment={"AWS_EC2_METADATA_DISABLED": "",
                                      "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint}))
        refused = whoami(idle_cloud, ours, code=1)
    assert f"the instance metadata service did not answer at {endpoint}" in refused.stderr
    assert 1 <= refused.seconds < 5


def test_a_clock_that_is_wrong_is_told_by_how_much(idle_cloud, home, sign_in):
    sign_in.instead = lambda *_: (
        403, {"Date": email.utils.formatdate(time.time() + 20 * 60, usegmt=True)},
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error>"
        "</ErrorResponse>")
    said = whoami(idle_cloud, home(CASES["keys in the environment"]), code=1).stderr
    assert "This machine's clock is 20 minutes behind AWS's" in said


def test_expired_credentials_are_named(idle_cloud, home, sign_in):
    sign_in.instead = lambda *_: (
        403, {}, "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>")
    said = whoami(idle_cloud, home(CASES["keys in the environment"]), code=1).stderr
    assert "ExpiredToken" in said and "environment (AWS_ACCESS_KEY_ID)" in said


def test_a_proxys_web_page_is_no_answer(idle_cloud, home, sign_in):
    sign_in.instead = lambda *_: (403, {"Content-Type": "text/html"},
                                  "<html><head><title>Blocked by policy</title></head></html>")
    said = whoami(idle_cloud, home(CASES["keys in the environment"]), code=1).stderr
    assert "the answer is a web page, 'Blocked by policy' (HTTP status 403)" in said and "HTTPS_PROXY" in said


def test_no_network(idle_cloud, home):
    ours = home(Case(environment={**ENVIRONMENT_KEYS, "AWS_ENDPOINT_URL": "", "AWS_MAX_ATTEMPTS": "1",
                                  "https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}))
    said = whoami(idle_cloud, ours, code=1).stderr
    assert "STS gave no answer to GetCallerIdentity at https://sts.us-east-1.amazonaws.com" in said
    assert "Check the network, HTTPS_PROXY" in said


# --- in the middle of a deploy -----------------------------------------------------------------------------------


def keys_of_process(key: str) -> str:
    return json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "secret", "SessionToken": "t"})


@pytest.fixture
def expiring(moto, sign_in, projects, idle_cloud, home):
    """A deploy to moto with the keys of a credential_process, which AWS calls expired after the tenth call."""
    app = projects.testbed(idle_cloud, routes=["GET /ping"], sql=[])
    moto.client("s3").create_bucket(Bucket="state-bucket")
    (app.directory / ".nimbusrc").write_text(json.dumps(
        {"target": "aws", "bucket": "state-bucket", "region": "us-east-1"}))
    ours = home(Case(config="[default]\ncredential_process = cat {home}/keys.json\n",
                     files={"keys.json": keys_of_process("ASIAFIRST")}))
    signers = []
    when_expired = []

    def answer(method, target, headers, body):
        scope = headers["Authorization"].partition("Credential=")[2].split(",")[0].split("/")
        signers.append(scope[0])
        if scope[0] != "ASIAFIRST" or len(signers) <= 10:
            return sign_in.forward(moto.endpoint, method, target, headers, body)
        for act in when_expired:
            act()
        if scope[3] in ("iam", "sts", "s3"):
            error = "<Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error>"
            return 403, {}, error if scope[3] == "s3" else f"<ErrorResponse>{error}</ErrorResponse>"
        return 403, {"x-amzn-ErrorType": "ExpiredTokenException"}, json.dumps({"message": "The token is expired"})

    sign_in.instead = answer
    yield app, ours, signers, when_expired
    requests.post(f"{moto.endpoint}/moto-api/reset", timeout=60)
    (app.directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))


def test_credentials_that_expire_in_the_middle_of_a_deploy_are_renewed(expiring, moto):
    app, ours, signers, when_expired = expiring
    when_expired.append(lambda: ours.write("keys.json", keys_of_process("ASIASECOND")))
    app.deploy(env=ours.environment)
    assert {"ASIAFIRST", "ASIASECOND"} == set(signers)
    assert [f["Handler"] for f in moto.client("lambda").list_functions()["Functions"]] == ["get-ping"]


def test_credentials_that_cannot_be_renewed_end_a_deploy_with_a_sentence(expiring):
    app, ours, _, _ = expiring
    said = app.run("deploy", "--yes", env=ours.environment, code=1).stderr
    assert "ExpiredToken" in said
    assert "The credentials come from: profile 'default', credential_process." in said
