from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecommerce.idempotency import forget_old_answers


class Command(BaseCommand):
    help = "Remove the answers to programs' POSTs that were kept for a week, with their keys."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = forget_old_answers(at=timezone.now())
        if removed or options["verbosity"] > 1:
            self.stdout.write(f"answers {removed}")
