"""Checkout and orders for programs of buyers, and the gateways' messages."""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from ninja import Body, Query, Router, Status
from ninja.decorators import decorate_view

from cart.change import Shopper
from cart.session import cart_key, current_cart, known_shopper
from catalog.paging import page_of, tell_next
from catalog.permissions import Bearer, SessionCookie, buyers, check, check_buyer, may_buy
from catalog.schemas import Cursor, Id, Limit
from orders.cancellation import cancel, is_cancelled_by
from orders.checkout import place_order
from orders.details import known_details
from orders.errors import GatewayAway, IllegalMove, InvalidMessage, MessageTooLarge
from orders.events import receive_event
from orders.keys import HEADER, CheckoutKey, PaymentKey, sent_key
from orders.models import Cancellation, Order, Payment
from orders.paying import pay
from orders.querysets import OrderQuerySet
from orders.representing import order_fields, placed_fields
from orders.schemas import CancellationIn, CheckoutIn, DetailsIn, OrderOut, Received
from payments.gateway import GatewayError, InvalidEvent, get_gateway
from pricing.schemas import Error

router = Router(tags=["orders"], auth=buyers)

VIEW, CHANGE = "orders.view_order", "orders.change_order"
Cause = Cancellation.Cause
NO_DETAILS, NO_REASON = CheckoutIn.model_validate({}), CancellationIn.model_validate({})  # an empty body
LARGEST_MESSAGE = 256 * 1024
Token = Annotated[str, Query("", max_length=100, description="That of a guest's order opens it without the session.")]
SIGNED_MESSAGE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "type", "data"],
                    "properties": {
                        "id": {"type": "string"},
                        "type": {"type": "string", "examples": ["charge.succeeded"]},
                        "data": {"type": "object"},
                    },
                }
            }
        },
    },
    "parameters": [
        {
            "in": "header",
            "name": "Stripe-Signature",
            "required": True,
            "description": "`t=<unix>,v1=<hex HMAC-SHA256 of t.body>`, at most 300 seconds old.",
            "schema": {"type": "string"},
        }
    ],
}
private = decorate_view(cache_control(private=True, no_cache=True))


@router.post("/checkout", response={201: OrderOut, 409: Error}, operation_id="checkout", summary="Order the cart")
def checkout(request: HttpRequest, wanted: Annotated[CheckoutIn, Body()] = NO_DETAILS):
    """Turn the cart into an order, and charge it when a `payment_token` comes along.

    An account's e-mail and default addresses stand in for what is left out. An order without address is quoted for
    the shop's country with the cheapest method and awaits payment: `payment` is `none` then, and of a charge that was
    asked for its `code` is `details_missing` and its `detail` names what `POST /orders/{order_id}/payment` needs yet.
    The answer is 201 whatever the payment said: see `payment`. The same key and request answer the same order in its
    current state; without a key one cart is one order all the same.
    """
    sent = sent_key(request.headers.get(HEADER), wanted.idempotency_key)
    details = wanted.details().or_known(known_details(request.user)).put_right()
    cart = current_cart(request)
    placed = place_order(
        shopper=known_shopper(request) or Shopper(""),
        cart=cart,
        details=replace(details, fingerprint=wanted.fingerprint()),
        key=CheckoutKey.of_client(sent) if sent else CheckoutKey.of_cart(cart.pk if cart else 0),
        at=timezone.now(),
    )
    return Status(201, placed_fields(placed, address=request.build_absolute_uri))


@router.get(
    "/orders",
    response={200: list[OrderOut]},
    auth=[SessionCookie(required=False), Bearer(VIEW)],
    operation_id="get_orders",
    summary="Own orders, newest first",
)
@private
def get_orders(
    request: HttpRequest,
    response: HttpResponse,
    limit: Limit = 100,
    cursor: Cursor = None,
    everybodys: bool = Query(False, alias="all", description="All orders of the shop, for staff."),
):
    """The account's, or those that this session's guest placed. `Link: rel="next"` leads to the next page."""
    rows, of = all_orders(request) if everybodys else own_orders(request)
    page = page_of(rows.for_programs(), order=("-placed_at", "-pk"), of=of, limit=limit, cursor=cursor)
    tell_next(request, response, page)
    address = request.build_absolute_uri
    return [order_fields(order, address=address, is_own=is_own(request, order)) for order in page.rows]


@router.get(
    "/orders/{order_id}",
    response={200: OrderOut, 404: Error},
    auth=[SessionCookie(required=False), Bearer(VIEW)],
    operation_id="get_order",
    summary="One order",
)
@private
def get_order(request: HttpRequest, order_id: Id, token: Token):
    """An order of one's own, a guest's with its token, or any for staff; 404 for every other."""
    order = find(request, order_id, token, permission=VIEW)
    return order_fields(order, address=request.build_absolute_uri, is_own=is_own(request, order, token))


