"""WooCommerce's product CSV: a variable product and its variations, wherever they stand, are a product."""

import re
from collections.abc import Iterator
from itertools import count

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing.columns import Columns, fields_of
from catalog.importing.families import FamilyFormat, Names
from catalog.importing.rows import ParsedProduct, Skipped, WrongProduct, fault
from catalog.importing.tables import plain_name
from catalog.importing.woocommerce_family import UNITS, Family, is_variation
from catalog.shopify_columns import plain

FIELDS = fields_of(
    {
        **{name: (name,) for name in ("id", "type", "sku", "name", "published", "description", "stock", "parent")},
        **{name: (name,) for name in ("sale_price", "categories", "position")},
        "price": ("regular_price",),
        "sale_starts": ("date_sale_price_starts",),
        "sale_ends": ("date_sale_price_ends",),
        "visibility": ("visibility_in_catalog",),
        "summary": ("short_description",),
        "in_stock": ("in_stock",),
        "low_stock": ("low_stock_amount",),
        "pictures": ("images",),
        "brand": ("brands", "brand"),
        "barcode": ("gtin_upc_ean_or_isbn",),
        "seo_title": ("meta_yoast_wpseo_title", "meta_rank_math_title"),
        "seo_description": ("meta_yoast_wpseo_metadesc", "meta_rank_math_description"),
        **{f"weight_{unit}": (f"weight_{unit}",) for unit in UNITS},
    }
)
ATTRIBUTE = re.compile(r"attribute_(\d+)_(name|value_s|visible|global|default)")
# Said of every product and of no use here, so not worth a note.
GRANTED = {
    *("is_featured", "tax_status", "backorders_allowed", "sold_individually", "allow_customer_reviews"),
    *("download_limit", "download_expiry_days", "meta_wpcom_is_markdown"),
}
ONLY_IN_WOOCOMMERCE = {"visibility_in_catalog", "is_featured", "backorders_allowed", "attribute_1_value_s"}
PARENT_ID = re.compile(r"id: *(\d+)", re.ASCII | re.IGNORECASE)


class WooCommerceProducts(FamilyFormat):
    name = gettext_lazy("WooCommerce CSV")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return "name" in columns and bool(columns & ONLY_IN_WOOCOMMERCE or {"type", "sku", "regular_price"} <= columns)

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        header, table = self.table()
        matches = [ATTRIBUTE.fullmatch(plain_name(column)) for column in header]
        attributes = {match[0]: f"{match[2]} {match[1]}" for match in matches if match}
        numbers = sorted({int(match[1]) for match in matches if match})
        columns = Columns(header, FIELDS | attributes, granted=GRANTED, unused=self.unused, read=plain)
        row_numbers = count(1)

        def names_of(row: list[str]) -> Names:
            """A parent goes by its SKU, as its variations name it; some name it by its id."""
            own_id, sku = columns.raw(row, "id"), columns.raw(row, "sku")
            if is_variation(columns.raw(row, "type")):
                return _parent(columns.raw(row, "parent")), ()
            if sku:
                return f"sku:{sku}", [f"id:{own_id}"] if own_id else []
            return f"id:{own_id}" if own_id else f"row:{next(row_numbers)}", ()

        for family, rows in self.families(table, names_of):
            if not family:
                sentence = _("The variation names no parent.")
                yield from (WrongProduct([fault(place, sentence, "Parent")]) for place, _row in rows)
                continue
            try:
                members = [columns.cells(place, row) for place, row in rows]
            except WrongProduct as wrong:
                yield wrong
                continue
            yield from Family(members, numbers, self.unused, currency=self.options.wanted_currency()).products()


def _parent(said: str) -> str:
    """The family that a variation names by ``id:123`` or by a SKU; empty if it names none."""
    by_id = PARENT_ID.fullmatch(said)
    return f"id:{by_id[1]}" if by_id else said and f"sku:{said}"
