"""What an import changes of what the shop had, field by field."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model

from pricing.money import plain, rounded

VALUE_SHOWN = 80

Differences = dict[str, tuple[Any, Any]]


class Change(NamedTuple):
    """One field before and after, as short texts; `sku` is empty where the field is the product's."""

    sku: str
    field: str
    before: str
    after: str


def set_differing(row: Model, said: Mapping[str, Any]) -> Differences:
    """Set the columns of which something is said (neither empty nor None) and that differ.

    Returns ``{column: (before, after)}``.
    """
    differences = {}
    for name, after in said.items():
        if after is None or after == "":
            continue
        before = getattr(row, name)
        if before != after:
            differences[name] = before, after
            setattr(row, name, after)
    return differences


def changes(differences: Differences, *, sku: str = "") -> list[Change]:
    return [
        Change(sku, name.removesuffix("_id"), shown(before), shown(after))
        for name, (before, after) in differences.items()
    ]


def shown(value: Any) -> str:
    """A value as a short text; of options and several values one after the other; amounts with the shop's digits."""
    if isinstance(value, Decimal) and value == rounded(value, settings.SHOP_CURRENCY):
        return plain(value, settings.SHOP_CURRENCY)
    if isinstance(value, list | tuple | set | dict):
        value = ", ".join(": ".join(part) if isinstance(part, list | tuple) else str(part) for part in value)
    text = "" if value is None else str(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 1]}…"
