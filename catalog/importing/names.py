"""Slugs and SKUs for new rows: as wished where that is free, else with a number."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import count, islice

from django.db.models import F
from django.db.models.query import QuerySet

from catalog.importing.lookups import AmongThem

FIRST_LOOK = 8
SLUG_LIMIT = 200
SKU_LIMIT = 100


def wished_sku(handle: str, number: int) -> str:
    """What a product's variant of this number is called when nobody named it."""
    return f"{handle[: SKU_LIMIT - 6]}-{number}"


def candidates(wished: str, *, limit: int) -> Iterator[str]:
    """`wished`, then ``wished-2``, ``wished-3`` … in at most `limit` characters."""
    yield wished if len(wished) <= limit else wished[:limit].strip("-")
    for number in count(2):
        ending = f"-{number}"
        yield wished[: limit - len(ending)].strip("-") + ending


def first_free(wished: str, taken: Container[str], *, limit: int) -> str:
    return next(name for name in candidates(wished, limit=limit) if name not in taken)


def free_names(
    rows: QuerySet, column: str, wished: Sequence[str], *, limit: int, reserved: Iterable[str] = ()
) -> list[str]:
    """A name for each wish, different from one another, from what is `reserved` and from a unique column of `rows`."""
    taken = set(reserved) | _in_use(rows, column, [next(candidates(name, limit=limit)) for name in wished])
    chosen = []
    for name in wished:
        options = candidates(name, limit=limit)
        free = next(options)
        look_ahead = FIRST_LOOK
        while free in taken:
            further = list(islice(options, look_ahead))
            taken |= _in_use(rows, column, further)
            free = next((option for option in further if option not in taken), free)
            look_ahead *= 4
        taken.add(free)
        chosen.append(free)
    return chosen


def _in_use(rows: QuerySet, column: str, names: Sequence[str]) -> set[str]:
    return set(rows.filter(AmongThem(F(column), names)).values_list(column, flat=True)) if names else set()
