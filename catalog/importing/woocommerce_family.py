"""What the rows of one WooCommerce product say together."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.lists import distinct, first_path, parted
from catalog.importing.offers import offer
from catalog.importing.rows import ParsedPicture, ParsedProduct, ParsedVariant, Skipped, WrongProduct, fault
from catalog.importing.texts import page_text, summary_and_description
from catalog.models import Product

UNITS = ("kg", "g", "lbs", "oz")
NOTHING: values.Texts = ()
# What a type says besides the kind: "simple, downloadable, virtual".
REFINEMENTS = {"virtual", "downloadable", ""}
WITHOUT_VARIATIONS = {"simple", "grouped", "external"}
KINDS = WITHOUT_VARIATIONS | {"variable"}
STATUSES = {"1": Product.Status.ACTIVE, "0": Product.Status.DRAFT, "-1": Product.Status.DRAFT}
SHARED_STOCK = "parent"
PLACEHOLDER = re.compile(r"%\w+%")  # of search engine plugins: %%title%% %%sep%% %%sitename%%


class Family:
    """The rows of one product: normally a head, and variations if it is variable."""

    def __init__(self, members: list[Cells], numbers: list[int], unused: set[str], *, currency: str) -> None:
        self.heads = [cells for cells in members if not is_variation(cells.take("type", str, ""))]
        self.variations = [cells for cells in members if is_variation(cells.take("type", str, ""))]
        self.numbers = numbers
        self.unused = unused
        self.read_price = partial(_price, currency=currency)

    def products(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        if not self.heads:
            yield from _refused(self.variations, "parent", _("The file has no row of this variation's parent."))
            return
        head, *others = self.heads
        sentence = _("Line %(line)d is a product with the same SKU or id.") % {"line": head.place.order()}
        yield from _refused(others, "sku" if head.column("sku") else "id", sentence)
        kind = _kind(head)
        if kind in WITHOUT_VARIATIONS:
            yield from _refused(self.variations, "parent", _("The parent of this variation is no variable product."))
            self.variations = []
        if kind == "grouped":
            yield Skipped(head.place, _("A group is a list of other products, which are taken by themselves."))
            return
        try:
            yield self._product(head, kind)
        except WrongProduct as wrong:
            yield wrong

    def _product(self, head: Cells, kind: str) -> ParsedProduct:
        if not kind:
            head.refuse("type", _("The shop has no products of this type."))
        if kind == "variable" and not self.variations:
            head.refuse("type", _("The file has no variation of this product."))
        name = head.take("name", values.limited(page_text, 400), "")
        if not name and not head.faults:
            head.refuse("name", _("The product has no name."))
        pictures = self._pictures(head)
        variations = sorted(self.variations, key=lambda cells: cells.take("position", values.whole_number, 0))
        sold = variations if kind == "variable" else [head]
        variants = [self._variant(cells, pictures, head) for cells in sold]
        weight = _weight(head)
        for variant in variants:
            variant.weight_grams = variant.weight_grams or weight
        summary, description = summary_and_description(head, self.unused, read=_description)
        product = ParsedProduct(
            place=head.place,
            name=name,
            name_column=head.column("name"),
            variants=variants,
            ids=_ids(head, kind),
            summary=summary,
            description=description,
            brand=head.take("brand", lambda value: page_text(next(iter(parted(value)), ""), limit=120), ""),
            category=head.take("categories", _category, NOTHING),
            attributes=self._attributes(head, {name for variant in variants for name, _value in variant.options}),
            status=_status(head, kind),
            seo_title=head.take("seo_title", lambda value: _search_text(value, limit=120), ""),
            seo_description=head.take("seo_description", lambda value: _search_text(value, limit=320), ""),
            pictures=tuple(ParsedPicture(address) for address in pictures),
        )
        if faults := head.faults + [found for cells in self.variations for found in cells.faults]:
            raise WrongProduct(faults)
        return product

    def _pictures(self, head: Cells) -> list[str]:
        """The addresses of the product's pictures, then those of its variations."""
        found = []
        for cells in (head, *self.variations):
            for address in cells.take("pictures", _listed, NOTHING):
                if address.lower().startswith(("http://", "https://")):
                    found.append(address)
                else:
                    self.unused.add(cells.column("pictures"))
        return list(distinct(found))

    def _variant(self, cells: Cells, pictures: list[str], head: Cells) -> ParsedVariant:
        price, compare_at_price = offer(cells, self.read_price, is_running=self._has_sale_for_good(cells))
        is_head = cells is head
        own_pictures = parted(cells.take("pictures", str, "")) if not is_head else ()
        return ParsedVariant(
            place=cells.place,
            sku=cells.take("sku", values.limited(values.code, 100), ""),
            sku_column=cells.column("sku"),
            options=tuple(self._options(cells)) if not is_head else (),
            price=price,
            compare_at_price=compare_at_price,
            says_compare_at=cells.has("sale_price"),
            barcode=cells.take("barcode", values.limited(values.code, 50), ""),
            weight_grams=_weight(cells) if not is_head else None,
            stock=self._stock(cells, head),
            picture=next((address for address in own_pictures if address in pictures), ""),
            is_active=_is_active(cells) if not is_head else None,
            low_stock_threshold=cells.take("low_stock", values.units, None),
        )

    def _has_sale_for_good(self, cells: Cells) -> bool:
        """A sale with a first or last day is left out: here it would begin now and never end."""
        dated = [field for field in ("sale_starts", "sale_ends") if cells.take(field, str, "")]
        self.unused.update(cells.column(field) for field in dated)
        return not dated

    def _stock(self, cells: Cells, head: Cells) -> int | None:
        """The units counted, None where they are not; a stock shared by all variations cannot be told apart."""
        is_out = cells.take("in_stock", str, "") == "0"
        if cells.take("stock", str, "").lower() == SHARED_STOCK:
            self.unused.add(cells.column("stock"))
            return 0 if is_out or head.take("in_stock", str, "") == "0" else None
        counted = cells.take("stock", lambda value: values.whole_number(_point(value)), None)
        if counted is None:
            return 0 if is_out else None
        # WooCommerce counts below zero what it sold beyond the stock; nothing is on the shelf then.
        return max(counted, 0)

    def _options(self, cells: Cells) -> Iterator[tuple[str, str]]:
        """What sets a variation apart; without a value it is any, which is no option."""
        for number in self.numbers:
            name = cells.take(f"name {number}", values.limited(page_text, 60), "")
            value = cells.take(f"value_s {number}", _option_value, "")
            if name and value:
                yield name, value

    def _attributes(self, head: Cells, options: set[str]) -> dict[str, values.Texts]:
        """The facts that a product's page shows; those that its variations choose from are none."""
        chosen = {name.casefold() for name in options}
        found: dict[str, values.Texts] = {}
        for number in self.numbers:
            name = head.take(f"name {number}", values.limited(page_text, 60), "")
            said = head.take(f"value_s {number}", _attribute_values, NOTHING)
            if not name or not said or name.casefold() in chosen:
                continue
            if head.take(f"visible {number}", str, "1") == "0" or any(len(value) > 120 for value in said):
                self.unused.add(head.column(f"value_s {number}"))
            else:
                found[name] = distinct((*found.get(name, ()), *said))
        return found


