"""What a format makes of a file, without the database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.importing import formats
from catalog.importing.options import Options
from catalog.importing.rows import Fault, ParsedProduct, Skipped, WrongProduct
from catalog.importing.source import Source


@dataclass
class Reading:
    """The outcome by kind; `faults` of all wrong products in a row, `wrong` how many of these there are."""

    format: str
    products: list[ParsedProduct]
    wrong: int
    faults: list[Fault]
    skipped: list[Skipped]
    unused: set[str]


def reading(folder: Path, content: str | bytes, **options: Any) -> Reading:
    path = folder / "products.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = Source(path)
    try:
        name, found = formats.read(source, Options(**options))
        outcomes = list(found)
    finally:
        source.close()
    wrong = [outcome for outcome in outcomes if isinstance(outcome, WrongProduct)]
    return Reading(
        format=name,
        products=[outcome for outcome in outcomes if isinstance(outcome, ParsedProduct)],
        wrong=len(wrong),
        faults=[fault for outcome in wrong for fault in outcome.faults],
        skipped=[outcome for outcome in outcomes if isinstance(outcome, Skipped)],
        unused=found.unused,
    )
