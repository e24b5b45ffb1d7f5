"""Take the products of a file into the shop: in batches, each product whole or not at all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError
from django.utils.translation import gettext as _

from catalog import menu
from catalog.fetching import want_pictures
from catalog.importing import formats
from catalog.importing.bulk import Statistics, much_is_written, rows_at_once
from catalog.importing.claims import ClaimBook
from catalog.importing.error_file import ErrorFile
from catalog.importing.options import Options
from catalog.importing.planning import BatchPlan, Shop, plan_batch
from catalog.importing.report import Report
from catalog.importing.rows import ParsedProduct, Skipped, WrongProduct, fault
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.table_format import TableFormat
from catalog.importing.writing import write
from catalog.transactions import use_case

# Told how many there are of what, and the fraction of that which is done.
Progress = Callable[[int, float, str], None]


def import_products(
    path: Path,
    *,
    at: datetime,
    options: Options | None = None,
    progress: Progress | None = None,
    errors: TextIO | None = None,
    by: AbstractBaseUser | None = None,
) -> Report:
    """Take in a file, or in a dry run only say what that would do.

    Batches are committed one by one, so that what is in stays in; an interrupt
    or a damaged file ends with a report that says so in `stopped`. A strict
    import reads the file twice and writes nothing where anything is wrong.
    `errors` is written as a CSV file of all faults; `by` stands in the ledger.
    Raises UnreadableFile where nothing can be read.
    """
    options = options or Options()
    tell = progress or (lambda count, fraction, doing: None)
    error_file = ErrorFile(errors, path.name) if errors else None
    if options.strict:
        report = _run(path, replace(options, dry_run=True), tell, at=at, error_file=error_file)
        report.dry_run = options.dry_run
        report.refused = not options.dry_run and bool(report.wrong or report.stopped)
        if options.dry_run or report.refused:
            return report
    return _run(path, options, tell, at=at, by=by, error_file=error_file)


def _run(
    path: Path,
    options: Options,
    progress: Progress,
    *,
    at: datetime,
    by: AbstractBaseUser | None = None,
    error_file: ErrorFile | None,
) -> Report:
    source = Source(path)
    claimed = ClaimBook()
    try:
        run = _Import(source, claimed, options, at=at, by=by)
        run.report.error_file = error_file
        with much_is_written():
            return run.run(progress)
    finally:
        claimed.close()
        source.close()


class _Import:
    """One run over one file."""

    def __init__(
        self, source: Source, claimed: ClaimBook, options: Options, *, at: datetime, by: AbstractBaseUser | None
    ) -> None:
        self.source = source
        self.claimed = claimed
        self.options = options
        self.at = at
        self.by = by
        self.report = Report(source.name, dry_run=options.dry_run, currency=settings.SHOP_CURRENCY)
        self.report.format, self.products = formats.read(source, options)
        self.shop = Shop.now()
        self.statistics = Statistics()

    def run(self, progress: Progress) -> Report:
        started = time.monotonic()
        doing = _("products checked") if self.options.dry_run else _("products")
        if isinstance(self.products, TableFormat):
            self.products.told = lambda count, fraction: progress(count, fraction, _("rows read"))
        try:
            for batch in self._batches():
                self._take_in(batch)
                progress(self.report.products, self._fraction(), doing)
        except KeyboardInterrupt:
            self.report.stopped = _("Interrupted. What was taken in is whole; run the same command again to go on.")
        except UnreadableFile as error:
            if not self.report.products:
                raise
            self.report.stopped = str(error)
        if self.report.new or self.report.changed:
            menu.forget()
        self.report.unused = self.products.unused
        self.report.remarks = self.source.notes
        self.report.seconds = time.monotonic() - started
        return self.report

    def _fraction(self) -> float:
        return (self.products if isinstance(self.products, TableFormat) else self.source).fraction_read()

    def _batches(self) -> Iterator[list[ParsedProduct]]:
        batch: list[ParsedProduct] = []
        rows = 0
        most = rows_at_once()
        try:
            for parsed in self.products:
                if isinstance(parsed, Skipped):
                    self.report.add_skipped(parsed)
                    continue
                if isinstance(parsed, WrongProduct):
                    self.report.add_wrong(parsed)
                    continue
                batch.append(parsed)
                rows += max(len(parsed.variants), len(parsed.pictures))
                if rows >= most:
                    yield batch
                    batch, rows = [], 0
        except UnreadableFile:
            yield batch  # what was read before the damage is right
            raise
        yield batch

    def _take_in(self, batch: list[ParsedProduct]) -> None:
        """Write what a batch changes.

        Where a product that the shop has changes, it is planned once more
        inside the transaction, as others may write meanwhile; new ones rest on
        the database's constraints.
        """
        outcome = self._plan(batch)
        if not self.options.dry_run:
            if changing := outcome.changing():
                for plan in changing:
                    if plan.needs_category:
                        self.shop.tree.add(plan.parsed.category)
                try:
                    outcome = self._write(batch, outcome if all(plan.is_new for plan in changing) else None)
                except IntegrityError:
                    self._take_in_one_by_one(batch)
                    return
            self._want_pictures(outcome)
        self._count(outcome)

    def _take_in_one_by_one(self, batch: list[ParsedProduct]) -> None:
        for parsed in batch:
            try:
                outcome = self._write([parsed])
            except IntegrityError as error:
                sentence = _("The database refused this product: %(reason)s.") % {"reason": error}
                self.report.add_wrong(WrongProduct([fault(parsed.place, sentence, parsed.name_column, parsed.name)]))
            else:
                self._want_pictures(outcome)
                self._count(outcome)

    def _write(self, batch: list[ParsedProduct], planned: BatchPlan | None = None) -> BatchPlan:
        began = time.monotonic()

        @use_case
        def write_batch() -> BatchPlan:
            nonlocal began, planned
            began = time.monotonic()
            outcome = planned or self._plan(batch, lock=True)
            planned = None  # a second try begins anew: the first has given keys to what was planned
            write(outcome.changing(), tree=self.shop.tree, at=self.at, by=self.by)
            return outcome

        outcome = write_batch()
        self.report.longest_write = max(self.report.longest_write, time.monotonic() - began)
        self.statistics.note(len(outcome.changing()))
        return outcome

    def _plan(self, batch: list[ParsedProduct], *, lock: bool = False) -> BatchPlan:
        return plan_batch(batch, self.options, shop=self.shop, claimed=self.claimed, lock=lock)

    def _want_pictures(self, outcome: BatchPlan) -> None:
        if self.options.fetch_images:
            want_pictures([plan.product.pk for plan in outcome.plans if plan.pictures], at=self.at)

    def _count(self, outcome: BatchPlan) -> None:
        self.claimed.keep(outcome.claims)
        self.report.add(outcome)
