"""What an import did, or would do: counted, and what is wrong or changes named with its place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.importing.changes import Change
from catalog.importing.error_file import ErrorFile
from catalog.importing.planning import BatchPlan, Plan
from catalog.importing.rows import Fault, Place, Skipped, WrongProduct, storable

FAULTS_KEPT = 10_000
CHANGES_KEPT = 1_000
COUNTS = ("new", "changed", "unchanged", "wrong", "new_variants", "drafts")


@dataclass(slots=True)
class Report:
    """Counts of products, except `new_variants` and `new_pictures`; `drafts` are the new ones without a price.

    The first faults and changes are kept, all of them counted; `error_file`
    gets every fault. `refused`: something was wrong where all had to be right,
    so nothing was written. `longest_write` is the longest transaction that
    wrote, in seconds.
    """

    file: str
    dry_run: bool = False
    format: str = ""
    currency: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    new_variants: int = 0
    drafts: int = 0
    new_pictures: int = 0
    unusable_pictures: int = 0
    seconds: float = 0
    longest_write: float = 0
    faults: list[Fault] = field(default_factory=list)
    faults_found: int = 0
    changes: list[tuple[Place, str, Change]] = field(default_factory=list)
    changes_found: int = 0
    other_currencies: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    unused: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)
    stopped: str = ""
    refused: bool = False
    error_file: ErrorFile | None = None

    @property
    def products(self) -> int:
        return self.new + self.changed + self.unchanged + self.wrong

    def add(self, outcome: BatchPlan) -> None:
        """Count a batch that was taken in or, in a dry run, would be."""
        for wrong in outcome.wrong:
            self.add_wrong(wrong)
        for plan in outcome.plans:
            if plan.is_new:
                self.new += 1
                self.drafts += not plan.has_price()
            elif plan.changes_anything():
                self.changed += 1
                self._add_changes(plan.parsed.place, plan.product.name, plan.changes())
            else:
                self.unchanged += 1
            self._add_parts(plan)

    def add_wrong(self, wrong: WrongProduct) -> None:
        self.wrong += 1
        self.faults_found += len(wrong.faults)
        self.faults.extend(wrong.faults[: FAULTS_KEPT - len(self.faults)])
        if self.error_file:
            for found in wrong.faults:
                self.error_file.write(found)

    def add_skipped(self, skipped: Skipped) -> None:
        self.skipped[skipped.reason] += 1

    def _add_parts(self, plan: Plan) -> None:
        self.new_variants += sum(variant.is_new for variant in plan.variants)
        self.unusable_pictures += plan.unusable_pictures
        if plan.pictures:
            self.new_pictures += len(plan.pictures.new)
        for variant in plan.variants:
            if (currency := variant.currency()) not in ("", self.currency):
                self.other_currencies[currency] += 1

    def _add_changes(self, place: Place, product: str, changes: Iterable[Change]) -> None:
        for change in changes:
            self.changes_found += 1
            if len(self.changes) < CHANGES_KEPT:
                self.changes.append((place, product, change))

    def notes(self) -> list[str]:
        """What was left out or is to be known, in sentences."""
        notes = [
            *self.remarks,
            *(
                ngettext("%(count)d row was skipped: %(reason)s", "%(count)d rows were skipped: %(reason)s", count)
                % {"count": count, "reason": reason}
                for reason, count in self.skipped.most_common()
            ),
            *self._currency_notes(),
            *self._counted_notes(),
        ]
        if columns := sorted(filter(None, self.unused), key=str.lower):
            notes.append(
                _("Not used, wholly or where the text is too long: %(columns)s.") % {"columns": ", ".join(columns)}
            )
        return [storable(note) for note in notes]

    def _currency_notes(self) -> list[str]:
        return [
            ngettext(
                "%(count)d variant is priced in %(currency)s and not in the shop's %(own)s, so it is not on sale.",
                "%(count)d variants are priced in %(currency)s and not in the shop's %(own)s, so they are not on sale.",
                count,
            )
            % {"count": count, "currency": currency, "own": self.currency}
            for currency, count in self.other_currencies.most_common()
        ]

    def _counted_notes(self) -> list[str]:
        counted = [
            (
                self.drafts,
                ngettext(
                    "%(count)d new product has no price and is a draft.",
                    "%(count)d new products have no price and are drafts.",
                    self.drafts,
                ),
            ),
            (
                self.new_pictures,
                ngettext(
                    "%(count)d new picture is known by its address.",
                    "%(count)d new pictures are known by their addresses.",
                    self.new_pictures,
                ),
            ),
            (
                self.unusable_pictures,
                ngettext(
                    "%(count)d picture was left out: its address is not one of the web, or too long.",
                    "%(count)d pictures were left out: their addresses are not of the web, or too long.",
                    self.unusable_pictures,
                ),
            ),
        ]
        return [sentence % {"count": count} for count, sentence in counted if count]

    def faults_in_order(self) -> list[Fault]:
        return sorted(self.faults, key=lambda found: found.place.order())

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "file": self.file,
            "format": self.format,
            "dry_run": self.dry_run,
            **self.counts(),
            "new_pictures": self.new_pictures,
            "faults": [
                {
                    "file": self.file,
                    "line": found.place.line,
                    "record": found.place.record,
                    "column": found.column,
                    "value": found.value,
                    "sentence": found.sentence,
                }
                for found in self.faults_in_order()
            ],
            "faults_found": self.faults_found,
            "changes": [
                {"line": place.line, "record": place.record, "product": product, **change._asdict()}
                for place, product, change in self.changes
            ],
            "changes_found": self.changes_found,
            "skipped": self.skipped.total(),
            "notes": self.notes(),
            "stopped": storable(self.stopped),
            "refused": self.refused,
            "seconds": round(self.seconds, 3),
            "longest_write": round(self.longest_write, 3),
        }
