"""Fulfilment, refunds and exports for programs of staff."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from ninja import Body, Query, Router, Status

from catalog.paging import page_of, tell_next
from catalog.permissions import Bearer
from catalog.schemas import Cursor, Id
from orders.exporting import orders_csv
from orders.fulfilment import ship
from orders.models import Order
from orders.refunds import refund
from orders.representing import refund_fields, shipment_fields
from orders.schemas import ChargeOut, RefundIn, RefundOut, ShipmentIn, ShipmentOut, Units
from payments.models import TestCharge
from pricing.money import digits
from pricing.schemas import Error

router = Router(tags=["staff"])
change_orders = Bearer("orders.change_order")
CSV = {
    "responses": {
        200: {
            "description": "A row for each line of each order, in the order in which they were placed.",
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    }
}
MOST_CHARGES = 10_000
ALL_OPEN, ALL_THAT_IS_LEFT = ShipmentIn(items=None), RefundIn(items=None)  # what an empty body means


@router.post(
    "/orders/{order_id}/shipments",
    response={201: ShipmentOut, 404: Error, 409: Error},
    auth=change_orders,
    operation_id="ship_order",
    summary="Write down a parcel",
)
def ship_order(request: HttpRequest, order_id: Id, parcel: Annotated[ShipmentIn, Body()] = ALL_OPEN):
    """Its units leave the stock, and the shopper gets a mail."""
    must_exist(order_id)
    shipment = ship(
        order_id,
        units=units_of(parcel.items),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        at=timezone.now(),
        by=request.user,
    )
    return Status(201, shipment_fields(shipment))


@router.post(
    "/orders/{order_id}/refunds",
    response={201: RefundOut, 404: Error, 409: Error},
    auth=change_orders,
    operation_id="refund_order",
    summary="Send money back",
)
def refund_order(request: HttpRequest, order_id: Id, wanted: Annotated[RefundIn, Body()] = ALL_THAT_IS_LEFT):
    """The gateway is asked by a task: `status` is `initiated` until it has answered."""
    must_exist(order_id)
    started = refund(
        order_id,
        amount=wanted.amount,
        reason=wanted.reason,
        units=units_of(wanted.items),
        at=timezone.now(),
        by=request.user,
    )
    started.refresh_from_db()  # where tasks run at once, the gateway has answered
    return Status(201, refund_fields(started))


@router.get(
    "/payments/test/charges",
    response={200: list[ChargeOut], 404: Error},
    auth=Bearer("payments.view_testcharge"),
    operation_id="get_charges",
    summary="The test gateway's own ledger",
)
def get_charges(
    request: HttpRequest,
    response: HttpResponse,
    limit: Annotated[int, Query(ge=1, le=MOST_CHARGES)] = MOST_CHARGES,
    cursor: Cursor = None,
):
    """Those of orders, the newest first. `status` is one of `captured declined needs_action voided`.

    An id that was voided before the gateway saw its charge belongs to no order, and is left out.
    """
    if settings.PAYMENT_GATEWAY != "test":
        raise Http404
    page = page_of(
        TestCharge.objects.exclude(order_ref=""), order=("-pk",), of="test charges", limit=limit, cursor=cursor
    )
    tell_next(request, response, page)
    response["Cache-Control"] = "private, no-cache"
    return [
        {
            "order_ref": charge.order_ref,
            "amount": Decimal(charge.amount).scaleb(-digits(charge.currency)),
            "currency": charge.currency,
            "status": charge.status,
        }
        for charge in page.rows
    ]


@router.get(
    "/export/orders.csv",
    auth=Bearer("orders.view_order"),
    operation_id="export_orders",
    summary="Every order as a table",
    openapi_extra=CSV,
)
def export_orders(request: HttpRequest):
    """UTF-8 with a header line; the columns are explained in the reference."""
    response = StreamingHttpResponse(orders_csv(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="orders.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def must_exist(order_id: int) -> None:
    """Raises Http404."""
    if not Order.objects.filter(pk=order_id).exists():
        raise Http404


def units_of(items: Sequence[Units] | None) -> dict[int, int] | None:
    """``{order line id: units}``; a line that is named twice counts twice."""
    if items is None:
        return None
    units: dict[int, int] = {}
    for item in items:
        units[item.line_id] = units.get(item.line_id, 0) + item.quantity
    return units
