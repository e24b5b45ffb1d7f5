"""A cache in files that all web workers share: what a small shop uses until it has Redis."""

import os
import tempfile
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class FileCache(FileBasedCache):
    """Django's file cache with an `add` that only one process wins.

    The rate limits build a lock on `add`; Django's own looks first and writes
    later, so two workers could both hold it.
    """

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if self.has_key(key, version):  # also removes an entry that has expired
            return False
        self._createdir()
        self._cull()
        handle, draft = tempfile.mkstemp(dir=self._dir)
        try:
            with open(handle, "wb") as file:
                self._write_content(file, timeout, value)
            os.link(draft, self._key_to_file(key, version))
        except FileExistsError:
            return False
        finally:
            os.unlink(draft)
        return True
