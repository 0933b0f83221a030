"""Between nimbus and a cloud: a proxy that knows which call it passes on, and does to it what networks
and AWS do. Tests say what happens to which call, and read afterwards what was called."""

import collections
import contextlib
import dataclasses
import functools
import http.client
import http.server
import json
import re
import socket
import threading
import urllib.parse
from collections.abc import Callable

import botocore.session

#: Services that are signed under another name than botocore's.
MODELS = {"apigateway": "apigatewayv2"}
READING = ("Get", "List", "Describe", "Head", "Assume")


@dataclasses.dataclass(frozen=True)
class Call:
    service: str  # as it is signed for: "apigateway", "s3"
    operation: str  # as AWS calls it: "CreateApi"
    nth: int  # of this operation, from 1; each time that it is sent counts
    method: str
    target: str
    body: bytes

    @property
    def is_change(self) -> bool:
        return not self.operation.startswith(READING)

    def __str__(self) -> str:
        return f"{self.operation} {self.nth}"


@dataclasses.dataclass(frozen=True)
class Refusal:
    """An answer in place of the cloud's, which does not see the call."""

    status: int
    code: str
    message: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, service: str) -> bytes:
        if service in ("iam", "sts"):
            return (f"<ErrorResponse><Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
                    "</ErrorResponse>").encode()
        if service == "s3":
            return f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>".encode()
        return json.dumps({"__type": self.code, "message": self.message}).encode()


class LoseAnswer:
    """The cloud acts, and the connection breaks before its answer arrives."""


@dataclasses.dataclass(frozen=True)
class Hold:
    """The call is under way until the test lets it go."""

    until: threading.Event


@dataclasses.dataclass(frozen=True)
class EditAnswer:
    """The cloud acts, and its answer, which is JSON, is changed on the way back."""

    edit: Callable[[dict], None]


#: What happens to a call; None: it is passed on.
Fault = Refusal | LoseAnswer | Hold | EditAnswer | None


@functools.cache
def rest_operations(service: str) -> list[tuple[str, re.Pattern, str]]:
    """Method, path and name of each operation of a service that tells them apart by these."""
    model = botocore.session.get_session().get_service_model(MODELS.get(service, service))
    found = []
    for name in model.operation_names:
        rule = model.operation_model(name).http
        path = re.escape(rule["requestUri"].partition("?")[0]).replace(r"\{", "{").replace(r"\}", "}")
        path = re.sub(r"\{[^}]*\\\+\}", ".+", path)
        found.append((rule["method"], re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path) + "/?"), name))
    return found


def service_of(headers) -> str:
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("Authorization", ""))
    return scope.group(1) if scope else "unsigned"


def operation_of(service: str, method: str, target: str, headers, body: bytes) -> str:
    path = target.partition("?")[0]
    if "X-Amz-Target" in headers:
        return headers["X-Amz-Target"].rpartition(".")[2]
    if service in ("iam", "sts"):
        return urllib.parse.parse_qs(body.decode())["Action"][0]
    if service == "s3":
        kind = "Object" if path.strip("/").count("/") else "Bucket"
        return {"PUT": "Put", "GET": "Get", "HEAD": "Head", "DELETE": "Delete", "POST": "Post"}[method] + kind
    for wanted, pattern, name in rest_operations(service):
        if method == wanted and pattern.fullmatch(path):
            return name
    raise AssertionError(f"{service} has no operation for {method} {target}")


class FaultProxy:
    """Counts all calls and asks `decide`, if there is one, what happens to each."""

    def __init__(self, upstream: str):
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.decide: Callable[[Call], Fault] | None = None
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._counts: collections.Counter[str] = collections.Counter()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def changes(self) -> list[Call]:
        return [call for call in self.calls() if call.is_change]

    def start_over(self, decide: Callable[[Call], Fault] | None = None) -> None:
        """Forgets what was called; `decide` holds from now on."""
        with self._lock:
            self._calls.clear()
            self._counts.clear()
            self.decide = decide

    def receive(self, method: str, target: str, headers, body: bytes) -> tuple[Call, Fault]:
        service = service_of(headers)
        operation = operation_of(service, method, target, headers, body)
        with self._lock:
            self._counts[operation] += 1
            call = Call(service, operation, self._counts[operation], method, target, body)
            self._calls.append(call)
            return call, self.decide(call) if self.decide else None

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client's, and one to the cloud for it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, proxy: FaultProxy, *arguments):
        self.proxy = proxy
        self.cloud = http.client.HTTPConnection(proxy.upstream, timeout=120)
        super().__init__(*arguments)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        call, fault = self.proxy.receive(self.command, self.path, self.headers, body)
        if isinstance(fault, Refusal):
            self._answer(fault.status, [("x-amzn-ErrorType", fault.code), *fault.headers], fault.body(call.service))
            return
        if isinstance(fault, Hold):
            assert fault.until.wait(timeout=60), f"{call} was never let go"
        self.cloud.request(self.command, self.path, body, dict(self.headers.items()))
        answer = self.cloud.getresponse()
        content = answer.read()
        if isinstance(fault, LoseAnswer):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if isinstance(fault, EditAnswer) and answer.status < 300:
            document = json.loads(content)
            fault.edit(document)
            content = json.dumps(document).encode()
        self._answer(answer.status, answer.getheaders(), content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _pass_on

    def _answer(self, status: int, headers, content: bytes) -> None:
        self.send_response_only(status)
        own = {"transfer-encoding", "connection"} | ({"content-length"} if self.command != "HEAD" else set())
        for name, value in headers:
            if name.lower() not in own:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def finish(self) -> None:
        self.cloud.close()
        with contextlib.suppress(OSError):  # the client may be gone
            super().finish()

    def log_message(self, *_) -> None:
        pass


@contextlib.contextmanager
def fault_proxy(upstream: str):
    proxy = FaultProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
