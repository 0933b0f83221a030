"""The figures of the gateway: a function that does next to nothing, and nginx in front of nginx, which is a bare
answer over two hops. Both sides alternate, so that other work on the machine meets both."""

import pathlib
import shutil
import socket
import statistics
import subprocess

from measure import ROOT, Bench, Figure, Home, wrk

BEHIND = """default_type application/json; return 200 '{"hello":"world"}';"""
BEFORE = """proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";"""

CONFIGURATION = """
worker_processes 2; daemon on; pid %(directory)s/pid; error_log %(directory)s/error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path %(directory)s; proxy_temp_path %(directory)s; fastcgi_temp_path %(directory)s;
  uwsgi_temp_path %(directory)s; scgi_temp_path %(directory)s;
  upstream behind { server 127.0.0.1:%(other)d; keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:%(port)d; location / { %(answer)s } }
}
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Nginx:
    """One that answers, or that asks the one at `other`."""

    def __init__(self, directory: pathlib.Path, answer: str, other: int = 1):
        directory.mkdir()
        self.port = free_port()
        self.command = ["nginx", "-c", str(directory / "nginx.conf")]
        (directory / "nginx.conf").write_text(
            CONFIGURATION % {"directory": directory, "port": self.port, "other": other, "answer": answer})
        subprocess.run(self.command, check=True, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        subprocess.run([*self.command, "-s", "stop"], check=True, stderr=subprocess.DEVNULL)


class BenchOfGateway(Bench):
    ROUNDS = 3
    CONNECTIONS = (1, 8, 64)

    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.with_nginx: dict[int, list[tuple[dict, dict]]] = {}

    def compare_with_nginx(self) -> None:
        """Fills in `with_nginx`: for each number of connections, ours and nginx's in each round."""
        project = self.work / "hello"
        shutil.copytree(ROOT / "examples" / "hello", project)
        (project / ".nimbusrc").write_text('{"target": "local"}')
        home = Home(self.work, "gateway-home", project)
        servers = []
        try:
            url = home.deploy()[0]["apis"][0]["url"] + "/hello/world"
            servers.append(Nginx(self.work / "nginx-behind", BEHIND))
            servers.append(Nginx(self.work / "nginx-before", BEFORE, servers[0].port))
            bare = f"http://127.0.0.1:{servers[1].port}/hello/world"
            for connections in self.CONNECTIONS:
                for one in (url, bare):
                    wrk(one, 2, connections)
                self.with_nginx[connections] = [(wrk(url, self.seconds, connections), wrk(bare, self.seconds, connections))
                                              for _ in range(self.ROUNDS)]
        finally:
            for server in servers:
                server.stop()
            home.erase()

    def to_nginx(self, connections: int, what: str) -> Figure:
        if not self.with_nginx:
            self.compare_with_nginx()
        pairs = [(ours[what], bare[what]) for ours, bare in self.with_nginx[connections]]
        return Figure(statistics.median(ours / bare for ours, bare in pairs), len(pairs), {"ours and nginx": pairs})

    def gateway_1(self) -> Figure:
        return self.to_nginx(1, "requests_per_second")

    def gateway_1_p99(self) -> Figure:
        return self.to_nginx(1, "p99_ms")

    def gateway_8(self) -> Figure:
        return self.to_nginx(8, "requests_per_second")

    def gateway_8_p99(self) -> Figure:
        return self.to_nginx(8, "p99_ms")

    def gateway_64(self) -> Figure:
        return self.to_nginx(64, "requests_per_second")

    def gateway_64_p99(self) -> Figure:
        return self.to_nginx(64, "p99_ms")
