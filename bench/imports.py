"""`python -m bench.imports [ROWS]`: how fast a Shopify file comes in, the first time and when nothing changed."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import results, shopify_csv
from ecommerce.acceptance.throwaway import ROOT, Shop, database

DATABASES = ("sqlite", "postgresql")
FIRST_FLOOR, AGAIN_FLOOR, PEAK_CEILING_MB = 2_000, 5_000, 300


@dataclass(frozen=True, slots=True)
class Run:
    """One import: seconds of the whole process, its highest resident memory, and its report."""

    seconds: float
    peak_mb: float
    report: dict

    def rate(self, variants: int) -> float:
        """Variants a second, start of the process included."""
        return variants / self.seconds


def measured(shop: Shop, file: Path) -> Run:
    """Import `file` by the command. Raises RuntimeError unless every product is right."""
    with tempfile.TemporaryFile("w+") as output:
        started = os.times().elapsed
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_products", str(file), "--json"],
            cwd=ROOT,
            env=shop.environment,
            stdout=output,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = os.times().elapsed - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode:
            raise RuntimeError(f"the import ended with {process.returncode}: {output.read()[:2000]}")
        return Run(seconds, usage.ru_maxrss / 1024, json.load(output))


def bench(vendor: str, file: Path, rows: int) -> list[str]:
    """Import twice into a database of its own; one row of the table."""
    var = Path(tempfile.mkdtemp(prefix="shop-bench-"))
    try:
        with database(vendor, var) as url:
            shop = Shop(var, url)
            shop.manage("migrate", "--verbosity", "0")
            first, again = measured(shop, file), measured(shop, file)
    finally:
        shutil.rmtree(var, ignore_errors=True)
    if again.report["unchanged"] != first.report["new"]:
        raise RuntimeError(f"the second run was to change nothing: {again.report}")
    variants = first.report["new_variants"]
    return [
        {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[vendor],
        f"{rows:,}",
        f"{first.report['new']:,}",
        f"{variants:,}",
        f"{first.rate(variants):,.0f}",
        f"{again.rate(variants):,.0f}",
        f"{first.peak_mb:.0f} / {again.peak_mb:.0f}",
        f"{first.report['longest_write']:.2f}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=100_000, metavar="ROWS")
    parser.add_argument("--on", choices=DATABASES, action="append", help="Only on this database.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as folder:
        file = Path(folder) / "products.csv"
        shopify_csv.write(arguments.rows, file)
        table = [bench(vendor, file, arguments.rows) for vendor in arguments.on or DATABASES]
    header = ["database", "rows", "products", "variants", "first, variants/s", "again, variants/s"]
    header += ["peak MB, first / again", "longest write, s"]
    results.write(
        "Import",
        "A generated Shopify CSV by `manage.py import_products`, start of the process included: once into an empty "
        f"shop and once more, unchanged. Floors: {FIRST_FLOOR:,} and {AGAIN_FLOOR:,} variants a second, "
        f"at most {PEAK_CEILING_MB} MB. The longest write is the longest transaction that wrote.",
        header,
        table,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
