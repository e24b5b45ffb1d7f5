"""Names and texts as other shops' pages have them: with character references and markup, short and long."""

from collections.abc import Callable
from html import unescape
from typing import Any

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.text import plain_text

SUMMARY_LIMIT = 200
LONGEST_TEXT = 1_000_000
NAMES = {"color": "Colour", "colour": "Colour"}


def page_text(value: Any, *, limit: int) -> str:
    """Text of one line whose character references are resolved: ``Salt &amp; pepper`` is Salt & pepper."""
    return values.short_text(unescape(values.text(value)), limit=limit)


def attribute_name(code: str) -> str:
    """An attribute's name from its code: ``care_label`` is Care label; empty where it is too long."""
    words = NAMES.get(code.lower()) or code.replace("_", " ").strip().capitalize()
    return words if len(words) <= 60 else ""


def summary_and_description(
    cells: Cells, unused: set[str], *, read: Callable[[Any], str] = values.description
) -> tuple[str, str]:
    """The fields `summary` and `description`, read with `read`.

    A short description that does not fit into a summary stands in for a missing
    description, else it is named in `unused`.
    """
    short = cells.take("summary", read, "")
    long = cells.take("description", read, "")
    summary = plain_text(short, limit=LONGEST_TEXT) if short else ""
    if len(summary) <= SUMMARY_LIMIT:
        return summary, long
    if not long:
        return "", short
    unused.add(cells.column("summary"))
    return "", long
