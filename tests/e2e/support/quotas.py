"""AWS's quotas, for the fault proxy: as many calls a second as AWS takes, and functions that are not ready at
once. In real time."""

import collections
import dataclasses
import json
import re
import time

from .fault_proxy import Call, EditAnswer, Fault, Refusal

#: How long a function is Pending, or its update InProgress.
SETTLING_SECONDS = 2.5

#: Calls a second and how many at once, by the name of a bucket. Sources: AWS Lambda's "Quotas" (API requests),
#: API Gateway's "Quotas for managing", CloudWatch Logs' "Quotas". Logs count by operation there; here together,
#: which is stricter.
LIMITS = {
    "API Gateway": (10, 40),
    "Lambda": (15, 15),
    "Lambda GetPolicy": (15, 15),
    "Lambda GetFunction": (100, 100),
    "CloudWatch Logs": (10, 10),
}

CHANGES_OF_FUNCTIONS = ("CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration")
READS_OF_FUNCTIONS = ("GetFunction", "GetFunctionConfiguration")


def bucket_of(call: Call) -> str | None:
    """Which quota it counts against."""
    if call.service == "lambda" and call.operation != "Invoke":
        own = f"Lambda {call.operation}"
        return own if own in LIMITS else "Lambda"
    return {"apigateway": "API Gateway", "logs": "CloudWatch Logs"}.get(call.service)


def least_seconds(calls: list[Call]) -> float:
    """How long the quotas alone make these calls last."""
    counts = collections.Counter(filter(None, map(bucket_of, calls)))
    return max((max(0, count - LIMITS[name][1]) / LIMITS[name][0] for name, count in counts.items()), default=0)


@dataclasses.dataclass
class Bucket:
    per_second: float
    burst: float
    tokens: float
    refilled: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.refilled) * self.per_second)
        self.refilled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def function_of(call: Call) -> str:
    if call.operation == "CreateFunction":
        return json.loads(call.body)["FunctionName"]
    return re.search(r"/functions/([^/?]+)", call.target).group(1)


class Quotas:
    """Its `decide` is one for a FaultProxy. `throttled` are the calls that it refused."""

    def __init__(self, settling: float = SETTLING_SECONDS):
        self.throttled: list[Call] = []
        self._settling = settling
        now = time.monotonic()
        self._buckets = {name: Bucket(rate, burst, burst, now) for name, (rate, burst) in LIMITS.items()}
        self._settled_at: dict[str, float] = {}

    def decide(self, call: Call) -> Fault:
        now = time.monotonic()
        name = bucket_of(call)
        if name and not self._buckets[name].take(now):
            self.throttled.append(call)
            return Refusal(429, "TooManyRequestsException" if call.service != "logs" else "ThrottlingException",
                           "Rate exceeded")
        if call.operation in CHANGES_OF_FUNCTIONS:
            return self._change(call, now)
        if call.operation in READS_OF_FUNCTIONS and now < self._settled_at.get(function_of(call), 0):
            return EditAnswer(unsettle)
        return None

    def _change(self, call: Call, now: float) -> Fault:
        name = function_of(call)
        if now < self._settled_at.get(name, 0):
            return Refusal(409, "ResourceConflictException", "The operation cannot be performed at this time. "
                           f"An update is in progress for resource: {name}")
        self._settled_at[name] = now + self._settling
        return EditAnswer(unsettle)


def unsettle(answer: dict) -> None:
    """As Lambda describes a function that it is still working on."""
    configuration = answer.get("Configuration", answer)
    configuration.update(State="Pending", LastUpdateStatus="InProgress")
