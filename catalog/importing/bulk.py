"""How each database is told that an import writes much: otherwise it grows slow with the size of the file."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from catalog.models import (
    PictureAddress,
    Product,
    ProductAttribute,
    ProductImage,
    StockMovement,
    StockRecord,
    Variant,
)

TABLES = (Product, ProductAttribute, ProductImage, PictureAddress, Variant, StockRecord, StockMovement)
FIRST_AFTER = 500  # products
ROWS_ON_SQLITE = 200  # where nobody else can write meanwhile: well below half a second
ROWS_ON_POSTGRESQL = 600
CACHE_KILOBYTES = 64 * 1024
CHECKPOINT_PAGES = 16_384  # of 4 kB


def rows_at_once() -> int:
    """How many rows of a file one transaction takes in."""
    return ROWS_ON_SQLITE if connection.vendor == "sqlite" else ROWS_ON_POSTGRESQL


@contextmanager
def much_is_written() -> Iterator[None]:
    """Let SQLite gather what a run writes all over its indexes before it brings that into the file.

    By default it does so after every 4 MB, about once a batch: 25 bytes were
    written for each that the file grew by.
    """
    if connection.vendor != "sqlite":
        yield
        return
    pragmas = {"cache_size": -CACHE_KILOBYTES, "wal_autocheckpoint": CHECKPOINT_PAGES}
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name} = {value}")


class Statistics:
    """Has the statistics made anew each time that the number of written products has doubled.

    Autovacuum does so late, or never where it is off; until then the planner
    takes the tables for small ones and reads them whole for each batch.
    """

    def __init__(self) -> None:
        self._written = 0
        self._due = FIRST_AFTER

    def note(self, products: int) -> None:
        """Count products just committed. SQLite's planner takes the indexes without statistics."""
        self._written += products
        if self._written >= self._due and connection.vendor == "postgresql":
            self._due = 2 * self._written
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {', '.join(table._meta.db_table for table in TABLES)}")
