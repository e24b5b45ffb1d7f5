"""What the products of one file claim for themselves: no SKU and no product stands in it twice."""

from collections.abc import Iterator, Mapping, MutableMapping

from django.utils.translation import gettext as _

from catalog.importing.known import external_id
from catalog.importing.rows import KEYS, ParsedProduct, Place, WrongProduct, fault
from catalog.models import Product

# From a SKU, a key of the source, a name or a product's primary key to the line or record that claims it.
Claims = MutableMapping[str | int, int]


def claims_of(parsed: ParsedProduct, product: Product | None, earlier: Mapping[str | int, int]) -> Claims:
    """What a product claims. Raises WrongProduct naming where `earlier` products claimed the same."""
    claims: Claims = {}
    faults = []
    for variant in parsed.variants:
        claim = f"sku:{variant.sku}"
        before = claims.get(claim) or earlier.get(claim)
        if variant.sku and before:
            sentence = _("This SKU is in the file already, on %(place)s.") % {"place": _named(variant.place, before)}
            faults.append(fault(variant.place, sentence, variant.sku_column, variant.sku))
        elif variant.sku:
            claims[claim] = variant.place.order()
    for identity in _identities(parsed, product):
        claims[identity] = parsed.place.order()
        if not faults and (before := earlier.get(identity)):
            sentence = _("This product is in the file already, on %(place)s.")
            place = _named(parsed.place, before)
            faults.append(fault(parsed.place, sentence % {"place": place}, parsed.name_column, parsed.name))
    if faults:
        raise WrongProduct(faults)
    return claims


def _identities(parsed: ParsedProduct, product: Product | None) -> Iterator[str | int]:
    if product is not None:
        yield product.pk
    if parsed.ids:
        yield next(external_id(column, parsed.ids[column]) for column in KEYS if column in parsed.ids)
    elif not parsed.has_keys():
        yield f"name:{parsed.name}"


def _named(place: Place, number: int) -> str:
    if place.record:
        return _("record %(number)d") % {"number": number}
    return _("line %(number)d") % {"number": number}
