"""A cache in files that all web workers share: what a small shop uses until it has Redis."""

import logging
import os
import random
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import uuid4

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

LOOKED_AT = 0.01  # of the writes

log = logging.getLogger("shop.cache")


class FileCache(FileBasedCache):
    """Django's file cache with an `add` that only one process wins, and that a full disk does not break.

    The rate limits build a lock on `add`; Django's own looks first and writes
    later, so two workers could both hold it. What finds no room is not kept,
    and so the limits do not count while the disk is full.
    """

    _key_to_file: Callable[..., str]  # Django's stubs leave it out
    is_away: ClassVar[bool] = False

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except OSError as error:
            if not FileCache.is_away:
                log.warning("the cache keeps nothing until it can write again: %s", error.strerror)
            FileCache.is_away = True
        else:
            FileCache.is_away = False

    def _cull(self) -> None:
        """Look for too many entries now and then: Django's own lists them all before each write."""
        if random.random() < LOOKED_AT:
            super()._cull()  # type: ignore[misc]

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self.has_key(key, version):  # also removes an entry that has expired
            return False
        draft = f"{key}:{uuid4().hex}"
        self.set(draft, value, timeout, version)
        try:
            os.link(self._key_to_file(draft, version), self._key_to_file(key, version))
        except FileExistsError:
            return False
        except OSError:
            return True  # nothing can be kept, so nobody else holds it
        finally:
            self.delete(draft, version)
        return True
