"""Redis as the cache, and the process's own memory in its place while Redis is away."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, Self, TypeVar

import redis
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache as DjangoRedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger("shop.cache")

TIME_OUT_SECONDS = 1.0
BACK_OFF_SECONDS = 5.0
MEMORY_ENTRIES = 10_000
# A kept connection is dead once Redis was started anew, so that failure is tried again at once; a time-out is not.
RETRY = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))

P = ParamSpec("P")
R = TypeVar("R")


class Outage:
    """Whether one Redis is away, as far as this process knows; its threads share it."""

    known: ClassVar[dict[str, Self]] = {}

    def __init__(self) -> None:
        self.retry_at: float | None = None  # time.monotonic(); none while Redis is well

    @classmethod
    def of(cls, server: str) -> Self:
        return cls.known.setdefault(server, cls())

    def lasts(self) -> bool:
        """Whether to do without Redis; while it is away, one caller in `BACK_OFF_SECONDS` tries it again."""
        if self.retry_at is None:
            return False
        now = time.monotonic()
        if now < self.retry_at:
            return True
        self.retry_at = now + BACK_OFF_SECONDS
        return False

    def begin(self, error: redis.RedisError) -> bool:
        """Note a failure; whether it is the first."""
        is_first = self.retry_at is None
        self.retry_at = time.monotonic() + BACK_OFF_SECONDS
        if is_first:
            log.warning("Redis is away, each process uses its own memory: %s", error)
        return is_first

    def end(self) -> None:
        if self.retry_at is not None:
            self.retry_at = None
            log.info("Redis is back")


def or_memory(
    operation: Callable[Concatenate[Any, P], R], instead: Callable[Concatenate[Any, P], R]
) -> Callable[Concatenate["RedisCache", P], R]:
    """Make an operation that does `instead` with the memory when Redis fails."""

    @wraps(operation)
    def run(cache: "RedisCache", *args: P.args, **kwargs: P.kwargs) -> R:
        if not cache.outage.lasts():
            try:
                result = operation(cache, *args, **kwargs)
            except redis.RedisError as error:
                if cache.outage.begin(error):
                    cache.memory.clear()  # what an earlier outage left is out of date
            else:
                cache.outage.end()
                return result
        return instead(cache.memory, *args, **kwargs)

    return run


class RedisCache(DjangoRedisCache):
    """Django's Redis cache, which never fails a request because Redis is refused, hangs or is full.

    While Redis is away each process counts rate limits by itself, and what one
    process forgets another may show until it expires.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        defaults = {"socket_connect_timeout": TIME_OUT_SECONDS, "socket_timeout": TIME_OUT_SECONDS, "retry": RETRY}
        super().__init__(server, params | {"OPTIONS": defaults | params.get("OPTIONS", {})})
        self.memory = LocMemCache(f"instead of {server}", params | {"OPTIONS": {"MAX_ENTRIES": MEMORY_ENTRIES}})
        self.outage = Outage.of(server)

    @property
    def is_away(self) -> bool:
        return self.outage.retry_at is not None

    add = or_memory(DjangoRedisCache.add, LocMemCache.add)
    get = or_memory(DjangoRedisCache.get, LocMemCache.get)
    set = or_memory(DjangoRedisCache.set, LocMemCache.set)
    touch = or_memory(DjangoRedisCache.touch, LocMemCache.touch)
    delete = or_memory(DjangoRedisCache.delete, LocMemCache.delete)
    get_many = or_memory(DjangoRedisCache.get_many, BaseCache.get_many)
    has_key = or_memory(DjangoRedisCache.has_key, LocMemCache.has_key)
    incr = or_memory(DjangoRedisCache.incr, LocMemCache.incr)
    set_many = or_memory(DjangoRedisCache.set_many, BaseCache.set_many)
    delete_many = or_memory(DjangoRedisCache.delete_many, BaseCache.delete_many)
    clear = or_memory(DjangoRedisCache.clear, LocMemCache.clear)
