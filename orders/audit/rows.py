"""Whether each row can be read at all; SQLite takes numbers that its columns do not hold."""

from collections.abc import Iterator
from decimal import Decimal

from django.apps import apps
from django.db import DataError
from django.db.models import DecimalField, IntegerField, QuerySet

from orders.audit.violation import Violation

APPS = ("pricing", "catalog", "accounts", "cart", "payments", "orders")
UNREADABLE = (ArithmeticError, TypeError, ValueError, DataError)


def rows_can_be_read() -> Iterator[Violation]:
    """Every value is one of its column's type, and every number is finite."""
    for model in (model for label in APPS for model in apps.get_app_config(label).get_models()):
        fields = model._meta.concrete_fields
        numbers = [index for index, field in enumerate(fields) if isinstance(field, DecimalField | IntegerField)]
        rows = model._base_manager.order_by("pk")
        values = rows.values_list(*(field.attname for field in fields))
        for position in _unreadable(values, numbers, 0, rows.count()):
            key = rows.values_list("pk", flat=True)[position]
            yield Violation("rows can be read", model._meta.db_table, str(key), "holds a value that cannot be read")


def _unreadable(values: QuerySet, numbers: list[int], start: int, stop: int) -> Iterator[int]:
    """Positions of the rows that cannot be read, found by halving what holds one."""
    if _can_be_read(values[start:stop], numbers):
        return
    if stop - start == 1:
        yield start
        return
    middle = (start + stop) // 2
    yield from _unreadable(values, numbers, start, middle)
    yield from _unreadable(values, numbers, middle, stop)


def _can_be_read(values: QuerySet, numbers: list[int]) -> bool:
    try:
        return all(_is_number(row[index]) for row in values.iterator() for index in numbers)
    except UNREADABLE:
        return False


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
