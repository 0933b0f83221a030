"""A debugger of Node.js, attached to the port of `nimbus dev --inspect`."""

import json
import select
import subprocess

from .cloud import ROOT
from .npm import environment


class Inspector:
    def __init__(self, port: int, file, line: int, expression: str):
        self.process = subprocess.Popen(
            ["node", "--experimental-websocket", ROOT / "tests" / "e2e" / "js" / "breakpoint.mjs", str(port), str(file),
             str(line), expression], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())

    def next(self):
        """What it says next; see breakpoint.mjs."""
        assert select.select([self.process.stdout], [], [], 60)[0], "it says nothing"
        return json.loads(self.process.stdout.readline())

    def resume(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.next() == "resumed"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
