import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.unfinished import resume_all


class Command(BaseCommand):
    help = "Enqueue again what a task was working on when it died: pictures, imports, addresses."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args, **options) -> None:
        report = resume_all(at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(report))
        elif any(report.values()) or options["verbosity"] > 1:
            self.stdout.write(", ".join(f"{name} {count}" for name, count in report.items()))
