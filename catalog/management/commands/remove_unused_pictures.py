from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.pictures.leftovers import remove_leftovers


class Command(BaseCommand):
    help = "Delete the files of pictures that have been replaced or removed for two days."

    def handle(self, *args, **options) -> None:
        removed = remove_leftovers(at=timezone.now())
        if removed or options["verbosity"] > 1:
            self.stdout.write(f"{removed} files deleted")
