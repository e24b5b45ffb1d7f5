"""Whether the database keeps what the shop promises (see docs/explanation/invariants.md).

Each check reads whole tables and yields the rows that break it, so a new
invariant is one more function in `CHECKS`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum

from cart.models import Cart, CartLine
from cart.quantities import HIGHEST_QUANTITY
from catalog.models import StockMovement, StockRecord, Variant
from orders.models import (
    CancellationLine,
    IdempotencyKey,
    Order,
    OrderLine,
    OrderMail,
    Payment,
    Refund,
    RefundLine,
    ReturnLine,
    ShipmentLine,
)
from orders.refunds import LIVE
from orders.states import FulfilmentState, PaymentState
from payments.models import TestCharge

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks a promise."""

    rule: str
    table: str
    row: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.rule}: {self.table} {self.row}: {self.sentence}"


def audit() -> list[Violation]:
    """All violations, read from one snapshot of the database; nobody who writes has to wait."""
    with _snapshot():
        return [violation for check in CHECKS for violation in check()]


@contextmanager
def _snapshot() -> Iterator[None]:
    """One consistent view of the database, or the open transaction's."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # `atomic()` would take the write lock, because of transaction_mode IMMEDIATE.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def stock_is_in_range() -> Iterator[Violation]:
    """0 ≤ reserved ≤ on hand."""
    for record in StockRecord.objects.filter(Q(reserved__lt=0) | Q(on_hand__lt=F("reserved"))).iterator():
        yield _wrong("stock in range", record, f"on hand {record.on_hand}, reserved {record.reserved}")


def stock_is_its_ledger() -> Iterator[Violation]:
    """On hand and reserved are the sums of the ledger, and what its last line says."""
    sums = {
        variant_id: (on_hand, reserved)
        for variant_id, on_hand, reserved in StockMovement.objects.values_list("variant_id")
        .annotate(Sum("on_hand_delta"), Sum("reserved_delta"))
        .order_by()
    }
    last = StockMovement.objects.filter(variant=OuterRef("variant")).order_by("-pk")
    records = StockRecord.objects.annotate(
        last_on_hand=Subquery(last.values("on_hand_after")[:1]),
        last_reserved=Subquery(last.values("reserved_after")[:1]),
    )
    for record in records.iterator():
        held = (record.on_hand, record.reserved)
        booked = sums.pop(record.variant_id, (0, 0))
        if held != booked:
            yield _wrong("stock is its ledger", record, f"(on hand, reserved) is {held}, the ledger sums to {booked}")
        elif record.last_on_hand is not None and held != (record.last_on_hand, record.last_reserved):
            yield _wrong("stock is its ledger", record, f"is {held}, the ledger's last line says otherwise")
    for variant_id, booked in sums.items():
        if booked != (0, 0):
            yield Violation("stock is its ledger", "catalog_variant", str(variant_id), f"ledger {booked}, no record")


def tracked_variants_have_stock() -> Iterator[Violation]:
    """A stock record exists for tracked variants, and for them only."""
    wrong = Variant.objects.filter(Q(track_stock=True, stock__isnull=True) | Q(track_stock=False, stock__isnull=False))
    for variant in wrong.iterator():
        yield _wrong("tracked variants have stock", variant, f"{variant.sku}: track_stock is {variant.track_stock}")


def reserved_is_what_orders_hold() -> Iterator[Violation]:
    """Reserved is the sum of the open units of the order lines that reserved."""
    held: dict[int, int] = {}
    left = _open_units()
    for line_id, variant_id in OrderLine.objects.filter(stock_reserved=True).values_list("pk", "variant_id").iterator():
        held[variant_id] = held.get(variant_id, 0) + left[line_id]
    for record in StockRecord.objects.iterator():
        if record.reserved != held.pop(record.variant_id, 0):
            yield _wrong("reserved is what orders hold", record, f"reserved {record.reserved}, orders hold otherwise")
    for variant_id, units in held.items():
        if units:
            yield Violation(
                "reserved is what orders hold", "catalog_variant", str(variant_id), f"orders hold {units}, no record"
            )


def units_add_up() -> Iterator[Violation]:
    """No line has more units cancelled and shipped than ordered, nor more returned than shipped."""
    shipped, returned = _units(ShipmentLine.objects.all()), _units(ReturnLine.objects.all())
    for line_id, units in _open_units().items():
        if units < 0:
            yield Violation("units add up", "orders_orderline", str(line_id), f"{-units} more gone than ordered")
    for line_id, units in returned.items():
        if units > shipped.get(line_id, 0):
            yield Violation("units add up", "orders_orderline", str(line_id), "more returned than shipped")


def units_are_of_their_order() -> Iterator[Violation]:
    """A shipment, cancellation, return or refund names lines of its own order."""
    for model, owner in (
        (ShipmentLine, "shipment"),
        (CancellationLine, "cancellation"),
        (ReturnLine, "return_of_goods"),
        (RefundLine, "refund"),
    ):
        for row in model.objects.exclude(line__order=F(f"{owner}__order")).iterator():
            yield _wrong("units are of their order", row, "names a line of another order")


def totals_add_up() -> Iterator[Violation]:
    """total = Σ lines − discount + shipping (+ tax when prices are net); net + tax = total."""
    sums = {
        order_id: sums
        for order_id, *sums in OrderLine.objects.values_list("order_id")
        .annotate(Sum("line_total"), Sum("discount"), Sum("tax"))
        .order_by()
    }
    for order in Order.objects.iterator():
        goods, discount, tax = (_money(amount) for amount in sums.get(order.pk, (ZERO, ZERO, ZERO)))
        on_top = ZERO if order.prices_include_tax else order.tax
        if order.pk not in sums:
            yield _wrong("totals add up", order, "has no lines")
        if (order.subtotal, order.discount) != (goods, discount):
            yield _wrong("totals add up", order, f"subtotal {order.subtotal}, its lines sum to {goods}")
        if order.tax != tax + order.shipping_tax:
            yield _wrong("totals add up", order, f"tax {order.tax}, its lines and shipping sum to another")
        if order.total != order.subtotal - order.discount + order.shipping + on_top:
            yield _wrong("totals add up", order, f"total {order.total} is not the sum of its parts")
        if order.net + order.tax != order.total:
            yield _wrong("totals add up", order, f"net {order.net} + tax {order.tax} is not {order.total}")


def lines_multiply() -> Iterator[Violation]:
    """A line's total is its unit price times its quantity."""
    for line in OrderLine.objects.iterator():
        if line.line_total != line.unit_price * line.quantity:
            yield _wrong("lines multiply", line, f"{line.quantity} × {line.unit_price} is not {line.line_total}")


