"""A connection that tells a slow statement from a server that answers nobody."""

import time
from typing import Any, ClassVar, Self, TypeVar

import psycopg
from psycopg.abc import PQGen

SILENCE_SECONDS = 1.0
# psycopg takes no less than two seconds.
CONNECT_SECONDS = 2
# After a time-out nobody else tries for so long: requests that queued up meanwhile are answered at once.
BACK_OFF_SECONDS = 1.0

Result = TypeVar("Result")


class ServerSilent(psycopg.OperationalError):
    """The server neither accepts nor refuses: it is frozen, or the way to it is cut."""


class Server:
    """What all threads of this process know about one server."""

    known: ClassVar[dict[tuple[Any, Any], Self]] = {}

    def __init__(self) -> None:
        self.silent_until = 0.0  # time.monotonic()

    @classmethod
    def at(cls, host: Any, port: Any) -> Self:
        return cls.known.setdefault((host, port), cls())

    def is_silent(self) -> bool:
        return time.monotonic() < self.silent_until

    def note_silence(self) -> None:
        self.silent_until = time.monotonic() + BACK_OFF_SECONDS


class WatchedConnection(psycopg.Connection[Any]):
    """While a statement is silent, asks every `SILENCE_SECONDS` by another connection whether the server still answers.

    A frozen server is so told from a statement that takes long or waits for a
    lock, which may go on. `time_limit` (seconds), when set, ends any wait.
    """

    server: Server
    opened_with: dict[str, Any]
    time_limit: float | None = None

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """Raise ServerSilent after `connect_timeout` seconds, and at once shortly after such a time-out."""
        options = {"connect_timeout": CONNECT_SECONDS} | options
        server = Server.at(options.get("host"), options.get("port"))
        if server.is_silent():
            raise ServerSilent("the server did not answer a moment ago")
        try:
            connection = super().connect(conninfo, **options)
        except psycopg.errors.ConnectionTimeout as error:
            server.note_silence()
            raise ServerSilent("the server does not answer") from error
        connection.server = server
        connection.opened_with = {"conninfo": conninfo, **options}
        return connection

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        limit = self.time_limit if timeout is None else timeout
        return super().wait(self.watched(gen), interval, limit)

    def watched(self, gen: PQGen[Result]) -> PQGen[Result]:
        """Hand the steps of `gen` on; raise ServerSilent, the connection closed, when the server is frozen."""
        try:
            step = next(gen)
            heard_at = time.monotonic()
            while True:
                ready = yield step
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > SILENCE_SECONDS:
                    self.ask_server()
                    heard_at = time.monotonic()
                step = gen.send(ready)
        except StopIteration as end:
            result: Result = end.value
            return result

    def ask_server(self) -> None:
        """Raise ServerSilent if the server says nothing to a newcomer; a refusal is an answer too."""
        try:
            type(self).connect(**self.opened_with).close()
        except ServerSilent:
            self.pgconn.finish()
            raise
        except psycopg.OperationalError:
            return
