"""The local cloud as if it were AWS: by AWS's own variables, and through a proxy where a test wants one."""

import contextlib
import json

from .app import App
from .cloud import REGION

BUCKET = "state-bucket"


@contextlib.contextmanager
def aws_target(app: App, endpoint: str):
    """Gives the environment in which `app` is deployed to "AWS", which answers at `endpoint`."""
    app.cloud.client("s3").create_bucket(Bucket=BUCKET)
    settings = app.directory / ".nimbusrc"
    before = settings.read_text()
    settings.write_text(json.dumps({"target": "aws", "bucket": BUCKET, "region": REGION}))
    try:
        yield {**app.cloud.aws_environment(), "AWS_ENDPOINT_URL": endpoint}
    finally:
        settings.write_text(before)


def declare_all_kinds(app: App) -> None:
    """One of each: a database, an API, a secret and a timer."""
    document = app.declare(routes=["GET /ping"])
    document["secrets"] = [{"name": "stripe-key", "description": "Of the shop"}]
    document["timers"] = [{"name": "cleanup", "schedule": "rate(5 minutes)", "timezone": "UTC", "function": "get-ping"}]
