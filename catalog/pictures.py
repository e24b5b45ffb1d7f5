"""Pictures of products: whatever is uploaded becomes two WebP files without anything hidden in them."""

import hashlib
import io
from dataclasses import dataclass

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from catalog.errors import InvalidPicture
from catalog.models import Product, ProductImage

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
LARGEST_FILE = 15 * 1024 * 1024  # bytes
LARGEST_AREA = 50_000_000  # pixels
LARGE = (960, 1200)  # width, height that pages show at most
SMALL = (480, 600)
QUALITY = 82
DIRECTORY = "products/"


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """A picture in both sizes, as WebP files; `width` and `height` are the large one's."""

    large: bytes
    small: bytes
    width: int
    height: int


def store_picture(product: Product, file: File, *, alt_text: str, position: int) -> ProductImage:
    """Add an uploaded picture to a product. Raises InvalidPicture."""
    picture = ProductImage(product=product, alt_text=alt_text, position=position)
    keep_files(prepare_picture(file), picture)
    picture.save()
    return picture


def prepare_picture(file: File) -> ReadyPicture:
    """Read an uploaded file, upright, on white, in both sizes. Raises InvalidPicture.

    Only the first frame of an animation is taken.
    """
    if file.size > LARGEST_FILE:
        raise InvalidPicture(
            _("The file has %(size).1f MB; at most %(limit)d MB are taken.")
            % {"size": file.size / 1024 / 1024, "limit": LARGEST_FILE // 1024 // 1024}
        )
    large = _decoded(file)
    large.thumbnail(LARGE, Image.Resampling.LANCZOS)
    small = large.copy()
    small.thumbnail(SMALL, Image.Resampling.LANCZOS)
    return ReadyPicture(_as_webp(large), _as_webp(small), *large.size)


def keep_files(ready: ReadyPicture, picture: ProductImage) -> None:
    """Write both files and name them in `picture`, which is not saved.

    A file is named by its content, so that an address never gets other content
    and the same picture is kept once.
    """
    picture.width, picture.height = ready.width, ready.height
    picture.image = _kept(ready.large)
    picture.thumbnail = _kept(ready.small)


def _decoded(file: File) -> Image.Image:
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > LARGEST_AREA:
                raise _too_many_pixels(width, height)
            image.draft(None, (2 * LARGE[1], 2 * LARGE[1]))  # a large JPEG is decoded at a fraction of its size
            return _on_white(_in_srgb(ImageOps.exif_transpose(image)))
    except InvalidPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidPicture(_("The picture has too many pixels.")) from None
    except Exception as error:  # what decoders raise for a hostile file is of any class
        raise InvalidPicture(_("The file is not a picture that can be read.")) from error


def _too_many_pixels(width: int, height: int) -> InvalidPicture:
    return InvalidPicture(
        _("The picture has %(width)d × %(height)d pixels; at most %(limit)d million are taken.")
        % {"width": width, "height": height, "limit": LARGEST_AREA // 1_000_000}
    )


def _in_srgb(image: Image.Image) -> Image.Image:
    """The same colours without the profile that explained them; a broken profile is left out."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    output = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=output)
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    flat = Image.new("RGBA", image.size, "white")
    flat.alpha_composite(image.convert("RGBA"))
    return flat.convert("RGB")


def _as_webp(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # pixels only: no EXIF, no comments
    file = io.BytesIO()
    clean.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def _kept(content: bytes) -> str:
    name = f"{DIRECTORY}{hashlib.sha256(content).hexdigest()[:40]}.webp"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(content))
