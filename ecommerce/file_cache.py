"""A cache in files that all web workers share: what a small shop uses until it has Redis."""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class FileCache(FileBasedCache):
    """Django's file cache with an `add` that only one process wins.

    The rate limits build a lock on `add`; Django's own looks first and writes
    later, so two workers could both hold it.
    """

    _key_to_file: Callable[..., str]  # Django's stubs leave it out

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self.has_key(key, version):  # also removes an entry that has expired
            return False
        draft = f"{key}:{uuid4().hex}"
        self.set(draft, value, timeout, version)
        try:
            os.link(self._key_to_file(draft, version), self._key_to_file(key, version))
        except FileExistsError:
            return False
        finally:
            self.delete(draft, version)
        return True
