"""Calls that start at the same moment, each in a thread with its own connection."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections, transaction

from pricing.errors import ShopError


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at once; returns their results in order, a domain error in place of a result."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=20)
            return call()
        except ShopError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result(timeout=120) for future in [threads.submit(run, call) for call in calls]]


def overtaken(change: Callable[[], Any], call: Callable[[], Any]) -> Any:
    """Start `call` while `change` is done but not committed, and commit once `call` waits for it; its result.

    SQLite lets nobody else begin meanwhile, so there is nothing to wait for.
    """

    def run() -> Any:
        try:
            return call()
        except ShopError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            change()
            result = thread.submit(run)
            deadline = time.monotonic() + 20
            while connection.vendor == "postgresql" and not result.done() and not _someone_waits():
                assert time.monotonic() < deadline, "nobody waits for this transaction"
        return result.result(timeout=60)


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0
