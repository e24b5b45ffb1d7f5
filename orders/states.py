"""The states of an order and its payments, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentState(models.TextChoices):
    """What an order's money did."""

    AWAITING = "awaiting", _("Awaiting payment")
    PAID = "paid", _("Paid")
    PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")

    def may_become(self, new: "PaymentState") -> bool:
        return new in PAYMENT_MOVES[self]


class FulfilmentState(models.TextChoices):
    """What an order's goods did."""

    UNFULFILLED = "unfulfilled", _("To pack")
    PACKED = "packed", _("Packed")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")

    def may_become(self, new: "FulfilmentState") -> bool:
        return new in FULFILMENT_MOVES[self]


PAYMENT_MOVES = {
    PaymentState.AWAITING: {PaymentState.PAID},
    PaymentState.PAID: {PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED},
    PaymentState.PARTLY_REFUNDED: {PaymentState.REFUNDED},
    PaymentState.REFUNDED: set(),
}

FULFILMENT_MOVES = {
    FulfilmentState.UNFULFILLED: {
        FulfilmentState.PACKED,
        FulfilmentState.PARTLY_SHIPPED,
        FulfilmentState.SHIPPED,
        FulfilmentState.CANCELLED,
    },
    FulfilmentState.PACKED: {
        FulfilmentState.PARTLY_SHIPPED,
        FulfilmentState.SHIPPED,
        FulfilmentState.CANCELLED,
    },
    FulfilmentState.PARTLY_SHIPPED: {FulfilmentState.PARTLY_SHIPPED, FulfilmentState.SHIPPED},
    FulfilmentState.SHIPPED: {FulfilmentState.DELIVERED, FulfilmentState.RETURNED},
    FulfilmentState.DELIVERED: {FulfilmentState.RETURNED},
    FulfilmentState.RETURNED: set(),
    # Money that arrives after expiry revives the order while its goods are still there.
    FulfilmentState.CANCELLED: {FulfilmentState.UNFULFILLED},
}


class OrderStatus(models.TextChoices):
    """The one word that shoppers and programs are shown."""

    AWAITING_PAYMENT = "awaiting_payment", _("Awaiting payment")
    PAID = "paid", _("Paid")
    PACKED = "packed", _("Packed")
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    RETURNED = "returned", _("Returned")
    REFUNDED = "refunded", _("Refunded")
    PARTLY_REFUNDED = "partly_refunded", _("Partly refunded")


def shown_status(payment_state: str, fulfilment_state: str) -> OrderStatus:
    """The status shown for both states: what ended an order goes before what its goods did.

    A cancelled order stays "cancelled" whether or not money went back; of the
    others, a refund is shown before the parcel's progress.
    """
    if fulfilment_state == FulfilmentState.CANCELLED:
        return OrderStatus.CANCELLED
    if payment_state in (PaymentState.REFUNDED, PaymentState.PARTLY_REFUNDED):
        return OrderStatus(payment_state)
    if payment_state == PaymentState.AWAITING:
        return OrderStatus.AWAITING_PAYMENT
    if fulfilment_state == FulfilmentState.UNFULFILLED:
        return OrderStatus.PAID
    return OrderStatus(fulfilment_state)
