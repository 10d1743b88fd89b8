"""A small HTTP server on loopback that answers as ClickHouse does, by the engine in this process.

It stands where no real server can run: its statements are carried out by the real engine, and it
can refuse, stall, lose answers, or be another program.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

OWN = {
    "database", "query", "compress", "decompress", "wait_end_of_query", "client_protocol_version",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "session_id", "query_id", "buffer_size",
}  # fmt: skip
USER, PASSWORD = "askfirst", "s3cret-pass"


class Refusal(Exception):
    """An answer with an error, as the server gives it."""

    def __init__(self, status: int, code: int | None, body: str) -> None:
        super().__init__(body)
        self.status, self.code, self.body = status, code, body


Behaviour = Callable[["Handler", str, Callable[[], bytes]], bytes]


def usual(_handler: Handler, _sql: str, answer: Callable[[], bytes]) -> bytes:
    return answer()


class Server(ThreadingHTTPServer):
    """The server; `behaviour` decides what becomes of each statement."""

    daemon_threads = True

    def __init__(self, chdb: Any, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.chdb = chdb
        self.behaviour: Behaviour = usual
        self.requests: list[tuple[str, str]] = []  # the path of each, and its statement

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self._body()
        address = urlsplit(self.path)
        fields = dict(parse_qsl(address.query, keep_blank_values=True))
        form = self._form(body)
        fields |= form
        sql = fields.get("query", "")
        if not sql:
            sql, body = body.decode(), b""
        self.server.requests.append((self.path, sql))
        try:
            self._check_user()
            data = b"" if form else body
            found = self.server.behaviour(self, sql, lambda: self._carried_out(sql, fields, data))
        except Refusal as refusal:
            headers = {"X-ClickHouse-Exception-Code": str(refusal.code)} if refusal.code else {}
            self._answer(refusal.status, refusal.body.encode(), headers)
        except Exception as error:  # noqa: BLE001 - as the engine words it
            text = str(error)
            code = text.split("Code: ", 1)[-1].split(".", 1)[0]
            self._answer(500, text.encode(), {"X-ClickHouse-Exception-Code": code})
        else:
            self._answer(200, found, {"X-ClickHouse-Timezone": "UTC"})

    do_GET = do_POST

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(parts)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return body

    def _form(self, body: bytes) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return {}
        parsed = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(
                decode=True
            ).decode()
            for part in parsed.get_payload()
        }

    def _check_user(self) -> None:
        import base64

        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            text = "Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)"
            raise Refusal(403, 516, text)

    def _carried_out(self, sql: str, fields: dict[str, str], body: bytes) -> bytes:
        database = fields.get("database", "default")
        params = {n[6:]: v for n, v in fields.items() if n.startswith("param_")}
        settings = {
            name: value
            for name, value in fields.items()
            if name not in OWN and not name.startswith("param_")
        }
        with contextlib.closing(self.server.chdb.raw(database)) as connection:
            for name, value in settings.items():
                text = value.replace("\\", "\\\\").replace("'", "\\'")
                connection.query(f"SET {name} = '{text}'", "TabSeparated")
            if body:
                return self._inserted(connection, sql, body)
            kind = "Native" if "FORMAT Native" in sql else "TabSeparated"
            return connection.query(sql, kind, params=params).bytes() or b""

    def _inserted(self, connection: Any, sql: str, body: bytes) -> bytes:
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            start, kind = sql.rsplit(" FORMAT ", 1)
            connection.query(f"{start} FROM INFILE '{file.name}' FORMAT {kind}", "TabSeparated")
        return b""

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def serving(chdb: Any, port: int = 0) -> Iterator[Server]:
    server = Server(chdb, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
