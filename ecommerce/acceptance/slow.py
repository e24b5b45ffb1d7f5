"""Clients that begin a request and fall silent."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ecommerce.acceptance.nginx import NAME, Door

HEADERS = f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: "
# As a proxy says it: the shop asks all others to come again by HTTPS, before it reads a body.
SECURE = "X-Forwarded-Proto: https\r\n"
BODY = f'POST /api/v1/webhooks/test HTTP/1.1\r\nHost: {NAME}\r\n{SECURE}Content-Length: 1000\r\n\r\n{{"id": "e'
# What they sent has by then reached whatever will wait for the rest.
ARRIVAL_SECONDS = 1.0


@contextmanager
def silent_clients(door: Door, said: str, count: int) -> Iterator[None]:
    """Keep `count` connections open that have sent `said` and no more."""
    with ExitStack() as kept:
        for _ in range(count):
            connection: socket.socket = kept.enter_context(socket.create_connection(("127.0.0.1", door.port)))
            if door.certificate:
                connection = kept.enter_context(door.context().wrap_socket(connection))
            connection.sendall(said.encode())
        time.sleep(ARRIVAL_SECONDS)
        yield
