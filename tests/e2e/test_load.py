"""64 concurrent clients on a route with SQL: no error, no leak of processes, connections or memory.

NIMBUS_LOAD_SECONDS sets for how long (the issue's figure is 60; 10 unless set).
"""

import http.client
import os
import threading
import time
import urllib.parse

from support.processes import descendants, open_files, resident_bytes
from support.waiting import wait_until

SECONDS = float(os.environ.get("NIMBUS_LOAD_SECONDS", "10"))
CLIENTS = 64


def drive(url: str, path: str, seconds: float, clients: int):
    """Keeps `clients` connections busy; returns the number of answers and what went wrong."""
    place = urllib.parse.urlsplit(url)
    end = time.monotonic() + seconds
    counts, failures = [0] * clients, []

    def client(index: int):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        try:
            while time.monotonic() < end:
                connection.request("GET", place.path + path)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    failures.append(f"{answer.status} {body[:200]!r}")
                counts[index] += 1
        except OSError as failure:
            failures.append(repr(failure))
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), failures


def count(cloud_pid: int):
    tree = descendants(cloud_pid)
    return len([p for p in tree if "bootstrap" in p.command]), len([p for p in tree if p.command.startswith("postgres:")])


def test_64_clients_on_a_route_with_sql(sql_app, module_cloud):
    app, pid = sql_app, module_cloud.status(fresh=True)["pid"]
    assert app.call("POST", "/init").status_code == 200
    app.call("POST", "/users", json={"name": "Alice", "email": "alice@example.com"})

    drive(app.url, "/users/count", 2, CLIENTS)  # all instances and connections are there now
    memory, files = resident_bytes(pid), open_files(pid)
    answers, failures = drive(app.url, "/users/count", SECONDS, CLIENTS)
    print(f"{answers} answers in {SECONDS:.0f} s")
    assert failures == []
    assert answers > 20 * SECONDS

    functions, backends = count(pid)
    assert functions <= CLIENTS + 8, "one instance per concurrent request"
    assert backends <= CLIENTS + 24, "one connection per instance"
    wait_until(lambda: open_files(pid) <= files + 16, "descriptors to be closed")
    assert resident_bytes(pid) < memory + 16 * 1024 * 1024

    # Deleting the functions ends their processes and with them their connections.
    app.destroy()
    wait_until(lambda: count(pid)[0] == 0, "the function's instances to end")
    before = count(pid)[1]
    assert before <= 16, "backends of PostgreSQL are gone with the instances"