@router.post(
    "/orders/{order_id}/payment",
    response={201: OrderOut, 404: Error, 409: Error},
    operation_id="pay_order",
    summary="Pay an order, or say where it goes",
)
def pay_order(request: HttpRequest, order_id: Id, wanted: DetailsIn, token: Token):
    """Charge an order that awaits payment; several tries are possible, one after the other.

    Until the first one e-mail, addresses and method may be set, here or without a `payment_token`: another country or
    method quotes shipping and tax again, never the lines. 422 `details_missing` names what a charge needs; then
    nothing was set. The same key and request answer the same try in its current state.
    """
    sent = sent_key(request.headers.get(HEADER))
    order = find(request, order_id, token)
    payment = pay(
        order,
        token=wanted.payment_token,
        details=wanted.details(),
        key=PaymentKey.of_client(sent, wanted.fingerprint()) if sent else None,
        at=timezone.now(),
        by=account_of(request),
    )
    return Status(201, told(request, order.pk, is_own=True, payment=payment))


@router.post(
    "/orders/{order_id}/cancellation",
    response={201: OrderOut, 404: Error, 409: Error},
    auth=[SessionCookie(required=False), Bearer(CHANGE)],
    operation_id="cancel_order",
    summary="Cancel an order",
)
def cancel_order(
    request: HttpRequest, order_id: Id, token: Token, wanted: Annotated[CancellationIn, Body()] = NO_REASON
):
    """Release its stock and send its money back: the shopper's until it is packed, staff's until something left.

    An order that the same side has cancelled already is answered as it is, with or without a key.
    """
    sent_key(request.headers.get(HEADER))
    order = find(request, order_id, token, permission=CHANGE)
    own = is_own(request, order, token)
    cause = Cause.SHOPPER if own else Cause.STAFF
    try:
        cancel(order, cause=cause, at=timezone.now(), by=account_of(request), reason=wanted.reason)
    except IllegalMove:
        if not is_cancelled_by(order, cause):
            raise
    except GatewayError:
        raise GatewayAway from None
    return Status(201, told(request, order.pk, is_own=own))


@router.post(
    "/webhooks/{gateway}",
    response={200: Received, 400: Error, 404: Error, 413: Error},
    auth=None,
    operation_id="receive_webhook",
    summary="What a payment provider tells",
    openapi_extra=SIGNED_MESSAGE,
    tags=["webhooks"],
)
def receive_webhook(request: HttpRequest, gateway: str):
    """Answered once the event is kept; each is kept once, however often it comes."""
    if gateway != settings.PAYMENT_GATEWAY:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > LARGEST_MESSAGE:
        raise MessageTooLarge
    try:
        event = get_gateway(gateway).read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except InvalidEvent as error:
        raise InvalidMessage(str(error)) from None
    with suppress(GatewayError):  # the event is kept; the reconciler takes it up
        receive_event(event, gateway=gateway, at=timezone.now())
    return {"received": True}


def all_orders(request: HttpRequest) -> tuple[OrderQuerySet, str]:
    """Everybody's orders, and what the list is. Raises NotAuthenticated and NotPermitted."""
    check(request, VIEW)
    return Order.objects.all(), "all orders"


def own_orders(request: HttpRequest) -> tuple[OrderQuerySet, str]:
    """The orders of who asks, and what the list is. Raises NotPermitted."""
    check_buyer(request)
    key = cart_key(request)
    return Order.objects.owned_by(user=request.user, cart_key=key), f"orders of {request.user.pk} and {key}"


def find(request: HttpRequest, order_id: int, token: str, *, permission: str = "") -> Order:
    """The order, if it is one's own or the `permission` opens it. Raises Http404."""
    order = Order.objects.for_programs().filter(pk=order_id).first()
    if order is None:
        raise Http404
    if not is_own(request, order, token) and not (permission and request.user.has_perm(permission)):
        raise Http404
    return order


def is_own(request: HttpRequest, order: Order, token: str = "") -> bool:
    return may_buy(request) and order.opens_for(user=request.user, cart_key=cart_key(request), token=token)


def told(request: HttpRequest, order_id: int, *, is_own: bool, payment: Payment | None = None) -> dict[str, object]:
    """The order as it is now, for `OrderOut`."""
    order = Order.objects.for_programs().get(pk=order_id)
    return order_fields(order, address=request.build_absolute_uri, is_own=is_own, payment=payment)


def account_of(request: HttpRequest):
    return request.user if request.user.is_authenticated else None
