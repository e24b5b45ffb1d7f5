"""Single values of a file, as the shop keeps them. Each refusal is a sentence."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.errors import InvalidPrice
from catalog.importing.rows import ParsedPicture
from catalog.models import Product
from catalog.prices import checked
from catalog.shopify_columns import plain_code
from catalog.text import clean_description

Texts = tuple[str, ...]

DEEPEST_CATEGORY = 20
MAX_UNITS = 2_147_483_647  # what an integer column holds on every database
# Spaces within a line are kept, so that a name comes back from an export as it was typed.
LINE_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
AMOUNT = re.compile(r"[-+]?(\d{1,3}(,\d{3})+(?=\.)|\d+)(\.\d*)?", re.ASCII)
WEIGHT = re.compile(r"(?P<amount>\d+(\.\d*)?) *(?P<unit>[a-z]*)", re.ASCII)
# International avoirdupois pound of 1959: 0.45359237 kg exactly; an ounce is a sixteenth of it.
GRAMS = {
    "": Decimal(1),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
STATUSES = {
    **dict.fromkeys(("active", "published", "true", "yes", "1", "enabled"), Product.Status.ACTIVE),
    **dict.fromkeys(("draft", "unpublished", "false", "no", "0", "disabled"), Product.Status.DRAFT),
    **dict.fromkeys(("archived",), Product.Status.ARCHIVED),
}

YES_OR_NO = {**dict.fromkeys(("true", "yes", "1", "on"), True), **dict.fromkeys(("false", "no", "0", "off"), False)}
# A comma may be part of an address; one before another address is none.
BETWEEN_ADDRESSES = re.compile(r"[\s,;|]+(?=https?://)")


class WrongValue(Exception):
    """The value cannot be taken; ``str(error)`` says why."""


def text(value: Any) -> str:
    """A string or number as it can be stored, with its spaces and lines kept."""
    if type(value) is str and value.isascii() and "\x00" not in value:
        return value.strip()  # what most cells are, and imports read millions of them
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise WrongValue(_("This should be text."))
    written = str(value).replace("\x00", "").strip()
    if not written.isascii():
        try:
            written.encode()
        except UnicodeEncodeError:
            raise WrongValue(_("This is not text in UTF-8.")) from None
    return written


def one_line(value: Any) -> str:
    written = text(value)
    if LINE_BREAKS.search(written):
        written = " ".join(filter(None, (line.strip() for line in LINE_BREAKS.split(written))))
    return written


def short_text(value: Any, *, limit: int) -> str:
    """Text of one line and at most `limit` characters."""
    written = one_line(value)
    if len(written) > limit:
        raise WrongValue(
            _("This is %(length)d characters long; at most %(limit)d fit.") % {"length": len(written), "limit": limit}
        )
    return written


def code(value: Any, *, limit: int) -> str:
    """A SKU or barcode, without the apostrophe that keeps spreadsheets from counting with it."""
    return plain_code(short_text(value, limit=limit))


def description(value: Any) -> str:
    """HTML made safe, or plain text as it is; of a list its lines."""
    return clean_description("\n".join(text(line) for line in value) if isinstance(value, list) else text(value))


def price(value: Any, *, currency: str = "") -> Decimal:
    """An amount in a currency (ISO 4217), the shop's by default."""
    written = value if isinstance(value, Decimal | int) else text(value)
    if isinstance(written, bool) or isinstance(written, str) and not AMOUNT.fullmatch(written):
        raise WrongValue(_("This is not a price; write it like 12.34."))
    amount = Decimal(written.replace(",", "") if isinstance(written, str) else written)
    try:
        checked(amount, currency or settings.SHOP_CURRENCY)
    except InvalidPrice as error:
        raise WrongValue(str(error)) from None
    return amount


def currency(value: Any, *, wanted: str) -> str:
    """The currency that the import takes (ISO 4217), and no other."""
    written = text(value).upper()
    if written != wanted:
        raise WrongValue(_("Prices are taken in %(currency)s.") % {"currency": wanted})
    return written


