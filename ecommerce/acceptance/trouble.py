"""Trouble around the shop, measured: PostgreSQL refused and frozen, Redis away, clients that send slowly."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from statistics import median
from threading import Event, Thread

import psycopg

from ecommerce.acceptance.nginx import NAME, Door, nginx
from ecommerce.acceptance.races import PRODUCTS, Finding
from ecommerce.acceptance.servers import Server, postgresql, redis
from ecommerce.acceptance.slow import BODY, HEADERS, silent_clients
from ecommerce.acceptance.throwaway import Shop, shop
from ecommerce.acceptance.visitor import Visitor

READERS = 12  # more than the web workers have threads
AWAY_SECONDS = 8.0
REFUSED_LIMIT = 1.0
FROZEN_LIMIT = 5.0
RETURN_LIMIT = 10.0
SLOW_CLIENTS = 60


def trouble() -> Iterator[Finding]:
    with postgresql() as server, shop(server.url, WORKERS="2") as made:
        products = made.run(PRODUCTS.format(count=2, units=1000))
        with made.serving():
            yield absence(made, server, products, "stopped", server.stop, server.start, REFUSED_LIMIT)
            yield absence(made, server, products, "frozen", server.pause, server.resume, FROZEN_LIMIT)
            yield absence(made, server, products, "killed", server.kill, server.start, REFUSED_LIMIT)
    with redis() as server, shop("sqlite", CACHE_URL=server.url, WORKERS="2") as made:
        products = made.run(PRODUCTS.format(count=1, units=1000))
        with made.serving():
            yield without_cache(made, products, "frozen", server.pause)
            server.resume()
            yield without_cache(made, products, "killed", server.kill)
    with shop("sqlite", ALLOWED_HOSTS=NAME, TRUSTED_PROXIES="1", WORKERS="2") as made, made.serving():
        direct = Door(made.port)
        yield others_served(direct, HEADERS, "slow headers, directly", well=True)
        with nginx(made) as door:
            yield others_served(door, HEADERS, "slow headers, behind nginx", well=True)
            yield others_served(door, BODY, "slow bodies, behind nginx", well=True)
        yield others_served(direct, BODY, "negative control: slow bodies, directly", well=False)


@dataclass
class Answers:
    """What readers got who asked all the time: status, when (monotonic) and after how many seconds."""

    seen: list[tuple[int, float, float]] = field(default_factory=list)

    def slowest(self, *, status: int) -> float:
        return max((seconds for found, _, seconds in self.seen if found == status), default=0.0)

    def count(self, *, status: int) -> int:
        return sum(found == status for found, _, _ in self.seen)


@contextmanager
def readers(door: Door, path: str, count: int) -> Iterator[Answers]:
    """Let `count` readers ask for a page again and again until the block ends."""
    answers, ended = Answers(), Event()

    def read() -> None:
        while not ended.is_set():
            began = time.monotonic()
            try:
                status = door.get(path)[0]
            except (OSError, HTTPException):
                status = 0
            answers.seen.append((status, began, time.monotonic() - began))
            ended.wait(0.2)

    threads = [Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def absence(
    made: Shop,
    server: Server,
    products: list[list[int]],
    name: str,
    leave: Callable[[], None],
    come_back: Callable[[], None],
    limit: float,
) -> Finding:
    """PostgreSQL goes while readers ask for pages, stays away for 8 seconds and comes back."""
    visitor = Visitor(made.base)
    for (product_id, variant_id), quantity in zip(products, (3, 2), strict=True):
        visitor.keep_adding(product_id, variant_id, quantity)
    cart, sent = visitor.get("/cart/").quantities(), mails_sent(server)
    with readers(Door(made.port, host="127.0.0.1"), "/search/", READERS) as answers:
        time.sleep(1)
        leave()
        page = visitor.get("/cart/")
        time.sleep(AWAY_SECONDS)
        come_back()
        returned = time.monotonic()
        well = until(lambda: visitor.get("/cart/").quantities() == cart, since=returned)
        well = max(well, until(lambda: visitor.get("/readyz").status == 200, since=returned))
    ordered = until(lambda: visitor.post("/place_order/", **visitor.checkout_form()).order_token(), since=returned)
    mailed = until(lambda: mails_sent(server) > sent, since=returned)
    slowest, refused = answers.slowest(status=503), answers.count(status=503)
    page_took = answers.slowest(status=200)
    odd = len(answers.seen) - answers.count(status=200) - refused
    return Finding(
        f"PostgreSQL {name}, {READERS} readers",
        f"{refused} times 503, after at most {slowest:.2f} s (a page took up to {page_took:.2f} s), {odd} other "
        f"failures; after its return: the cart of {len(cart)} lines the same in {well:.2f} s, an order in "
        f"{ordered:.2f} s, its mail in {mailed:.2f} s",
        (page.status, bool(page.retry_after), len(cart), odd) == (503, True, 2, 0)
        and slowest <= limit
        and max(well, ordered, mailed) <= RETURN_LIMIT,
    )


def mails_sent(server: Server) -> int:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT count(*) FROM orders_ordermail WHERE sent_at IS NOT NULL").fetchone()[0]


def until(condition: Callable[[], object], *, since: float | None = None) -> float:
    """Seconds from `since`, by default now, until `condition` holds; infinite after half a minute."""
    since = time.monotonic() if since is None else since
    while time.monotonic() - since < 30:
        if condition():
            return time.monotonic() - since
        time.sleep(0.05)
    return float("inf")


def without_cache(made: Shop, products: list[list[int]], name: str, leave: Callable[[], None]) -> Finding:
    """Ten shoppers browse and buy, one after another, after Redis has gone."""
    leave()
    seconds, failures = [], 0
    for _ in range(10):
        visitor = Visitor(made.base)
        for path in ("/", "/search/", "/cart/", "/accounts/login/"):
            began = time.monotonic()
            failures += visitor.get(path).status != 200
            seconds.append(time.monotonic() - began)
        visitor.add(products[0][0])
        failures += not visitor.post("/place_order/", **visitor.checkout_form()).order_token()
    told = visitor.get("/readyz").status == 503
    violations = made.audit()
    return Finding(
        f"Redis {name}",
        f"10 shoppers: {failures} pages or orders failed, slowest page {max(seconds):.2f} s, median "
        f"{median(seconds):.3f} s; /readyz tells it: {told}; {len(violations)} audit violations",
        not failures and max(seconds) < FROZEN_LIMIT and told and not violations,
    )


def others_served(door: Door, said: str, name: str, *, well: bool) -> Finding:
    """Whether 50 requests are answered while 60 clients are silent."""
    answered, slowest = 0, 0.0
    with silent_clients(door, said, SLOW_CLIENTS):
        for _ in range(50):
            began = time.monotonic()
            try:
                answered += door.get("/search/", timeout=5)[0] == 200
            except (OSError, HTTPException):
                break
            slowest = max(slowest, time.monotonic() - began)
    return Finding(
        f"{SLOW_CLIENTS} {name}",
        f"{answered} of 50 requests answered, the slowest after {slowest:.2f} s",
        (answered == 50) is well,
    )
