"""Whether the shelves, the ledger and the orders name the same units."""

from collections.abc import Iterator

from django.db.models import F, Max, Min, Q, Sum, Window
from django.db.models.functions import Lag

from catalog.models import StockMovement, StockRecord, Variant
from orders.audit.sums import open_units_by_line
from orders.audit.violation import Violation, wrong
from orders.models import Order, OrderLine

Reason = StockMovement.Reason
FOR_ORDERS = (Reason.RESERVE, Reason.RELEASE, Reason.SHIP, Reason.RESTOCK)
AN_ORDER = Order(number="").stock_reference  # how every order's reference begins


def stock_is_in_range() -> Iterator[Violation]:
    """0 ≤ reserved ≤ on hand."""
    for record in StockRecord.objects.filter(Q(reserved__lt=0) | Q(on_hand__lt=F("reserved"))).iterator():
        yield wrong("stock in range", record, f"on hand {record.on_hand}, reserved {record.reserved}")


def stock_is_its_ledger() -> Iterator[Violation]:
    """On hand and reserved are the sums of the ledger, and what its last line says."""
    sums = {
        variant_id: (on_hand, reserved)
        for variant_id, on_hand, reserved in StockMovement.objects.values_list("variant_id")
        .annotate(Sum("on_hand_delta"), Sum("reserved_delta"))
        .order_by()
    }
    newest = StockMovement.objects.values("variant_id").annotate(newest=Max("pk")).order_by().values("newest")
    last = {
        variant_id: (on_hand, reserved)
        for variant_id, on_hand, reserved in StockMovement.objects.filter(pk__in=newest).values_list(
            "variant_id", "on_hand_after", "reserved_after"
        )
    }
    for record in StockRecord.objects.iterator():
        held = (record.on_hand, record.reserved)
        booked = sums.pop(record.variant_id, (0, 0))
        if held != booked:
            yield wrong("stock is its ledger", record, f"(on hand, reserved) is {held}, the ledger sums to {booked}")
        elif held != last.get(record.variant_id, held):
            yield wrong("stock is its ledger", record, f"is {held}, the ledger's last line says otherwise")
    for variant_id, booked in sums.items():
        if booked != (0, 0):
            yield Violation("stock is its ledger", "catalog_variant", str(variant_id), f"ledger {booked}, no record")


def the_ledger_walks() -> Iterator[Violation]:
    """Each line of a variant's ledger says what the line before said, plus its own change."""
    broken = StockMovement.objects.annotate(
        on_hand_before=_said_before("on_hand_after"), reserved_before=_said_before("reserved_after")
    ).exclude(
        on_hand_after=F("on_hand_before") + F("on_hand_delta"),
        reserved_after=F("reserved_before") + F("reserved_delta"),
    )
    for movement in broken.iterator():
        before, after = (
            (movement.on_hand_before, movement.reserved_before),
            (movement.on_hand_after, movement.reserved_after),
        )
        yield wrong("the ledger walks", movement, f"{movement} does not lead from {before} to {after}")


def _said_before(column: str) -> Window:
    return Window(Lag(column, default=0), partition_by="variant_id", order_by="pk")


def tracked_variants_have_stock() -> Iterator[Violation]:
    """A stock record exists for tracked variants, and for them only."""
    mismatched = Variant.objects.filter(
        Q(track_stock=True, stock__isnull=True) | Q(track_stock=False, stock__isnull=False)
    )
    for variant in mismatched.iterator():
        yield wrong("tracked variants have stock", variant, f"{variant.sku}: track_stock is {variant.track_stock}")


def reserved_is_what_orders_hold() -> Iterator[Violation]:
    """Reserved is the sum of the open units of the order lines that reserved."""
    held: dict[int, int] = {}
    left = open_units_by_line()
    for line_id, variant_id in OrderLine.objects.filter(stock_reserved=True).values_list("pk", "variant_id").iterator():
        held[variant_id] = held.get(variant_id, 0) + left[line_id]
    for record in StockRecord.objects.iterator():
        if record.reserved != held.pop(record.variant_id, 0):
            yield wrong("reserved is what orders hold", record, f"reserved {record.reserved}, orders hold otherwise")
    for variant_id, units in held.items():
        if units:
            yield Violation(
                "reserved is what orders hold", "catalog_variant", str(variant_id), f"orders hold {units}, no record"
            )


def the_ledger_names_what_orders_hold() -> Iterator[Violation]:
    """By the ledger, each order holds the open units of its lines that reserved, and nobody else any."""
    booked = {
        (reference, variant_id): (units, first)
        for reference, variant_id, units, first in StockMovement.objects.exclude(
            ~Q(reason__in=FOR_ORDERS), reserved_delta=0
        )
        .values_list("reference", "variant_id")
        .annotate(Sum("reserved_delta"), Min("pk"))
        .order_by()
    }
    left = open_units_by_line()
    lines = OrderLine.objects.filter(stock_reserved=True).select_related("order").only("variant_id", "order__number")
    for line in lines.iterator():
        units, _ = booked.pop((line.order.stock_reference, line.variant_id), (None, None))
        if units != left[line.pk]:
            yield wrong(
                "the ledger names what orders hold", line, f"{left[line.pk]} units open, the ledger says {units}"
            )
    for (reference, _), (units, first) in booked.items():
        if units or reference.startswith(AN_ORDER):
            yield Violation(
                "the ledger names what orders hold",
                StockMovement._meta.db_table,
                str(first),
                f"“{reference}” is no order that reserved this variant",
            )
