"""The inbox of what gateways tell; each event is kept once and leads to `settle`."""

from datetime import datetime

from django.db import IntegrityError, transaction

from orders.models import Payment, PaymentEvent
from orders.paying import settle
from payments.gateway import Event, get_gateway


def receive_event(event: Event, *, gateway: str, at: datetime) -> PaymentEvent:
    """Keep a verified event, once, and act on it if its order is known already.

    Raises GatewayError, or DatabaseError for what the database cannot keep.
    """
    try:
        with transaction.atomic():
            row = PaymentEvent.objects.create(
                gateway=gateway, event_id=event.event_id, kind=event.kind, payload=event.payload, received_at=at
            )
    except IntegrityError:
        known = PaymentEvent.objects.filter(gateway=gateway, event_id=event.event_id).first()
        if known is None:  # refused for another reason than having come before
            raise
        row = known
    if row.handled_at is None:
        handle_event(row, at=at)
    return row


def handle_event(row: PaymentEvent, *, at: datetime) -> None:
    """Ask the gateway what is true now of the payments an event is about.

    The event itself is only a hint: it may be late, repeated or out of order.
    One for an order that is not known yet stays in the inbox.
    """
    order_id = _order_id(row)
    payments = Payment.objects.filter(order_id=order_id, gateway=row.gateway) if order_id is not None else ()
    if not payments:
        return
    for payment in payments:
        answer = get_gateway(row.gateway).query(str(payment.pk))
        if answer is not None:
            settle(payment, answer, at=at)
    PaymentEvent.objects.filter(pk=row.pk).update(handled_at=at)


def _order_id(row: PaymentEvent) -> int | None:
    reference = str(row.payload["data"]["object"]["metadata"]["order_id"])
    return int(reference) if reference.isascii() and reference.isdecimal() and len(reference) < 19 else None
