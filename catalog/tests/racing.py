"""Calls that start at the same moment, each in a thread with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

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