def money_matches_state() -> Iterator[Violation]:
    """A paid order has a capture of exactly its total; refunds ≤ captures; what is kept ≤ total."""
    captured = _by_order(Payment.objects.filter(state=Payment.State.CAPTURED))
    refunded = _by_order(Refund.objects.filter(state__in=LIVE))
    exact = set(
        Payment.objects.filter(
            state=Payment.State.CAPTURED, amount=F("order__total"), currency=F("order__currency")
        ).values_list("order_id", flat=True)
    )
    for order in Order.objects.iterator():
        paid_in, paid_back = captured.get(order.pk, ZERO), refunded.get(order.pk, ZERO)
        if order.payment_state != PaymentState.AWAITING and order.total and order.pk not in exact:
            yield _wrong("money matches state", order, f"is {order.payment_state} without a capture of {order.total}")
        if order.payment_state == PaymentState.AWAITING and paid_in > paid_back:
            yield _wrong("money matches state", order, f"awaits payment but {paid_in - paid_back} was captured")
        if paid_back > paid_in:
            yield _wrong("money matches state", order, f"refunded {paid_back} of {paid_in} captured")
        if paid_in - paid_back > order.total:
            yield _wrong("money matches state", order, f"kept {paid_in - paid_back} for a total of {order.total}")
        if order.payment_state == PaymentState.PAID and paid_back > paid_in - order.total:
            yield _wrong("money matches state", order, "is called paid although money went back")
        if order.payment_state == PaymentState.PARTLY_REFUNDED and not ZERO < paid_in - paid_back < order.total:
            yield _wrong("money matches state", order, f"is called partly refunded, {paid_in - paid_back} was kept")
        if order.payment_state == PaymentState.REFUNDED and paid_in != paid_back:
            yield _wrong("money matches state", order, f"is called refunded, {paid_in - paid_back} was kept")


