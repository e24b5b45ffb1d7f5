from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pricing.errors import ShopError
from pricing.money import rounded, shown


class EmptyCart(ShopError):
    code = "empty_cart"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Put something into the cart first.")
        super().__init__(_("The cart is empty."))


class CartChanged(ShopError):
    """The checkout was opened for another cart than the shopper has now; nothing was ordered."""

    code = "cart_changed"
    status = 409

    def __init__(self) -> None:
        self.fix = _("Check the lines and the total of the cart, then order.")
        super().__init__(_("Your cart has changed since the checkout began. Nothing was ordered or charged."))


class TotalChanged(ShopError):
    """What the shopper saw no longer holds; nothing was ordered or charged."""

    code = "total_changed"
    status = 409

    def __init__(self, *, expected, total, currency: str) -> None:
        self.total = total
        self.fields = {"total": rounded(total, currency)}
        self.fix = _("Check the lines and the new total, then order.")
        super().__init__(
            _("The total has changed from %(old)s to %(new)s. Nothing was ordered or charged.")
            % {"old": shown(expected, currency), "new": shown(total, currency)}
        )


class NoDelivery(ShopError):
    """The destination, or the method chosen for it, is not on offer; `possible` are the codes of those that are."""

    code = "no_delivery"
    status = 422

    def __init__(self, possible: Iterable[str]) -> None:
        if codes := ", ".join(possible):
            self.fields = {"shipping_method": _("It has to be one of: %(codes)s.") % {"codes": codes}}
            self.fix = _("Choose another delivery method or country.")
            sentence = _("This delivery method is not available for the address.")
        else:
            self.fields = {"country": _("Nothing is delivered there.")}
            self.fix = _("Choose another country.")
            sentence = _("There is no delivery to this country.")
        super().__init__(f"{sentence} {_('Nothing was ordered, changed or charged.')}")


class DetailsMissing(ShopError):
    """A charge needs e-mail, addresses and delivery method."""

    code = "details_missing"
    status = 422

    def __init__(self, fields: list[str]) -> None:
        self.fields = {name: _("This is needed before you can pay.") for name in fields}
        self.fix = _("Fill in: %(fields)s.") % {"fields": ", ".join(fields)}
        super().__init__(_("The order cannot be paid yet, because details are missing."))


class InvalidDetails(ShopError):
    """An e-mail or postal address that cannot be one; nothing was changed."""

    code = "invalid"
    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        self.fix = " ".join(fields.values())
        super().__init__(_("This is not valid, so nothing was changed: %(fields)s.") % {"fields": ", ".join(fields)})


class DetailsFixed(ShopError):
    """Where an order goes and who pays stands once a charge was tried; nothing was changed."""

    code = "details_fixed"
    status = 409

    def __init__(self, order) -> None:
        self.fix = _("Pay it with its details as they are, or cancel it and order again.")
        super().__init__(
            _("The details of order %(number)s were fixed when it was first paid for. Nothing was changed.")
            % {"number": order.number}
        )


class InvalidKey(ShopError):
    """What was sent can be no idempotency key; nothing was done."""

    code = "invalid_idempotency_key"
    status = 422

    def __init__(self, longest: int) -> None:
        self.fix = _("Send 1 to %(most)d visible ASCII characters, for example a UUID.") % {"most": longest}
        super().__init__(_("This cannot be an idempotency key. Nothing was done."))


class TwoKeys(ShopError):
    """Header and body name different idempotency keys; nothing was done."""

    code = "two_idempotency_keys"
    status = 422

    def __init__(self) -> None:
        self.fields = {"idempotency_key": _("This is another key than that of the header.")}
        self.fix = _("Send one key, if possible in the header “Idempotency-Key”.")
        super().__init__(_("The request came with two different idempotency keys. Nothing was done."))


