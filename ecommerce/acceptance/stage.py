"""A shop whose processes and services are all the proof's own, each to be killed and started again."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from ecommerce.acceptance.console import Console, console
from ecommerce.acceptance.races import PRODUCTS
from ecommerce.acceptance.servers import Server, postgresql, redis, running
from ecommerce.acceptance.stops import FOLDER, Stops
from ecommerce.acceptance.throwaway import ROOT, Shop, shop


@dataclass
class Stage:
    """`servers` by the names that the findings give them; `products` are for sale, with stock for all."""

    shop: Shop
    var: Path
    console: Console
    servers: dict[str, Server]
    stops: Stops
    worker_stops: Stops
    products: list[int]


@contextmanager
def stage(vendor: str, application: str) -> Iterator[Stage]:
    """A shop on ``sqlite``, or on a PostgreSQL and a Redis of its own."""
    with ExitStack() as stack:
        servers, address, settings = {}, vendor, {}
        if vendor == "postgresql":
            servers = {"PostgreSQL": stack.enter_context(postgresql()), "Redis": stack.enter_context(redis())}
            address, settings = servers["PostgreSQL"].url, {"CACHE_URL": servers["Redis"].url}
        made = stack.enter_context(shop(address, **settings))
        folders = {name: Path(stack.enter_context(tempfile.TemporaryDirectory())) for name in ("web", "worker")}
        stops = {name: Stops(folder) for name, folder in folders.items()}
        prompt = stack.enter_context(console(made))
        for name, command in commands(made, application).items():
            environment = made.environment | {FOLDER: str(folders[name]), "PYTHONPATH": str(ROOT)}
            is_up = (lambda: web_answers(made.base)) if name == "web" else (lambda: True)
            home = Path(tempfile.mkdtemp(prefix=f"shop-{name}-"))
            servers[name] = stack.enter_context(
                running(Server(made.base, command, home, None, is_up=is_up, environment=environment))
            )
            stack.callback(stops[name].release)
        products = [product_id for product_id, _ in prompt.run(PRODUCTS.format(count=2, units=10_000))]
        var = Path(made.environment["VAR_DIR"])
        yield Stage(made, var, prompt, servers, stops["web"], stops["worker"], products)


def commands(made: Shop, application: str) -> dict[str, list[str]]:
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--working-dir", str(ROOT)]
    granian += ["--host", "127.0.0.1", "--port", str(made.port), "--workers", "1", "--blocking-threads", "4"]
    return {
        "web": [*granian, "--log-level", "warning", f"ecommerce.acceptance.{application}:application"],
        "worker": [sys.executable, "-m", "ecommerce.acceptance.stops_worker"],
    }


def web_answers(base: str) -> bool:
    try:
        urlopen(f"{base}/healthz", timeout=5).close()
    except OSError:
        return False
    return True
