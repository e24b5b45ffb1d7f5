"""What the pictures that a file names change: which addresses are new, what they say, in which order they stand."""

import re
from dataclasses import dataclass, field

from catalog.importing.changes import Change, changes, set_differing, shown
from catalog.importing.rows import ParsedPicture, ParsedProduct
from catalog.models import PictureAddress, ProductImage, Variant
from catalog.picture_addresses import own_address

ADDRESS = re.compile(r"https?://[^\s/].*", re.IGNORECASE)  # spaces within are common, and sent escaped
ADDRESS_LIMIT = 2000
ALT_TEXT_LIMIT = 200

Shown = PictureAddress | ProductImage


@dataclass(slots=True)
class KnownPictures:
    """A product's addresses ``{address: row}`` and pictures ``{key: row}`` in the shop."""

    sources: dict[str, PictureAddress] = field(default_factory=dict)
    images: dict[int, ProductImage] = field(default_factory=dict)
    _own: dict[str, ProductImage] | None = None

    def image(self, address: str) -> ProductImage | None:
        """The picture that came from an address, or that the shop serves there."""
        if source := self.sources.get(address):
            return self.images.get(source.picture_id or 0)
        if self._own is None:
            self._own = {own_address(image): image for image in self.images.values()}
        return self._own.get(address)

    def is_removed(self, address: str) -> bool:
        """Whether the picture was fetched and then removed by staff."""
        source = self.sources.get(address)
        return source is not None and source.state == PictureAddress.State.FETCHED and self.image(address) is None

    def free_position(self) -> int:
        rows: list[Shown] = [*self.sources.values(), *self.images.values()]
        return max((row.position for row in rows), default=-1) + 1


@dataclass(slots=True)
class PicturePlan:
    """`new` addresses, rows to `update`, and all rows by address; a fetched picture bears its own text and place."""

    known: KnownPictures
    new: list[PictureAddress] = field(default_factory=list)
    update: dict[int, Shown] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def place(self, row: Shown, position: int) -> None:
        if row.position != position:
            row.position = position
            self.change(row)

    def change(self, row: Shown) -> None:
        if row.pk:
            self.update[id(row)] = row

    def show(self, variant: Variant, address: str) -> dict[str, tuple[str, str]]:
        """Let a picture show a variant; ``{column: …}`` of what that changes."""
        source = self.known.sources.get(address)
        image = self.known.image(address)
        has_image = image is not None and variant.picture_id == image.pk
        if has_image or (image is None and source and source.pk and variant.picture_address_id == source.pk):
            return {}
        found = {}
        if source is not None:
            variant.picture_address = source
            found["picture_address"] = "", address
        if image is not None:
            variant.picture = image
            found["picture"] = "", address
        return found


def usable(parsed: ParsedProduct) -> tuple[dict[str, str], int]:
    """The addresses of a product that can be stored, ``{address: alternative text}``, and how many cannot."""
    named: dict[str, str] = {}
    unusable = 0
    variants = (ParsedPicture(variant.picture) for variant in parsed.variants if variant.picture)
    for picture in (*parsed.pictures, *variants):
        if len(picture.address) <= ADDRESS_LIMIT and ADDRESS.fullmatch(picture.address):
            alt_text = named.get(picture.address) or picture.alt_text[:ALT_TEXT_LIMIT].strip()
            named[picture.address] = alt_text
        else:
            unusable += 1
    return named, unusable


def plan_pictures(said: dict[str, str], known: KnownPictures) -> PicturePlan:
    """What ``{address: alternative text}``, in the file's order, changes of what the shop has."""
    plan = PicturePlan(known)
    free = known.free_position()
    rows: dict[int, Shown] = {}
    for address, alt_text in said.items():
        if known.is_removed(address):
            continue
        row: Shown | None = known.image(address) or known.sources.get(address)
        if row is None:
            row = known.sources[address] = PictureAddress(address=address, alt_text=alt_text)
            plan.new.append(row)
            plan.changes.append(Change("", "picture", "", address))
        elif differences := set_differing(row, {"alt_text": alt_text}):
            plan.change(row)
            plan.changes += changes(differences)
        rows.setdefault(id(row), row)
    _order(plan, list(rows.values()), free=free)
    return plan


def _order(plan: PicturePlan, rows: list[Shown], *, free: int) -> None:
    """Give the file's order to its pictures, new ones from position `free` on; those it does not name keep theirs."""
    known = [row for row in rows if row.pk]
    in_order = sorted(known, key=lambda row: (row.position, isinstance(row, ProductImage), row.pk))
    if known == in_order and all(row.pk for row in rows[: len(known)]):
        for position, row in enumerate(rows[len(known) :], start=free):
            row.position = position
        return
    plan.changes.append(Change("", "pictures", shown([*map(_name, in_order)]), shown([*map(_name, rows)])))
    for position, row in enumerate(rows):
        plan.place(row, position)


def _name(row: Shown) -> str:
    return (row.address if isinstance(row, PictureAddress) else str(row.image)).rpartition("/")[2]
