"""What the rows of one Magento product say together."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.lists import coded, distinct, first_path, parted
from catalog.importing.offers import offer
from catalog.importing.rows import ParsedPicture, ParsedProduct, ParsedVariant, Skipped, WrongProduct, fault
from catalog.importing.texts import attribute_name, page_text, summary_and_description
from catalog.models import Product

SOLD_BY_THEMSELVES = {"simple", "virtual", "downloadable"}
CONFIGURABLE = "configurable"
LISTS_OF_OTHERS = {"grouped", "bundle"}
HIDDEN = "not visible individually"
STATUSES = {"1": Product.Status.ACTIVE, "2": Product.Status.DRAFT}
BRANDS = ("brand", "manufacturer")
BARCODES = ("barcode", "ean", "gtin", "upc")
# Attributes that are the seller's own business or that come with every product.
NO_FACTS = re.compile(r"cost|msrp|ts_.*|gift_.*|.*_wrapping_.*|tax_class.*|links_.*|samples_title|url_.*|.*image.*")
DEFAULTS = {"use config", "no_selection", "__empty__value__"}
VARIATION = re.compile(r"\|(?=\s*sku=)")
SLASH = re.compile(r"(?<!\\)/")
FACT = "fact "
LONGEST_URL_KEY = 255  # the column that Magento keeps it in
LONGEST_HANDLE = 100
NOTHING: values.Texts = ()


@dataclass
class Variation:
    """One of a configurable product as it lists them: a SKU and the values of its options by code."""

    sku: str
    options: dict[str, str] = field(default_factory=dict)


class Family:
    """The rows of one product: one of its own SKU, and those of its variations if it is configurable."""

    def __init__(self, sku: str, members: list[Cells], unused: set[str], *, currency: str) -> None:
        rows = [_with_facts(cells) for cells in members]
        self.heads = [cells for cells in rows if cells.take("sku", str, "") == sku]
        self.others = [cells for cells in rows if cells.take("sku", str, "") != sku]
        self.unused = unused
        self.read_price = partial(values.price, currency=currency)

    def products(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        if not self.heads:
            sentence = _("The product that lists this SKU is listed by another one itself.")
            yield from (_refused(cells, sentence) for cells in self.others)
            return
        head, *repeated = self.heads
        for cells in repeated:
            sentence = _("Line %(line)d has this SKU already.") % {"line": head.place.order()}
            yield _refused(cells, sentence)
        kind = head.take("product_type", str, "").lower()
        if kind in LISTS_OF_OTHERS:
            yield Skipped(
                head.place, _("A group or bundle is a list of other products, which are taken by themselves.")
            )
            return
        if kind != CONFIGURABLE and kind not in SOLD_BY_THEMSELVES:
            head.refuse("product_type", _("The shop has no products of this type."))
        try:
            yield self._product(head, is_configurable=kind == CONFIGURABLE)
        except WrongProduct as wrong:
            yield wrong

    def _product(self, head: Cells, *, is_configurable: bool) -> ParsedProduct:
        name = head.take("name", values.limited(page_text, 400), "")
        if not name and not head.faults:
            head.refuse("name", _("The product has no name."))
        pictures = self._pictures(head)
        if is_configurable:
            variations = self._variations(head)
            variants = [self._variation(listed, head, pictures) for listed in variations]
            codes = {code for listed in variations for code in listed.options}
        else:
            variants, codes = [self._variant(head)], set()
        summary, description = summary_and_description(head, self.unused)
        product = ParsedProduct(
            place=head.place,
            name=name,
            name_column=head.column("name"),
            variants=variants,
            ids=_ids(head, is_configurable=is_configurable),
            summary=summary,
            description=description,
            brand=_fact(head, BRANDS, values.limited(page_text, 120)),
            category=head.take("categories", _category, NOTHING),
            attributes=self._attributes(head, codes),
            status=_status(head),
            seo_title=head.take("seo_title", values.limited(page_text, 120), ""),
            seo_description=head.take("seo_description", values.limited(page_text, 320), ""),
            pictures=tuple(pictures.values()),
        )
        if faults := head.faults + [found for cells in self.others for found in cells.faults]:
            raise WrongProduct(faults)
        return product

    def _variations(self, head: Cells) -> list[Variation]:
        """What a configurable product lists; each needs one row of its own."""
        listed: list[Variation] = head.take("configurable_variations", _listed, [])
        if not listed and not head.faults:
            head.refuse("configurable_variations", _("The file lists no variation of this product."))
        rows = Counter(cells.take("sku", str, "") for cells in self.others)
        sentence = _("%(sku)s needs one row in the file, and no other product that lists it.")
        column = head.column("configurable_variations")
        head.faults += [
            fault(head.place, sentence % {"sku": variation.sku}, column)
            for variation in listed
            if rows[variation.sku] != 1
        ]
        return [variation for variation in listed if rows[variation.sku] == 1]

    def _variation(self, listed: Variation, head: Cells, pictures: dict[str, ParsedPicture]) -> ParsedVariant:
        cells = next(cells for cells in self.others if cells.take("sku", str, "") == listed.sku)
        if cells.take("product_type", str, "").lower() not in SOLD_BY_THEMSELVES:
            cells.refuse("product_type", _("A variation should be a simple product."))
        labels: dict[str, str] = head.take("option_names", _labels, {})
        known = _codes(head) | listed.options.keys() | set(BRANDS) | set(BARCODES)
        if _codes(cells) - known:
            self.unused.add(cells.column("additional_attributes"))
        variant = self._variant(cells)
        variant.options = tuple(
            (labels.get(code) or attribute_name(code), value) for code, value in listed.options.items() if value
        )
        own_pictures = self._pictures(cells)
        pictures |= {address: found for address, found in own_pictures.items() if address not in pictures}
        variant.picture = next(iter(own_pictures), "")
        variant.is_active = _is_active(cells)
        return variant

    def _variant(self, cells: Cells) -> ParsedVariant:
        is_running = not cells.take("sale_ends", str, "")
        if not is_running:  # a sale with a last day would never end here
            self.unused.add(cells.column("sale_ends"))
        price, compare_at_price = offer(cells, self.read_price, is_running=is_running)
        has_own_threshold = cells.take("default_low_stock", str, "") == "0"
        return ParsedVariant(
            place=cells.place,
            sku=cells.take("sku", values.limited(values.code, 100), ""),
            sku_column=cells.column("sku"),
            price=price,
            compare_at_price=compare_at_price,
            says_compare_at=cells.has("sale_price"),
            barcode=_fact(cells, BARCODES, values.limited(values.code, 50)),
            stock=_stock(cells),
            low_stock_threshold=cells.take("low_stock", values.units, None) if has_own_threshold else None,
        )

    def _pictures(self, cells: Cells) -> dict[str, ParsedPicture]:
        """A row's pictures by address; a path within Magento's own media folder is none."""
        found: dict[str, ParsedPicture] = {}
        for field_name, label in (("base_image", "base_image_label"), ("additional_images", "additional_image_labels")):
            addresses = cells.take(field_name, _comma_list, NOTHING)
            labels = cells.take(label, _comma_list, NOTHING)
            for address, alt_text in zip_longest(addresses, labels[: len(addresses)], fillvalue=""):
                if address.lower().startswith(("http://", "https://")):
                    found.setdefault(address, ParsedPicture(address, alt_text))
                elif address and address.lower() not in DEFAULTS:
                    self.unused.add(cells.column(field_name))
        return found

    def _attributes(self, head: Cells, options: set[str]) -> dict[str, values.Texts]:
        """The facts of a product that are neither its options nor the seller's own business."""
        found = {}
        for code in _codes(head) - options - set(BRANDS) - set(BARCODES):
            said = distinct(unescape(value) for value in head.take(FACT + code, values.text, "").split("|"))
            name = attribute_name(code)
            if NO_FACTS.fullmatch(code) or not name or any(len(value) > 120 for value in said):
                self.unused.add(head.column("additional_attributes"))
            elif said:
                found[name] = said
        return dict(sorted(found.items()))


