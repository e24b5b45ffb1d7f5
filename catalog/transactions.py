"""One transaction a use case, repeated when the database asks for it."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from catalog.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 3
# PostgreSQL, appendix A: serialization_failure, deadlock_detected, lock_not_available.
RETRIED_STATES = {"40001", "40P01", "55P03"}


def asks_for_another_try(error: OperationalError) -> bool:
    """Whether the statement failed only because of others at work at the same time."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) in RETRIED_STATES or "database is locked" in str(cause)


def use_case(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in a transaction; on a lock time-out, deadlock or serialisation failure run it again.

    After three tries raises `Busy`. Inside an open transaction it joins in, so
    only the outermost use case can be repeated as a whole; what it wrote is
    still undone when it raises, for a caller that goes on.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return function(*args, **kwargs)
        for attempt in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if not asks_for_another_try(error):
                    raise
                if attempt < TRIES:
                    time.sleep(random.uniform(0.01, 0.05) * attempt)
        raise Busy

    return run
