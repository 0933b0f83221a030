"""TLS for clients that have none: what they send in the clear goes to a database within TLS."""

import contextlib
import socket
import ssl
import struct
import threading

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


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
                    answers = threading.Thread(target=_pump, args=(database, client))
                    answers.start()
                    _pump(client, database)
                    answers.join()

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()
