"""Whose credentials Nimbus finds: the same as botocore in the same home and environment, and a sentence where
there are none."""

import base64
import email.utils
import hashlib
import http.server
import itertools
import json
import pathlib
import re
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.parse

import boto3
import botocore.config
import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from support.homes import (CASES, ENVIRONMENT_KEYS, KEYS, PROCESS, ROLE, SSO, SSO_SESSION, Case, Home, in_minutes,
                           profile, sso_cache, sso_token)
from support.signin import EXPIRES, running_sign_in
from support.terminal import TerminalSession

BOTOCORE = """
import json, botocore.session
session = botocore.session.get_session()
credentials = session.get_credentials()
frozen = credentials.get_frozen_credentials()
print(json.dumps({"accessKeyId": frozen.access_key, "token": frozen.token or "no-token"}))
"""


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


# --- what is not sent or waited for ---------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "where"), [
    (Case(environment={**ENVIRONMENT_KEYS, "AWS_ACCESS_KEY_ID": "AKIA\r"}), "The variable AWS_ACCESS_KEY_ID"),
    (Case(environment={**ENVIRONMENT_KEYS, "AWS_SESSION_TOKEN": "a\r\nX-Evil: 1"}), "The variable AWS_SESSION_TOKEN"),
    (Case(credentials="[default]\naws_access_key_id = AKIA\n  more\naws_secret_access_key = s\n"),
     "The access key ID of profile 'default'"),
    (Case(config="[default]\n" + PROCESS.replace('"s"', r'"s\\r"')),
     "The secret access key of profile 'default', credential_process"),
    (Case(config="[default]\nsso_session = corp\n" + SSO + SSO_SESSION,
          files={sso_cache("corp"): sso_token("access\r\nX-Evil: 1", 60)}), "has a damaged token in "),
])
def test_no_key_with_a_control_character_is_sent(idle_cloud, home, sign_in, case, where):
    refused = whoami(idle_cloud, home(case), code=1).stderr
    assert where in refused and "\r" not in refused, refused
    assert sign_in.requests == []


def test_a_credential_process_may_ask_on_the_terminal(idle_cloud, home):
    process = PROCESS.replace("echo '", """printf 'Code? ' >/dev/tty; read code </dev/tty; echo '""").replace(
        '"s"', '"'"'\"$code\"'"'"')
    ours = home(Case(config="[default]\n" + process))
    with TerminalSession(idle_cloud, "whoami", "--aws", cwd=ours.directory, env=ours.environment) as session:
        session.expect("Code?")
        session.type("123456\n")
        assert session.finish() == 0, session.shown
    assert "AKIAPROCESS" in session.shown


def test_a_credential_process_that_writes_without_end_is_stopped(idle_cloud, home):
    refused = whoami(idle_cloud, home(Case(config="[default]\ncredential_process = sh -c yes\n")), code=1).stderr
    assert "wrote more than 1 MiB and was stopped" in refused


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
    assert "no person is there to type it" in refused and "`AWS_PROFILE=admin nimbus whoami --aws`" in refused


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


def test_an_sts_that_is_silent_is_not_waited_for(idle_cloud, home):
    """Neither for a role nor for who calls: three attempts of five seconds."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        config = (f"[default]\n{ROLE.format('deployer')}source_profile = base\n"
                  f"[profile base]\n{KEYS.format('AKIABASE')}")
        ours = home(Case(config=config, environment={"AWS_ENDPOINT_URL": endpoint}))
        refused = whoami(idle_cloud, ours, code=1)
    assert f"STS gave no answer to AssumeRole at {endpoint}: " in refused.stderr
    assert 10 <= refused.seconds < 25


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


# --- endpoints ------------------------------------------------------------------------------------------------


@pytest.fixture
def refusing_proxy():
    """A proxy that connects to nobody; gives its URL and the hosts that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            asked.append(self.path.removesuffix(":443"))
            self.send_error(403)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_regions_fips_and_dual_stack_have_botocores_endpoints(idle_cloud, home, refusing_proxy, region):
    proxy, asked = refusing_proxy
    expected = []
    for fips, dual_stack in itertools.product((False, True), repeat=2):
        if fips and region.startswith("cn-"):
            continue  # there are none
        client = boto3.client("sts", region_name=region, aws_access_key_id="a", aws_secret_access_key="b",
                              config=botocore.config.Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack))
        expected.append(urllib.parse.urlparse(client.meta.endpoint_url).hostname)
        ours = home(Case(config=f"[default]\nregion = {region}\nuse_dualstack_endpoint = {dual_stack}\n",
                         environment={**ENVIRONMENT_KEYS, "AWS_ENDPOINT_URL": "", "AWS_REGION": "",
                                      "AWS_DEFAULT_REGION": "", "AWS_USE_FIPS_ENDPOINT": str(fips).lower(),
                                      "AWS_MAX_ATTEMPTS": "1", "HTTPS_PROXY": proxy}))
        said = whoami(idle_cloud, ours, code=1).stderr
        assert f"https://{expected[-1]}" in said and "response 403" in said
    assert asked == expected


def test_china_has_no_fips_endpoints(idle_cloud, home):
    ours = home(Case(environment={**ENVIRONMENT_KEYS, "AWS_ENDPOINT_URL": "", "AWS_REGION": "cn-north-1",
                                  "AWS_USE_FIPS_ENDPOINT": "true"}))
    said = whoami(idle_cloud, ours, code=1).stderr
    assert "Region cn-north-1 has no FIPS endpoints" in said and "AWS_USE_FIPS_ENDPOINT" in said


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
