"""Database clients as a person runs them after `nimbus local names`: the host's name is all they are given."""

import json
import pathlib
import subprocess
from collections.abc import Callable

from .cloud import Cloud
from .names import with_names

NOT_GIVEN = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "NIMBUS_HOSTS_FILE")


def client_runner(cloud: Cloud, cluster: dict, directory: pathlib.Path) -> Callable[..., dict]:
    """Runs a program with the cluster's name as its last argument, and no Region; gives what it prints as JSON."""
    environment = {name: value for name, value in cloud.aws_environment().items() if name not in NOT_GIVEN}

    def run(*program) -> dict:
        done = subprocess.run([*with_names(cloud, directory), *map(str, program), cluster["endpoint"]],
                              env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run