def refunds_fit_their_payment() -> Iterator[Violation]:
    """The refunds of a payment, running ones included, do not exceed it, and only a capture has any."""
    live = Q(refunds__state__in=LIVE)
    payments = Payment.objects.annotate(back=Sum("refunds__amount", filter=live)).filter(back__isnull=False)
    for payment in payments.iterator():
        if payment.state != Payment.State.CAPTURED or _money(payment.back) > payment.amount:
            yield _wrong("refunds fit their payment", payment, f"{payment.back} of {payment.amount} sent back")


def one_charge_is_kept() -> Iterator[Violation]:
    """At most one captured charge of an order is not wholly refunded."""
    kept: dict[int, int] = {}
    payments = Payment.objects.filter(state=Payment.State.CAPTURED).annotate(
        back=Sum("refunds__amount", filter=Q(refunds__state__in=LIVE))
    )
    for payment in payments.iterator():
        if payment.amount > _money(payment.back or ZERO):
            kept[payment.order_id] = kept.get(payment.order_id, 0) + 1
    for order_id, count in kept.items():
        if count > 1:
            yield Violation("one charge is kept", "orders_order", str(order_id), f"{count} charges are kept")


def paid_orders_are_complete() -> Iterator[Violation]:
    """A paid order has e-mail, addresses and method, and owes its confirmation."""
    paid = Order.objects.exclude(payment_state=PaymentState.AWAITING)
    confirmed = OrderMail.objects.filter(kind=OrderMail.Kind.CONFIRMATION).values("order")
    for order in paid.iterator():
        if not order.is_complete():
            yield _wrong("paid orders are complete", order, "lacks e-mail, an address or its method")
    for order in paid.exclude(pk__in=confirmed).iterator():
        yield _wrong("paid orders are complete", order, "has no confirmation mail")


def goods_match_state() -> Iterator[Violation]:
    """The fulfilment state says what shipments and cancellations say."""
    left: dict[int, int] = {}
    units = _open_units()
    for line_id, order_id in OrderLine.objects.values_list("pk", "order_id").iterator():
        left[order_id] = left.get(order_id, 0) + units[line_id]
    sent = set(ShipmentLine.objects.values_list("shipment__order_id", flat=True))
    for order in Order.objects.iterator():
        is_over = order.fulfilment_state not in (
            FulfilmentState.UNFULFILLED,
            FulfilmentState.PACKED,
            FulfilmentState.PARTLY_SHIPPED,
        )
        has_left = order.fulfilment_state not in (
            FulfilmentState.UNFULFILLED,
            FulfilmentState.PACKED,
            FulfilmentState.CANCELLED,
        )
        if is_over == bool(left.get(order.pk, 0)):
            yield _wrong("goods match state", order, f"is {order.fulfilment_state}, {left.get(order.pk, 0)} units open")
        if has_left != (order.pk in sent):
            yield _wrong("goods match state", order, f"is {order.fulfilment_state}, its shipments say otherwise")


def carts_become_one_order() -> Iterator[Violation]:
    """An ordered cart has its order, an order's cart is ordered, and a claimed key has its order."""
    for cart in Cart.objects.filter(status=Cart.Status.ORDERED, order__isnull=True).iterator():
        yield _wrong("carts become one order", cart, "is ordered, but there is no order")
    for order in Order.objects.exclude(cart__status=Cart.Status.ORDERED).iterator():
        yield _wrong("carts become one order", order, "its cart is not ordered")
    for key in IdempotencyKey.objects.filter(order__isnull=True).iterator():
        yield _wrong("carts become one order", key, "the key was claimed without an order")


