"""What counts as a quantity, for pages and programs alike."""

import re

from django.utils.translation import gettext as _

from cart.errors import InvalidQuantity
from catalog.errors import OutOfStock
from catalog.models import Variant

HIGHEST_QUANTITY = 9_999
_WHOLE_NUMBER = re.compile(r"[0-9]{1,30}", re.ASCII)


def parse_quantity(text: object, *, lowest: int = 1) -> int:
    """The quantity that a person or program typed, from `lowest` to 9,999.

    Only ASCII digits count, with blanks around them: signs, fractions,
    exponents and digits of other scripts are refused rather than guessed.
    Raises InvalidQuantity.
    """
    typed = str(text if text is not None else "").strip()
    if not typed:
        raise InvalidQuantity(_("Enter a quantity."))
    if not _WHOLE_NUMBER.fullmatch(typed) or not lowest <= int(typed) <= HIGHEST_QUANTITY:
        raise InvalidQuantity(
            _("“%(typed)s” is not a quantity: use a whole number from %(lowest)d to %(highest)s.")
            % {"typed": typed[:20], "lowest": lowest, "highest": f"{HIGHEST_QUANTITY:,}"}
        )
    return int(typed)


def most(variant: Variant) -> int:
    """Units of a variant that a cart may hold now. Reads `stock`."""
    available = variant.available()
    return HIGHEST_QUANTITY if available is None else min(available, HIGHEST_QUANTITY)


def check_available(variant: Variant, units: int) -> None:
    """Raises OutOfStock, or InvalidQuantity, for more than `most` units of a variant. Reads `stock`."""
    if units <= most(variant):
        return
    available = variant.available()
    if available is not None and available < units:
        raise OutOfStock(variant.sku, available, str(variant))
    raise InvalidQuantity(_("A cart holds at most %(highest)s of one product.") % {"highest": f"{HIGHEST_QUANTITY:,}"})
