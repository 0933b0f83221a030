"""moto in server mode: an emulator of AWS by other people, made from AWS's own service models."""

import contextlib
import socket
import subprocess
import sys
import urllib.request

import boto3

from .cloud import REGION
from .waiting import wait_until

CREDENTIALS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}


class Moto:
    def __init__(self, endpoint: str):
        self.endpoint = endpoint
        #: What a person exports to have Nimbus take it for AWS.
        self.environment = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION,
                            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
                            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"]}

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, **CREDENTIALS)

    def answers(self) -> bool:
        try:
            return urllib.request.urlopen(self.endpoint + "/moto-api/", timeout=5).status == 200
        except OSError:
            return False


@contextlib.contextmanager
def running_moto():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                              env={"PATH": "/usr/bin:/bin", "MOTO_IAM_LOAD_MANAGED_POLICIES": "false"},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    moto = Moto(f"http://127.0.0.1:{port}")
    try:
        wait_until(moto.answers, "moto to start", seconds=60)
        yield moto
    finally:
        server.terminate()
        server.wait()