def cart_lines_are_in_range() -> Iterator[Violation]:
    """A cart line holds 1 to 9,999 units."""
    for line in CartLine.objects.exclude(quantity__range=(1, HIGHEST_QUANTITY)).iterator():
        yield _wrong("cart lines are in range", line, f"holds {line.quantity}")


def charges_have_orders() -> Iterator[Violation]:
    """Every capture that the test gateway made is a payment of ours, of the same amount, and the other way round."""
    payments = {str(payment.pk): payment for payment in Payment.objects.filter(gateway="test").iterator()}
    for charge in TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).iterator():
        payment = payments.pop(charge.key, None)
        amount = Decimal(charge.amount).scaleb(-get_currency_precision(charge.currency))
        if payment is None:
            yield _wrong("charges have orders", charge, "was captured, but there is no payment")
        elif payment.state in (Payment.State.DECLINED, Payment.State.FAILED):
            yield _wrong("charges have orders", charge, f"was captured, its payment is {payment.state}")
        elif (payment.amount, payment.currency) != (amount, charge.currency):
            yield _wrong("charges have orders", charge, f"captured {amount}, the payment says {payment.amount}")
    for payment in payments.values():
        if payment.state == Payment.State.CAPTURED:
            yield _wrong("charges have orders", payment, "is captured here, not at the gateway")


def refunds_are_the_gateways() -> Iterator[Violation]:
    """Each refund that is done was made by the test gateway, in the same amount, and it made no others."""
    made = {
        key: (charge, Decimal(minor).scaleb(-get_currency_precision(charge.currency)))
        for charge in TestCharge.objects.filter(refunded__gt=0).iterator()
        for key, minor in charge.refunds.items()
    }
    for refund in Refund.objects.filter(payment__gateway="test").iterator():
        _, amount = made.pop(str(refund.pk), (None, ZERO))
        if amount != refund.amount and (amount or refund.state == Refund.State.DONE):
            yield _wrong("refunds are the gateway's", refund, f"is {refund.amount}, the gateway sent back {amount}")
        elif amount and refund.state == Refund.State.FAILED:
            yield _wrong("refunds are the gateway's", refund, "is called failed, the gateway made it")
    for charge, amount in made.values():
        yield _wrong("refunds are the gateway's", charge, f"{amount} was sent back, but there is no refund")


CHECKS: tuple[Callable[[], Iterator[Violation]], ...] = (
    stock_is_in_range,
    stock_is_its_ledger,
    tracked_variants_have_stock,
    reserved_is_what_orders_hold,
    units_add_up,
    units_are_of_their_order,
    totals_add_up,
    lines_multiply,
    money_matches_state,
    refunds_fit_their_payment,
    one_charge_is_kept,
    paid_orders_are_complete,
    goods_match_state,
    carts_become_one_order,
    cart_lines_are_in_range,
    charges_have_orders,
    refunds_are_the_gateways,
)


def _wrong(rule: str, row, sentence: str) -> Violation:
    return Violation(rule, row._meta.db_table, str(row.pk), sentence)


def _money(amount: Decimal) -> Decimal:
    """An aggregate, which SQLite adds up in binary fractions, in whole thousandths."""
    return Decimal(amount).quantize(Decimal("0.001"))


def _by_order(rows) -> dict[int, Decimal]:
    sums = rows.values_list("order_id").annotate(Sum("amount")).order_by()
    return {order_id: _money(amount) for order_id, amount in sums}


def _units(lines) -> dict[int, int]:
    return dict(lines.values_list("line_id").annotate(Sum("units")).order_by())


def _open_units() -> dict[int, int]:
    gone = _units(CancellationLine.objects.filter(cancellation__revoked_at__isnull=True))
    sent = _units(ShipmentLine.objects.all())
    return {
        pk: quantity - gone.get(pk, 0) - sent.get(pk, 0)
        for pk, quantity in OrderLine.objects.values_list("pk", "quantity").iterator()
    }
