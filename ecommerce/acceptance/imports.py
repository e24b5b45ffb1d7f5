"""Imports that are killed: what is in is whole, and running them again completes it."""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from bench import shopify_csv
from ecommerce.acceptance.console import Console, console
from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import ROOT, Shop, shop

ROWS = 100_000
KILLS = 10
IMPORT = ("manage.py", "import_products")
TORN = ("-m", "ecommerce.acceptance.torn_import")
COUNT = "from catalog.models import Product\nresult = Product.objects.count()"

# {first SKU: [its variants as the file says them, all that is known of the product]}
PRODUCTS = """
import hashlib
from collections import defaultdict
from catalog.models import PictureAddress, Product, ProductAttribute, StockMovement, Variant

def rows_of(model, key, order, *columns):
    rows = defaultdict(list)
    for of, *row in model.objects.order_by(*order).values_list(key, *columns).iterator():
        rows[of].append(row)
    return rows

said, stock = ["sku", "price", "stock__on_hand"], ["stock__reserved", "stock__low_stock_threshold", "track_stock"]
others = ["title", "options", "barcode", "weight_grams", "compare_at_price", "currency", "is_active", "position"]
variants = rows_of(Variant, "product_id", ["sku"], *said, *stock, *others, "picture_address__address")
parts = [
    variants,
    rows_of(PictureAddress, "product_id", ["position", "pk"], "address", "alt_text", "position", "state"),
    rows_of(ProductAttribute, "product_id", ["name", "value"], "name", "value"),
    rows_of(StockMovement, "variant__product_id", ["variant__sku", "pk"], "variant__sku", "on_hand_delta", "reason"),
]
texts = ["name", "slug", "external_id", "summary", "description", "brand", "status", "seo_title", "seo_description"]
result = {}
for product_id, *own in Product.objects.values_list("pk", *texts, "category_id", "tax_class_id"):
    known = repr([own, *(part[product_id] for part in parts)])
    in_file = [[sku, f"{price:.2f}", on_hand] for sku, price, on_hand, *_others in variants[product_id]]
    first = in_file[0][0] if in_file else f"product {product_id} without a variant"
    result[first] = [in_file, hashlib.sha256(known.encode()).hexdigest()]
"""

Variants = list[list[str | int | None]]  # SKU, price, units on hand or None where they are not counted


@dataclass
class Left:
    """What the kills of one import left behind; `products` are their digests after each kill, by their first SKU."""

    products: list[dict[str, str]] = field(default_factory=list)
    ended: int = 0  # imports that were through before they were killed
    violations: int = 0


def imports() -> Iterator[Finding]:
    """10 kills on each database and of the control; ``IMPORT_ROWS`` (default 100,000) makes the file shorter."""
    rows = int(os.environ.get("IMPORT_ROWS", ROWS))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "products.csv")
        shopify_csv.write(rows, file)
        said = variants_of(file)
        for vendor in ("sqlite", "postgresql"):
            with shop(vendor) as made, console(made) as prompt:
                left = kill_imports(made, prompt, file, random.sample(range(len(said) * 95 // 100), KILLS))
                yield finding(f"import of {rows:,} rows, {vendor}", made, prompt, file, said, left)
        with shop("sqlite") as made, console(made) as prompt:
            targets = random.sample(range(len(said) * 95 // 100), KILLS)
            left = kill_imports(made, prompt, file, targets, command=TORN)
            yield control(made, prompt, file, left)


def variants_of(file: Path) -> dict[str, Variants]:
    """The variants of each product as the file says them, by its first SKU."""
    found = {}
    with file.open(encoding="utf-8", newline="") as opened:
        for _, group in groupby(csv.DictReader(opened), key=itemgetter("Handle")):
            variants = [variant_of(row) for row in group if row["Variant SKU"]]
            found[variants[0][0]] = variants
    return found


def variant_of(row: dict[str, str]) -> list[str | int | None]:
    is_counted = bool(row["Variant Inventory Tracker"])
    units = max(int(row["Variant Inventory Qty"]), 0) if is_counted else None
    return [row["Variant SKU"], row["Variant Price"], units]


def kill_imports(
    made: Shop, prompt: Console, file: Path, targets: list[int], *, command: tuple[str, ...] = IMPORT
) -> Left:
    """Start the import again and again, and kill it when so many products are in."""
    left = Left()
    for target in sorted(targets):
        left.ended += not kill_import(made, prompt, (*command, str(file)), target)
        left.violations += len(made.audit())
        left.products.append({first: digest for first, (_, digest) in prompt.run(PRODUCTS).items()})
    return left


def kill_import(made: Shop, prompt: Console, command: tuple[str, ...], target: int) -> bool:
    """Whether the import was still running when it was killed, anywhere in the batch after `target` products."""
    with (
        made.log.open("a") as log,
        subprocess.Popen([sys.executable, *command], cwd=ROOT, env=made.environment, stdout=log, stderr=log) as process,
    ):
        while process.poll() is None and prompt.run(COUNT) < target:
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.2))
        process.kill()
    return process.returncode < 0


def finding(name: str, made: Shop, prompt: Console, file: Path, said: dict[str, Variants], left: Left) -> Finding:
    """Let the import complete, and once more; compare what each kill left with the end and the end with the file."""
    report, again = (import_whole(made, file) for _ in range(2))
    found = prompt.run(PRODUCTS)
    half = half_products(left, found)
    differing = sum(said.get(first) != found.get(first, [None])[0] for first in said.keys() | found.keys())
    counts = ", ".join(f"{len(products):,}" for products in left.products)
    done = ", ".join(f"{again[count]:,} {count}" for count in ("new", "changed", "unchanged", "wrong"))
    violations = left.violations + len(made.audit())
    return Finding(
        f"kill -9 in the middle of an {name}",
        f"{len(left.products) - left.ended} kills at {counts} products, {half} half products, {violations} violations; "
        f"the rerun adds {report['new']:,}, then {differing} of {len(said):,} differ from the file; once more: {done}",
        not (half or violations or differing or left.ended or report["wrong"])
        and (again["new"], again["changed"], again["unchanged"]) == (0, 0, len(said)),
    )


def half_products(left: Left, found: dict[str, list]) -> int:
    """How many products, over all kills, were not as they are in the end."""
    return sum(
        first not in found or digest != found[first][1]
        for products in left.products
        for first, digest in products.items()
    )


def control(made: Shop, prompt: Console, file: Path, left: Left) -> Finding:
    """The same of an import that commits each statement: half products must be seen."""
    import_whole(made, file)
    half = half_products(left, prompt.run(PRODUCTS))
    return Finding(
        "negative control: an import that commits each statement, sqlite",
        f"{len(left.products)} kills, {half} half products",
        half > 0,
    )


def import_whole(made: Shop, file: Path) -> dict[str, int]:
    return json.loads(made.manage("import_products", str(file), "--json").stdout)
