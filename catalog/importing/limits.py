"""How much a product may have, so that its page and its form in the admin stay usable."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from catalog.importing.known import KnownProduct
from catalog.importing.pictures import KnownPictures
from catalog.importing.rows import ParsedProduct, WrongProduct, fault
from catalog.models import PictureAddress, Product

# Shopify's own limits, so that whatever comes from there fits: 2,048 variants since October 2025
# (shopify.dev/changelog/the-product-variant-limit-is-now-2048-for-all-merchants), 250 media.
MOST_VARIANTS = 2_048
MOST_PICTURES = 250
MOST_ATTRIBUTES = 250  # values, of all names together


def check_size(parsed: ParsedProduct, known: KnownProduct | None, *, variants: int, addresses: Collection[str]) -> None:
    """Raises WrongProduct where a product would grow beyond a limit; one that the shop has already may stay so.

    `variants` are those it would have, `addresses` the file's pictures.
    """
    had = known or KnownProduct(Product())
    had_pictures = _pictures(had.pictures)
    new_pictures = [address for address in addresses if _is_new(address, had.pictures)]
    had_attributes = sum(map(len, had.attributes.values()))
    said_attributes = sum(len(set(values)) for values in parsed.attributes.values())
    replaced = sum(len(values) for name, values in had.attributes.items() if name in parsed.attributes)
    counted = [
        (
            _("The product would have %(count)d variants; at most %(limit)d are possible. Divide it."),
            *(variants, len(had.variants), MOST_VARIANTS),
        ),
        (
            _("The product would have %(count)d pictures; at most %(limit)d are possible. Leave some out."),
            *(had_pictures + len(new_pictures), had_pictures, MOST_PICTURES),
        ),
        (
            _("The product would have %(count)d attributes; at most %(limit)d are possible. Leave some out."),
            *(had_attributes - replaced + said_attributes, had_attributes, MOST_ATTRIBUTES),
        ),
    ]
    faults = [
        fault(parsed.place, sentence % {"count": count, "limit": limit})
        for sentence, count, before, limit in counted
        if count > max(limit, before)
    ]
    if faults:
        raise WrongProduct(faults)


def _pictures(known: KnownPictures) -> int:
    """The pictures that a product has or may come to have; those that staff removed are none."""
    awaited = [
        source
        for source in known.sources.values()
        if source.picture_id is None and source.state != PictureAddress.State.FETCHED
    ]
    return len(known.images) + len(awaited)


def _is_new(address: str, known: KnownPictures) -> bool:
    return address not in known.sources and known.image(address) is None
