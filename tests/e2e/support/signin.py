"""What people and machines get their AWS credentials from, by one server: STS, IAM Identity Center (portal and
OIDC), AWS Sign-In, a container's and an EC2 instance's metadata. Keys are made from what was asked for and by
whom, so that two clients that do the same get the same."""

import contextlib
import http.server
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

EXPIRES = "2033-05-18T03:33:20Z"

ROLE_ANSWER = """<{operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{operation}Result>
<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/{role}/s</Arn>
</AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>token-of-{key}</SessionToken><Expiration>{expires}</Expiration></Credentials></{operation}Result>
</{operation}Response>"""

IDENTITY_ANSWER = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:{key}</Arn><UserId>{token}</UserId>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


class SignIn:
    def __init__(self, port: int):
        self.endpoint = f"http://127.0.0.1:{port}"
        #: Method, path, headers and body of each request, in order.
        self.requests = []
        #: Answers given in place of the usual ones: a function of the request (its body as Latin-1) to
        #: (status, headers, body) or None.
        self.instead = lambda method, path, headers, body: None

    def forward(self, endpoint: str, method: str, target: str, headers, body: str):
        """What the server at `endpoint` answers to the request."""
        request = urllib.request.Request(endpoint + target, data=body.encode("latin-1") or None, method=method,
                                         headers={name: value for name, value in headers.items()
                                                  if name.lower() not in ("host", "connection")})
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        kept = {name: value for name, value in answer.headers.items()
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server")}
        if method == "HEAD" and "Content-Length" in answer.headers:
            kept["Content-Length"] = answer.headers["Content-Length"]
        return answer.status, kept, answer.read()

    def operations(self) -> list[str]:
        """Action=… of the calls to STS, else the path."""
        return [dict(urllib.parse.parse_qsl(body)).get("Action", path) for _, path, _, body in self.requests]

    def answer(self, method: str, target: str, headers, body: str):
        path, _, query = target.partition("?")
        form = dict(urllib.parse.parse_qsl(body)) if method == "POST" and path == "/" else {}
        caller = headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]
        operation = form.get("Action")
        if operation == "GetCallerIdentity":
            return xml(IDENTITY_ANSWER.format(key=caller, token=headers.get("X-Amz-Security-Token", "no-token")))
        if operation == "AssumeRole":
            role = form["RoleArn"].rpartition("/")[2]
            code = form.get("TokenCode", "")
            return xml(ROLE_ANSWER.format(operation=operation, role=role, expires=EXPIRES,
                                          key=f"ASIA-{role}-by-{caller}{'-with-' + code if code else ''}"))
        if operation == "AssumeRoleWithWebIdentity":
            role = form["RoleArn"].rpartition("/")[2]
            return xml(ROLE_ANSWER.format(operation=operation, role=role, expires=EXPIRES,
                                          key=f"ASIA-{role}-for-{form['WebIdentityToken']}"))
        if path == "/federation/credentials":
            asked = dict(urllib.parse.parse_qsl(query))
            key = f"ASIA-{asked['role_name']}-{asked['account_id']}-{headers['x-amz-sso_bearer_token']}"
            return as_json({"roleCredentials": {"accessKeyId": key, "secretAccessKey": "secret",
                                                "sessionToken": f"token-of-{key}", "expiration": 2000000000000}})
        if path == "/token":
            renewed = json.loads(body)["refreshToken"].replace("refresh", "renewed")
            return as_json({"accessToken": renewed, "tokenType": "Bearer", "expiresIn": 28800})
        if path == "/v1/token":
            return as_json({"accessToken": {"accessKeyId": "ASIA-login-renewed", "secretAccessKey": "secret",
                                            "sessionToken": "token-of-ASIA-login-renewed"},
                            "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "refresh-2"})
        if path == "/container":
            return as_json(document(f"ASIA-container-{headers.get('Authorization', 'open')}"))
        if (method, path) == ("PUT", "/latest/api/token"):
            return 200, {}, "imds-token"
        if path.startswith("/latest/meta-data/iam/security-credentials/"):
            if headers.get("X-aws-ec2-metadata-token") != "imds-token":
                return 401, {}, "Unauthorized"
            role = path.rpartition("/")[2]
            return as_json({"Code": "Success", **document(f"ASIA-instance-{role}")}) if role else (200, {}, "server")
        return 404, {}, "not found"


def document(key: str) -> dict:
    return {"AccessKeyId": key, "SecretAccessKey": "secret", "Token": f"token-of-{key}", "Expiration": EXPIRES}


def xml(text: str):
    return 200, {"Content-Type": "text/xml"}, text


def as_json(value: dict):
    return 200, {"Content-Type": "application/json"}, json.dumps(value)


@contextlib.contextmanager
def running_sign_in():
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("latin-1")
            sign_in.requests.append((self.command, self.path, dict(self.headers), body))
            asked = (self.command, self.path, self.headers, body)
            status, headers, text = sign_in.instead(*asked) or sign_in.answer(*asked)
            content = text if isinstance(text, bytes) else text.encode()
            self.send_response_only(status)
            for name, value in {"Date": self.date_time_string(time.time()), **headers}.items():
                self.send_header(name, value)
            if self.command != "HEAD":
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = handle_one

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sign_in = SignIn(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield sign_in
        finally:
            server.shutdown()
            thread.join()
