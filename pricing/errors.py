"""The root of the shop's domain errors.

`ecommerce` turns any `ShopError` into a page, an API answer or a line of a
command: `code` names it for programs, `status` is the HTTP status, the
sentence (``str(error)``) says what happened and what was kept, `fix` says what
to do next. `retry_after` (seconds) is sent as ``Retry-After`` where it is set;
`fields` tells programs what is wrong with which field, or what is possible.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _


class ShopError(Exception):
    code = "shop_error"
    status = 400
    fix = ""
    retry_after: int | None = None
    fields: Mapping[str, object] = {}


class AmountTooHigh(ShopError):
    """A sum beyond what can be stored and charged; nothing was changed."""

    code = "amount_too_high"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Take something out of the cart, or order in several parts.")
        super().__init__(_("This comes to more than the shop can charge at once."))
