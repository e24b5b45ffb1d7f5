"""Carry out what was planned for a batch, in a fixed number of statements."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog import stock
from catalog.importing.categories import CategoryTree
from catalog.importing.names import SKU_LIMIT, SLUG_LIMIT, free_names, wished_sku
from catalog.importing.pictures import PicturePlan
from catalog.importing.planning import SLUG, Plan
from catalog.importing.variant_planning import VariantPlan
from catalog.models import PictureAddress, Product, ProductAttribute, ProductImage, StockMovement, Variant
from catalog.prices import set_prices

ROWS_AT_ONCE = 200


def write(plans: list[Plan], *, tree: CategoryTree, at: datetime, by: AbstractBaseUser | None = None) -> None:
    """Write new and changed products; their categories are there already. Call inside a transaction."""
    for plan in plans:
        if plan.needs_category:
            plan.product.category_id = tree.add(plan.parsed.category)
    _write_products(plans, at=at)
    _write_attributes(plans)
    _write_pictures([(plan.product, plan.pictures) for plan in plans if plan.pictures])
    _write_variants(plans)
    _write_stock([variant for plan in plans for variant in plan.variants], at=at, by=by)


def _write_products(plans: list[Plan], *, at: datetime) -> None:
    new = [plan for plan in plans if plan.is_new]
    slugs = free_names(Product.objects.all(), "slug", [_wished_slug(plan) for plan in new], limit=SLUG_LIMIT)
    for plan, slug in zip(new, slugs, strict=True):
        plan.product.slug = slug
        plan.product.created_at = at
    Product.objects.bulk_create(plan.product for plan in new)
    changed = [plan for plan in plans if not plan.is_new and (plan.fields or plan.needs_category)]
    fields = {name for plan in changed for name in plan.fields}
    if any(plan.needs_category for plan in changed):
        fields.add("category")
    if changed:
        Product.objects.bulk_update([plan.product for plan in changed], sorted(fields), batch_size=ROWS_AT_ONCE)


def _wished_slug(plan: Plan) -> str:
    if SLUG.fullmatch(plan.parsed.slug):
        return plan.parsed.slug
    return slugify(plan.parsed.ids.get("handle") or plan.parsed.slug or plan.parsed.name) or "product"


def _write_attributes(plans: list[Plan]) -> None:
    if stale := [pk for plan in plans for pk in plan.stale_attributes]:
        ProductAttribute.objects.filter(pk__in=stale).delete()
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=plan.product, name=name, value=value)
        for plan in plans
        for name, value in plan.new_attributes
    )


def _write_pictures(plans: list[tuple[Product, PicturePlan]]) -> None:
    for product, plan in plans:
        for source in plan.new:
            source.product = product
    PictureAddress.objects.bulk_create(source for _product, plan in plans for source in plan.new)
    rows = [row for _product, plan in plans for row in plan.update.values()]
    columns = ["alt_text", "position"]
    sources = [row for row in rows if isinstance(row, PictureAddress)]
    PictureAddress.objects.bulk_update(sources, columns, batch_size=ROWS_AT_ONCE)
    images = [row for row in rows if isinstance(row, ProductImage)]
    ProductImage.objects.bulk_update(images, columns, batch_size=ROWS_AT_ONCE)


def _write_variants(plans: list[Plan]) -> None:
    new = [variant for plan in plans for variant in plan.variants if variant.is_new]
    changed = [variant for plan in plans for variant in plan.variants if not variant.is_new and variant.fields]
    for plan in plans:
        _place_new_variants(plan)
    _name_new_variants(plans)
    if changed:
        fields = sorted({name for variant in changed for name in variant.fields})
        Variant.objects.bulk_update([variant.variant for variant in changed], fields, batch_size=ROWS_AT_ONCE)
    set_prices(variant.price for plan in plans for variant in plan.variants if variant.price)
    Variant.objects.bulk_create(variant.variant for variant in new)


def _place_new_variants(plan: Plan) -> None:
    existing = [*plan.kept_variants, *(variant.variant for variant in plan.variants if not variant.is_new)]
    last = max((variant.position for variant in existing), default=-1)
    new = (variant.variant for variant in plan.variants if variant.is_new)
    for position, variant in enumerate(new, start=last + 1):
        variant.product = plan.product
        variant.position = position


def _name_new_variants(plans: list[Plan]) -> None:
    """Give variants whose SKU is blank in the file one after their product's handle: ``<handle>-<n>``."""
    wished = [
        (variant.variant, wished_sku(plan.parsed.ids.get("handle") or plan.product.slug, number))
        for plan in plans
        for number, variant in enumerate(plan.variants, start=1)
        if variant.is_new and not variant.variant.sku
    ]
    if not wished:
        return
    said = {variant.parsed.sku for plan in plans for variant in plan.variants}
    skus = free_names(Variant.objects.all(), "sku", [sku for _variant, sku in wished], limit=SKU_LIMIT, reserved=said)
    for (variant, _wished), sku in zip(wished, skus, strict=True):
        variant.sku = sku


def _write_stock(plans: Iterable[VariantPlan], *, at: datetime, by: AbstractBaseUser | None) -> None:
    """Begin to track what is counted for the first time, and correct the counts that the file sets."""
    received: dict[int, int] = {}
    found: dict[int, int] = {}
    corrected: dict[int, int] = {}
    thresholds: dict[int, int] = {}
    for plan in plans:
        pk = plan.variant.pk
        if plan.opens is not None:
            (received if plan.is_new else found)[pk] = plan.opens
        if plan.count is not None:
            corrected[pk] = plan.count
        if plan.threshold is not None:
            thresholds[pk] = plan.threshold
    note = _("import")
    if received:
        stock.open_records(received, at=at, by=by, note=note, thresholds=thresholds)
    if found:
        reason = StockMovement.Reason.CORRECT
        stock.open_records(found, at=at, by=by, note=note, reason=reason, thresholds=thresholds)
    if corrected:
        stock.correct_many(corrected, at=at, by=by, note=note)
    if known := {pk: units for pk, units in thresholds.items() if pk not in received and pk not in found}:
        stock.set_thresholds(known)
