"""Whether anything has been committed to the database since an answer was made of it.

On PostgreSQL the snapshot says so: it changes with every transaction that
wrote something, and never becomes again what it was. On SQLite
``data_version`` tells a connection of what others committed, and its own
``total_changes`` of what it wrote itself. Each connection notices every commit
by itself; the first one that does begins a new generation for all of this
process's threads.
"""

from collections.abc import Callable
from functools import wraps
from itertools import count
from threading import Lock, local
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]

SNAPSHOT = "SELECT pg_current_snapshot()::text"

_generations = count(1)
_generation = 0
_lock = Lock()
_seen = local()


def version() -> str | None:
    """The state of the database: another one after each commit. None where it cannot be told.

    That is so within a transaction, which sees what nobody else does. Ask
    before reading: what is committed meanwhile makes the answer an old one.
    """
    if connection.in_atomic_block or not connection.get_autocommit():
        return None
    if connection.vendor == "postgresql":
        return _snapshot_of_postgresql()
    return _generation_of_sqlite() if connection.vendor == "sqlite" else None


def keepable(view: View) -> View:
    """Mark the answers of an operation that depend on the address and the database alone, unless a token is sent.

    `ecommerce.kept` keeps them, ready to be sent, as long as the version is
    that of `made_of`.
    """

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "HTTP_AUTHORIZATION" in request.META:
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "private, no-cache"
            return response
        made_of = version()
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-cache"
        if response.status_code == 200:
            response.made_of = made_of  # type: ignore[attr-defined]
        return response

    return run


def _snapshot_of_postgresql() -> str | None:
    """By the driver itself: Django asks once a request whether the server is there, which costs as much again.

    Where it is not, None leads the request the long way, on which Django finds that out and connects anew.
    """
    connection.ensure_connection()
    driver: Any = connection.connection
    try:
        return str(driver.execute(SNAPSHOT, prepare=True).fetchone()[0])
    except connection.Database.Error:  # type: ignore[attr-defined]
        return None


def _generation_of_sqlite() -> str:
    global _generation
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        (others,) = cursor.fetchone()
    own: Any = connection.connection  # of sqlite3; another one, once Django has connected anew
    state = (own, others, own.total_changes)
    if getattr(_seen, "state", None) != state:
        with _lock:
            _generation = next(_generations)
        _seen.state = state
    return str(_generation)
