"""Under which addresses a product's pictures are known outside the shop."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from django.conf import settings

from catalog.models import PictureAddress, Product, ProductImage, Variant

Entry = tuple[int, int, int, str, str, ProductImage | None]


def own_address(picture: ProductImage) -> str:
    """Where the shop itself serves a picture, with scheme and host."""
    return urljoin(settings.SHOP_URL, picture.image.url)


@dataclass(slots=True)
class AddressBook:
    """A product's pictures in order, each once: ``{address: alternative text}``."""

    pictures: dict[str, str] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)

    def of_variant(self, variant: Variant) -> str:
        """The address of the picture that shows this variant, one of `pictures`; empty without one."""
        if variant.picture_id:
            return self.addresses.get(variant.picture_id, "")
        named = variant.picture_address
        if named is None:
            return ""
        address = self.addresses.get(named.picture_id, "") if named.picture_id else named.address
        return address if address in self.pictures else ""


def address_book(product: Product) -> AddressBook:
    """Each picture by the address that it came from, else by the shop's own.

    Reads the product's `images` and `picture_addresses`, which may be
    prefetched. A picture that was fetched has the text and the place that
    staff gave it since; one that staff removed is left out.
    """
    book = AddressBook()
    for _position, _kind, _pk, address, alt_text, image in sorted(_entries(product), key=lambda entry: entry[:3]):
        if image is not None and image.pk in book.addresses:
            continue
        book.pictures.setdefault(address, alt_text)
        if image is not None:
            book.addresses[image.pk] = address
    return book


def _entries(product: Product) -> Iterator[Entry]:
    """Position, kind, key, address, alternative text and picture of each source, then of what was uploaded."""
    images = {image.pk: image for image in product.images.all()}
    uploaded = dict(images)
    for source in product.picture_addresses.all():
        image = images.get(source.picture_id) if source.picture_id else None
        if image is not None:
            uploaded.pop(image.pk, None)
            yield image.position, 0, source.pk, source.address, image.alt_text, image
        elif source.state != PictureAddress.State.FETCHED:
            yield source.position, 0, source.pk, source.address, source.alt_text, None
    for image in uploaded.values():
        yield image.position, 1, image.pk, own_address(image), image.alt_text, image
