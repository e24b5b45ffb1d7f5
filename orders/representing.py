"""How orders, parcels and refunds look to programs."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from orders.checkout import Placed
from orders.details import address_of
from orders.errors import DetailsMissing
from orders.models import Order, OrderLine, Payment, Refund, Shipment
from orders.states import PaymentState
from pricing.money import rounded

State = Payment.State


def placed_fields(placed: Placed, *, address: Callable[[str], str]) -> dict[str, Any]:
    """The order as `OrderOut` for whoever has just placed it; no statement for a new one."""
    if placed.lines is None:
        order = Order.objects.for_programs().get(pk=placed.order.pk)
        told = order_fields(order, address=address, is_own=True)
    else:
        told = {
            **_own_fields(placed.order, address=address, is_own=True),
            "items": [line_fields(line, placed.order.currency) for line in placed.lines],
            "payment": payment_fields(placed.order, placed.payment, address=address),
            "shipments": [],
            "refunds": [],
        }
    if placed.missing:
        told["payment"] |= {"code": DetailsMissing.code, "detail": kept_waiting(placed)}
    return told


def kept_waiting(placed: Placed) -> str:
    """Why a charge that was asked for was not tried, and what to do."""
    return _(
        "Nothing was charged, because details are missing: %(fields)s. "
        "Send them with the payment token to POST /orders/%(id)d/payment."
    ) % {"fields": ", ".join(placed.missing), "id": placed.order.pk}


def order_fields(
    order: Order, *, address: Callable[[str], str], is_own: bool, payment: Payment | None = None
) -> dict[str, Any]:
    """The order as `OrderOut`, with the `payment` given, else the try that paid it, else its latest one.

    `address` makes a whole address of a path of the shop. The token is told
    only to whoever ordered. Reads what `for_programs` reads.
    """
    if payment is None:
        tries = order.payments.all()
        payment = max(tries, key=lambda one: (one.state == State.CAPTURED, one.created_at), default=None)
    return {
        **_own_fields(order, address=address, is_own=is_own),
        "items": [line_fields(line, order.currency) for line in order.lines.all()],
        "payment": payment_fields(order, payment, address=address),
        "shipments": [shipment_fields(shipment) for shipment in order.shipments.all()],
        "refunds": [refund_fields(refund) for refund in order.refunds.all()],
    }


def _own_fields(order: Order, *, address: Callable[[str], str], is_own: bool) -> dict[str, Any]:
    """What stands in the order's own row."""

    def money(name: str):
        return rounded(getattr(order, name), order.currency)

    return {
        "id": order.pk,
        "number": order.number,
        "status": order.status.value,
        **{name: money(name) for name in ("subtotal", "discount", "shipping", "tax", "net", "total")},
        "currency": order.currency,
        "prices_include_tax": order.prices_include_tax,
        "email": order.email,
        "delivery": address_of(order).columns(),
        "billing": address_of(order, "billing_").columns(),
        "shipping_method": order.shipping_name,
        "token": order.token if is_own else None,
        "url": address(order.get_absolute_url()) if is_own else None,
        "created_at": order.placed_at,
        "hold_until": order.hold_until,
    }


def payment_fields(order: Order, payment: Payment | None, *, address: Callable[[str], str]) -> dict[str, Any]:
    """A try to pay as `PaymentOut`; None where there was none, as for an order that costs nothing."""
    if payment is None:
        is_paid = order.payment_state != PaymentState.AWAITING
        return {"status": "paid" if is_paid else "none", "code": "", "detail": "", "action_url": ""}
    state = State(payment.state)
    status, detail = {
        State.CAPTURED: ("paid", ""),
        State.NEEDS_ACTION: ("needs_action", _("The payment has to be confirmed at “action_url”.")),
        State.DECLINED: ("declined", _("The payment was declined.")),
        State.FAILED: ("declined", _("The payment failed; nothing was charged.")),
        State.UNKNOWN: ("unknown", _("The payment is being checked. Do not pay again.")),
        State.INITIATED: ("unknown", _("The payment is running. Do not pay again.")),
    }[state]
    return {
        "status": status,
        "code": payment.code,
        "detail": payment.detail or detail,
        "action_url": address(payment.action_url) if status == "needs_action" and payment.action_url else "",
    }


def line_fields(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "id": line.pk,
        "product_id": line.variant.product_id,
        "variant_id": line.variant_id,
        "sku": line.sku,
        "name": line.name,
        "variant_title": line.variant_title,
        "price": rounded(line.unit_price, currency),
        "quantity": line.quantity,
        "line_total": rounded(line.line_total, currency),
        "discount": rounded(line.discount, currency),
        "tax_rate": line.tax_rate.normalize(),
        "tax": rounded(line.tax, currency),
    }


def shipment_fields(shipment: Shipment) -> dict[str, Any]:
    """The fields of `ShipmentOut`; prefetch `lines` for many."""
    return {
        "id": shipment.pk,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "created_at": shipment.at,
        "items": [{"line_id": line.line_id, "quantity": line.units} for line in shipment.lines.all()],
    }


def refund_fields(refund: Refund) -> dict[str, Any]:
    """The fields of `RefundOut`."""
    return {
        "id": str(refund.pk),
        "amount": rounded(refund.amount, refund.currency),
        "currency": refund.currency,
        "status": refund.state,
        "reason": refund.reason,
        "created_at": refund.at,
    }
