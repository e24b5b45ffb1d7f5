"""What taking in a row would change of its variants, worked out without writing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog.errors import UnitsReserved
from catalog.importing.changes import Change, Differences, changes, set_differing, shown
from catalog.importing.options import Options, StockRule
from catalog.importing.pictures import PicturePlan
from catalog.importing.rows import Fault, ParsedProduct, ParsedVariant, WrongProduct, fault
from catalog.models import StockRecord, Variant
from catalog.prices import NewPrice
from catalog.stock import check_count

TITLE_LIMIT = 200


@dataclass(slots=True)
class VariantPlan:
    """One variant as it will be; `fields` are the columns of it that change.

    `opens` is the count with which its stock begins to be tracked, `count` the
    one that it is corrected to, `threshold` from where on down it will be low.
    """

    variant: Variant
    parsed: ParsedVariant
    is_new: bool
    fields: Differences = field(default_factory=dict)
    price: NewPrice | None = None
    opens: int | None = None
    count: int | None = None
    threshold: int | None = None
    changes: list[Change] = field(default_factory=list)

    def changes_anything(self) -> bool:
        return bool(
            self.is_new
            or self.fields
            or self.price
            or self.opens is not None
            or self.count is not None
            or self.threshold is not None
        )

    def has_price(self) -> bool:
        return (self.price or self.variant).price is not None

    def currency(self) -> str:
        """Of its price, once the plan is carried out; empty without one."""
        priced = self.price or self.variant
        return (priced.currency or "") if priced.price is not None else ""


def match_variants(parsed: ParsedProduct, existing: list[Variant]) -> list[VariantPlan]:
    """The variant that each row means: by SKU, else by its options, else the only one there is.

    Raises WrongProduct where that cannot be told.
    """
    by_sku = {variant.sku: variant for variant in existing}
    by_title = {variant.title: variant for variant in existing}
    plans: list[VariantPlan] = []
    taken: set[int] = set()
    faults = []
    for said in parsed.variants:
        variant = by_sku.get(said.sku) or by_title.get(said.title) if existing else None
        if variant is None and len(existing) == 1 and len(parsed.variants) == 1 and not said.options:
            variant = existing[0]
        if variant is None and len(existing) > 1 and not said.sku and not said.options:
            sentence = _("%(name)s has several variants; this row needs the SKU of the one that it means.")
            faults.append(fault(said.place, sentence % {"name": parsed.name}, said.sku_column or "sku"))
        elif variant is not None and variant.pk in taken:
            sentence = _("Two rows describe the same variant, %(sku)s.") % {"sku": variant.sku}
            faults.append(fault(said.place, sentence, said.sku_column, said.sku))
        else:
            plans.append(VariantPlan(variant or Variant(), said, is_new=variant is None))
            if variant is not None:
                taken.add(variant.pk)
    if faults:
        raise WrongProduct(faults)
    return plans


def check_titles(plans: list[VariantPlan], kept_variants: list[Variant]) -> None:
    """Raises WrongProduct where two variants would have the same options, or options too long for the shop."""
    titles = {variant.title for variant in kept_variants}
    faults = []
    for plan in plans:
        title = plan.parsed.title or plan.variant.title
        if len(title) > TITLE_LIMIT:
            sentence = _("The options are %(length)d characters long together; at most %(limit)d fit.")
            sentence %= {"length": len(title), "limit": TITLE_LIMIT}
            faults.append(fault(plan.parsed.place, sentence, value=title))
        elif title in titles:
            sentence = _("Another variant of this product has the same options.")
            faults.append(fault(plan.parsed.place, sentence, value=title))
        titles.add(title)
    if faults:
        raise WrongProduct(faults)


def plan_variant(
    plan: VariantPlan, options: Options, *, pictures: PicturePlan | None, stock: Mapping[int, StockRecord]
) -> None:
    """Fill in what changes. Raises WrongProduct for a count below what orders hold."""
    variant, said = plan.variant, plan.parsed
    sku = variant.sku or said.sku
    picture: Differences = pictures.show(variant, said.picture) if pictures and said.picture else {}
    options_said = {"options": [list(pair) for pair in said.options], "title": said.title} if said.options else {}
    plan.fields = set_differing(
        variant,
        {
            **options_said,
            "sku": said.sku,
            "barcode": said.barcode,
            "weight_grams": said.weight_grams,
            "is_active": said.is_active,
        },
    )
    plan.fields |= picture
    _plan_price(plan, options)
    if plan.is_new:
        variant.track_stock = said.stock is not None
        plan.opens = said.stock
        plan.threshold = said.low_stock_threshold if said.stock is not None else None
        plan.changes = [Change(sku, "variant", "", said.title or sku)]
    else:
        plan.changes += changes(plan.fields, sku=sku)
        _plan_stock(plan, stock.get(variant.pk), options.stock)


def _plan_price(plan: VariantPlan, options: Options) -> None:
    variant, said = plan.variant, plan.parsed
    price = variant.price if said.price is None else said.price
    says_compare_at = said.compare_at_price is not None or (said.says_compare_at and said.price is not None)
    compare_at_price = said.compare_at_price if says_compare_at else variant.compare_at_price
    currency = (said.price is None and variant.currency) or said.currency or options.wanted_currency()
    if (price, compare_at_price, currency) == (variant.price, variant.compare_at_price, variant.currency):
        return
    plan.price = NewPrice(variant, price, compare_at_price, currency)
    if not plan.is_new:
        after = {"price": price, "compare_at_price": compare_at_price, "currency": currency}
        before = {name: getattr(variant, name) for name in after}
        differences = {name: (before[name], value) for name, value in after.items() if before[name] != value}
        plan.changes += changes(differences, sku=variant.sku)


def _plan_stock(plan: VariantPlan, record: StockRecord | None, rule: StockRule) -> None:
    """Compare a known variant's count and threshold; its record is read only where the file may change it."""
    variant, said = plan.variant, plan.parsed
    if rule is StockRule.SET and said.stock is not None:
        if record is None:
            plan.opens = said.stock
            if not variant.track_stock:
                variant.track_stock = True
                plan.fields["track_stock"] = False, True
            plan.changes.append(Change(variant.sku, "stock", "", shown(said.stock)))
        elif record.on_hand != said.stock:
            _check_reserved(record, said)
            plan.count = said.stock
            plan.changes.append(Change(variant.sku, "stock", shown(record.on_hand), shown(said.stock)))
    threshold = said.low_stock_threshold
    if threshold is not None and (plan.opens is not None or (record and record.low_stock_threshold != threshold)):
        plan.threshold = threshold
        if record:
            before = shown(record.low_stock_threshold)
            plan.changes.append(Change(variant.sku, "low_stock_threshold", before, shown(threshold)))


def _check_reserved(record: StockRecord, said: ParsedVariant) -> None:
    try:
        check_count(record, said.stock or 0)
    except UnitsReserved as error:
        found: Fault = fault(said.place, str(error), value=said.stock)
        raise WrongProduct([found]) from None
