"""A witness's own server, as small as one can be: it keeps the lines that are posted to it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class Receiver:
    """Answers on a port of its own; says `answer` to whoever posts, or nothing while it is `silent`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.answer = 204
        self.silent = False
        self.authorization = ""
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/heads"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, body: str, authorization: str) -> int:
        self.authorization = authorization
        if self.silent:
            self._over.wait()
        if self.answer < 300:
            self.lines += body.splitlines()
        return self.answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                answer = receiver._take(body, self.headers.get("Authorization", ""))
                if not receiver.silent:
                    self.send_response(answer)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
