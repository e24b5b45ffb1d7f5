"""Magento's plain attribute tables, as its sample data has them: a product a row, several values as lines of a cell."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.columns import Columns, fields_of
from catalog.importing.lists import distinct
from catalog.importing.offers import offer
from catalog.importing.rows import ParsedProduct, ParsedVariant, WrongProduct
from catalog.importing.table_format import TableFormat
from catalog.importing.tables import plain_name
from catalog.importing.texts import attribute_name, page_text

NAMES = {
    **{name: (name,) for name in ("sku", "name", "description", "price", "category")},
    "sale_price": ("special_price",),
    "stock": ("qty",),
}
# What a shop does with a product for a while is no fact of it; the set only names the form it was typed into.
NO_FACTS = {"attribute_set", "new", "sale"}
FACT = "fact "
NOTHING: values.Texts = ()
FLAGS: dict[values.Texts, values.Texts] = {("1",): ("Yes",), ("0",): ("No",)}


class MagentoTables(TableFormat):
    name = gettext_lazy("Magento attribute table")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return {"sku", "name", "attribute_set"} <= columns and "product_type" not in columns

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct]:
        header, table = self.table()
        fields = fields_of(NAMES)
        facts = {name: FACT + name for name in map(plain_name, header) if name and name not in fields}
        self._facts = [name for name in facts if name not in NO_FACTS]
        fields |= {name: facts[name] for name in self._facts}
        columns = Columns(header, fields, granted={"attribute_set"}, unused=self.unused)
        for place, row in table:
            try:
                cells = columns.cells(place, row)
                product = self._product(cells)
                cells.must_be_right()
                yield product
            except WrongProduct as wrong:
                yield wrong

    def _product(self, cells: Cells) -> ParsedProduct:
        name = cells.take("name", values.limited(page_text, 400), "")
        if not name and not cells.faults:
            cells.refuse("name", _("The product has no name."))
        category = cells.take("category", _lines, NOTHING)
        if len(category) > 2:
            self.unused.add(cells.column("category"))
        read_price = partial(values.price, currency=self.options.wanted_currency())
        price, compare_at_price = offer(cells, read_price, is_running=True)
        variant = ParsedVariant(
            place=cells.place,
            sku=cells.take("sku", values.limited(values.code, 100), ""),
            sku_column=cells.column("sku"),
            price=price,
            compare_at_price=compare_at_price,
            says_compare_at=cells.has("sale_price"),
            stock=cells.take("stock", values.units, None),
        )
        return ParsedProduct(
            place=cells.place,
            name=name,
            name_column=cells.column("name"),
            variants=[variant],
            description=cells.take("description", values.description, ""),
            category=cells.take("category", _category, NOTHING),
            attributes=self._attributes(cells),
        )

    def _attributes(self, cells: Cells) -> dict[str, values.Texts]:
        """A line a value; 1 and 0 are yes and no."""
        found: dict[str, values.Texts] = {}
        for code in self._facts:
            said = cells.take(FACT + code, _lines, NOTHING)
            name = attribute_name(code)
            if said and (not name or any(len(value) > 120 for value in said)):
                self.unused.add(cells.column(FACT + code))
            elif said:
                found[name] = FLAGS.get(said, said)
        return found


def _lines(value: Any) -> values.Texts:
    return distinct(values.text(value).splitlines())


def _category(value: Any) -> values.Texts:
    """The names of all categories of the product, top ones before those below them: the first two are a path."""
    return values.category_path(list(_lines(value)[:2]))
