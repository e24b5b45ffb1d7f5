"""The two questions an operator's tools ask: does the process answer, and can it serve?"""

from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

OK = "ok"
AWAY = "away"


def probes(get_response: GetResponse) -> GetResponse:
    """Answer ``/healthz`` and ``/readyz`` before any check of the host name: probes ask by address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse
        if request.path_info == "/healthz":
            response = HttpResponse("ok\n", content_type="text/plain")
        elif request.path_info == "/readyz":
            found = {"database": database_state(), "cache": cache_state(), "migrations": migrations_state()}
            response = JsonResponse(found, status=200 if set(found.values()) == {OK} else 503)
        else:
            return get_response(request)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return AWAY
    return OK


def cache_state() -> str:
    key = f"readyz-{uuid4().hex}"
    try:
        cache.set(key, OK, timeout=10)
        kept = cache.get(key)
        cache.delete(key)
    except Exception:  # each backend has an exception tree of its own
        return AWAY
    # While Redis is away the memory of this process stands in for it.
    return OK if kept == OK and not getattr(cache, "is_away", False) else AWAY


def migrations_state() -> str:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return AWAY
    return f"{len(plan)} unapplied" if plan else OK
