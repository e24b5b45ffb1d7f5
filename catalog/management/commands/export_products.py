import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from catalog.exporting.formats import FORMATS, ExportFormat, Format
from catalog.models import Product
from catalog.progress import Progress

NOT_WRITTEN = 2


class Command(BaseCommand):
    help = (
        "Writes the whole catalogue, as Shopify's product CSV or as JSON lines, to a file or to standard output. "
        "A file whose name ends in .gz is packed. `import_products` takes either in again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="Without it: standard output.")
        parser.add_argument("--format", choices=Format.values, help="By default by the file's name, else shopify.")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        export = FORMATS[Format(options["format"] or _format_of(file))]
        if file is None:
            for text in _with_progress(export):
                self.stdout.write(text, ending="")
            return
        try:
            with _whole_file(file) as written:
                for text in _with_progress(export):
                    written.write(text.encode())
        except OSError as error:
            sentence = _("%(file)s cannot be written: %(reason)s.")
            reason = error.strerror or error
            raise CommandError(sentence % {"file": file, "reason": reason}, returncode=NOT_WRITTEN) from error


def _format_of(file: Path | None) -> str:
    return Format.JSONL if file and ".jsonl" in file.suffixes else Format.SHOPIFY


def _with_progress(export: ExportFormat) -> Iterator[str]:
    with Progress(_("products"), total=Product.objects.count(), stream=sys.stderr) as progress:
        for count, text in enumerate(export.texts(), start=1 - export.heading):
            yield text
            progress.update(count)


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name only once all of it is written, so that an interrupt leaves what was there."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as raw:
            if path.suffix == ".gz":
                # Neither name nor time within, so that the same catalogue gives the same bytes.
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                    yield packed
            else:
                yield raw
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
