"""TLS for clients that have none: what they send in the clear goes to a database within TLS."""

import contextlib
import select
import socket
import ssl
import struct
import threading

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def _available(source: socket.socket) -> bytes | None:
    """What has come; None: nothing yet, only words of TLS's own. Empty: it has ended."""
    source.settimeout(0)
    try:
        return source.recv(65536)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
    finally:
        source.settimeout(None)


def _carry(client: socket.socket, database: ssl.SSLSocket) -> None:
    """On one thread: OpenSSL does not let two of them use a connection at once."""
    others = {client: database, database: client}
    while True:
        waiting = [database] if database.pending() else select.select(list(others), [], [])[0]
        for source in waiting:
            data = _available(source)
            if data == b"":
                return
            if data:
                others[source].sendall(data)


def _connect(host: str, ca_file: str) -> ssl.SSLSocket:
    plain = socket.create_connection((host, 5432), timeout=10)
    plain.sendall(SSL_REQUEST)
    assert plain.recv(1) == b"S"
    tls = ssl.create_default_context(cafile=ca_file).wrap_socket(plain, server_hostname=host)
    tls.settimeout(None)
    return tls


@contextlib.contextmanager
def plain_port_to(host: str, ca_file: str):
    """A port of 127.0.0.1 behind which the database at `host` is, without TLS, for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                with client, _connect(host, ca_file) as database:
                    _carry(client, database)

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()
