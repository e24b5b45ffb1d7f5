"""What the products of one file claim for themselves: no SKU and no product stands in it twice."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from catalog.importing.known import external_id
from catalog.importing.rows import KEYS, ParsedProduct, Place, WrongProduct, fault
from catalog.models import Product

# From a SKU, a key of the source, a name or a product's primary key to the line or record that claims it.
Claims = dict[str | int, int]


def sku_claims(parsed: ParsedProduct, *earlier: Claims) -> Claims:
    """The SKUs that a product claims. Raises WrongProduct naming where the same was claimed before."""
    claims: Claims = {}
    faults = []
    for variant in parsed.variants:
        if not variant.sku:
            continue
        claim = f"sku:{variant.sku}"
        if before := _before(claim, claims, *earlier):
            sentence = _("This SKU is in the file already, on %(place)s.") % {"place": _named(variant.place, before)}
            faults.append(fault(variant.place, sentence, variant.sku_column, variant.sku))
        claims[claim] = variant.place.order()
    if faults:
        raise WrongProduct(faults)
    return claims


def product_claims(parsed: ParsedProduct, product: Product | None, *earlier: Claims) -> Claims:
    """The product that a row claims. Raises WrongProduct naming where the same was claimed before."""
    claims: Claims = {}
    for identity in _identities(parsed, product):
        if before := _before(identity, *earlier):
            sentence = _("This product is in the file already, on %(place)s.")
            place = _named(parsed.place, before)
            raise WrongProduct([fault(parsed.place, sentence % {"place": place}, parsed.name_column, parsed.name)])
        claims[identity] = parsed.place.order()
    return claims


def _before(claim: str | int, *earlier: Claims) -> int | None:
    return next((claims[claim] for claims in earlier if claim in claims), None)


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
