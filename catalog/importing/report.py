"""What an import did, or would do: counted, and what is wrong named with its place."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.importing.rows import Fault

FAULTS_KEPT = 10_000


@dataclass(slots=True)
class Report:
    """Counts of products, except `new_variants`; `drafts` are the new ones without a price."""

    file: str
    dry_run: bool = False
    format: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    new_variants: int = 0
    drafts: int = 0
    with_pictures: int = 0
    seconds: float = 0
    faults: list[Fault] = field(default_factory=list)
    faults_found: int = 0
    unused: set[str] = field(default_factory=set)
    stopped: str = ""

    @property
    def products(self) -> int:
        return self.new + self.changed + self.unchanged + self.wrong

    def add_wrong(self, faults: list[Fault]) -> None:
        self.wrong += 1
        self.faults_found += len(faults)
        self.faults.extend(faults[: FAULTS_KEPT - len(self.faults)])

    def notes(self) -> list[str]:
        """What was left out on purpose, in sentences."""
        notes = []
        if self.drafts:
            notes.append(
                ngettext(
                    "%(count)d new product has no price and is a draft.",
                    "%(count)d new products have no price and are drafts.",
                    self.drafts,
                )
                % {"count": self.drafts}
            )
        if self.with_pictures:
            notes.append(
                ngettext(
                    "Pictures are not imported; %(count)d product names some.",
                    "Pictures are not imported; %(count)d products name some.",
                    self.with_pictures,
                )
                % {"count": self.with_pictures}
            )
        if columns := sorted(filter(None, self.unused), key=str.lower):
            notes.append(
                _("Not used, wholly or where the text is too long: %(columns)s.") % {"columns": ", ".join(columns)}
            )
        return notes

    def as_text(self) -> str:
        """The report for people, one finding a line."""
        lines = [self._line(found) for found in sorted(self.faults, key=lambda found: found.place.order())]
        if self.faults_found > len(self.faults):
            lines.append(_("… and %(count)d more.") % {"count": self.faults_found - len(self.faults)})
        lines += [_("Note: %(note)s") % {"note": note} for note in self.notes()]
        if self.stopped:
            lines.append(self.stopped)
        lines.append(self._summary())
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        counts = ("new", "changed", "unchanged", "wrong", "new_variants", "drafts")
        return {
            "file": self.file,
            "format": self.format,
            "dry_run": self.dry_run,
            **{name: getattr(self, name) for name in counts},
            "faults": [
                {
                    "file": self.file,
                    "line": found.place.line,
                    "record": found.place.record,
                    "column": found.column,
                    "value": found.value,
                    "sentence": found.sentence,
                }
                for found in sorted(self.faults, key=lambda found: found.place.order())
            ],
            "faults_found": self.faults_found,
            "notes": self.notes(),
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
        }

    def _line(self, found: Fault) -> str:
        place = (
            _("line %(number)d") % {"number": found.place.line}
            if found.place.line
            else _("record %(number)d") % {"number": found.place.record}
        )
        cell = f"{found.column} “{found.value}”" if found.value else found.column
        return ": ".join(filter(None, [f"{self.file}, {place}", cell, found.sentence]))

    def _summary(self) -> str:
        counts = _(
            "%(file)s (%(format)s): %(new)d new, %(changed)d changed, %(unchanged)d unchanged, %(wrong)d wrong; "
            "new variants: %(new_variants)d."
        ) % {
            "file": self.file,
            "format": self.format,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "wrong": self.wrong,
            "new_variants": self.new_variants,
        }
        if self.dry_run:
            return counts + " " + _("This was a dry run; nothing was written.")
        return counts
