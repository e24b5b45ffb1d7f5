"""The only module that changes stock. Every change is a row of the ledger.

Quantities are ``{variant_id: units}`` with units ≥ 1. Each function is all or
nothing, takes rows in ascending variant id (so that two of them wait for each
other and cannot deadlock) and joins an open transaction. Variants that are not
tracked have no stock record and must not be passed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import F, Q, Sum

from catalog.errors import OutOfStock, StockChanged, StockNotTracked, TooFewUnits, TooMuchStock, UnitsReserved
from catalog.models import LOW_STOCK_THRESHOLD, StockMovement, StockRecord, Variant
from catalog.transactions import use_case

Reason = StockMovement.Reason
Quantities = Mapping[int, int]
MOST_ON_HAND = 2_147_483_647  # what an integer column holds on every database


@use_case
def receive(quantities: Quantities, *, at: datetime, by=None, note: str = "", reference: str = "") -> None:
    """Put delivered units on the shelf. Raises StockNotTracked and TooMuchStock."""
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
def adjust(variant_id: int, *, delta: int, at: datetime, by=None, note: str) -> StockRecord:
    """Book units of one variant that came (a positive `delta`) or are gone (a correction); returns its record.

    Raises StockNotTracked, TooMuchStock, and, where fewer would be left than
    orders hold or than none, UnitsReserved (naming the orders) and TooFewUnits.
    """
    if delta > 0:
        receive({variant_id: delta}, at=at, by=by, note=note)
    else:
        _change({variant_id: -delta}, on_hand=-1, reserved=0, reason=Reason.CORRECT, at=at, by=by, note=note)
    return StockRecord.objects.get(variant_id=variant_id)


@use_case
def correct(variant_id: int, *, on_hand: int, at: datetime, by=None, note: str, seen: int | None = None) -> None:
    """Set the counted units of one variant.

    `seen` is the count that the person saw before: raises StockChanged if it no
    longer holds. Raises UnitsReserved, naming the orders, for a count below
    what is held, and StockNotTracked. The same count changes nothing.
    """
    record = records([variant_id], lock=True).get(variant_id)
    if record is not None and seen is not None and record.on_hand != seen:
        raise StockChanged(_sku(variant_id), seen, record.on_hand)
    correct_many({variant_id: on_hand}, at=at, by=by, note=note)


@use_case
def correct_many(counts: Quantities, *, at: datetime, by=None, note: str) -> None:
    """Set the counted units of many variants, here also to 0, all or none; the same count changes nothing.

    Raises UnitsReserved, naming the orders, for the first count below what is
    held, and StockNotTracked.
    """
    held = records(counts, lock=True)
    changed = []
    for variant_id, on_hand in sorted(counts.items()):
        if variant_id not in held:
            raise StockNotTracked(_sku(variant_id))
        check_count(held[variant_id], on_hand)
        if on_hand != held[variant_id].on_hand:
            changed.append(variant_id)
    deltas = {variant_id: (counts[variant_id] - held[variant_id].on_hand, 0) for variant_id in changed}
    for variant_id in changed:
        held[variant_id].on_hand = counts[variant_id]
    StockRecord.objects.bulk_update([held[variant_id] for variant_id in changed], ["on_hand"], batch_size=200)
    _book(deltas, reason=Reason.CORRECT, at=at, by=by, note=note)


def check_count(record: StockRecord, on_hand: int) -> None:
    """Raises UnitsReserved, naming the orders, where orders hold more than `on_hand` units of the record."""
    if on_hand < record.reserved:
        raise UnitsReserved(_sku(record.variant_id), record.reserved, holders(record.variant_id))


def records(variants: Collection[int], *, lock: bool = False) -> dict[int, StockRecord]:
    """The stock records of variants: ``{variant_id: record}``; to lock them, call inside a transaction."""
    found = StockRecord.objects.filter(variant_id__in=variants).order_by("variant_id")
    if lock:
        found = found.select_for_update(of=("self",))
    return {record.variant_id: record for record in found} if variants else {}


@use_case
def set_thresholds(thresholds: Quantities) -> None:
    """Set from how many units down tracked variants count as low: ``{variant_id: units}``, here also 0."""
    held = records(thresholds)
    for variant_id, record in held.items():
        record.low_stock_threshold = thresholds[variant_id]
    StockRecord.objects.bulk_update(held.values(), ["low_stock_threshold"], batch_size=200)


@use_case
def start_tracking(variant: Variant, *, low_stock_threshold: int | None = None) -> None:
    """Give a variant a stock record with nothing on hand; no change if it has one."""
    Variant.objects.filter(pk=variant.pk).update(track_stock=True)
    variant.track_stock = True
    defaults = {} if low_stock_threshold is None else {"low_stock_threshold": low_stock_threshold}
    StockRecord.objects.get_or_create(variant=variant, defaults=defaults)


@use_case
def open_records(
    quantities: Quantities,
    *,
    at: datetime,
    by=None,
    note: str = "",
    reason: Reason = Reason.RECEIVE,
    thresholds: Quantities | None = None,
) -> None:
    """Give tracked variants that have none yet their stock records; here units may be 0.

    `thresholds` says, for some of them, from how many units down they are low.
    """
    thresholds = thresholds or {}
    StockRecord.objects.bulk_create(
        StockRecord(
            variant_id=variant_id,
            on_hand=units,
            low_stock_threshold=thresholds.get(variant_id, LOW_STOCK_THRESHOLD),
        )
        for variant_id, units in sorted(quantities.items())
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            variant_id=variant_id,
            at=at,
            by=by,
            on_hand_delta=units,
            on_hand_after=units,
            reserved_after=0,
            reason=reason,
            note=note,
        )
        for variant_id, units in sorted(quantities.items())
        if units
    )


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


def _sku(variant_id: int) -> str:
    return Variant.objects.values_list("sku", flat=True).get(pk=variant_id)


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
            Q(on_hand__lte=MOST_ON_HAND - max(on_hand, 0) * units),
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
    if reason in {Reason.RECEIVE, Reason.RESTOCK}:
        raise TooMuchStock(variant.sku, MOST_ON_HAND)
    if reason is Reason.CORRECT:
        if variant.stock.reserved:
            raise UnitsReserved(variant.sku, variant.stock.reserved, holders(variant_id))
        raise TooFewUnits(variant.sku, variant.stock.on_hand)
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
