"""Take the products of a file into the shop: in batches, each product whole or not at all."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog import menu, stock
from catalog.importing import formats
from catalog.importing.categories import CategoryTree
from catalog.importing.claims import Claims
from catalog.importing.names import free_names
from catalog.importing.planning import BatchPlan, Plan, plan_batch
from catalog.importing.report import Report
from catalog.importing.rows import ParsedProduct, WrongProduct, fault
from catalog.importing.source import Source, UnreadableFile
from catalog.models import Product, ProductAttribute, Variant
from catalog.prices import set_prices
from catalog.transactions import use_case

# Keeps a write transaction well below half a second on SQLite.
BATCH_VARIANTS = 200
SLUG_LIMIT = 200
SKU_LIMIT = 100

Progress = Callable[[int, float], None]


def import_products(path: Path, *, at: datetime, dry_run: bool = False, progress: Progress | None = None) -> Report:
    """Take in a file, or with `dry_run` only say what that would do; `progress` is told products and fraction read.

    Batches are committed one by one, so that what is in stays in; an interrupt
    or a damaged file ends with a report that says so in `stopped`. Prices are
    in the shop's currency; stock is set for new variants only. Raises
    UnreadableFile where nothing can be read.
    """
    source = Source(path)
    try:
        return _Import(source, at=at, dry_run=dry_run).run(progress or (lambda count, fraction: None))
    finally:
        source.close()


class _Import:
    """One run over one file."""

    def __init__(self, source: Source, *, at: datetime, dry_run: bool) -> None:
        self.source = source
        self.at = at
        self.report = Report(source.name, dry_run=dry_run)
        self.report.format, self.products = formats.read(source)
        self.tree = CategoryTree()
        self.claimed: Claims = {}

    def run(self, progress: Progress) -> Report:
        started = time.monotonic()
        try:
            for batch in self._batches():
                self._take_in(batch)
                progress(self.report.products, self.source.fraction_read())
        except KeyboardInterrupt:
            self.report.stopped = _("Interrupted. What was taken in is whole; run the same command again to go on.")
        except UnreadableFile as error:
            if not self.report.products:
                raise
            self.report.stopped = str(error)
        if self.report.new or self.report.changed:
            menu.forget()
        self.report.unused = self.products.unused
        self.report.seconds = time.monotonic() - started
        return self.report

    def _batches(self) -> Iterator[list[ParsedProduct]]:
        batch: list[ParsedProduct] = []
        variants = 0
        try:
            for parsed in self.products:
                if isinstance(parsed, WrongProduct):
                    self.report.add_wrong(parsed.faults)
                    continue
                batch.append(parsed)
                variants += len(parsed.variants)
                if variants >= BATCH_VARIANTS:
                    yield batch
                    batch, variants = [], 0
        except UnreadableFile:
            yield batch  # what was read before the damage is right
            raise
        yield batch

    def _take_in(self, batch: list[ParsedProduct]) -> None:
        """Write what a batch changes. It is planned once more under the lock, as others may write meanwhile."""
        outcome = plan_batch(batch, tree=self.tree, claimed=self.claimed)
        if outcome.changes_anything() and not self.report.dry_run:
            for plan in outcome.plans:
                if plan.needs_category:
                    self.tree.add(plan.parsed.category)
            try:
                outcome = self._write(batch)
            except IntegrityError:
                self._take_in_one_by_one(batch)
                return
        self._count(outcome)

    def _take_in_one_by_one(self, batch: list[ParsedProduct]) -> None:
        for parsed in batch:
            try:
                self._count(self._write([parsed]))
            except IntegrityError as error:
                sentence = _("The database refused this product: %(reason)s.") % {"reason": error}
                self.report.add_wrong([fault(parsed.place, sentence, parsed.name_column, parsed.name)])

    @use_case
    def _write(self, batch: list[ParsedProduct]) -> BatchPlan:
        outcome = plan_batch(batch, tree=self.tree, claimed=self.claimed)
        write([plan for plan in outcome.plans if plan.changes_anything()], tree=self.tree, at=self.at)
        return outcome

    def _count(self, outcome: BatchPlan) -> None:
        self.claimed.update(outcome.claims)
        for wrong in outcome.wrong:
            self.report.add_wrong(wrong.faults)
        for plan in outcome.plans:
            self.report.new += plan.is_new
            self.report.changed += not plan.is_new and plan.changes_anything()
            self.report.unchanged += not plan.changes_anything()
            self.report.new_variants += sum(variant.is_new for variant in plan.variants)
            self.report.drafts += plan.is_new and not plan.has_price()
            self.report.with_pictures += bool(plan.parsed.pictures)


def write(plans: list[Plan], *, tree: CategoryTree, at: datetime) -> None:
    """Carry out the plans of a batch, in a fixed number of statements. Call inside a transaction."""
    for plan in plans:
        if plan.needs_category:
            plan.product.category_id = tree.add(plan.parsed.category)
            plan.fields.add("category")
    _write_products(plans, at=at)
    _write_attributes(plans)
    _write_variants(plans, at=at)


def _write_products(plans: list[Plan], *, at: datetime) -> None:
    new = [plan for plan in plans if plan.is_new]
    wished = [slugify(plan.parsed.ids.get("handle") or plan.parsed.name) or "product" for plan in new]
    slugs = free_names(Product.objects.all(), "slug", wished, limit=SLUG_LIMIT)
    for plan, slug in zip(new, slugs, strict=True):
        plan.product.slug = slug
        plan.product.created_at = at
    Product.objects.bulk_create(plan.product for plan in new)
    changed = [plan for plan in plans if not plan.is_new and plan.fields]
    if changed:
        fields = sorted(set().union(*(plan.fields for plan in changed)))
        Product.objects.bulk_update([plan.product for plan in changed], fields)


def _write_attributes(plans: list[Plan]) -> None:
    for plan in plans:
        if plan.attributes and not plan.is_new:
            plan.product.attributes.filter(name__in=plan.attributes).delete()
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=plan.product, name=name, value=value)
        for plan in plans
        for name, value in plan.attributes.items()
    )


def _write_variants(plans: list[Plan], *, at: datetime) -> None:
    new = [variant for plan in plans for variant in plan.variants if variant.is_new]
    changed = [variant for plan in plans for variant in plan.variants if not variant.is_new and variant.fields]
    for plan in plans:
        _place_new_variants(plan)
    _name_new_variants(plans)
    if changed:
        fields = sorted(set().union(*(variant.fields for variant in changed)))
        Variant.objects.bulk_update([variant.variant for variant in changed], fields)
    set_prices(variant.price for plan in plans for variant in plan.variants if variant.price)
    Variant.objects.bulk_create(variant.variant for variant in new)
    counted = {variant.variant.pk: variant.parsed.stock for variant in new if variant.parsed.stock is not None}
    if counted:
        stock.open_records(counted, at=at, note=_("import"))


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
        (variant.variant, f"{(plan.parsed.ids.get('handle') or plan.product.slug)[: SKU_LIMIT - 6]}-{number}")
        for plan in plans
        for number, variant in enumerate(plan.variants, start=1)
        if variant.is_new and not variant.variant.sku
    ]
    said = {variant.parsed.sku for plan in plans for variant in plan.variants}
    skus = free_names(Variant.objects.all(), "sku", [sku for _variant, sku in wished], limit=SKU_LIMIT, reserved=said)
    for (variant, _wished), sku in zip(wished, skus, strict=True):
        variant.sku = sku
