"""The whole catalogue out of one shop and into an empty one: both say the same, in both formats.

The demo's catalogue is tried, and each file that `ACCEPT_CATALOGUES` names:
entries parted by ``;``, each a path and what `import_products` is to be told,
such as ``exports/shop.csv --currency USD``.
"""

import filecmp
import os
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import Shop, shop

KINDS = ("shopify", "jsonl")
DESCRIBED = """
from catalog.tests.catalogues import described
result = [[product["slug"], repr(product)] for product in described()]
"""
EMPTIED = """
from catalog.tests.catalogues import empty_shop
result = empty_shop()
"""
DEMO = """
from django.utils import timezone
from catalog.demo.assortment import demo_products
from catalog.models import Product, ProductImage
from ecommerce.demo.catalogue import load_products
result = len(list(load_products(demo_products(), at=timezone.now())))
ProductImage.objects.bulk_create(
    ProductImage(
        product=product,
        image=f"products/{product.slug}-{position}.webp",
        width=960,  # with its size given, the file, which is not there, is not read for it
        height=1200,
        alt_text=name,
        position=position,
    )
    for product in Product.objects.order_by("pk")
    for position, name in enumerate([product.name, f"{product.name}, from behind"])
)
"""


def exports() -> Iterator[Finding]:
    files = [shlex.split(entry) for entry in os.environ.get("ACCEPT_CATALOGUES", "").split(";") if entry.strip()]
    with shop("sqlite") as made, shop("postgresql") as empty, tempfile.TemporaryDirectory() as folder:
        made.run(DEMO)
        yield from _both_formats("the demo", made, empty, Path(folder))
        for file, *options in files:
            made.run(EMPTIED)
            done = made.manage("import_products", file, *options, check=False)
            if not (lines := done.stdout.splitlines()):
                yield Finding(f"export of {Path(file).name}", done.stderr.strip()[-200:], False)
                continue
            yield from _both_formats(lines[-1].partition(":")[0], made, empty, Path(folder))


def _both_formats(name: str, made: Shop, empty: Shop, folder: Path) -> Iterator[Finding]:
    before = dict(made.run(DESCRIBED))  # type: ignore[call-overload]
    for kind in KINDS:
        first, second = folder / f"first.{kind}", folder / f"second.{kind}"
        made.manage("export_products", str(first), "--format", kind)
        again = made.manage("import_products", str(first), check=False).stdout.splitlines()[-1]
        empty.run(EMPTIED)
        told = empty.manage("import_products", str(first), check=False).stdout.splitlines()[-1]
        after = dict(empty.run(DESCRIBED))  # type: ignore[call-overload]
        empty.manage("export_products", str(second), "--format", kind)
        equal = sum(after.get(slug) == product for slug, product in before.items())
        is_same = filecmp.cmp(first, second, shallow=False)
        printed = f"{equal} of {len(before)} equal, bytes {'the same' if is_same else 'differ'}; {told}; again {again}"
        holds = equal == len(before) == len(after) and is_same and " 0 new, 0 changed, " in again
        yield Finding(f"{name} out and in as {kind}", printed, holds)
