"""The shop and its peers side by side, with the same products and one load generator, and what must be true of them."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from bench.load import FULL_PAGE, Job, Result
from ecommerce.acceptance.console import Console, console
from ecommerce.acceptance.program import DELIVERY, Program
from ecommerce.acceptance.throwaway import ROOT, Shop, free_port, shop, wait_for

PRODUCTS = 200
CHANGES = 20
TASK_SECONDS = 60.0
SETTINGS = {"DEBUG": "off", "RATE_LIMITS": "off", "WORKERS": "2"}
SETUP = f"""
from django.db import connection
from django.utils import timezone
from accounts import tokens
from accounts.models import User
from catalog import stock
from catalog.demo.assortment import demo_products
from catalog.models import StockRecord
from ecommerce.demo.catalogue import load_products
at = timezone.now()
for _ in load_products(demo_products()[:{PRODUCTS}], at=at):
    pass
stock.receive(dict.fromkeys(StockRecord.objects.values_list("variant_id", flat=True), 1_000_000), at=at)
connection.cursor().execute("ANALYZE")
result, _ = tokens.issue(User.objects.create_superuser("bench@example.org"), at=at)
"""
BACKLOG = """
from django_tasks_db.models import DBTaskResult
result = (DBTaskResult.objects.ready() | DBTaskResult.objects.running()).count()
"""


class Load:
    """The process with the clients."""

    def __init__(self, process: "subprocess.Popen[str]", variants: list[list[int]]) -> None:
        self.process = process
        self.variants = variants
        self.rounds = 0

    def measure(self, port: int, operation: str, clients: int, seconds: float) -> Result:
        self.rounds += 1
        job = Job(port, operation, clients, seconds, min(0.5, seconds / 3), self.variants, self.rounds)
        print(json.dumps(asdict(job)), file=self.process.stdin, flush=True)
        assert self.process.stdout is not None
        return Result(**json.loads(self.process.stdout.readline()))


@dataclass
class Ring:
    """The shop and its peers, with the same products, at the same time."""

    shop: Shop
    console: Console
    token: str
    peers: dict[int, int]  # port by number of workers
    load: Load

    def rest(self) -> None:
        """Wait for the shop's mails and the like, which would slow the peer down. Raises TimeoutError."""
        deadline = time.monotonic() + TASK_SECONDS
        while self.console.run(BACKLOG):
            if time.monotonic() > deadline:
                raise TimeoutError("the shop's tasks do not end")
            time.sleep(0.1)


@contextmanager
def ring(vendor: str) -> Iterator[Ring]:
    with ExitStack() as stack:
        made = stack.enter_context(shop(vendor, **SETTINGS))
        token = str(made.run(SETUP))
        stack.enter_context(made.serving())
        prompt = stack.enter_context(console(made))
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "products.json"
        file.write_bytes(fetched(f"{made.base}/api/v1/products?limit={PRODUCTS + 1}"))
        products = json.loads(file.read_bytes())
        if len(products) != PRODUCTS:
            raise RuntimeError(f"the shop has {len(products)} products, not {PRODUCTS}")
        variants = [[product["id"], product["variants"][0]["id"]] for product in products]
        peers = {workers: stack.enter_context(peer(file, workers)) for workers in (1, 2)}
        load = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "bench.load"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        yield Ring(made, prompt, token, peers, Load(load, variants))


@contextmanager
def peer(products: Path, workers: int) -> Iterator[int]:
    """Serve `bench.peer` with uvloop and httptools; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.peer:app", "--port", str(port), "--workers", str(workers)]
    command += ["--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PEER_PRODUCTS": str(products)})
    try:
        wait_for(f"http://127.0.0.1:{port}/api/v1/products?limit=1", process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def fetched(url: str, *, content: object = None, token: str = "") -> bytes:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    body = None if content is None else json.dumps(content).encode()
    with urlopen(Request(url, data=body, headers=headers), timeout=30) as answer:
        return answer.read()


def check_same_fields(ring: Ring) -> None:
    """Raises RuntimeError unless shop and peer give the same fields."""
    ours, theirs = (
        answers(f"http://127.0.0.1:{port}", ring.load.variants[0]) for port in (ring.shop.port, ring.peers[1])
    )
    for path, answer in ours.items():
        if shape(answer) != shape(theirs[path]):
            raise RuntimeError(f"{path}: the shop gives {shape(answer)}, the peer {shape(theirs[path])}")


def answers(base: str, variant: list[int]) -> dict[str, Any]:
    """What a program gets for each operation of the benchmark."""
    program = Program(base)
    product_id, variant_id = variant
    asked = {
        f"/products?limit={FULL_PAGE}": ("GET", None),
        f"/products/{product_id}": ("GET", None),
        f"/cart?product_id={product_id}&variant_id={variant_id}&quantity=1": ("POST", None),
        "/checkout": ("POST", DELIVERY),
    }
    return {path: program.send(method, path, content).body for path, (method, content) in asked.items()}


def shape(value: Any) -> Any:
    """The names of all fields, of a list those of its first entry."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in sorted(value.items())}
    return [shape(part) for part in value[:1]] if isinstance(value, list) else None


def check_changes_show(ring: Ring) -> None:
    """Raises RuntimeError if any of the next lists after a change of stock, from either worker, shows the old one."""
    listed = f"{ring.shop.base}/api/v1/products?limit={FULL_PAGE}"
    product = next(product for product in json.loads(fetched(listed)) if product["stock"] is not None)
    change = {"delta": -1, "reason": "bench", "variant_id": product["variants"][0]["id"]}
    for number in range(1, CHANGES + 1):
        fetched(f"{ring.shop.base}/api/v1/products/{product['id']}/stock", content=change, token=ring.token)
        for _ in range(4):
            shown = {entry["id"]: entry["stock"] for entry in json.loads(fetched(listed))}[product["id"]]
            if shown != product["stock"] - number:
                raise RuntimeError(f"the list shows a stock of {shown}, not {product['stock'] - number}")
