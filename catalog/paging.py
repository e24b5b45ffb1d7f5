"""Pages of a list by what stands in a row, not by counting rows: the thousandth costs no more than the second.

A cursor says behind which row its page begins. It is signed together with the
list that it belongs to, so that none can be made up, changed or used elsewhere.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from django.db.models import Field, Model, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from catalog.errors import InvalidCursor

Row = TypeVar("Row", bound=Model)

LONGEST_CURSOR = 4_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next_cursor` leads to the page behind this one; None on the last."""

    rows: list[Row]
    next_cursor: str | None


def page_of(
    rows: "QuerySet[Row]", *, order: Sequence[str], of: str, limit: int, cursor: str | None = None
) -> Page[Row]:
    """The first `limit` rows in an `order` such as ``("-placed_at", "-pk")``, or those behind a `cursor`.

    The columns of `order`, annotations among them, are never null and together
    unique. `of` says which list this is: what narrows it, and whose it is; a
    cursor leads on in the same list only. Raises InvalidCursor.
    """
    found: list[Row] = []
    for part in [rows] if cursor is None else _behind(rows, order, _values(cursor, of=f"{of} {order}")):
        if len(found) <= limit:
            found += part.order_by(*order)[: limit + 1 - len(found)]
    shown = found[:limit]
    if len(found) == len(shown):
        return Page(shown, None)
    last = [getattr(shown[-1], name.removeprefix("-")) for name in order]
    return Page(shown, _cursor(last, of=f"{of} {order}"))


def tell_next(request: HttpRequest, response: HttpResponse, page: Page[Any]) -> None:
    """Send the whole address of the next page, where there is one, in the header ``Link``."""
    if page.next_cursor is not None:
        query = request.GET.copy()
        query["cursor"] = page.next_cursor
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        response["Link"] = f'<{address}>; rel="next"'


def _behind(rows: "QuerySet[Row]", order: Sequence[str], values: list[Any]) -> "list[QuerySet[Row]]":
    """What comes behind the row with these values, in parts: the rows equal to it in all columns but the last, …

    Each part begins at a spot of an index, also where a million rows share the
    first column's value, as after an import. What has to be computed of every
    row is in no index, and asked for once.
    """
    conditions: list[Q] = []
    equal = Q()
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        field = _field(rows, column)
        after = Value(field.to_python(value), output_field=field)
        conditions.insert(0, equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": after}))
        equal &= Q(**{column: after})
    if any(name.removeprefix("-") in rows.query.annotations for name in order):
        return [rows.filter(reduce(or_, conditions))]
    return [rows.filter(condition) for condition in conditions]


def _field(rows: QuerySet[Any], name: str) -> Field[Any, Any]:
    if name in rows.query.annotations:
        return rows.query.annotations[name].output_field
    return rows.model._meta.pk if name == "pk" else rows.model._meta.get_field(name)


def _cursor(values: list[Any], *, of: str) -> str:
    at = [value if isinstance(value, int | str) else str(value) for value in values]
    return _signed(at, of=of)


def _signed(at: Any, *, of: str) -> str:
    signature = salted_hmac("catalog.paging", json.dumps([of, at]), algorithm="sha256").hexdigest()[:32]
    content = json.dumps({"at": at, "signature": signature}, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _values(cursor: str, *, of: str) -> list[Any]:
    """What a cursor of this list says. Raises InvalidCursor for whatever the shop did not give out for it."""
    try:
        at = json.loads(urlsafe_b64decode(f"{cursor}===")[:LONGEST_CURSOR])["at"]
        is_ours = constant_time_compare(cursor, _signed(at, of=of))
    except (ValueError, TypeError, KeyError, RecursionError):
        is_ours = False
    if not is_ours:
        raise InvalidCursor
    return at
