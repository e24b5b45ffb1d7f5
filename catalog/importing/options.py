"""How a file is to be taken in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.errors import WrongCurrency


class StockRule(models.TextChoices):
    """What becomes of the counts of variants that the shop has already."""

    KEEP = "keep", _("Keep the shop's counts")
    SET = "set", _("Set the file's counts, booked as corrections")


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports has chosen.

    `currency` (ISO 4217) is the one whose prices are taken, unconverted, the
    shop's by default; `columns` says what columns mean that a format does not
    know by itself: ``{"upc": "barcode"}`` or, in a file without a header,
    ``{"3": "barcode"}`` with columns counted from 1.
    """

    dry_run: bool = False
    strict: bool = False
    stock: StockRule = StockRule.KEEP
    currency: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    fetch_images: bool = False

    def wanted_currency(self) -> str:
        return self.currency or settings.SHOP_CURRENCY


def currency_code(written: str) -> str:
    """A code of ISO 4217 in capital letters, or nothing. Raises WrongCurrency."""
    code = written.strip().upper()
    if code and code not in settings.CURRENCIES:
        raise WrongCurrency(gettext("“%(code)s” is no currency of ISO 4217; write it like EUR.") % {"code": written})
    return code
