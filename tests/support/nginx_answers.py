"""A server that nginx passes requests to, requests to nginx, and nginx with a text."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from signal import SIGQUIT

from support.programs import as_ordinary_user, find, listening, running

LIMIT = 10


class Echo:
    """A server that agrees to any websocket, and then sends back what it gets; it keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(LIMIT)
                request = connection.recv(65536).decode()
                self.requests.append(request)
                if "upgrade: websocket" in request.lower():
                    connection.sendall(b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
                    connection.sendall(connection.recv(100))
                else:
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nweb\n"
                    )

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


def asked(address: tuple[str, int], path: str, *headers: str, tls: bool = False, host: str = "x.org") -> str:
    """The answer of nginx to a request, and to what follows an upgrade."""
    with socket.create_connection(address, timeout=LIMIT) as raw:
        context = ssl._create_unverified_context()  # noqa: S323 - the certificate is a throw-away one
        with context.wrap_socket(raw) if tls else raw as connection:
            lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(headers or ("Connection: close",)), "", ""]
            connection.sendall("\r\n".join(lines).encode())
            answer = connection.recv(65536)
            if answer.startswith(b"HTTP/1.1 101"):
                connection.sendall(b"hello")
                answer += connection.recv(100)
            else:
                while more := connection.recv(65536):
                    answer += more
    return answer.decode()


def whole(folder: Path, text: str, user: str = "") -> str:
    """A configuration with all that nginx writes in a folder."""
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in names)
    start = f"pid {folder}/pid; {user} error_log stderr; events {{}}"
    return f"{start} http {{ access_log off; {temporary}\n{text}\n}}"


def served(folder: Path, text: str, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """nginx with this text, run by an ordinary user."""
    (folder / "nginx.conf").write_text(whole(folder, text))
    command = [find("nginx"), "-e", "stderr", "-c", folder / "nginx.conf", "-g", "daemon off;"]
    command = as_ordinary_user(*command, "-p", f"{folder}/")
    return running(command, folder / "log", listening(port), stop=SIGQUIT, cwd=folder)