def _refused(cells: Cells, sentence: str) -> WrongProduct:
    return WrongProduct([fault(cells.place, sentence, cells.column("sku"), cells.take("sku", str, ""))])


def _with_facts(cells: Cells) -> Cells:
    """The row with each of its additional attributes as a field of its own: ``fact color``."""
    facts: dict[str, str] = cells.take("additional_attributes", coded, {})
    column = cells.column("additional_attributes")
    said = {FACT + code.lower(): (column, value) for code, value in facts.items() if value.lower() not in DEFAULTS}
    extended = Cells(cells.place, {**cells.cells, **said})
    extended.faults = cells.faults
    return extended


def _ids(head: Cells, *, is_configurable: bool) -> dict[str, str]:
    """What the product is known by besides its variants' SKUs: its own SKU, and its address at its source."""
    ids = {"id": f"magento-{head.take('sku', values.limited(values.code, 80), '')}"} if is_configurable else {}
    handle = head.take("url_key", values.limited(values.short_text, LONGEST_URL_KEY), "")
    return ids | ({"handle": handle} if 0 < len(handle) <= LONGEST_HANDLE else {})


def _codes(cells: Cells) -> set[str]:
    """The codes of a row's additional attributes."""
    return {name.removeprefix(FACT) for name in cells.cells if name.startswith(FACT)}


