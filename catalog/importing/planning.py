"""What taking in a row would change, worked out without writing anything."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _

from catalog.importing.categories import CategoryTree
from catalog.importing.claims import Claims, product_claims, sku_claims
from catalog.importing.known import KnownProduct, KnownProducts, external_id
from catalog.importing.rows import KEYS, ParsedProduct, ParsedVariant, WrongProduct, fault
from catalog.models import Product, Variant
from catalog.prices import NewPrice

TITLE_LIMIT = 200


@dataclass(slots=True)
class VariantPlan:
    variant: Variant
    parsed: ParsedVariant
    is_new: bool
    fields: set[str] = field(default_factory=set)
    price: NewPrice | None = None


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
    fields: set[str] = field(default_factory=set)
    attributes: dict[str, str] = field(default_factory=dict)
    needs_category: bool = False

    def changes_anything(self) -> bool:
        return bool(
            self.is_new
            or self.fields
            or self.attributes
            or self.needs_category
            or any(variant.is_new or variant.fields or variant.price for variant in self.variants)
        )

    def has_price(self) -> bool:
        """Whether anything of it can be bought, once the plan is carried out."""
        planned = [plan.price.price if plan.price else plan.variant.price for plan in self.variants]
        return any(price is not None for price in [*planned, *(variant.price for variant in self.kept_variants)])


@dataclass(slots=True)
class BatchPlan:
    """What a batch would change, what of it is wrong, and what its right products claim for themselves."""

    plans: list[Plan] = field(default_factory=list)
    wrong: list[WrongProduct] = field(default_factory=list)
    claims: Claims = field(default_factory=dict)

    def changes_anything(self) -> bool:
        return any(plan.changes_anything() for plan in self.plans)


def plan_batch(batch: Collection[ParsedProduct], *, tree: CategoryTree, claimed: Claims) -> BatchPlan:
    """Compare a batch with the shop. `claimed` is what earlier products of the file claimed; it is only read."""
    shop = KnownProducts(batch)
    outcome = BatchPlan()
    for parsed in batch:
        try:
            claims = sku_claims(parsed, outcome.claims, claimed)
            known = shop.find(parsed)
            claims |= product_claims(parsed, known.product if known else None, outcome.claims, claimed)
            outcome.plans.append(_plan(parsed, known, shop=shop, tree=tree))
            outcome.claims |= claims
        except WrongProduct as wrong:
            outcome.wrong.append(wrong)
    return outcome


def _plan(parsed: ParsedProduct, known: KnownProduct | None, *, shop: KnownProducts, tree: CategoryTree) -> Plan:
    existing = known.variants if known else []
    variants = _match_variants(parsed, existing)
    named = {id(plan.variant) for plan in variants}
    kept_variants = [variant for variant in existing if id(variant) not in named]
    _check_titles(variants, kept_variants)
    plan = Plan(known.product if known else Product(), parsed, known is None, variants, kept_variants)
    for variant_plan in variants:
        _plan_variant(variant_plan)
    _plan_product(plan, shop=shop)
    if parsed.category:
        category = tree.find(parsed.category)
        plan.needs_category = category is None or category != plan.product.category_id
    values = known.attributes if known else {}
    plan.attributes = {name: value for name, value in parsed.attributes.items() if values.get(name) != {value}}
    return plan


def _match_variants(parsed: ParsedProduct, existing: list[Variant]) -> list[VariantPlan]:
    """The variant that each row means: by SKU, else by its options, else the only one there is."""
    by_sku = {variant.sku: variant for variant in existing}
    by_title = {variant.title: variant for variant in existing}
    plans: list[VariantPlan] = []
    faults = []
    for said in parsed.variants:
        variant = by_sku.get(said.sku) or by_title.get(said.title)
        if variant is None and len(existing) == 1 and len(parsed.variants) == 1 and not said.options:
            variant = existing[0]
        if variant is None and len(existing) > 1 and not said.sku and not said.options:
            sentence = _("%(name)s has several variants; this row needs the SKU of the one that it means.")
            faults.append(fault(said.place, sentence % {"name": parsed.name}, said.sku_column or "sku"))
        elif variant is not None and any(variant is plan.variant for plan in plans):
            sentence = _("Two rows describe the same variant, %(sku)s.") % {"sku": variant.sku}
            faults.append(fault(said.place, sentence, said.sku_column, said.sku))
        else:
            plans.append(VariantPlan(variant or Variant(), said, is_new=variant is None))
    if faults:
        raise WrongProduct(faults)
    return plans


def _check_titles(plans: list[VariantPlan], kept_variants: list[Variant]) -> None:
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


def _plan_variant(plan: VariantPlan) -> None:
    variant, said = plan.variant, plan.parsed
    if plan.is_new:
        variant.track_stock = said.stock is not None
    if said.options:
        plan.fields |= _changes(variant, options=[list(pair) for pair in said.options], title=said.title)
    plan.fields |= _changes(variant, sku=said.sku, barcode=said.barcode, weight_grams=said.weight_grams)
    price = variant.price if said.price is None else said.price
    says_compare_at = said.compare_at_price is not None or (said.says_compare_at and said.price is not None)
    compare_at_price = said.compare_at_price if says_compare_at else variant.compare_at_price
    currency = variant.currency if said.price is None and variant.currency else settings.SHOP_CURRENCY
    if (price, compare_at_price, currency) != (variant.price, variant.compare_at_price, variant.currency):
        plan.price = NewPrice(variant, price, compare_at_price, currency)


def _plan_product(plan: Plan, *, shop: KnownProducts) -> None:
    product, said = plan.product, plan.parsed
    plan.fields |= _changes(
        product,
        name=said.name,
        description=said.description,
        brand=said.brand,
        seo_title=said.seo_title,
        seo_description=said.seo_description,
        status=_status(plan),
        external_id=None if product.external_id else _free_external_id(said, shop),
    )


def _status(plan: Plan) -> str:
    """Nothing is on sale without a price; where the file is silent, new products are and others stay as they are."""
    if not plan.parsed.status and not plan.is_new:
        return plan.product.status
    said = plan.parsed.status or Product.Status.ACTIVE
    return Product.Status.DRAFT if said == Product.Status.ACTIVE and not plan.has_price() else said


def _free_external_id(said: ParsedProduct, shop: KnownProducts) -> str | None:
    """The first key of the source that no other product has; an id that another file used as well is one."""
    identities = (external_id(column, said.ids[column]) for column in KEYS if column in said.ids)
    return next((identity for identity in identities if not shop.is_taken(identity)), None)


def _changes(row: Model, **said: Any) -> set[str]:
    """Set what is said (neither empty nor None) and differs; returns the columns that it changed."""
    changed = {name: value for name, value in said.items() if value not in ("", None) and getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return set(changed)
