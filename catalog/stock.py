"""The only module that changes stock. Every change is a row of the ledger.

Quantities are ``{variant_id: units}`` with units ≥ 1. Each function is all or
nothing, takes rows in ascending variant id (so that two of them wait for each
other and cannot deadlock) and joins an open transaction. Variants that are not
tracked have no stock record and must not be passed.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Q, Sum

from catalog.errors import OutOfStock, StockChanged, StockNotTracked, UnitsReserved
from catalog.models import StockMovement, StockRecord, Variant
from catalog.transactions import use_case

Reason = StockMovement.Reason
Quantities = Mapping[int, int]


@use_case
def receive(quantities: Quantities, *, at: datetime, by=None, note: str = "", reference: str = "") -> None:
    """Put delivered units on the shelf. Raises StockNotTracked."""
    _change(quantities, on_hand=+1, reserved=0, reason=Reason.RECEIVE, at=at, by=by, note=note, reference=reference)


@use_case
def reserve(quantities: Quantities, *, reference: str, at: datetime, by=None) -> None:
    """Hold units for an order. Raises OutOfStock naming the first variant that is short."""
    _change(quantities, on_hand=0, reserved=+1, reason=Reason.RESERVE, at=at, by=by, reference=reference)


@use_case
def release(quantities: Quantities, *, reference: str, at: datetime, by=None) -> None:
    """Give back units that an order held and will not take."""
    _change(quantities, on_hand=0, reserved=-1, reason=Reason.RELEASE, at=at, by=by, reference=reference)


@use_case
def ship(quantities: Quantities, *, reference: str, at: datetime, by=None) -> None:
    """Units held for an order leave the shelf: reserved and on hand fall together."""
    _change(quantities, on_hand=-1, reserved=-1, reason=Reason.SHIP, at=at, by=by, reference=reference)


@use_case
def restock(quantities: Quantities, *, reference: str, at: datetime, by=None) -> None:
    """Returned units go back on the shelf."""
    _change(quantities, on_hand=+1, reserved=0, reason=Reason.RESTOCK, at=at, by=by, reference=reference)


@use_case
def correct(variant_id: int, *, on_hand: int, at: datetime, by=None, note: str, seen: int | None = None) -> None:
    """Set the counted units of one variant.

    `seen` is the count that the person saw before: raises StockChanged if it no
    longer holds. Raises UnitsReserved, naming the orders, for a count below
    what is held, and StockNotTracked. The same count changes nothing.
    """
    record = StockRecord.objects.select_for_update(of=("self",)).filter(variant_id=variant_id).first()
    sku = Variant.objects.values_list("sku", flat=True).get(pk=variant_id)
    if record is None:
        raise StockNotTracked(sku)
    if seen is not None and record.on_hand != seen:
        raise StockChanged(sku, seen, record.on_hand)
    if on_hand < record.reserved:
        raise UnitsReserved(sku, record.reserved, holders(variant_id))
    delta = on_hand - record.on_hand
    if delta:
        StockRecord.objects.filter(pk=record.pk).update(on_hand=on_hand)
        _book({variant_id: (delta, 0)}, reason=Reason.CORRECT, at=at, by=by, note=note)


@use_case
def start_tracking(variant: Variant, *, low_stock_threshold: int | None = None) -> None:
    """Give a variant a stock record with nothing on hand; no change if it has one."""
    Variant.objects.filter(pk=variant.pk).update(track_stock=True)
    variant.track_stock = True
    defaults = {} if low_stock_threshold is None else {"low_stock_threshold": low_stock_threshold}
    StockRecord.objects.get_or_create(variant=variant, defaults=defaults)


@use_case
def open_records(quantities: Quantities, *, at: datetime, by=None, note: str = "", reference: str = "") -> None:
    """Give tracked variants that have just been made their stock records; here units may be 0."""
    StockRecord.objects.bulk_create(
        StockRecord(variant_id=variant_id, on_hand=units) for variant_id, units in sorted(quantities.items())
    )
    deltas = {variant_id: (units, 0) for variant_id, units in sorted(quantities.items()) if units}
    _book(deltas, reason=Reason.RECEIVE, at=at, by=by, note=note, reference=reference)


@use_case
def stop_tracking(variant: Variant, *, at: datetime, by=None) -> None:
    """Make a variant always available. Raises UnitsReserved while orders hold units of it."""
    record = StockRecord.objects.select_for_update(of=("self",)).filter(variant=variant).first()
    if record is not None:
        if record.reserved:
            raise UnitsReserved(variant.sku, record.reserved, holders(variant.pk))
        correct(variant.pk, on_hand=0, at=at, by=by, note="stock no longer tracked")
        record.delete()
    Variant.objects.filter(pk=variant.pk).update(track_stock=False)
    variant.track_stock = False


def holders(variant_id: int) -> list[str]:
    """References (orders) that hold units of a variant, from the ledger."""
    return list(
        StockMovement.objects.filter(variant_id=variant_id)
        .exclude(reference="")
        .values_list("reference", flat=True)
        .annotate(held=Sum("reserved_delta"))
        .filter(held__gt=0)
        .order_by("reference")
    )


def _change(
    quantities: Quantities, *, on_hand: int, reserved: int, reason: Reason, at, by, note: str = "", reference: str = ""
) -> None:
    """Move units by the given signs, each variant by one conditional UPDATE whose row count is the answer."""
    for variant_id, units in sorted(quantities.items()):
        if units < 1:
            raise ValueError(f"units must be at least 1, not {units}")
        on_hand_after = F("on_hand") + on_hand * units
        reserved_after = F("reserved") + reserved * units
        changed = StockRecord.objects.filter(
            Q(on_hand__gte=reserved_after - on_hand * units),
            Q(reserved__gte=-reserved * units),
            variant_id=variant_id,
        ).update(on_hand=on_hand_after, reserved=reserved_after)
        if not changed:
            _refuse(variant_id, reason, reference)
    deltas = {pk: (on_hand * units, reserved * units) for pk, units in sorted(quantities.items())}
    _book(deltas, reason=reason, at=at, by=by, note=note, reference=reference)


def _refuse(variant_id: int, reason: Reason, reference: str) -> None:
    variant = Variant.objects.select_related("product", "stock").get(pk=variant_id)
    available = variant.available()
    if available is None or not hasattr(variant, "stock"):
        raise StockNotTracked(variant.sku)
    if reason is Reason.RESERVE:
        raise OutOfStock(variant.sku, available, str(variant))
    raise ValueError(f"{reference}: cannot {reason} more of {variant.sku} than is held")


def _book(deltas: dict[int, tuple[int, int]], *, reason: Reason, at, by, note: str = "", reference: str = "") -> None:
    """Write the ledger's rows; the records are locked by the UPDATE before, so what is read here is final."""
    after = {
        record.variant_id: record for record in StockRecord.objects.filter(variant_id__in=deltas).order_by("variant_id")
    }
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=variant_id,
            at=at,
            by=by,
            on_hand_delta=on_hand_delta,
            reserved_delta=reserved_delta,
            on_hand_after=after[variant_id].on_hand,
            reserved_after=after[variant_id].reserved,
            reason=reason,
            note=note,
            reference=reference,
        )
        for variant_id, (on_hand_delta, reserved_delta) in deltas.items()
    )
