"""A signed call to the local cloud with nothing but Python's standard library, so that benchmarks
need no installed AWS client."""

import datetime
import hashlib
import hmac
import json
import urllib.parse
import urllib.request

REGION = "us-east-1"


def signed_request(endpoint: str, service: str, method: str, path: str, body: dict | None, credentials: dict):
    """Sends the call; returns the open answer. `path` has nothing to encode."""
    payload = b"" if body is None else json.dumps(body).encode()
    host = urllib.parse.urlsplit(endpoint).netloc
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/{service}/aws4_request"
    canonical = "\n".join([method, path, "", f"host:{host}", f"x-amz-date:{stamp}", "", "host;x-amz-date",
                           hashlib.sha256(payload).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + credentials["secretAccessKey"].encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return urllib.request.urlopen(urllib.request.Request(
        endpoint + path, data=payload or None, method=method, headers={
            "X-Amz-Date": stamp, "Content-Type": "application/json",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credentials['accessKeyId']}/{scope}, "
                             f"SignedHeaders=host;x-amz-date, Signature={signature}"}))
