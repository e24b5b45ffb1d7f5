"""An import's report for people, one finding a line."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.importing.changes import Change
from catalog.importing.report import Report
from catalog.importing.rows import Fault, Place


def as_text(report: Report) -> str:
    lines = [_fault(report, found) for found in report.faults_in_order()]
    lines += _more(report.faults_found - len(report.faults))
    if report.dry_run:
        lines += [_change(report, *found) for found in report.changes]
        lines += _more(report.changes_found - len(report.changes))
    lines += [_("Note: %(note)s") % {"note": note} for note in report.notes()]
    if report.stopped:
        lines.append(report.stopped)
    lines.append(_summary(report))
    return "\n".join(lines)


def _more(count: int) -> list[str]:
    return [_("… and %(count)d more.") % {"count": count}] if count else []


def _fault(report: Report, found: Fault) -> str:
    cell = f"{found.column} “{found.value}”" if found.value else found.column
    return ": ".join(filter(None, [_place(report, found.place), cell, found.sentence]))


def _change(report: Report, place: Place, product: str, change: Change) -> str:
    what = f"{product} ({change.sku})" if change.sku else product
    return f"{_place(report, place)}: {what}: {change.field} “{change.before}” → “{change.after}”"


def _place(report: Report, place: Place) -> str:
    if place.line:
        return _("%(file)s, line %(number)d") % {"file": report.file, "number": place.line}
    return _("%(file)s, record %(number)d") % {"file": report.file, "number": place.record}


def _summary(report: Report) -> str:
    said = _(
        "%(file)s (%(format)s): %(new)d new, %(changed)d changed, %(unchanged)d unchanged, %(wrong)d wrong; "
        "new variants: %(new_variants)d."
    ) % {"file": report.file, "format": report.format, **report.counts()}
    if report.refused:
        return f"{said} {_refusal(report.wrong)}"
    return f"{said} {_('This was a dry run; nothing was written.')}" if report.dry_run else said


def _refusal(wrong: int) -> str:
    if not wrong:
        return _("Nothing was written, because the file was not read to its end.")
    sentence = ngettext(
        "Nothing was written, because %(count)d product is wrong.",
        "Nothing was written, because %(count)d products are wrong.",
        wrong,
    )
    return sentence % {"count": wrong}
