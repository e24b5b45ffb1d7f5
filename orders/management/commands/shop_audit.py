import json

from django.core.management.base import BaseCommand

from orders.audit import CHECKS, audit


class Command(BaseCommand):
    help = "Check the whole database for what always holds; exits 1 if anything does not."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="print the violations as JSON")

    def handle(self, *args, **options) -> None:
        violations = audit()
        if options["json"]:
            self.stdout.write(json.dumps([violation.as_dict() for violation in violations]))
        else:
            for violation in violations:
                self.stdout.write(str(violation))
            self.stdout.write(f"{len(CHECKS)} checks, {len(violations)} violations")
        if violations:
            raise SystemExit(1)
