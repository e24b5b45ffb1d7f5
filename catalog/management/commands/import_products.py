import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import UnreadableFile
from catalog.importing.apply import import_products
from catalog.importing.mapping import column_map
from catalog.importing.options import Options, StockRule, currency_code
from catalog.importing.report_text import as_text
from catalog.progress import Progress
from pricing.errors import ShopError

SOME_WRONG = 1
NOT_READ = 2


class Command(BaseCommand):
    help = (
        "Takes products in from files of Shopify, WooCommerce, Spree, Magento and merchant feeds, and from plain CSV, "
        "JSON and JSON lines (also zipped or gzipped). Exits with 0, with 1 where some products were wrong and left "
        "out, with 2 where the file could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Say what would change; write nothing.")
        parser.add_argument("--strict", action="store_true", help="Write nothing unless every product is right.")
        parser.add_argument(
            "--stock",
            choices=StockRule.values,
            default=StockRule.KEEP.value,
            help="What becomes of the counts of known variants: keep the shop's, or set the file's as corrections.",
        )
        parser.add_argument(
            "--currency", default="", metavar="CODE", help="Take the prices in this currency (ISO 4217), as they are."
        )
        parser.add_argument(
            "--map",
            nargs="+",
            action="extend",
            default=[],
            metavar="COLUMN=FIELD",
            dest="columns",
            help="What columns hold, by their names or, in a file without a header, their numbers: --map 3=barcode.",
        )
        parser.add_argument("--errors", type=Path, metavar="FILE", help="Write all that is wrong to a CSV file.")
        parser.add_argument("--fetch-images", action="store_true", help="Have the file's pictures fetched by a task.")
        parser.add_argument("--json", action="store_true", help="Write the report as JSON, for programs.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            chosen = Options(
                dry_run=options["dry_run"],
                strict=options["strict"],
                stock=StockRule(options["stock"]),
                currency=currency_code(options["currency"]),
                columns=column_map(options["columns"]),
                fetch_images=options["fetch_images"],
            )
            with _written(options["errors"]) as errors, Progress(_("products")) as progress:
                report = import_products(
                    file, at=timezone.now(), options=chosen, progress=progress.update, errors=errors
                )
        except ShopError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"file": file.name, "code": error.code, "error": str(error)}))
            raise CommandError(str(error), returncode=NOT_READ) from error
        shown = json.dumps(report.as_json(), ensure_ascii=False, indent=2) if options["json"] else as_text(report)
        self.stdout.write(shown)
        if report.stopped:
            raise SystemExit(NOT_READ)
        if report.wrong:
            raise SystemExit(SOME_WRONG)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    """The file to write to. Raises UnreadableFile where that is not possible."""
    if path is None:
        yield None
        return
    try:
        stream = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        sentence = _("%(file)s cannot be written: %(reason)s.")
        raise UnreadableFile(sentence % {"file": path, "reason": error.strerror}) from error
    with stream:
        yield stream
