"""Prices in several currencies in one file: one currency's are taken, the others' rows are told."""

from collections import Counter

from django.utils.translation import gettext as _

from catalog.errors import UnreadableFile
from catalog.importing.rows import Place, Skipped

MOST_NAMED = 5


def other_currency(place: Place, other: str, *, wanted: str) -> Skipped:
    """A row whose price is in another currency than the one that is taken."""
    reason = _("The price is in %(other)s; prices are taken in %(wanted)s.")
    return Skipped(place, reason % {"other": other[:20], "wanted": wanted})


def check_currencies(file: str, found: Counter[str], *, wanted: str) -> None:
    """Raises UnreadableFile where no row of the file has a price in `wanted`, or one without a currency.

    `found` counts the rows of each currency, ``""`` those that name none.
    """
    if not found or found[wanted] or found[""]:
        return
    others = [currency[:20] for currency, _rows in found.most_common(MOST_NAMED)]
    sentence = _("%(file)s has no price in %(wanted)s, only in %(others)s. To take those, say --currency %(first)s.")
    raise UnreadableFile(sentence % {"file": file, "wanted": wanted, "others": ", ".join(others), "first": others[0]})
