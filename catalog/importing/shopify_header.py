"""What the columns of Shopify's product CSV mean, in each generation of its header."""

from collections.abc import Iterator

from catalog.importing.tables import plain_name
from catalog.shopify_columns import (
    CATEGORY_PATH,
    CURRENCY,
    EXTERNAL_ID,
    IS_ACTIVE,
    LOW_STOCK_THRESHOLD,
    METAFIELD,
    OPTIONS,
    SUMMARY,
    TAX_CLASS,
    plain,
)

# Names of the header as `plain_name` writes them, the later generation's after the earlier one's.
NAMES = {
    "handle": ("handle", "url_handle"),
    "name": ("title",),
    "description": ("body_html", "description"),
    "brand": ("vendor",),
    "category": ("type", "custom_product_type"),
    "standard_category": ("product_category", "standard_product_type", "standardized_product_type"),
    "published": ("published", "published_on_online_store"),
    "status": ("status",),
    "sku": ("variant_sku", "sku"),
    "barcode": ("variant_barcode", "barcode"),
    "price": ("variant_price", "price"),
    "compare_at_price": ("variant_compare_at_price", "compare_at_price"),
    "weight": ("variant_grams", "weight_value_grams"),
    "tracker": ("variant_inventory_tracker", "inventory_tracker"),
    "stock": ("variant_inventory_qty", "inventory_quantity"),
    "picture": ("image_src", "product_image_url"),
    "picture_position": ("image_position",),
    "alt_text": ("image_alt_text",),
    "variant_picture": ("variant_image", "variant_image_url"),
    "seo_title": ("seo_title",),
    "seo_description": ("seo_description",),
    **{f"option{n}_{part}": (f"option{n}_{part}",) for n in (1, 2, 3) for part in ("name", "value")},
}
FIELDS = {name: field for field, names in NAMES.items() for name in names}
# Columns that the shop's own export adds.
OWN_FIELDS = {
    SUMMARY: "summary",
    EXTERNAL_ID: "external_id",
    CATEGORY_PATH: "category_path",
    TAX_CLASS: "tax_class",
    OPTIONS: "options",
    IS_ACTIVE: "is_active",
    LOW_STOCK_THRESHOLD: "low_stock_threshold",
    CURRENCY: "currency",
}
# Said of every product and of no use here, so not worth a note.
TAKEN_FOR_GRANTED = {
    *("variant_fulfillment_service", "fulfillment_service", "variant_inventory_policy", "requires_shipping"),
    *("continue_selling_when_out_of_stock", "variant_weight_unit", "weight_unit_for_display", "gift_card"),
    *("variant_requires_shipping", "variant_taxable", "charge_tax"),
    *("option1_linked_to", "option2_linked_to", "option3_linked_to"),
}
ONLY_IN_SHOPIFY = {"variant_price", "variant_sku", "body_html", "option1_value", "url_handle"}
# Namespaces of metafields that say how a product is advertised elsewhere, not what it is.
ADVERTISING = {"mm-google-shopping", "mc-facebook", "google", "facebook"}
LONGEST_LABEL = 60

NamedCells = dict[str, tuple[str, str]]


class Header:
    """Finds the cells of a row by field, and the values of attributes by name; `unused` as `TableFormat` has it."""

    def __init__(self, columns: list[str], unused: set[str]) -> None:
        self.columns: dict[str, str] = {}
        self._unused = unused
        self._fields: list[tuple[int, str, str]] = []
        self._attributes: list[tuple[int, str, str]] = []
        self._others: list[tuple[int, str]] = []
        for at, column in enumerate(columns):
            name = plain_name(column)
            if field := OWN_FIELDS.get(column) or FIELDS.get(name, ""):
                self._fields.append((at, field, column))
                self.columns.setdefault(field, column)
            elif label := _attribute(column):
                self._attributes.append((at, label, column))
            elif name not in TAKEN_FOR_GRANTED:
                self._others.append((at, column))
        self._handle_at = next(at for at, field, _column in self._fields if field == "handle")

    def handle(self, row: list[str]) -> str:
        return row[self._handle_at].strip() if len(row) > self._handle_at else ""

    def named(self, row: list[str]) -> NamedCells:
        """The cells that say something: ``{"price": ("Variant Price", "9.99")}``."""
        last = len(row)
        named: NamedCells = {}
        for at, field, column in self._fields:
            if at < last and (value := row[at].strip()) and field not in named:
                named[field] = column, plain(value) if value[0] == "'" else value
        for at, column in self._others:
            if at < last and row[at]:
                self._unused.add(column)
                self._others = [other for other in self._others if other[1] != column]  # once is enough
        return named

    def leave_out(self, column: str) -> None:
        self._unused.add(column)

    def attributes(self, row: list[str]) -> Iterator[tuple[str, str, str]]:
        """Name, column and cell of each attribute that a row has a value of."""
        for at, label, column in self._attributes:
            if at < len(row) and (value := row[at].strip()):
                yield label, column, plain(value)


def _attribute(column: str) -> str:
    """The attribute's name that a metafield of the product has as its label; empty for other columns."""
    match = METAFIELD.fullmatch(plain(column))
    if match is None or match["owner"] != "product" or match["space"] in ADVERTISING or match["space"] == "shop":
        return ""
    label = match["label"].strip()
    return label if 0 < len(label) <= LONGEST_LABEL else ""
