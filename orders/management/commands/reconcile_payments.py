import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.reconcile import reconcile


class Command(BaseCommand):
    help = "Settle unfinished payments, expire unpaid orders, repeat refunds and mails that hang."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args, **options) -> None:
        report = reconcile(at=timezone.now()).as_dict()
        if options["json"]:
            self.stdout.write(json.dumps(report))
        elif any(report.values()) or options["verbosity"] > 1:
            self.stdout.write(", ".join(f"{name} {count}" for name, count in report.items()))
