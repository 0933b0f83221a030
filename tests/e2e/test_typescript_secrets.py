"""How functions in TypeScript read secrets, judged by AWS's own signing code."""

import contextlib
import http.server
import json
import threading

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from support import npm

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/dev/stripe-key-AbCdEf"
CREDENTIALS = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token/==")
READ = "runtime.secrets.getString('stripe-key').then(console.log, (error) => console.log(error.name, error.message));\n"
PROGRAMS = {"read.mjs": "import { runtime } from '@hillock-tech/nimbus-js';\n" + READ,
            "read.cjs": "const { runtime } = require('@hillock-tech/nimbus-js');\n" + READ}


class Signed(http.server.BaseHTTPRequestHandler):
    """Gives the secret to whoever signs as botocore does."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        fields = dict(part.split("=", 1) for part in self.headers["authorization"].split(" ", 1)[1].split(", "))
        request = botocore.awsrequest.AWSRequest(
            "POST", f"http://{self.headers['host']}{self.path}", data=body,
            headers={name: self.headers[name] for name in fields["SignedHeaders"].split(";") if name != "host"})
        request.context["timestamp"] = self.headers["x-amz-date"]
        _, _, region, service, _ = fields["Credential"].split("/")
        auth = botocore.auth.SigV4Auth(CREDENTIALS, service, region)
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        is_right = (fields["Signature"], service, region) == (expected, "secretsmanager", "eu-central-1")
        is_right = is_right and self.headers["x-amz-security-token"] == CREDENTIALS.token
        is_right = is_right and json.loads(body) == {"SecretId": ARN}
        answer = {"SecretString": "sk_live_1"} if is_right else {"__type": "InvalidSignatureException"}
        self.send_response(200 if is_right else 403)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def secrets_manager():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Signed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def packages(projects):
    return npm.packages_of(projects)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("secret_key, shown", [
    (CREDENTIALS.secret_key, "sk_live_1"),
    ("another", "InvalidSignatureException The secret \"stripe-key\" cannot be read: InvalidSignatureException")])
def test_requests_are_signed_as_botocore_signs_them(packages, program, secret_key, shown):
    directory = packages.project("reads-secrets")
    (directory / program).write_text(PROGRAMS[program])
    with secrets_manager() as endpoint:
        done = npm.run(["node", program], directory, variables={
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint, "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key, "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_SESSION_TOKEN": CREDENTIALS.token, "SECRET_STRIPE_KEY_ARN": ARN})
    assert done.stdout == shown + "\n"