def _fact(cells: Cells, codes: Sequence[str], read: Callable[[Any], str]) -> str:
    """The first of these attributes that is said."""
    return next(filter(None, (cells.take(FACT + code, read, "") for code in codes)), "")


def _listed(value: Any) -> list[Variation]:
    """``sku=M-S,size=S|sku=M-L,size=L``"""
    found: dict[str, Variation] = {}
    for written in VARIATION.split(values.text(value)):
        options = {code.lower(): page_text(said, limit=120) for code, said in coded(written).items()}
        sku = options.pop("sku", "")
        found.setdefault(sku, Variation(sku, options))
    return list(found.values())


def _labels(value: Any) -> dict[str, str]:
    """``color=Colour,size=Size``"""
    return {code.lower(): page_text(label, limit=60) for code, label in coded(values.text(value)).items()}


def _comma_list(value: Any) -> values.Texts:
    return tuple(part.strip() for part in values.text(value).split(","))


def _category(value: Any) -> values.Texts:
    """The first of the categories, as deep as the others lead it on, without the root above all of them."""
    paths = (SLASH.split(path)[1:] for path in parted(values.text(value)))
    return first_path(values.category_path([step.replace("\\/", "/") for step in path]) for path in paths)


def _status(head: Cells) -> str:
    """A product that is found in no list is a draft."""
    online = head.take("online", _online, "")
    return Product.Status.DRAFT if head.take("visibility", str, "").lower() == HIDDEN else online


def _is_active(variation: Cells) -> bool | None:
    online = variation.take("online", _online, "")
    return online == Product.Status.ACTIVE if online else None


def _online(value: Any) -> str:
    if value not in STATUSES:
        raise values.WrongValue(_("This should be 1 (enabled) or 2 (disabled)."))
    return STATUSES[value]


def _stock(cells: Cells) -> int | None:
    """The units that can be bought, None where they are not counted. Counts below zero were oversold."""
    is_out = cells.take("is_in_stock", str, "") == "0"
    is_counted = cells.take("default_manage_stock", str, "1") != "0" or cells.take("manage_stock", str, "1") != "0"
    counted = cells.take("stock", values.whole_number, None) if is_counted else None
    return 0 if is_out else counted if counted is None else max(counted, 0)
