"""Files to import, written by the tests themselves."""

import csv
import io
import json
from pathlib import Path

from catalog.models import Category, PictureAddress, Product, ProductAttribute, StockMovement, StockRecord, Variant

SHOPIFY = {
    "Handle": "mug",
    "Title": "Mug",
    "Body (HTML)": "<p>A mug.</p>",
    "Vendor": "Kiln & Co",
    "Type": "Kitchen",
    "Published": "true",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant SKU": "MUG-1",
    "Variant Grams": "350.0",
    "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "5",
    "Variant Price": "12.50",
    "Variant Compare At Price": "",
    "Variant Barcode": "'4006381333931",
    "Image Src": "",
    "Status": "active",
}


def shopify_row(**cells: str) -> dict[str, str]:
    """One row of a mug; `cells` by column, with underscores for spaces."""
    named = {column.replace("_", " "): value for column, value in cells.items()}
    unknown = set(named) - set(SHOPIFY)
    assert not unknown, unknown
    return SHOPIFY | named


def further_row(handle: str, **cells: str) -> dict[str, str]:
    """A row below the first of its handle: only what is said in it."""
    return dict.fromkeys(SHOPIFY, "") | {
        "Handle": handle,
        **{column.replace("_", " "): value for column, value in cells.items()},
    }


def csv_text(rows: list[dict[str, str]], *, line_end: str = "\n") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_csv(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "products.csv"
    path.write_text(csv_text(rows), encoding="utf-8", newline="")
    return path


def write_json(folder: Path, records: object) -> Path:
    path = folder / "products.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def counts(report) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.wrong


def everything() -> list[list[dict]]:
    """All that an import may write."""
    tables = (Product, Variant, ProductAttribute, PictureAddress, Category, StockRecord, StockMovement)
    return [list(table.objects.order_by("pk").values()) for table in tables]
