"""Products of plain files: ``{name|title, price, description, …}``, a product a record."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.records import Records
from catalog.importing.rows import ParsedProduct, ParsedVariant, Place, WrongProduct
from catalog.importing.tables import plain_name

# Names that columns have in the field, for each thing that the shop keeps.
NAMES = {
    "name": ("name", "title", "product_name"),
    "description": ("description", "body", "body_html"),
    "bullet_points": ("bullet_points", "features"),
    "price": ("price",),
    "compare_at_price": ("compare_at_price", "compare_at", "original_price"),
    "currency": ("currency",),
    "id": ("id", "product_id"),
    "sku": ("sku",),
    "asin": ("asin",),
    "handle": ("handle", "slug"),
    "brand": ("brand", "vendor", "manufacturer"),
    "category": ("category", "categories", "product_type", "type"),
    "stock": ("stock", "stock_quantity", "inventory", "quantity", "qty"),
    "barcode": ("barcode", "ean", "gtin", "upc"),
    "weight": ("weight", "weight_grams", "grams"),
    "weight_unit": ("weight_unit",),
    "status": ("status", "published"),
    "seo_title": ("seo_title", "meta_title"),
    "seo_description": ("seo_description", "meta_description"),
    "pictures": ("images", "image", "image_url", "picture", "pictures"),
}
FIELDS = {name: field for field, names in NAMES.items() for name in names}
ATTRIBUTES = {"color": "Colour", "colour": "Colour"}
# What changes by itself or describes the seller's page rather than the product.
NO_FACTS = {
    *("rating", "ratings", "rating_count", "reviews", "review_count", "tags", "url", "link", "thumbnail"),
    *("availability", "availability_status", "discount", "discount_percentage", "minimum_order_quantity"),
    *("created_at", "updated_at", "meta"),
}


class PlainProducts:
    """Reads records one by one; `unused` collects the columns that held something and were not taken."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._meanings: dict[str, tuple[str, str]] = {}
        self.unused: set[str] = set()

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct]:
        for place, record in self._records:
            if isinstance(record, WrongProduct):
                yield record
                continue
            try:
                yield self._product(place, record)
            except WrongProduct as wrong:
                yield wrong

    def _product(self, place: Place, record: dict[str, Any]) -> ParsedProduct:
        fields: dict[str, tuple[str, Any]] = {}
        attributes: dict[str, str] = {}
        for column, value in record.items():
            field, attribute = self._meaning(column)
            if field and fields.get(field, ("", None))[1] in (None, ""):
                fields[field] = column, value
            elif value not in (None, "", []):
                self._take_fact(attributes, attribute, column, value)
        cells = Cells(place, fields)
        product = _product(cells, attributes)
        cells.must_be_right()
        return product

    def _meaning(self, column: str) -> tuple[str, str]:
        """The field of a column, or the attribute that it is taken as; both empty where it is left out."""
        if column not in self._meanings:
            name = plain_name(column)
            field = FIELDS.get(name, "")
            attribute = "" if field or name in NO_FACTS else _attribute_name(name)
            self._meanings[column] = field, attribute
        return self._meanings[column]

    def _take_fact(self, attributes: dict[str, str], attribute: str, column: str, value: Any) -> None:
        try:
            said = values.fact(value) if attribute else ""
        except values.WrongValue:
            said = ""
        if said:
            attributes[attribute] = said
        else:
            self.unused.add(column)


def _attribute_name(name: str) -> str:
    words = ATTRIBUTES.get(name) or name.replace("_", " ").capitalize()
    return words if len(words) <= 60 else ""


def _product(cells: Cells, attributes: dict[str, str]) -> ParsedProduct:
    name = cells.take("name", values.limited(values.short_text, 400), "")
    if not name and not cells.faults:
        cells.refuse("name", _("The product has no name."))
    cells.take("currency", values.currency, "")
    keys = ((key, cells.take(key, values.limited(values.short_text, 100), "")) for key in ("id", "asin", "handle"))
    return ParsedProduct(
        place=cells.place,
        name=name,
        name_column=cells.column("name"),
        variants=[_variant(cells)],
        ids={key: value for key, value in keys if value},
        description=_description(cells),
        brand=cells.take("brand", values.limited(values.short_text, 120), ""),
        category=cells.take("category", values.category_path, ()),
        attributes=attributes,
        status=cells.take("status", values.status, ""),
        seo_title=cells.take("seo_title", values.limited(values.short_text, 120), ""),
        seo_description=cells.take("seo_description", values.limited(values.short_text, 320), ""),
        pictures=cells.take("pictures", values.addresses, ()),
    )


def _variant(cells: Cells) -> ParsedVariant:
    unit = cells.take("weight_unit", values.text, "").lower()
    return ParsedVariant(
        place=cells.place,
        sku=cells.take("sku", values.limited(values.code, 100), ""),
        sku_column=cells.column("sku"),
        price=cells.take("price", values.price, None),
        compare_at_price=cells.take("compare_at_price", values.price, None),
        says_compare_at=cells.has("compare_at_price"),
        barcode=cells.take("barcode", values.limited(values.code, 50), ""),
        weight_grams=cells.take("weight", lambda value: values.grams(value, unit=unit), None) or None,
        stock=cells.take("stock", values.units, None),
    )


def _description(cells: Cells) -> str:
    parts = (cells.take(field, values.description, "") for field in ("description", "bullet_points"))
    return "\n\n".join(part for part in parts if part)
