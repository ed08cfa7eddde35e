"""A server for what a real hub cannot be asked for: silence, broken answers, and every status there is."""

from __future__ import annotations

import json
import queue
import socket
import threading

PATIENCE = 20


class Exchange:
    """One request, and the connection that it came in on."""

    def __init__(self, connection: socket.socket, head: str) -> None:
        self.connection = connection
        self.head = head
        self.path = head.split(" ", 2)[1]

    def answer(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        """Answers with JSON and closes the connection."""
        content = b"" if status == 204 else json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} Fixture", "content-type: application/json", f"content-length: {len(content)}"]
        lines += ["connection: close", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        self.connection.close()

    def begin_events(self, text: str) -> None:
        """Begins a stream of events, and leaves it open."""
        head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        self.connection.sendall((head + text).encode())

    def break_off(self) -> None:
        """Closes the connection without another word."""
        self.connection.close()

    def wait_until_left(self) -> None:
        """Returns when the client has closed the connection; raises when it does not."""
        self.connection.settimeout(PATIENCE)
        try:
            while self.connection.recv(4096):
                pass
        except ConnectionResetError:
            pass
        finally:
            self.connection.close()


class FixtureServer:
    """Hands every request over to the test, which answers it or does not."""

    def __enter__(self) -> FixtureServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._requests: queue.Queue[Exchange] = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # `close` alone leaves the thread waiting in `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def request(self) -> Exchange:
        """The next request that came in."""
        return self._requests.get(timeout=PATIENCE)

    def answer_all(self, status: int, body: object) -> None:
        """Answers every request from now on alike."""

        def run() -> None:
            while True:
                self._requests.get().answer(status, body)

        threading.Thread(target=run, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(4096)
            if not received:
                return
            head += received
        self._requests.put(Exchange(connection, head.split(b"\r\n\r\n")[0].decode()))
