"""`nimbus dev --json`, as an editor runs it."""

import json
import os
import select
import signal
import subprocess
import time

from .cloud import BUILD, NIMBUS, Cloud


class Dev:
    """A running `nimbus dev`; `events` are those that it has told so far. `before` goes before its
    command line."""

    def __init__(self, cloud: Cloud, directory, *arguments, before=()):
        self.events: list[dict] = []
        self._rest = b""
        self.process = subprocess.Popen(
            [*before, NIMBUS, "dev", "--json", *arguments], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # What is prepared once for a compiler is prepared once for all tests.
            env={**cloud.environment, "XDG_CACHE_HOME": str(BUILD / "test-env" / "cache")})

    def next(self, *names: str, seconds=60) -> dict:
        """The next event with one of these names."""
        deadline = time.monotonic() + seconds
        while True:
            line, found, rest = self._rest.partition(b"\n")
            if found:
                self._rest = rest
                self.events.append(json.loads(line))
                if self.events[-1]["event"] in names:
                    return self.events[-1]
                continue
            assert time.monotonic() < deadline, f"waited {seconds} s for {names}; told: {self.events}"
            if select.select([self.process.stdout], [], [], 0.05)[0]:
                part = os.read(self.process.stdout.fileno(), 65536)
                assert part, f"ended before {names}; told: {self.events}; {self.process.stderr.read().decode()}"
                self._rest += part

    def deployed(self) -> dict:
        """What it tells of the first deploy, once it watches."""
        deployed = self.next("deployed")
        self.next("watching")
        return deployed

    def url(self) -> str:
        """Where the application answers, once it does."""
        return self.deployed()["deployment"]["apis"][0]["url"]

    def end(self, number=signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()
        self.process.stdout.close()
        self.process.stderr.close()
