"""Products of plain files: ``{name|title, price, description, …}``, a product a record."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.options import Options
from catalog.importing.plain_variants import own_variant, variants_of
from catalog.importing.records import Records
from catalog.importing.rows import KEYS, ParsedPicture, ParsedProduct, Skipped, WrongProduct
from catalog.importing.tables import plain_name
from catalog.text import clean_description

Facts = dict[str, tuple[str, ...]]

# Names that columns have in the field, for each thing that the shop keeps.
NAMES = {
    "name": ("name", "title", "product_name"),
    "description": ("description", "body", "body_html"),
    "bullet_points": ("bullet_points", "features"),
    "summary": ("summary", "short_description"),
    "price": ("price",),
    "compare_at_price": ("compare_at_price", "compare_at", "original_price"),
    "currency": ("currency",),
    "id": ("id", "product_id"),
    "external_id": ("external_id",),
    "sku": ("sku",),
    "asin": ("asin",),
    "handle": ("handle", "slug"),
    "brand": ("brand", "vendor", "manufacturer"),
    "category": ("category", "categories", "product_type", "type"),
    "stock": ("stock", "stock_quantity", "inventory", "inventory_quantity", "quantity", "qty"),
    "low_stock_threshold": ("low_stock_threshold",),
    "barcode": ("barcode", "ean", "gtin", "upc"),
    "weight": ("weight", "weight_grams", "grams"),
    "weight_unit": ("weight_unit",),
    "status": ("status", "published"),
    "tax_class": ("tax_class",),
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
    """Reads records one by one; `unused` collects the columns that held something and were not taken.

    `mapped` has the fields of columns by their names in the records, which win
    over the columns' own meaning; where `only_mapped`, no other column has one.
    """

    def __init__(
        self, records: Records, options: Options, *, mapped: Mapping[str, str] | None = None, only_mapped: bool = False
    ) -> None:
        self._records = records
        self._options = options
        self._mapped = mapped or {}
        self._only_mapped = only_mapped
        self._meanings: dict[str, tuple[str, str]] = {}
        self.unused: set[str] = set()

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        for place, record in self._records:
            if isinstance(record, WrongProduct):
                yield record
                continue
            try:
                fields, attributes = self._sorted(record)
                cells = Cells(place, fields)
                product = _product(cells, attributes, self._options)
                cells.must_be_right()
            except WrongProduct as wrong:
                yield wrong
            else:
                yield product

    def _sorted(self, record: dict[str, Any]) -> tuple[dict[str, tuple[str, Any]], Facts]:
        """The values of a record by field, and what is left of them as attributes."""
        fields: dict[str, tuple[str, Any]] = {}
        attributes: Facts = {}
        nested = _nested(record)
        for column, value in record.items():
            field, attribute = (column, "") if column in nested else self._meaning(column)
            if field and fields.get(field, ("", None))[1] in (None, ""):
                fields[field] = column, value
            elif value not in (None, "", []):
                self._take_fact(attributes, attribute, column, value)
        return fields, attributes

    def _meaning(self, column: str) -> tuple[str, str]:
        """The field of a column, or the attribute that it is taken as; both empty where it is left out."""
        if column not in self._meanings:
            name = plain_name(column)
            field = self._mapped.get(column, "")
            if not field and not self._only_mapped and FIELDS.get(name) not in self._mapped.values():
                field = FIELDS.get(name, "")
            is_fact = not (self._only_mapped or name in FIELDS or name in NO_FACTS)
            self._meanings[column] = field, _attribute_name(name) if is_fact and not field else ""
        return self._meanings[column]

    def _take_fact(self, attributes: Facts, attribute: str, column: str, value: Any) -> None:
        try:
            said = values.fact(value) if attribute else ""
        except values.WrongValue:
            said = ""
        if said:
            attributes[attribute] = (said,)
        else:
            self.unused.add(column)


def _nested(record: dict[str, Any]) -> set[str]:
    """The fields of a record that are lists or objects within it."""
    nested = {"attributes"} if isinstance(record.get("attributes"), dict | list) else set()
    if isinstance(record.get("variants"), list) and record["variants"]:
        nested |= {"variants", "options"} if isinstance(record.get("options"), list) else {"variants"}
    return nested


def _attribute_name(name: str) -> str:
    words = ATTRIBUTES.get(name) or name.replace("_", " ").capitalize()
    return words if len(words) <= 60 else ""


def _product(cells: Cells, attributes: Facts, options: Options) -> ParsedProduct:
    name = cells.take("name", values.limited(values.short_text, 400), "")
    if not name and not cells.faults:
        cells.refuse("name", _("The product has no name."))
    handle = cells.take("handle", values.limited(values.short_text, 200), "")
    variants = variants_of(cells, options) if cells.has("variants") else [own_variant(cells, options)]
    no_pictures: tuple[ParsedPicture, ...] = ()
    no_facts: Facts = {}
    return ParsedProduct(
        place=cells.place,
        name=name,
        name_column=cells.column("name"),
        variants=variants,
        ids=_ids(cells, handle),
        slug=handle if cells.has("external_id") else "",
        description=_description(cells),
        summary=cells.take("summary", values.limited(values.short_text, 200), ""),
        brand=cells.take("brand", values.limited(values.short_text, 120), ""),
        category=cells.take("category", values.category_path, ()),
        attributes=attributes | cells.take("attributes", _attributes, no_facts),
        status=cells.take("status", values.status, ""),
        tax_class=cells.take("tax_class", values.limited(values.short_text, 100), ""),
        seo_title=cells.take("seo_title", values.limited(values.short_text, 120), ""),
        seo_description=cells.take("seo_description", values.limited(values.short_text, 320), ""),
        pictures=cells.take("pictures", values.pictures, no_pictures),
    )


def _ids(cells: Cells, handle: str) -> dict[str, str]:
    """The product's keys at its source. In an export of the shop its handle is no key, but where it is shown."""
    if cells.has("external_id"):
        written = cells.take("external_id", values.limited(values.short_text, 120), "")
        kind, _colon, key = written.partition(":")
        return {kind: key} if kind in KEYS and key else {"id": written} if written else {}
    keys = {key: cells.take(key, values.limited(values.short_text, 100), "") for key in ("id", "asin")}
    return {key: value for key, value in (keys | {"handle": handle}).items() if value}


def _attributes(value: Any) -> Facts:
    """Facts by name; each has one value or a list of them. What is no simple value is left out."""
    facts: Facts = {}
    for written, said in values.pairs(value):
        name = values.short_text(written, limit=60)
        simple = [each for each in (said if isinstance(said, list) else [said]) if not isinstance(each, dict | list)]
        told = [values.fact(each) for each in simple if each not in (None, "")]
        facts[name] = tuple(dict.fromkeys((*facts.get(name, ()), *told)))
    return {name: said for name, said in facts.items() if name and said}


def _description(cells: Cells) -> str:
    parts = (cells.take(field, values.description, "") for field in ("description", "bullet_points"))
    # Once more as a whole: beside HTML, what was plain text is HTML too.
    return clean_description("\n\n".join(part for part in parts if part))
