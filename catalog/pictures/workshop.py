"""Unpacks one picture and packs it anew, in a process of its own that may die.

`catalog.pictures.sandbox` starts this file by its path, so nothing of the shop
or of Django is loaded: the job comes as JSON in the first argument, the picture
on standard input. Answered on standard output: one line of JSON, then the new
files one behind the other. The kernel ends the process at the job's limits of
memory and processor time, whatever a decoder has been led to do.
"""

import io
import json
import math
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any

from PIL import AvifImagePlugin, GifImagePlugin, Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
ORIENTATION = 0x0112  # EXIF 2.32, table 4
# EXIF's values 2 to 8: how to turn what the camera wrote.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
STRIP_ROWS = 128
# Bytes that a decoder holds for each pixel, measured with Pillow 13: libwebp keeps four whole canvases, libavif its
# planes beside the picture.
DECODER_BYTES = {"AVIF": 12, "GIF": 2, "JPEG": 4, "PNG": 5, "WEBP": 18}
FASTEST_AVIF = 9  # widths above 480: a third of the time of speed 8 for a tenth more bytes


class Refused(Exception):
    """The picture cannot be taken: the answer says why."""

    def __init__(self, reason: str, **details: Any) -> None:
        self.answer = {"refused": reason, **details}


def main() -> None:
    job = json.loads(sys.argv[1])
    signal.setitimer(signal.ITIMER_PROF, job["seconds"])  # of processor time; then the kernel ends the process
    limit(resource.RLIMIT_CPU, math.ceil(job["seconds"]) + 1)
    limit(resource.RLIMIT_DATA, job["bytes"])
    limit(resource.RLIMIT_CORE, 0)
    warnings.simplefilter("ignore")
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each would take a stack's worth of the memory
    try:
        answer, files = work(io.BytesIO(sys.stdin.buffer.read()), job)
    except Refused as refused:
        answer, files = refused.answer, []
    except Image.DecompressionBombError:
        answer, files = {"refused": "pixels", "most": most_pixels(job["format"], job["pixels"])}, []
    except MemoryError:
        answer, files = {"refused": "too heavy"}, []
    except Exception as error:  # what decoders raise for a hostile file is of any class
        answer, files = {"refused": "unreadable", "error": f"{type(error).__name__}: {error}"[:200]}, []
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for content in files:
        sys.stdout.buffer.write(content)


def limit(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(what, (most, most))


def work(file: io.BytesIO, job: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """The answer (`size`, and `files` as [width, format, bytes]) and the files. Raises Refused, or anything."""
    image = unpacked(file, job["format"], tuple(job["within"]), job["pixels"])
    if job["widths"]:
        widths = [width for width in job["widths"] if width < image.width] + [image.width]
        wanted = [(width, name) for width in widths for name in job["formats"]]
    else:
        wanted = [(fitting(image.size, within)[0], "WEBP") for within in (job["within"], job["small"])]
    files = []
    resized = image
    for width, name in wanted:
        if resized.width != width:
            resized = narrowed(image, width)
        files.append(PACKERS[name](resized))
    listed = [(width, name, len(content)) for (width, name), content in zip(wanted, files, strict=True)]
    return {"size": image.size, "files": listed}, files


def unpacked(file: io.BytesIO, name: str, within: tuple[int, int], most: int) -> Image.Image:
    """The first frame, upright, in sRGB, on white, no larger than `within` (width, height)."""
    most = most_pixels(name, most)
    Image.MAX_IMAGE_PIXELS = most // 2  # Pillow refuses twice as many, before a decoder takes memory for them
    with Image.open(file, formats=[name]) as image:
        most = most_jpeg_pixels(image, most) if name == "JPEG" else most
        if image.width * image.height > most:
            raise Refused("pixels", most=most)
        turn = TURNS.get(orientation(image))
        is_on_its_side = turn is not None and turn not in (TURNS[2], TURNS[3], TURNS[4])
        target = fitting(image.size, within[::-1] if is_on_its_side else within)
        image.draft(None, target)  # a JPEG is decoded at a fraction of its size
        image.load()
        profile = image.info.get("icc_profile")
        small = reduced(image, target)
    file.close()  # its bytes are not needed beside those of the encoders
    small = small.resize(target, Image.Resampling.LANCZOS)
    small = on_white(in_srgb(small, profile))
    return small.transpose(turn) if turn is not None else small


def most_pixels(name: str, most: int) -> int:
    """`most`, or less for a format that takes much memory a pixel."""
    return min(most, resource.getrlimit(resource.RLIMIT_DATA)[0] * 4 // 5 // DECODER_BYTES[name])


def most_jpeg_pixels(image: Image.Image, most: int) -> int:
    """A progressive JPEG keeps two bytes for each coefficient until its last scan."""
    if "progressive" not in image.info:
        return most
    return min(most, resource.getrlimit(resource.RLIMIT_DATA)[0] * 4 // 5 // (2 + 2 * len(image.getbands())))


def orientation(image: Image.Image) -> int:
    """EXIF's value, 1 where there is none or none that can be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def fitting(size: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """`size` made small enough, in its ratio; never enlarged, never nothing."""
    scale = min(within[0] / size[0], within[1] / size[1], 1)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def reduced(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """The picture in a mode that knows no palette and 8 bits a band, by a whole factor nearer to `target`.

    Strip by strip, as a second copy at the full size would double the memory.
    """
    factor = max(1, math.floor(min(image.width / target[0], image.height / target[1])))
    rows = STRIP_ROWS * factor
    whole = None
    for top in range(0, image.height, rows):
        strip = plain(image.crop((0, top, image.width, min(top + rows, image.height))))
        strip = strip.reduce(factor) if factor > 1 else strip
        if whole is None:
            whole = Image.new(strip.mode, (strip.width, math.ceil(image.height / factor)))
        whole.paste(strip, (0, top // factor))
    assert whole is not None  # a picture has at least one row
    return whole


def plain(image: Image.Image) -> Image.Image:
    """The same in L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("L", "CMYK") and not image.has_transparency_data:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The same colours without the profile that explained them; a profile that is broken or of another kind is left."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        output = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=output)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def on_white(image: Image.Image) -> Image.Image:
    """RGB pixels and nothing else: no EXIF, no comments."""
    clean = Image.new("RGB", image.size, "white")
    if image.mode == "RGBA":
        clean.paste(image, mask=image.getchannel("A"))
    else:
        clean.paste(image.convert("RGB"))
    return clean


def narrowed(image: Image.Image, width: int) -> Image.Image:
    if width == image.width:
        return image
    size = (width, max(1, round(image.height * width / image.width)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def packed(image: Image.Image, name: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def as_avif(image: Image.Image) -> bytes:
    speed = 8 if image.width <= 480 else FASTEST_AVIF
    return packed(image, "AVIF", quality=60, speed=speed, subsampling="4:2:0", max_threads=1)


def as_webp(image: Image.Image) -> bytes:
    return packed(image, "WEBP", quality=80, method=2)


def as_jpeg(image: Image.Image) -> bytes:
    return packed(image, "JPEG", quality=80, progressive=True, optimize=True)


PACKERS: dict[str, Callable[[Image.Image], bytes]] = {"AVIF": as_avif, "WEBP": as_webp, "JPEG": as_jpeg}

if __name__ == "__main__":
    main()
