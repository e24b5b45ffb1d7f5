"""What the products of one file claim for themselves: no SKU and no product stands in it twice."""

import json
from collections.abc import Collection, Iterator, Mapping

from django.utils.translation import gettext as _

from catalog.importing.known import external_id
from catalog.importing.rows import KEYS, ParsedProduct, Place, WrongProduct, fault
from catalog.importing.spool import scratch_database
from catalog.models import Product

# From a SKU, a key of the source, a name or a product's primary key to the line or record that claims it.
Claims = dict[str, int]


class ClaimBook:
    """The claims of a whole file, however long it is: they lie in a scratch database."""

    def __init__(self) -> None:
        self._scratch = scratch_database()
        self._scratch.execute("CREATE TABLE claim (name TEXT PRIMARY KEY, place INTEGER) WITHOUT ROWID")

    def keep(self, claims: Claims) -> None:
        self._scratch.executemany("INSERT OR REPLACE INTO claim VALUES (?, ?)", claims.items())

    def among(self, names: Collection[str]) -> Claims:
        """The claims on any of `names` that were kept earlier."""
        query = "SELECT name, place FROM claim WHERE name IN (SELECT value FROM json_each(?))"
        return dict(self._scratch.execute(query, [json.dumps(list(names))]))

    def close(self) -> None:
        self._scratch.close()


def claimable(batch: Collection[ParsedProduct], products: Collection[int]) -> set[str]:
    """All that a batch may claim, where it can only mean these products of the shop."""
    names = {_product(pk) for pk in products}
    for parsed in batch:
        names.update(_sku(sku) for sku in parsed.skus())
        names.update(_identities(parsed, None))
    return names


def sku_claims(parsed: ParsedProduct, *earlier: Mapping[str, int]) -> Claims:
    """The SKUs that a product claims. Raises WrongProduct naming where the same was claimed before."""
    claims: Claims = {}
    faults = []
    for variant in parsed.variants:
        if not variant.sku:
            continue
        claim = _sku(variant.sku)
        if before := _before(claim, claims, *earlier):
            sentence = _("This SKU is in the file already, on %(place)s.") % {"place": _named(variant.place, before)}
            faults.append(fault(variant.place, sentence, variant.sku_column, variant.sku))
        claims[claim] = variant.place.order()
    if faults:
        raise WrongProduct(faults)
    return claims


def product_claims(parsed: ParsedProduct, product: Product | None, *earlier: Mapping[str, int]) -> Claims:
    """The product that a row claims. Raises WrongProduct naming where the same was claimed before."""
    claims: Claims = {}
    for identity in _identities(parsed, product):
        if before := _before(identity, *earlier):
            sentence = _("This product is in the file already, on %(place)s.")
            place = _named(parsed.place, before)
            raise WrongProduct([fault(parsed.place, sentence % {"place": place}, parsed.name_column, parsed.name)])
        claims[identity] = parsed.place.order()
    return claims


def _before(claim: str, *earlier: Mapping[str, int]) -> int | None:
    return next((claims[claim] for claims in earlier if claim in claims), None)


def _identities(parsed: ParsedProduct, product: Product | None) -> Iterator[str]:
    if product is not None:
        yield _product(product.pk)
    if parsed.ids:
        yield next(external_id(column, parsed.ids[column]) for column in KEYS if column in parsed.ids)
    elif parsed.slug:
        yield f"slug:{parsed.slug}"
    elif not parsed.has_keys():
        yield f"name:{parsed.name}"


def _sku(sku: str) -> str:
    return f"sku:{sku}"


def _product(pk: int) -> str:
    return f"product:{pk}"


def _named(place: Place, number: int) -> str:
    if place.record:
        return _("record %(number)d") % {"number": number}
    return _("line %(number)d") % {"number": number}
