"""Files of pictures that no row names any longer: of pictures replaced or removed, of uploads that were given up."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.files.storage import Storage, default_storage, storages

from catalog.models import ProductImage
from catalog.pictures.upload import DIRECTORY, ORIGINALS

KEPT = timedelta(days=2)  # a form may have been sent whose row is not written yet; pages in caches name old files
OF_A_WIDTH = re.compile(r"-[0-9]+\.(avif|webp|jpg)$")


def remove_leftovers(*, at: datetime) -> int:
    """Delete what has been unnamed and older than two days; returns how many files.

    The same content is kept once, so a file goes only when no picture names it.
    """
    shown = {
        name for names in ProductImage.objects.values_list("image", "thumbnail").iterator() for name in names if name
    }
    originals = set(ProductImage.objects.exclude(original="").values_list("original", flat=True).iterator())
    removed = 0
    for storage, directory, named in (
        (default_storage, DIRECTORY, shown),
        (storages["private"], ORIGINALS, originals),
    ):
        for name in _files(storage, directory):
            if name in named or OF_A_WIDTH.sub(".webp", name) in named:
                continue
            with suppress(FileNotFoundError):  # a draft that has become a file meanwhile
                # The age last: a file that is taken up again is written anew before its row is.
                if not _is_named(name) and storage.get_modified_time(name) < at - KEPT:
                    storage.delete(name)
                    removed += 1
    return removed


def _files(storage: Storage, directory: str) -> Iterator[str]:
    try:
        _directories, files = storage.listdir(directory)
    except FileNotFoundError:
        return
    yield from (f"{directory}{name}" for name in files)


def _is_named(name: str) -> bool:
    """Whether a row names the file now: one may have been written since all were read."""
    rows = ProductImage.objects
    of = OF_A_WIDTH.sub(".webp", name)
    return any(rows.filter(**{f"{column}__in": {name, of}}).exists() for column in ("image", "thumbnail", "original"))
