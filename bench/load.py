"""`python -m bench.load`: the clients of the benchmark, in a process of their own with the standard library alone.

A line of standard input is a job as JSON, a line of standard output its
result. Every client has one connection, kept alive, and sends its next
request when it has read the whole answer to the last one. Nothing asks for
compressed answers. All clients share one thread: what it costs per answer is
the same for whoever is measured.
"""

import json
import random
import selectors
import socket
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, field
from itertools import count

SPOT = 50  # the body of every 50th unit is read as JSON; status and length of every one
FULL_PAGE = 20
ADDS_A_VISITOR = 3
DELIVERY = {
    "email": "load@example.org",
    "full_name": "Lena Load",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: bytes
    body: bytes

    def cookies(self) -> str:
        """What a jar would send back: ``name=value; …``, empty if none was set."""
        lines = self.head.decode("latin-1").split("\r\n")
        set_ = (line.partition(":")[2] for line in lines if line.lower().startswith("set-cookie:"))
        return "; ".join(cookie.partition(";")[0].strip() for cookie in set_)


class Wrong(Exception):
    """An answer that is not what was asked for."""


Unit = Generator[bytes, Answer, None]


@dataclass
class Job:
    """`variants` are ``[product id, variant id]``; all of `seconds` after `warm_up` count."""

    port: int
    operation: str
    clients: int
    seconds: float
    warm_up: float
    variants: list[list[int]]
    seed: int


@dataclass
class Result:
    """`times` are the units' milliseconds; `errors` says what was wrong with the first few."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def note(self, error: Exception) -> None:
        self.failed += 1
        if len(self.errors) < 3:
            self.errors.append(f"{type(error).__name__}: {error}")


def get(path: str) -> bytes:
    return f"GET /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, cookies: str = "", content: object = None) -> bytes:
    body = b"" if content is None else json.dumps(content).encode()
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    head += f"Cookie: {cookies}\r\n" if cookies else ""
    head += "Content-Type: application/json\r\n" if body else ""
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def expect(answer: Answer, *statuses: int) -> None:
    if answer.status not in statuses:
        raise Wrong(f"{answer.status}: {answer.body[:200]!r}")


class Shopper:
    """What one client does, one unit after another."""

    fresh = count(1)  # of all shoppers: no two ask for the same uncached list

    def __init__(self, job: Job, number: int) -> None:
        self.random = random.Random(job.seed * 1_000 + number)
        self.variants = job.variants
        self.units = 0
        self.cookies = ""

    def looks_closely(self) -> bool:
        self.units += 1
        return self.units % SPOT == 1

    def list_kept(self) -> Unit:
        yield from self._list(f"/products?limit={FULL_PAGE}")

    def list_uncached(self) -> Unit:
        yield from self._list(f"/products?limit={FULL_PAGE}&fresh={time.time_ns()}{next(self.fresh)}")

    def _list(self, path: str) -> Unit:
        answer = yield get(path)
        expect(answer, 200)
        if self.looks_closely() and len(json.loads(answer.body)) != FULL_PAGE:
            raise Wrong("the list is not a full page")

    def read(self) -> Unit:
        product_id, variant_id = self.random.choice(self.variants)
        answer = yield get(f"/products/{product_id}")
        expect(answer, 200)
        if self.looks_closely():
            product = json.loads(answer.body)
            if product["id"] != product_id or variant_id not in [variant["id"] for variant in product["variants"]]:
                raise Wrong(f"this is not product {product_id}")

    def add(self) -> Unit:
        """A visitor adds three things, the first without a cookie; then comes another visitor."""
        if self.units % ADDS_A_VISITOR == 0:
            self.cookies = ""
        yield from self._add()

    def _add(self) -> Unit:
        product_id, variant_id = self.random.choice(self.variants)
        answer = yield post(f"/cart?product_id={product_id}&variant_id={variant_id}&quantity=1", self.cookies)
        expect(answer, 200)
        self.cookies = answer.cookies() or self.cookies
        if self.looks_closely():
            cart = json.loads(answer.body)
            if not any(line["variant_id"] == variant_id for line in cart["items"]):
                raise Wrong("what was added is not in the cart")
            if round(sum(line["line_total"] for line in cart["items"]) - cart["subtotal"], 2):
                raise Wrong("the cart's lines are not its subtotal")

    def order(self) -> Unit:
        """A visitor adds one thing and checks out, without paying."""
        yield from self._order({}, "awaiting_payment")

    def order_paid(self) -> Unit:
        yield from self._order({**DELIVERY, "payment_token": "tok_visa"}, "paid")

    def _order(self, details: dict[str, str], status: str) -> Unit:
        self.cookies = ""
        yield from self._add()
        answer = yield post("/checkout", self.cookies, details)
        expect(answer, 201)
        order = json.loads(answer.body)
        if order["status"] != status:
            raise Wrong(f"the order is {order['status']}: {order['payment']}")
        if round(order["subtotal"] + order["shipping"] - order["total"], 2):
            raise Wrong("the order's parts are not its total")


class Connection:
    """A client's socket and the unit that it is at."""

    def __init__(self, port: int, next_unit: Callable[[], Unit]) -> None:
        self.port = port
        self.next_unit = next_unit
        self.received = bytearray()
        self.socket = self.connected()
        self.unit: Unit
        self.began = 0.0

    def connected(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def begin(self) -> None:
        self.unit = self.next_unit()
        self.began = time.perf_counter()
        self.socket.sendall(next(self.unit))

    def go_on(self) -> bool:
        """Read what has come; True once the unit is complete. Raises Wrong."""
        part = self.socket.recv(262_144)
        if not part:
            raise Wrong("the connection was closed")
        self.received += part
        answer = whole(self.received)
        if answer is None:
            return False
        try:
            self.socket.sendall(self.unit.send(answer))
        except StopIteration:
            return True
        return False


def whole(received: bytearray) -> Answer | None:
    """Take an answer out of what was received, once all of it is there. Raises Wrong for one of unknown length."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end])
    _before, found, after = head.lower().partition(b"\r\ncontent-length:")
    if not found:
        raise Wrong(f"no Content-Length: {head[:200]!r}")
    length = int(after.partition(b"\r\n")[0])
    if len(received) < end + 4 + length:
        return None
    answer = Answer(int(head[9:12]), head, bytes(received[end + 4 : end + 4 + length]))
    del received[: end + 4 + length]
    return answer


def run(job: Job) -> Result:
    """Keep all clients busy; a unit counts if it ended after the warm-up and in time."""
    shoppers = [Shopper(job, number) for number in range(job.clients)]
    connections = [Connection(job.port, getattr(shopper, job.operation)) for shopper in shoppers]
    result = Result()
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.begin()
        counted_from = time.perf_counter() + job.warm_up
        until = counted_from + job.seconds
        while (now := time.perf_counter()) < until:
            for key, _events in selector.select(until - now):
                advance(key.data, selector, result, counted_from, until)
    result.seconds = job.seconds
    for connection in connections:
        connection.socket.close()
    return result


def advance(
    connection: Connection, selector: selectors.BaseSelector, result: Result, counted_from: float, until: float
) -> None:
    try:
        if not connection.go_on():
            return
    except (Wrong, OSError, ValueError, KeyError) as error:
        result.note(error)
        selector.unregister(connection.socket)
        connection.socket.close()
        connection.received.clear()
        connection.socket = connection.connected()
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    else:
        ended = time.perf_counter()
        if counted_from <= ended <= until:
            result.times.append((ended - connection.began) * 1_000)
    connection.begin()


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(asdict(run(Job(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()
