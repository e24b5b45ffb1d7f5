import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.importing.apply import import_products
from catalog.importing.report import Report
from catalog.progress import Progress
from pricing.errors import ShopError

SOME_WRONG = 1
NOT_READ = 2


class Command(BaseCommand):
    help = (
        "Takes products in from a Shopify product CSV or a plain CSV, JSON or JSON lines file (also gzipped). "
        "Exits with 0, with 1 where some products were wrong and left out, with 2 where the file could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Say what would change; write nothing.")
        parser.add_argument("--json", action="store_true", help="Write the report as JSON, for programs.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with Progress(_("products")) as progress:
                report = import_products(file, at=timezone.now(), dry_run=options["dry_run"], progress=progress.update)
        except ShopError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"file": file.name, "code": error.code, "error": str(error)}))
            raise CommandError(str(error), returncode=NOT_READ) from error
        self.stdout.write(self._shown(report, as_json=options["json"]))
        if report.stopped:
            raise SystemExit(NOT_READ)
        if report.wrong:
            raise SystemExit(SOME_WRONG)

    def _shown(self, report: Report, *, as_json: bool) -> str:
        return json.dumps(report.as_json(), ensure_ascii=False, indent=2) if as_json else report.as_text()
