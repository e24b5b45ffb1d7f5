"""What taking in a row would change, worked out without writing anything."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog.importing.categories import CategoryTree
from catalog.importing.changes import Change, Differences, changes, set_differing, shown
from catalog.importing.claims import ClaimBook, Claims, claimable, product_claims, sku_claims
from catalog.importing.known import KnownProduct, KnownProducts, external_id
from catalog.importing.limits import check_size
from catalog.importing.options import Options, StockRule
from catalog.importing.pictures import KnownPictures, PicturePlan, plan_pictures, usable
from catalog.importing.rows import KEYS, ParsedProduct, WrongProduct, fault
from catalog.importing.variant_planning import VariantPlan, check_titles, match_variants, plan_variant
from catalog.models import Product, Variant
from pricing.models import TaxClass

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,200}")


@dataclass(slots=True)
class Shop:
    """What of the shop a whole run reads once: its categories and tax classes, ``{code: key}``."""

    tree: CategoryTree
    tax_classes: Mapping[str, int]

    @classmethod
    def now(cls) -> "Shop":
        return cls(CategoryTree(), dict(TaxClass.objects.values_list("code", "pk")))


@dataclass(slots=True)
class Plan:
    """One product as it will be; `fields` are the columns of it that change.

    `kept_variants` are those it has and the file does not name; they stay as they are.
    """

    product: Product
    parsed: ParsedProduct
    is_new: bool
    variants: list[VariantPlan]
    kept_variants: list[Variant]
    fields: Differences = field(default_factory=dict)
    stale_attributes: list[int] = field(default_factory=list)
    new_attributes: list[tuple[str, str]] = field(default_factory=list)
    pictures: PicturePlan | None = None
    unusable_pictures: int = 0
    needs_category: bool = False
    other_changes: list[Change] = field(default_factory=list)

    def changes_anything(self) -> bool:
        return bool(
            self.is_new
            or self.fields
            or self.stale_attributes
            or self.new_attributes
            or self.needs_category
            or (self.pictures and (self.pictures.new or self.pictures.update))
            or any(variant.changes_anything() for variant in self.variants)
        )

    def has_price(self) -> bool:
        """Whether anything of it can be bought, once the plan is carried out."""
        return any(plan.has_price() for plan in self.variants) or any(
            variant.price is not None for variant in self.kept_variants
        )

    def changes(self) -> Iterator[Change]:
        """What changes of a product that the shop had, field by field."""
        if not self.is_new:
            yield from changes(self.fields)
            yield from self.other_changes
            if self.pictures:
                yield from self.pictures.changes
            for variant in self.variants:
                yield from variant.changes


@dataclass(slots=True)
class BatchPlan:
    """What a batch would change, what of it is wrong, and what its right products claim for themselves."""

    plans: list[Plan] = field(default_factory=list)
    wrong: list[WrongProduct] = field(default_factory=list)
    claims: Claims = field(default_factory=dict)

    def changing(self) -> list[Plan]:
        return [plan for plan in self.plans if plan.changes_anything()]


def plan_batch(
    batch: Collection[ParsedProduct], options: Options, *, shop: Shop, claimed: ClaimBook, lock: bool = False
) -> BatchPlan:
    """Compare a batch with the shop. `claimed` is what earlier products of the file claimed; it is only read.

    With `lock` the stock records that may change stay locked until the end of
    the transaction in which this is called.
    """
    counted = options.stock is StockRule.SET or any(
        variant.low_stock_threshold is not None for parsed in batch for variant in parsed.variants
    )
    known_products = KnownProducts(batch, counted=counted, lock=lock)
    earlier = claimed.among(claimable(batch, known_products.keys()))
    outcome = BatchPlan()
    for parsed in batch:
        try:
            claims = sku_claims(parsed, outcome.claims, earlier)
            known = known_products.find(parsed)
            claims |= product_claims(parsed, known.product if known else None, outcome.claims, earlier)
            outcome.plans.append(_plan(parsed, known, options, known_products=known_products, shop=shop))
            outcome.claims |= claims
        except WrongProduct as wrong:
            outcome.wrong.append(wrong)
    return outcome


def _plan(
    parsed: ParsedProduct, known: KnownProduct | None, options: Options, *, known_products: KnownProducts, shop: Shop
) -> Plan:
    existing = known.variants if known else []
    variants = match_variants(parsed, existing)
    named = {plan.variant.pk for plan in variants}
    kept_variants = [variant for variant in existing if variant.pk not in named]
    check_titles(variants, kept_variants)
    plan = Plan(known.product if known else Product(), parsed, known is None, variants, kept_variants)
    addresses, plan.unusable_pictures = usable(parsed)
    check_size(parsed, known, variants=len(variants) + len(kept_variants), addresses=addresses)
    if addresses:
        plan.pictures = plan_pictures(addresses, known.pictures if known else KnownPictures())
    for variant_plan in variants:
        plan_variant(variant_plan, options, pictures=plan.pictures, stock=known_products.stock)
    _plan_product(plan, known_products, tax_class=_tax_class(parsed, shop))
    _plan_category(plan, shop.tree)
    _plan_attributes(plan, known.attributes if known else {})
    return plan


def _plan_product(plan: Plan, known_products: KnownProducts, *, tax_class: int | None) -> None:
    product, said = plan.product, plan.parsed
    plan.fields = set_differing(
        product,
        {
            "name": said.name,
            "summary": said.summary,
            "description": said.description,
            "brand": said.brand,
            "seo_title": said.seo_title,
            "seo_description": said.seo_description,
            "tax_class_id": tax_class,
            "status": _status(plan),
            "external_id": None if product.external_id else _free_external_id(said, known_products),
        },
    )


def _plan_category(plan: Plan, tree: CategoryTree) -> None:
    if not plan.parsed.category:
        return
    category = tree.find(plan.parsed.category)
    plan.needs_category = category is None or category != plan.product.category_id
    if plan.needs_category and not plan.is_new:
        before = " > ".join(tree.names(plan.product.category_id))
        plan.other_changes.append(Change("", "category", shown(before), shown(" > ".join(plan.parsed.category))))


def _plan_attributes(plan: Plan, known: Mapping[str, Mapping[str, int]]) -> None:
    """The values of each name that the file says take the place of those that the product has of it."""
    for name, said in plan.parsed.attributes.items():
        had = known.get(name, {})
        new = [value for value in dict.fromkeys(said) if value not in had]
        stale = [pk for value, pk in had.items() if value not in said]
        if new or stale:
            plan.new_attributes += [(name, value) for value in new]
            plan.stale_attributes += stale
            plan.other_changes.append(Change("", name, shown(sorted(had)), shown(said)))


def _tax_class(parsed: ParsedProduct, shop: Shop) -> int | None:
    """The tax class of a code. Raises WrongProduct for one that the shop does not have."""
    if not parsed.tax_class:
        return None
    if parsed.tax_class not in shop.tax_classes:
        codes = ", ".join(sorted(shop.tax_classes)) or "–"
        sentence = _("The shop has no tax class with this code; it has: %(codes)s.") % {"codes": codes}
        raise WrongProduct([fault(parsed.place, sentence, "tax_class", parsed.tax_class)])
    return shop.tax_classes[parsed.tax_class]


def _status(plan: Plan) -> str:
    """Nothing goes on sale without a price; where the file is silent, new products do and others stay as they are."""
    said, status = plan.parsed.status, plan.product.status
    if not plan.is_new and said in ("", status):
        return status
    said = said or Product.Status.ACTIVE
    return Product.Status.DRAFT if said == Product.Status.ACTIVE and not plan.has_price() else said


def _free_external_id(said: ParsedProduct, known_products: KnownProducts) -> str | None:
    """The first key of the source that no other product has; an id that another file used as well is one."""
    identities = (external_id(column, said.ids[column]) for column in KEYS if column in said.ids)
    return next((identity for identity in identities if not known_products.is_taken(identity)), None)
