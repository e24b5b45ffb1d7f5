"""`python -m bench.api`: the shop's API beside a FastAPI app that keeps everything in memory, in one run."""

import argparse
import statistics
import sys
from dataclasses import dataclass, field
from importlib.metadata import version

from bench import results
from bench.load import FULL_PAGE, Result
from bench.ring import PRODUCTS, Ring, check_changes_show, check_same_fields, ring

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CLIENTS = (1, 16)
HEADER = ["database", "operation", "clients", "shop, /s", "peer, /s", "shop / peer (rounds)"]
HEADER += ["shop, median / p99 ms", "peer, median / p99 ms", "errors"]


@dataclass(frozen=True)
class Operation:
    """A method of `bench.load.Shopper`; a peer that must remember what was sent has one worker."""

    name: str
    shopper: str
    peer_workers: int


OPERATIONS = (
    Operation(f"list, {FULL_PAGE} of {PRODUCTS}, kept answers", "list_kept", 2),
    Operation(f"list, {FULL_PAGE} of {PRODUCTS}, each built anew", "list_uncached", 2),
    Operation("read a product", "read", 2),
    Operation("add to cart", "add", 1),
    Operation("cart + checkout, to be paid", "order", 1),
    Operation("cart + checkout, paid by tok_visa", "order_paid", 1),
)


@dataclass
class Side:
    """What one of the two did in all rounds; `rates` are units a second, one a round."""

    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    failed: int = 0
    errors: list[str] = field(default_factory=list)

    def take(self, result: Result) -> None:
        self.rates.append(len(result.times) / result.seconds)
        self.times += result.times
        self.failed += result.failed
        self.errors += result.errors

    def rate(self) -> float:
        return statistics.mean(self.rates)

    def shown_times(self) -> str:
        """Median and 99th centile in milliseconds."""
        ordered = sorted(self.times) or [float("nan")]
        return f"{statistics.median(ordered):.2f} / {ordered[int(len(ordered) * 0.99)]:.2f}"


def measure(ring: Ring, operation: Operation, clients: int, *, rounds: int, seconds: float) -> tuple[Side, Side]:
    """Shop, peer, shop, peer …: what disturbs the machine disturbs both."""
    own, peer = Side(), Side()
    for _ in range(rounds):
        own.take(ring.load.measure(ring.shop.port, operation.shopper, clients, seconds))
        ring.rest()
        peer.take(ring.load.measure(ring.peers[operation.peer_workers], operation.shopper, clients, seconds))
    return own, peer


def row(vendor: str, operation: Operation, clients: int, own: Side, peer: Side) -> list[str]:
    ratios = [ours / theirs for ours, theirs in zip(own.rates, peer.rates, strict=True)]
    return [
        DATABASES[vendor],
        operation.name,
        str(clients),
        f"{own.rate():,.0f}",
        f"{peer.rate():,.0f}",
        f"**{own.rate() / peer.rate():.2f}** ({min(ratios):.2f}–{max(ratios):.2f})",
        own.shown_times(),
        peer.shown_times(),
        f"{own.failed} / {peer.failed}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--on", choices=DATABASES, action="append", help="Only on this database.")
    parser.add_argument("--only", choices=[operation.shopper for operation in OPERATIONS], action="append")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=1.2, help="Of each round, after its warm-up.")
    parser.add_argument("--dry", action="store_true", help="Print only, and leave RESULTS.md alone.")
    arguments = parser.parse_args()
    table, failed = [], 0
    for vendor in arguments.on or DATABASES:
        with ring(vendor) as made:
            check_same_fields(made)
            check_changes_show(made)
            for operation in OPERATIONS:
                if operation.shopper not in (arguments.only or operation.shopper):
                    continue
                for clients in CLIENTS:
                    own, peer = measure(made, operation, clients, rounds=arguments.rounds, seconds=arguments.seconds)
                    table.append(row(vendor, operation, clients, own, peer))
                    print(" | ".join(table[-1]), *own.errors, *peer.errors, file=sys.stderr, flush=True)
                    failed += own.failed + peer.failed
            check_changes_show(made)
    if not arguments.dry:
        results.write("API", told(), HEADER, table)
    return 1 if failed else 0


def told() -> str:
    names = ("granian", "django-ninja", "fastapi", "uvicorn", "pydantic")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        "The shop as `manage.py serve` runs it (2 workers, file cache, rate limits off) beside `bench/peer.py`, a "
        "FastAPI app that keeps products, carts and orders in memory, on uvicorn with uvloop: 2 workers for reads, 1 "
        f"for carts, as these live in one process. Both have the same {PRODUCTS} products and give the same fields; "
        "the load generator, one process, runs on the same processors. Rounds alternate between the two; the shop's "
        "mails are sent before the peer's turn. “Each built anew” asks with a query string that was never there "
        f"before. {versions}."
    )


if __name__ == "__main__":
    sys.exit(main())
