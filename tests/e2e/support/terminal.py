"""`nimbus …` on a terminal of its own, as a person has it."""

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time

from .cloud import NIMBUS, Cloud


class TerminalSession:
    """A command whose standard streams are a terminal; `shown` is what stands there so far."""

    def __init__(self, cloud: Cloud, *arguments, cwd=None, env=None, program=NIMBUS):
        self.controller, self.terminal = pty.openpty()
        self.shown = ""
        # Asked of this end: the other one hangs up when its session ends.
        self.settings = termios.tcgetattr(self.controller)
        self.process = subprocess.Popen(
            [program, *arguments], cwd=cwd or cloud.directory, stdin=self.terminal, stdout=self.terminal,
            stderr=self.terminal, env={**cloud.environment, "TERM": "xterm", **(env or {})}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def expect(self, text: str, seconds=60) -> None:
        """Waits until `text` is shown."""
        self._read_while(lambda: text not in self.shown, f"'{text}' to be shown", seconds)

    def type(self, text: str) -> None:
        os.write(self.controller, text.encode())

    def finish(self, seconds=60) -> int:
        """The exit code (negative: the signal), after all that was shown has been read."""
        self._read_while(lambda: self.process.poll() is None, "the command to end", seconds)
        self._read_while(self._has_more, "the rest", seconds)
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Does the terminal have the settings that it had before the command?"""
        return termios.tcgetattr(self.controller) == self.settings

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.controller)
        os.close(self.terminal)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _has_more(self, seconds=0.0) -> bool:
        return bool(select.select([self.controller], [], [], seconds)[0])

    def _read_while(self, condition, what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while condition():
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}; shown: {self.shown!r}"
            if self._has_more(0.05):
                try:
                    part = os.read(self.controller, 65536).decode(errors="replace")
                except OSError:  # hung up: all was read
                    self.process.wait(seconds)
                    return
                self.shown += re.sub(r"\r?\x1b\[[0-9;]*[A-Za-z]", "", part)
