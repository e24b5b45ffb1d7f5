"""What the shop writes into Shopify's CSV beyond Shopify's own columns, for the export and for reading it back.

Shopify keeps such facts as metafields, in columns named
``Label (product.metafields.namespace.key)``.
"""

import json
import re
from collections.abc import Iterable

METAFIELD = re.compile(r"(?P<label>.*) \((?P<owner>product|variant)\.metafields\.(?P<space>[\w-]+)\.(?P<key>[\w-]+)\)")
ATTRIBUTES = "custom"  # the namespace in which Shopify's own pages make metafields

SUMMARY = "Short description (product.metafields.shop.summary)"
EXTERNAL_ID = "External id (product.metafields.shop.external_id)"
CATEGORY_PATH = "Category path (product.metafields.shop.category_path)"
TAX_CLASS = "Tax class (product.metafields.shop.tax_class)"
OPTIONS = "Options (variant.metafields.shop.options)"
IS_ACTIVE = "On sale (variant.metafields.shop.is_active)"
LOW_STOCK_THRESHOLD = "Low stock threshold (variant.metafields.shop.low_stock_threshold)"
CURRENCY = "Currency (variant.metafields.shop.currency)"

# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), and the same behind apostrophes.
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
QUOTED_DIGITS = re.compile(r"'+\d")
NEUTRAL = re.compile(r"''*[=+\-@\t\r\n]")


def neutral(text: str) -> str:
    """A cell that no spreadsheet computes: behind an apostrophe where it begins like a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def plain(cell: str) -> str:
    """The text of a cell that `neutral` may have written."""
    return cell[1:] if NEUTRAL.match(cell) else cell


def neutral_code(code: str) -> str:
    """A SKU or barcode that `plain_code` reads back."""
    return f"'{code}" if QUOTED_DIGITS.match(code) else code


def plain_code(cell: str) -> str:
    """A SKU or barcode without the apostrophe that keeps spreadsheets from counting with its digits."""
    return cell[1:] if QUOTED_DIGITS.match(cell) else cell


def packed(values: Iterable[str]) -> str:
    """Several values in one cell: ``Oak; Ash``, as Shopify writes lists; as JSON where that would not read back."""
    listed = list(values)
    if any(";" in value or value.startswith("[") or value != value.strip() for value in listed):
        return json.dumps(listed, ensure_ascii=False)
    return "; ".join(listed)


def unpacked(cell: str) -> tuple[str, ...]:
    """The values of a cell: a JSON list of texts, or parted by semicolons."""
    if cell.startswith("["):
        try:
            listed = json.loads(cell)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list) and all(isinstance(value, str) for value in listed):
            return tuple(listed)
    return tuple(value for part in cell.split(";") if (value := part.strip()))
