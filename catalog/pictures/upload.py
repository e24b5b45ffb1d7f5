"""An uploaded picture: checked, kept as it came where nobody is served, and packed anew for pages."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage, storages
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors import InvalidPicture
from catalog.models import Product, ProductImage
from catalog.models.picture import SMALL
from catalog.pictures import sandbox
from catalog.pictures.kinds import TAKEN, claimed_kinds, kind_of, spoken
from catalog.pictures.widths import enqueue_widths

LARGE = (960, 1200)  # width, height of the WebP file made at once
DIRECTORY = "products/"
ORIGINALS = "originals/"


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """A picture in both sizes, as WebP files; `width` and `height` are the large one's.

    `original` is the file as it came and `ending` that of its real format; both
    are empty where there is none, as for a drawing.
    """

    large: bytes
    small: bytes
    width: int
    height: int
    original: bytes = b""
    ending: str = ""


def store_picture(product: Product, file: File, *, alt_text: str, position: int) -> ProductImage:
    """Add an uploaded picture to a product; a task makes its widths later. Raises InvalidPicture."""
    picture = ProductImage(product=product, alt_text=alt_text, position=position)
    keep_files(prepare_picture(file), picture)
    with transaction.atomic():
        picture.save()
        enqueue_widths(picture)
    return picture


def prepare_picture(file: File) -> ReadyPicture:
    """Read an uploaded file, upright, on white, in both sizes; nothing is kept yet. Raises InvalidPicture.

    Only the first frame of an animation is taken.
    """
    if file.size > settings.PICTURE_MAX_MB * 1024 * 1024:
        raise InvalidPicture(
            _("The file has %(size).1f MB; at most %(limit)d MB are taken. Nothing was kept.")
            % {"size": file.size / 1024 / 1024, "limit": settings.PICTURE_MAX_MB},
            fix=_("Save the picture smaller, for example as JPEG, and upload that."),
        )
    file.seek(0)
    content = file.read()
    kind = _checked_kind(content, file)
    try:
        worked = sandbox.work(
            content,
            format=kind,
            within=LARGE,
            small=SMALL,
            pixels=settings.PICTURE_MAX_MEGAPIXELS * 1_000_000,
            seconds=sandbox.UPLOAD_SECONDS,
        )
    except sandbox.NotWorked as error:
        raise _refusal(error, kind) from error
    large, small = worked.files
    return ReadyPicture(large.content, small.content, *worked.size, content, TAKEN[kind])


def keep_files(ready: ReadyPicture, picture: ProductImage) -> None:
    """Write the files and name them in `picture`, which is not saved.

    A file is named by its content, so that an address never gets other content
    and the same picture is kept once. Call `enqueue_widths` once it is saved.
    """
    picture.width, picture.height = ready.width, ready.height
    # Assigned in the usual way, Django would read the file back for its width and height.
    vars(picture)["image"] = _kept(default_storage, DIRECTORY, ready.large, "webp")
    picture.thumbnail = _kept(default_storage, DIRECTORY, ready.small, "webp")
    picture.original = _kept(storages["private"], ORIGINALS, ready.original, ready.ending) if ready.original else ""
    picture.widths = []


def _checked_kind(content: bytes, file: File) -> str:
    """The format of a file that is one of ours and says so. Raises InvalidPicture."""
    kind = kind_of(content)
    if kind not in TAKEN:
        if kind is None:
            raise InvalidPicture(_("The file is not a picture that can be read. Nothing was kept."))
        raise InvalidPicture(
            _("This is no picture that pages can show but a file of type %(kind)s. Nothing was kept.") % {"kind": kind}
        )
    claimed = claimed_kinds(file.name, getattr(file, "content_type", None)) - {kind}
    if claimed:
        raise InvalidPicture(
            _("The file says that it is %(claimed)s, but it is %(kind)s. Nothing was kept.")
            % {"claimed": " / ".join(sorted(map(spoken, claimed))), "kind": spoken(kind)},
            fix=_("Rename it to end in .%(ending)s, or save it anew, and upload that.") % {"ending": TAKEN[kind]},
        )
    return kind


def _refusal(error: sandbox.NotWorked, kind: str) -> InvalidPicture:
    smaller = _("Save the picture with fewer pixels and upload that.")
    if error.reason == "pixels":
        return InvalidPicture(
            _("The picture has more than %(limit).1f million pixels, the most that a %(kind)s file like this may have.")
            % {"limit": error.details["most"] / 1_000_000, "kind": spoken(kind)}
            + " "
            + _("Nothing was kept."),
            fix=smaller,
        )
    if error.reason == "too heavy":
        return InvalidPicture(
            _("Unpacking the picture takes more time or memory than a picture may take. Nothing was kept."), fix=smaller
        )
    return InvalidPicture(
        _("The file is not a picture that can be read: it is damaged or cut short. Nothing was kept."),
        fix=_("Open it in a picture program, save it as JPEG, PNG, WebP, GIF or AVIF, and upload that."),
    )


def _kept(storage: Storage, directory: str, content: bytes, ending: str) -> str:
    """Write a file, also where it lies there already: its age begins anew, and with it the grace of `leftovers`."""
    name = f"{directory}{hashlib.sha256(content).hexdigest()[:40]}.{ending}"
    return storage.save(name, ContentFile(content))
