"""What processes a test left behind.

Each pytest worker is a subreaper (prctl(2)): whatever a test started, however often it forked and
whichever parent died, stays a descendant of the worker and can be seen here.
"""

import ctypes
import dataclasses
import os
import pathlib

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int
    parent: int = dataclasses.field(compare=False)
    state: str = dataclasses.field(compare=False)
    start_time: int
    command: str = dataclasses.field(compare=False, default="")


def read_process(pid: int) -> Process | None:
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    name = stat.partition("(")[2].rpartition(")")[0]
    return Process(pid, int(fields[1]), fields[0], int(fields[19]), command.strip() or f"[{name}]")


def all_processes() -> list[Process]:
    found = (read_process(int(entry)) for entry in os.listdir("/proc") if entry.isdigit())
    return [process for process in found if process]


def descendants(root: int) -> list[Process]:
    """The living descendants of `root`; zombies of this process are reaped on the way."""
    children: dict[int, list[Process]] = {}
    for process in all_processes():
        children.setdefault(process.parent, []).append(process)
    found, queue = [], [root]
    while queue:
        for process in children.get(queue.pop(), []):
            queue.append(process.pid)
            if process.state == "Z":
                if process.parent == os.getpid():
                    reap(process.pid)
            else:
                found.append(process)
    return found


def reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def resident_bytes(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