def _refused(members: Iterable[Cells], field: str, sentence: str) -> Iterator[WrongProduct]:
    for cells in members:
        column, value = cells.cells.get(field, (field, ""))
        yield WrongProduct([fault(cells.place, sentence, column, value)])


def is_variation(said: str) -> bool:
    """Whether a row of this type belongs to another product, also where a plugin has made the type."""
    return "variation" in said.lower()


def _kind(cells: Cells) -> str:
    """What a row is, one of KINDS; simple if it says nothing, empty for a type that is not known."""
    said = {word.strip() for word in cells.take("type", str, "simple").lower().split(",")} - REFINEMENTS or {"simple"}
    return said.pop() if len(said) == 1 and said <= KINDS else ""


def _ids(head: Cells, kind: str) -> dict[str, str]:
    """What the product is known by at its source: the number of its post, else a variable product's SKU.

    The name of the source keeps these small numbers apart from other shops' ids.
    """
    own_id = head.take("id", values.limited(values.short_text, 40), "")
    sku = head.take("sku", values.limited(values.code, 80), "") if kind == "variable" else ""
    return {"id": f"woocommerce-{own_id or sku}"} if own_id or sku else {}


def _status(head: Cells, kind: str) -> str:
    """Hidden products, and those that are sold elsewhere, are drafts whatever else is said."""
    published = head.take("published", _published, "")
    is_hidden = head.take("visibility", str, "").lower() == "hidden"
    return Product.Status.DRAFT if is_hidden or kind == "external" else published


def _is_active(variation: Cells) -> bool | None:
    published = variation.take("published", _published, "")
    return published == Product.Status.ACTIVE if published else None


def _published(value: Any) -> str:
    if value not in STATUSES:
        raise values.WrongValue(_("This should be 1 (published), 0 (private) or -1 (draft)."))
    return STATUSES[value]


def _point(value: str) -> str:
    """A number with a point, as ``,5`` and ``.5`` are written too; WooCommerce never groups digits."""
    written = value.replace(",", ".") if value.count(",") == 1 and "." not in value else value
    return f"0{written}" if written.startswith(".") else written


def _price(value: Any, *, currency: str) -> Decimal:
    return values.price(_point(value), currency=currency)


def _weight(cells: Cells) -> int | None:
    """In whole grams; the column's name has the unit."""
    weights = (cells.take(f"weight_{unit}", partial(_grams, unit=unit), None) for unit in UNITS)
    return next(filter(None, weights), None)


def _grams(value: Any, *, unit: str) -> int:
    return values.grams(_point(value), unit=unit)


def _category(value: Any) -> values.Texts:
    """The first of the categories, as deep as the others lead it on."""
    return first_path(values.category_path(unescape(path)) for path in _listed(value))


def _listed(value: Any) -> values.Texts:
    return parted(values.text(value))


def _attribute_values(value: Any) -> values.Texts:
    return distinct(unescape(said) for said in _listed(value))


def _option_value(value: Any) -> str:
    return page_text(values.text(value).replace("\\,", ","), limit=120)


def _description(value: Any) -> str:
    """Safe HTML; WooCommerce writes line ends as a backslash and an n."""
    return values.description(values.text(value).replace("\\n", "\n"))


def _search_text(value: Any, *, limit: int) -> str:
    """A text for search engines; one that a plugin would fill in by itself says nothing."""
    return "" if PLACEHOLDER.search(value) else page_text(value, limit=limit)