def units(value: Any) -> int:
    """A count of units, 0 or more."""
    counted = whole_number(value)
    if counted < 0:
        raise WrongValue(_("Stock cannot be below zero."))
    return counted


def whole_number(value: Any) -> int:
    """A whole number, also when it is written as 5.0."""
    written = text(value)
    if not AMOUNT.fullmatch(written) or (number := Decimal(written.replace(",", ""))) != number.to_integral_value():
        raise WrongValue(_("This is not a whole number."))
    if abs(number) > MAX_UNITS:
        raise WrongValue(_("This number is too large."))
    return int(number)


def grams(value: Any, *, unit: str = "") -> int:
    """A weight in whole grams; a number without a unit (g, kg, lb, oz) is in grams."""
    match = WEIGHT.fullmatch(text(value).lower())
    factor = match and GRAMS.get((match["unit"] or unit).rstrip("s"))
    if match is None or factor is None:
        raise WrongValue(_("This is not a weight; write it like 250 g or 1.5 kg."))
    weight = Decimal(match["amount"]) * factor
    if weight > MAX_UNITS:
        raise WrongValue(_("This number is too large."))
    return int(weight.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def status(value: Any) -> str:
    written = str(value).strip().lower()
    if written not in STATUSES:
        raise WrongValue(_("This is not a status; write active, draft or archived."))
    return STATUSES[written]


def category_path(value: Any) -> Texts:
    """Names from the top of the tree down, from a list or from "Home > Kitchen"."""
    steps = value if isinstance(value, list) else text(value).split(">")
    names = [name for step in steps if (name := short_text(step, limit=120))]
    if len(names) > DEEPEST_CATEGORY:
        raise WrongValue(_("A category can lie at most %(limit)d levels deep.") % {"limit": DEEPEST_CATEGORY})
    return tuple(names)


def fact(value: Any) -> str:
    """A value to compare products by; yes or no where the file has true or false."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return short_text(value, limit=120)


def yes_or_no(value: Any) -> bool:
    """Whether something is so, from true or false or from words for them."""
    if isinstance(value, bool):
        return value
    written = text(value).lower()
    if written not in YES_OR_NO:
        raise WrongValue(_("This should be true or false."))
    return YES_OR_NO[written]


def pairs(value: Any) -> tuple[tuple[str, Any], ...]:
    """Names and values in order: of ``{"Size": "M"}``, ``[["Size", "M"]]`` or ``[{"name": "Size", "value": "M"}]``."""
    if isinstance(value, dict):
        return tuple(value.items())
    if not isinstance(value, list):
        raise WrongValue(_("This should be names with their values."))
    found = []
    for pair in value:
        if isinstance(pair, dict) and {"name", "value"} <= pair.keys():
            pair = [pair["name"], pair["value"]]
        if not isinstance(pair, list) or len(pair) != 2:
            raise WrongValue(_("This should be names with their values."))
        found.append((text(pair[0]), pair[1]))
    return tuple(found)


def picture(value: Any) -> ParsedPicture:
    """Where a picture lies: an address, or one with an alternative text beside it."""
    if isinstance(value, dict):
        address = next((value[key] for key in ("address", "src", "url") if value.get(key)), "")
        alt_text = next((value[key] for key in ("alt_text", "alt") if value.get(key)), "")
        return ParsedPicture(text(address), text(alt_text))
    return ParsedPicture(text(value))


def pictures(value: Any) -> tuple[ParsedPicture, ...]:
    """Where pictures lie, each once: from a list, from one picture or from addresses with commas between them."""
    listed = value if isinstance(value, list) else BETWEEN_ADDRESSES.split(value) if isinstance(value, str) else [value]
    found: dict[str, ParsedPicture] = {}
    for said in map(picture, filter(None, listed)):
        found.setdefault(said.address, said)
    found.pop("", None)
    return tuple(found.values())


def limited(reader: Callable[..., str], limit: int) -> Callable[[Any], str]:
    return partial(reader, limit=limit)
