"""`python -m bench.shopify_csv ROWS FILE`: a made-up Shopify product export, the same each time.

About three variants and two pictures a product, in the words that such files
have; the pictures are addresses only, of hosts that do not exist.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

HEADER = next(
    csv.reader(
        [
            "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
            "Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"
            "Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,"
            "Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,"
            "Gift Card,SEO Title,SEO Description,Variant Weight Unit,Status,"
            "Material (product.metafields.custom.material),Care (product.metafields.custom.care)"
        ]
    )
)
TYPES = {
    "Lighting": ("floor lamp", "desk lamp", "pendant", "wall light", "candle holder"),
    "Kitchen > Tableware": ("mug", "bowl", "dinner plate", "carafe", "espresso cup", "serving dish"),
    "Kitchen > Cooking": ("saucepan", "chopping board", "kettle", "bread knife", "mortar"),
    "Living room": ("armchair", "side table", "bookshelf", "cushion", "rug"),
    "Bedroom": ("duvet cover", "pillow", "blanket", "clothes rack", "night stand"),
    "Clothing > Knitwear": ("jumper", "cardigan", "scarf", "beanie"),
    "Clothing > Shirts": ("Oxford shirt", "T-shirt", "flannel shirt", "polo shirt"),
    "Stationery": ("notebook", "fountain pen", "pencil case", "desk pad", "calendar"),
    "Garden": ("watering can", "planter", "trowel", "lantern", "bird feeder"),
}
ADJECTIVES = ("Quiet", "Northern", "Everyday", "Classic", "Little", "Harbour", "Märkisch", "Café", "Round", "Tall")
MATERIALS = ("oak", "walnut", "linen", "wool", "cotton", "steel", "brass", "stoneware", "cork", "felt", "leather")
VENDORS = ("Company 123", "Home Sweet Home", "Hjørring & Sønner", "Atelier Noël", "Kiln No. 4", "O’Neill Woods")
CARE = ("wipe with a damp cloth", "hand wash", "machine wash, 30 °C", "dishwasher", "oil once a year", "dry clean")
SIZES = ("S", "M", "L", "XL", "30 cm", "45 cm", "60 cm", "0.5 l", "1 l")
COLOURS = ("Black", "Natural", "Olive", "Sand", "Midnight blue", "Rosé", "Grey", "White")
PHRASES = (
    "made in small batches by people who know their craft",
    "finished by hand, so that no two are quite alike",
    "easy to clean: a damp cloth is enough",
    'the kind of thing that is asked for as "that one there"',
    "tested for ten years of daily use",
    "packed without plastic and sent within two working days",
    "light enough to be moved, heavy enough to stay",
    "goes with what you have already",
    "can be repaired; spare parts are kept for twenty years",
    "30 × 20 × 12 cm, to be put together in five minutes",
)
VARIANT_COUNTS = (1, 1, 2, 2, 3, 3, 3, 4, 4, 6)  # 2.9 on average
PICTURE_COUNTS = (0, 1, 1, 2, 2, 3, 4)
PLAIN_LETTERS = str.maketrans("äé", "ae")


def table(rows: int, *, seed: int = 1) -> Iterator[list[str]]:
    """Yield the header and then `rows` rows; the last product may be cut short."""
    chance = Random(seed)
    yield HEADER
    left, number = rows, 0
    while left > 0:
        number += 1
        for row in product_rows(number, chance)[:left]:
            yield [row.get(column, "") for column in HEADER]
            left -= 1


def product_rows(number: int, chance: Random) -> list[dict[str, str]]:
    """The rows of one product: of its variants, and of pictures beyond them."""
    kind = chance.choice(list(TYPES))
    adjective, material = chance.choice(ADJECTIVES), chance.choice(MATERIALS)
    title = f"{adjective} {material} {chance.choice(TYPES[kind])}"
    handle = f"{'-'.join(title.lower().split())}-{number}".translate(PLAIN_LETTERS)
    count, pictures = chance.choice(VARIANT_COUNTS), chance.choice(PICTURE_COUNTS)
    rows: list[dict[str, str]] = [{"Handle": handle} for _ in range(max(count, pictures))]
    rows[0] |= {
        "Title": title,
        "Body (HTML)": body(title, chance),
        "Vendor": chance.choice(VENDORS),
        "Type": kind,
        "Tags": ", ".join(chance.sample(MATERIALS, 3)),
        "Published": "true",
        "Gift Card": "false",
        "SEO Title": title,
        "SEO Description": f"{title}, {chance.choice(PHRASES)}."[:320],
        "Status": chance.choice(("active",) * 9 + ("draft",)),
        "Material (product.metafields.custom.material)": material.capitalize(),
        "Care (product.metafields.custom.care)": chance.choice((*CARE, "")),
    }
    for row, variant in zip(rows, variants(number, count, chance), strict=False):
        row |= variant
    for position, row in enumerate(rows[:pictures], start=1):
        row["Image Src"] = (
            f"https://cdn.pictures.example/{number // 1000}/{handle}-{position}.jpg?v={1_600_000_000 + number}"
        )
        row |= {"Image Position": str(position), "Image Alt Text": f"{title}, picture {position}"}
    return rows


def body(title: str, chance: Random) -> str:
    first, *others = chance.choices(PHRASES, k=chance.randint(3, 7))
    points = "\n".join(f"<li>{phrase}</li>" for phrase in others)
    return f"<p><strong>{title}</strong>: {first}.</p>\n<ul>\n{points}\n</ul>"


def variants(number: int, count: int, chance: Random) -> Iterator[dict[str, str]]:
    """The columns of `count` variants: of one without options, or of sizes, or of sizes and colours."""
    pairs = [(size, colour) for size in chance.sample(SIZES, 3) for colour in chance.sample(COLOURS, 2)]
    has_colours = count > 3
    price = chance.randint(4, 400) - chance.choice((0.01, 0.05, 0.5))
    for position in range(count):
        size, colour = pairs[position] if has_colours else (pairs[position * 2][0], "")
        row = {
            "Option1 Name": "Size" if count > 1 else "Title",
            "Option1 Value": size if count > 1 else "Default Title",
            "Option2 Name": "Colour" if has_colours else "",
            "Option2 Value": colour,
            "Variant SKU": f"QS-{number:07d}-{position + 1}",
            "Variant Grams": str(chance.randint(50, 9000)),
            "Variant Inventory Policy": "deny",
            "Variant Fulfillment Service": "manual",
            "Variant Price": f"{price + position:.2f}",
            "Variant Compare At Price": f"{price * 1.25 + position:.2f}" if chance.random() < 0.2 else "",
            "Variant Requires Shipping": "true",
            "Variant Taxable": "true",
            "Variant Barcode": f"{2_000_000_000_000 + number * 10 + position}",
            "Variant Weight Unit": "kg",
        }
        if chance.random() < 0.85:  # the others' stock is not tracked
            row |= {"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": str(chance.randint(-2, 120))}
        yield row


def write(rows: int, path: Path, *, seed: int = 1) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table(rows, seed=seed))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.shopify_csv", description=__doc__)
    parser.add_argument("rows", type=int, metavar="ROWS")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write(arguments.rows, arguments.file, seed=arguments.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
