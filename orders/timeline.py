"""The story of an order, one line a happening."""

from datetime import datetime

from orders.models import Order, OrderEvent

Kind = OrderEvent.Kind


def record(order: Order, kind: Kind, *, at: datetime, by=None, detail: str = "") -> OrderEvent:
    """Add a line to the timeline; call in the transaction of what happened."""
    return OrderEvent.objects.create(order=order, kind=kind, at=at, by=by, detail=detail[:300])
