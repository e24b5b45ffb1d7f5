"""Shopify's product CSV: the rows of one handle are a product, its variants and its pictures."""

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.rows import ParsedProduct, ParsedVariant, Place, WrongProduct, fault
from catalog.importing.source import Source
from catalog.importing.tables import check_row, delimiter_of, plain_name, rows
from catalog.models import Product

# Names of the header, in the words of both of its generations.
NAMES = {
    "handle": ("handle", "url_handle"),
    "name": ("title",),
    "description": ("body_html", "description"),
    "brand": ("vendor",),
    "category": ("type", "custom_product_type"),
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
    "seo_title": ("seo_title",),
    "seo_description": ("seo_description",),
    **{f"option{n}_{part}": (f"option{n}_{part}",) for n in (1, 2, 3) for part in ("name", "value")},
}
FIELDS = {name: field for field, names in NAMES.items() for name in names}
# Said of every product and of no use here, so not worth a note.
TAKEN_FOR_GRANTED = {
    *("image_position", "variant_fulfillment_service", "fulfillment_service", "variant_inventory_policy"),
    *("variant_weight_unit", "weight_unit_for_display", "variant_requires_shipping", "requires_shipping"),
    *("variant_taxable", "charge_tax", "gift_card", "option1_linked_to", "option2_linked_to", "option3_linked_to"),
}
ONLY_IN_SHOPIFY = {"variant_price", "variant_sku", "body_html", "option1_value", "url_handle"}


def is_shopify(header: list[str]) -> bool:
    names = {plain_name(column) for column in header}
    return bool(names & set(NAMES["handle"])) and "title" in names and bool(names & ONLY_IN_SHOPIFY)


class ShopifyProducts:
    """Reads products one by one; `unused` collects the columns that held something and were not taken."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.unused: set[str] = set()

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct]:
        table = rows(self._source.lines(), delimiter=delimiter_of(self._source.beginning))
        _place, names = next(table)
        header = [name.strip() for name in names]
        fields = [FIELDS.get(plain_name(column), "") for column in header]
        handle_at = fields.index("handle")

        def handle_of(numbered_row: tuple[Place, list[str]]) -> str:
            row = numbered_row[1]
            return row[handle_at].strip() if len(row) > handle_at else ""

        for handle, group in groupby(table, key=handle_of):
            if not handle:
                sentence = _("The row has no handle.")
                yield from (WrongProduct([fault(place, sentence, header[handle_at])]) for place, _row in group)
                continue
            try:
                product_rows = []
                for place, row in group:
                    check_row(place, row, header)
                    product_rows.append(Cells(place, self._named(fields, header, row)))
                product = _product(product_rows)
                if faults := [found for cells in product_rows for found in cells.faults]:
                    raise WrongProduct(faults)
                yield product
            except WrongProduct as wrong:
                yield wrong

    def _named(self, fields: list[str], header: list[str], row: list[str]) -> dict[str, tuple[str, str]]:
        named = {}
        for field, column, value in zip(fields, header, row, strict=False):
            if field:
                named[field] = column, value.strip()
            elif value and column not in self.unused and plain_name(column) not in TAKEN_FOR_GRANTED:
                self.unused.add(column)
        return named


def _product(rows_of_it: list[Cells]) -> ParsedProduct:
    first = rows_of_it[0]
    name = first.take("name", values.limited(values.short_text, 400), "")
    if not name and not first.faults:
        first.refuse("name", _("The first row of a handle needs the product's name."))
    option_names = [first.take(f"option{n}_name", values.limited(values.short_text, 60), "") for n in (1, 2, 3)]
    return ParsedProduct(
        place=first.place,
        name=name,
        name_column=first.column("name"),
        variants=[
            _variant(cells, option_names) for cells in rows_of_it if cells is first or _describes_a_variant(cells)
        ],
        ids={"handle": first.take("handle", values.limited(values.short_text, 100), "")},
        description=first.take("description", values.description, ""),
        brand=first.take("brand", values.limited(values.short_text, 120), ""),
        category=first.take("category", values.category_path, ()),
        status=_status(first),
        seo_title=first.take("seo_title", values.limited(values.short_text, 120), ""),
        seo_description=first.take("seo_description", values.limited(values.short_text, 320), ""),
        pictures=tuple(address for cells in rows_of_it if (address := cells.take("picture", values.text, ""))),
    )


def _describes_a_variant(cells: Cells) -> bool:
    """Whether a row below the first is more than one further picture."""
    return any(cells.take(field, str, "") for field in ("option1_value", "sku", "price"))


def _status(first: Cells) -> str:
    """Active products that are not published in the online store are drafts here."""
    status = first.take("status", values.status, "")
    published = first.take("published", values.status, "")
    return published if status in ("", Product.Status.ACTIVE) and published else status


def _variant(cells: Cells, option_names: list[str]) -> ParsedVariant:
    options = [
        (name, cells.take(f"option{n}_value", values.limited(values.short_text, 120), ""))
        for n, name in enumerate(option_names, start=1)
    ]
    if options[0] == ("Title", "Default Title"):
        options = []
    stock = cells.take("stock", values.whole_number, 0)
    is_tracked = not cells.has("tracker") or bool(cells.take("tracker", values.text, ""))
    return ParsedVariant(
        place=cells.place,
        sku=cells.take("sku", values.limited(values.code, 100), ""),
        sku_column=cells.column("sku"),
        options=tuple((name, value) for name, value in options if name and value),
        price=cells.take("price", values.price, None),
        compare_at_price=cells.take("compare_at_price", values.price, None),
        says_compare_at=cells.has("compare_at_price"),
        barcode=cells.take("barcode", values.limited(values.code, 50), ""),
        weight_grams=cells.take("weight", values.grams, None) or None,
        # Shopify counts below zero what it sold beyond the stock; nothing is on the shelf then.
        stock=max(stock, 0) if is_tracked else None,
    )
