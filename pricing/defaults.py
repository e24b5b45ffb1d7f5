"""What a new shop starts with, so that it can sell at once; staff change it in admin.

VAT rates in percent as of November 2026: European Commission, "VAT rates
applied in the Member States" (taxation-customs.ec.europa.eu); United Kingdom,
gov.uk/vat-rates. The reduced rates are those on printed books.
"""

from decimal import Decimal

from django.conf import settings

from pricing.models import ShippingMethod, TaxClass, TaxRate
from pricing.money import digits

STANDARD = (
    "AT 20, BE 21, BG 20, CY 19, CZ 21, DE 19, DK 25, EE 24, ES 21, FI 25.5, FR 20, GB 20, GR 24, HR 25, HU 27, "
    "IE 23, IT 22, LT 21, LU 17, LV 21, MT 18, NL 21, PL 23, PT 23, RO 21, SE 25, SI 22, SK 23"
)
ON_BOOKS = "AT 10, BE 6, DE 7, FR 5.5, NL 9"


def rates(table: str) -> dict[str, Decimal]:
    """``"DE 19, FI 25.5"`` as percentages by ISO 3166 code."""
    return {country: Decimal(rate) for country, rate in (entry.split() for entry in table.split(", "))}


def install_defaults() -> None:
    """Write the tax classes, their rates and two delivery methods in the shop's currency."""
    standard = TaxClass.objects.create(code="standard", name="Standard rate", is_default=True)
    reduced = TaxClass.objects.create(code="books", name="Books")
    for tax_class, table in ((standard, STANDARD), (reduced, ON_BOOKS)):
        TaxRate.objects.bulk_create(
            TaxRate(tax_class=tax_class, country=country, rate=rate) for country, rate in rates(table).items()
        )
    currency = settings.SHOP_CURRENCY
    countries = sorted({*rates(STANDARD), settings.SHOP_COUNTRY})
    # 4.90 in a currency with cents; the like of 490 in one without.
    unit = 1 if digits(currency) else 100
    ShippingMethod.objects.create(
        code="standard",
        name="Standard delivery",
        price=Decimal("4.90") * unit,
        currency=currency,
        free_from=Decimal(60) * unit,
        countries=countries,
        min_days=2,
        max_days=4,
        position=1,
    )
    ShippingMethod.objects.create(
        code="express",
        name="Express delivery",
        price=Decimal("12.90") * unit,
        currency=currency,
        countries=countries,
        min_days=1,
        max_days=1,
        position=2,
    )
