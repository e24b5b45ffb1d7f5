"""Which tax rate falls on what, from the tables that staff edit."""

from dataclasses import dataclass
from decimal import Decimal

from pricing.models import TaxRate


@dataclass(frozen=True, slots=True)
class TaxTable:
    """Rates of one country in percent: by tax class id, and of the default class."""

    by_class: dict[int, Decimal]
    default: Decimal

    def rate(self, tax_class_id: int | None) -> Decimal:
        """Rate in percent; goods without a class take the default's, an unlisted class has none."""
        if tax_class_id is None:
            return self.default
        return self.by_class.get(tax_class_id, Decimal(0))


def tax_table(country: str) -> TaxTable:
    """The rates of `country` (ISO 3166), in one statement. A country without rates is untaxed."""
    rows = list(TaxRate.objects.filter(country=country).values_list("tax_class_id", "rate", "tax_class__is_default"))
    return TaxTable(
        by_class={tax_class_id: rate for tax_class_id, rate, _ in rows},
        default=next((rate for _, rate, is_default in rows if is_default), Decimal(0)),
    )
