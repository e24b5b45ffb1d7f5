"""A regular price and a sale price as the shop keeps them: what is asked, and what it is compared with."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from catalog.importing.cells import Cells


def offer(cells: Cells, read: Callable[[Any], Decimal], *, is_running: bool) -> tuple[Decimal | None, Decimal | None]:
    """Price and compare-at price from the fields `price` and `sale_price`, in the import's currency.

    A sale that is not running, or that is no cheaper, is none.
    """
    regular = cells.take("price", read, None)
    sale = cells.take("sale_price", read, None)
    if sale is None or not is_running:
        return regular, None
    if regular is None:
        return sale, None
    return (sale, regular) if sale < regular else (regular, None)
