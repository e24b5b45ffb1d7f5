"""Arithmetic of amounts: `Decimal` in major units beside an ISO 4217 currency."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, to_locale

# Widest amount the tables hold: three decimals cover every circulating
# currency of ISO 4217 (BHD, IQD, JOD, KWD, LYD, OMR and TND have three).
MAX_DIGITS = 14
DECIMAL_PLACES = 3
TOO_HIGH = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES)  # SQLite would store more and never read it again


def digits(currency: str) -> int:
    """Number of minor-unit digits of a currency (ISO 4217, from Unicode CLDR)."""
    return min(get_currency_precision(currency), DECIMAL_PLACES)


def smallest_unit(currency: str) -> Decimal:
    """The smallest payable amount: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-digits(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """`amount` in whole minor units, half rounded up (away from zero)."""
    return amount.quantize(smallest_unit(currency), rounding=ROUND_HALF_UP)


def plain(amount: Decimal, currency: str) -> str:
    """`amount` as programs read it: ``12.34``, without a currency sign."""
    return f"{rounded(amount, currency):f}"


def shown(amount: Decimal, currency: str) -> str:
    """`amount` as people read it in the active language: ``€12.34``."""
    language = get_language() or "en-gb"
    return format_currency(rounded(amount, currency), currency, locale=to_locale(language))


def allocate(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `amount` in proportion to `weights` so that the shares sum to it.

    Shares are whole minor units; what rounding leaves over goes, one unit
    each, to the largest remainders (earlier first). With weights that sum to
    zero the shares are equal. Raises ValueError for a negative weight or an
    amount that is not in whole minor units.
    """
    unit = smallest_unit(currency)
    if amount != rounded(amount, currency):
        raise ValueError(f"{amount} is not a whole number of {unit} {currency}")
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if not weights:
        return []
    if not sum(weights):
        weights = [Decimal(1)] * len(weights)
    whole = sum(weights, Decimal(0))
    exact = [amount * weight / whole for weight in weights]
    shares = [share.quantize(unit, rounding=ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares, Decimal(0))) / unit)
    step = unit if left >= 0 else -unit
    neediest = sorted(range(len(shares)), key=lambda i: (-abs(exact[i] - shares[i]), i))
    for index in neediest[: abs(left)]:
        shares[index] += step
    return shares