class KeyReused(ShopError):
    """An idempotency key came with another request, or from somebody else; nothing was done."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Use a new key for a new request.")
        super().__init__(_("This key was already used for another request. Nothing was done."))


class AlreadyOrdered(ShopError):
    """The cart has become an order before; `order` is it."""

    code = "already_ordered"
    status = 409

    def __init__(self, order) -> None:
        self.order = order
        self.fields = {"order_id": order.pk}
        self.fix = _("Open the order to see its state, or to pay it.")
        super().__init__(_("Order %(number)s was already placed from this cart.") % {"number": order.number})


class InProgress(ShopError):
    """The same request is still being worked on."""

    code = "in_progress"
    status = 409
    retry_after = 5

    def __init__(self, order) -> None:
        self.order = order
        self.fields = {"order_id": order.pk}
        self.fix = _("Wait a few seconds and look again. Do not pay a second time.")
        super().__init__(_("Order %(number)s is still being processed.") % {"number": order.number})


class PaymentUnfinished(ShopError):
    """Another try is offered only when the earlier one is final."""

    code = "payment_unfinished"
    status = 409

    def __init__(self) -> None:
        self.fix = _("Wait until the payment is checked. Do not pay a second time.")
        super().__init__(_("A payment of this order is not finished yet. Nothing was charged again."))


class GatewayAway(ShopError):
    """The gateway did not say what became of a charge; nothing was changed."""

    code = "gateway_away"
    status = 503
    retry_after = 30

    def __init__(self) -> None:
        self.fix = _("Try again in a minute. Do not pay a second time.")
        super().__init__(_("The payment is being checked, because its provider did not answer. Nothing was changed."))


class InvalidMessage(ShopError):
    """A gateway's message that is not signed, too old or malformed; it was not kept."""

    code = "invalid_event"
    status = 400


class MessageTooLarge(ShopError):
    """A gateway's message beyond any that one sends; it was not read."""

    code = "too_large"
    status = 413

    def __init__(self) -> None:
        super().__init__(_("The message is too large."))


class NotPayable(ShopError):
    """The order is paid, cancelled or past its time."""

    code = "not_payable"
    status = 409

    def __init__(self, order) -> None:
        self.fix = _("Look at the order to see its state.")
        super().__init__(
            _("Order %(number)s cannot be paid: it is %(status)s. Nothing was charged.")
            % {"number": order.number, "status": order.status.label.lower()}
        )


class IllegalMove(ShopError):
    """An order in this state cannot do that; nothing was changed."""

    code = "illegal_move"
    status = 409

    def __init__(self, order, action: str) -> None:
        self.fix = _("Look at the order to see what is possible now.")
        super().__init__(
            _("Order %(number)s is %(status)s: it cannot be %(action)s. Nothing was changed.")
            % {"number": order.number, "status": order.status.label.lower(), "action": _(action)}
        )


class TooManyUnits(ShopError):
    """More units than are open, shipped or refundable; nothing was changed."""

    code = "too_many_units"
    status = 422

    def __init__(self, sku: str, possible: int) -> None:
        self.fields = {"sku": sku, "available": possible}
        self.fix = _("Choose at most %(count)d.") % {"count": possible}
        super().__init__(_("Only %(count)d of %(sku)s are left for this.") % {"count": possible, "sku": sku})


class UnknownLine(ShopError):
    """A line that is not of this order; nothing was changed."""

    code = "unknown_line"
    status = 422

    def __init__(self, line_id: int) -> None:
        self.fields = {"line_id": line_id}
        self.fix = _("See the order for the ids of its lines.")
        super().__init__(_("This order has no line %(line)d. Nothing was changed.") % {"line": line_id})


class RefundTooHigh(ShopError):
    """More money than was captured and not sent back yet; nothing was refunded."""

    code = "refund_too_high"
    status = 422

    def __init__(self, *, possible, currency: str) -> None:
        self.fix = _("Refund at most %(amount)s.") % {"amount": shown(possible, currency)}
        self.fields = {"amount": self.fix}
        super().__init__(_("That is more than what is left of the payment. Nothing was refunded."))


class InvalidRefund(ShopError):
    """An amount that cannot be sent back in its currency; nothing was refunded."""

    code = "invalid_refund"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Enter an amount above zero in whole minor units of the currency.")
        self.fields = {"amount": self.fix}
        super().__init__(_("That amount cannot be refunded. Nothing was refunded."))


PACKED = gettext_noop("packed")
SHIPPED = gettext_noop("shipped")
DELIVERED = gettext_noop("delivered")
CANCELLED = gettext_noop("cancelled")
REFUNDED = gettext_noop("refunded")
RETURNED = gettext_noop("returned")
