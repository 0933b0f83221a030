"""Waiting for something to become true, with a deadline instead of a guess."""

import time


def wait_until(condition, what: str, seconds: float = 20.0, interval: float = 0.02):
    """Polls `condition` until it gives something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(f"after {seconds:.0f} s still waiting: {what}")
        time.sleep(interval)
