"""Files that somebody may upload as a picture: hostile, broken, and merely odd ones."""

import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageCms, PngImagePlugin

ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
GREY = (128, 128, 128)
MEGABYTE = 1024 * 1024
SCRIPT = b"<script>alert(document.domain)</script><?php system($_GET['x']); ?>"


@dataclass(frozen=True, slots=True)
class Odd:
    """A file; `refused` is a part of the sentence that refuses it, empty where the picture is shown.

    `size` is that of the large WebP file; `colours` has what is seen at places,
    given as fractions of width and height.
    """

    name: str
    make: Callable[[], bytes]
    file_name: str = "upload"
    content_type: str = ""
    refused: str = ""
    size: tuple[int, int] | None = None
    colours: tuple[tuple[float, float, tuple[int, int, int]], ...] = ()


def saved(image: Image.Image, name: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def flat(mode="RGB", size=(300, 200), colour="red") -> Image.Image:
    return Image.new(mode, size, colour)


def noise(width: int, height: int) -> Image.Image:
    """Soft noise, about as hard to pack as a photograph of gravel."""
    small = (max(1, width // 4), max(1, height // 4))
    bytes_ = random.Random(7).randbytes(small[0] * small[1] * 3)
    return Image.frombytes("RGB", small, bytes_).resize((width, height), Image.Resampling.BILINEAR)


def quarters() -> Image.Image:
    """Red, green, blue and white, from the upper left on by rows."""
    image = Image.new("RGB", (200, 100), "white")
    for box, colour in (((0, 0, 100, 50), RED), ((100, 0, 200, 50), GREEN), ((0, 50, 100, 100), BLUE)):
        image.paste(colour, box)
    return image


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, depth, colour_type, rows: bytes, *, interlaced=False, before=b"") -> bytes:
    """A PNG of raw rows, each with its filter byte."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    packed = zlib.compress(rows, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def sixteen_bits(colour_type: int, *values: int) -> bytes:
    """A PNG of 40 × 40 pixels that all have these 16-bit values."""
    return png(40, 40, 16, colour_type, (b"\0" + struct.pack(f">{len(values)}H", *values) * 40) * 40)


def interlaced_png(width: int, height: int) -> bytes:
    """Seven passes over a grey area (PNG, 8.2 Adam7)."""
    rows = io.BytesIO()
    for x, y, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns, lines = -(-(width - x) // across), -(-(height - y) // down)
        rows.write((b"\0" + b"\x80" * (3 * columns)) * lines)
    return png(width, height, 8, 2, rows.getvalue(), interlaced=True)


def png_with(kind: bytes, content: bytes, times: int = 1) -> bytes:
    return png(8, 8, 8, 0, b"\0\x80\x80\x80\x80\x80\x80\x80\x80" * 8, before=chunk(kind, content) * times)


def bomb() -> bytes:
    return zlib.compress(bytes(60 * MEGABYTE), 9)


def gif_with_comments(size: int) -> bytes:
    """Comments of `size` bytes in all before the first frame."""
    whole = saved(flat("P"), "GIF")
    start = whole.index(b"\x2c", 13 + 3 * 2 ** ((whole[10] & 7) + 1))
    return whole[:start] + b"\x21\xfe" + (b"\xff" + b"c" * 255) * (size // 256) + b"\0" + whole[start:]


def jpeg_with(after_start: bytes) -> bytes:
    whole = saved(flat(), "JPEG")
    return whole[:2] + after_start + whole[2:]


def jpeg_said_to_be(width: int, height: int) -> bytes:
    whole = bytearray(saved(flat(), "JPEG"))
    frame = whole.index(b"\xff\xc0")
    whole[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def jpeg_of_endless_scans(side: int, size: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again until the file has `size` bytes."""
    whole = saved(flat("L", (side, side), 99), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    return whole[:last] + scan * ((size - last) // len(scan)) + whole[-2:]


def webp_said_to_be(width: int, height: int) -> bytes:
    inner = saved(flat(size=(16, 16)), "WEBP", lossless=True)[12:]
    head = struct.pack("<I", 0) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + head + inner
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_said_to_be(width: int, height: int) -> bytes:
    whole = bytearray(saved(flat("P"), "GIF"))
    whole[6:10] = struct.pack("<HH", width, height)
    return bytes(whole)


def many_frames(name: str, count: int) -> bytes:
    """Red first, then blue."""
    rest = [flat(size=(16, 16), colour=("blue", "green")[number % 2]) for number in range(count)]
    return saved(flat(size=(16, 16)), name, save_all=True, append_images=rest, duration=20)


def swapped_profile() -> bytes:
    """sRGB with red and blue changed over: a reader that heeds it shows red as blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")


def turned(value: int) -> bytes:
    """The quarters as a camera writes them that was held so: upright when the EXIF value is heeded."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transpositions that undo those of a reader
    image = quarters() if value == 1 else quarters().transpose(Image.Transpose(back[value]))
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return saved(image, "PNG", exif=exif)


def commented_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    return saved(flat(), "JPEG", exif=exif, comment=SCRIPT)


def transparent_palette() -> bytes:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([*RED, *BLUE])
    image.paste(1, (10, 0, 20, 20))
    return saved(image, "PNG", transparency=0)


def half_clear(name: str, mode: str = "RGBA") -> bytes:
    image = Image.new("RGBA", (100, 100), (0, 0, 255, 255))
    image.paste((0, 0, 0, 0), (0, 0, 50, 100))
    return saved(image.convert(mode), name)


def large_alpha(side: int) -> bytes:
    image = Image.new("RGBA", (side, side), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, side // 2, side))
    return saved(image, "PNG", compress_level=1)


def png_text() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SCRIPT.decode(), zip=True)
    return saved(flat(), "PNG", pnginfo=text)


UPRIGHT = ((0.2, 0.2, RED), (0.8, 0.2, GREEN), (0.2, 0.8, BLUE), (0.8, 0.8, WHITE))
HALVES = ((0.2, 0.5, WHITE), (0.8, 0.5, BLUE))
MIDDLE = 0.5


def all_over(colour: tuple[int, int, int]):
    return ((MIDDLE, MIDDLE, colour),)


NO_PICTURES = [
    Odd("an empty file", bytes, refused="not a picture"),
    Odd("PHP", lambda: b"<?php system($_GET['x']);", "photo.jpg", "image/jpeg", "not a picture"),
    Odd("HTML", lambda: b"<!DOCTYPE html><script>alert(1)</script>", "photo.png", "image/png", "type HTML."),
    Odd("SVG", lambda: b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>", "photo.png", refused="type SVG."),
    Odd("PDF", lambda: b"%PDF-1.7\n%\xe2\xe3", "photo.jpg", refused="type PDF."),
    Odd("ZIP", lambda: b"PK\x03\x04" + b"\0" * 60, "photo.png", refused="type ZIP."),
    Odd("TIFF", lambda: saved(flat(), "TIFF"), "photo.tif", refused="type TIFF."),
    Odd("BMP", lambda: saved(flat(), "BMP"), "photo.bmp", refused="type BMP."),
    Odd("PNG that says JPEG", lambda: saved(flat(), "PNG"), "photo.jpg", refused="says that it is JPEG, but it is PNG"),
    Odd("JPEG sent as GIF", lambda: saved(flat(), "JPEG"), "photo", "image/gif", "says that it is GIF, but it is JPEG"),
    Odd("script behind a GIF's first bytes", lambda: b"GIF89a/*" + SCRIPT, "photo.gif", refused="damaged or cut short"),
]
BROKEN = [
    Odd("PNG cut short", lambda: saved(noise(300, 300), "PNG")[:40_000], refused="damaged or cut short"),
    Odd("JPEG cut short", lambda: saved(noise(300, 300), "JPEG")[:8_000], refused="damaged or cut short"),
    Odd("WebP cut short", lambda: saved(noise(300, 300), "WEBP")[:4_000], refused="damaged or cut short"),
    Odd("GIF cut short", lambda: saved(noise(80, 80), "GIF")[:2_000], refused="damaged or cut short"),
    Odd("AVIF cut short", lambda: saved(noise(300, 300), "AVIF")[:2_000], refused="damaged or cut short"),
]
BOMBS = [
    Odd(
        "PNG of 900 million pixels", lambda: png(30_000, 30_000, 1, 0, bytes(30_000 * 3_751)), refused="million pixels"
    ),
    Odd("GIF of 4,294 million pixels", lambda: gif_said_to_be(65_535, 65_535), refused="million pixels"),
    Odd("WebP of 268 million pixels", lambda: webp_said_to_be(16_383, 16_383), refused="million pixels"),
    Odd("JPEG of 4,290 million pixels", lambda: jpeg_said_to_be(65_500, 65_500), refused="million pixels"),
    Odd("JPEG of 26 million pixels", lambda: jpeg_said_to_be(6_500, 4_000), refused="million pixels"),
    Odd("PNG with 60 MB of packed text", lambda: png_with(b"zTXt", b"Comment\0\0" + bomb()), refused="damaged"),
    Odd("PNG with 60 MB of packed profile", lambda: png_with(b"iCCP", b"p\0\0" + bomb()), refused="damaged"),
    Odd("PNG of a million chunks", lambda: png_with(b"teXt", b"", 1_200_000), refused="time or memory"),
    Odd("JPEG with 14 MB of filling", lambda: jpeg_with(b"\xff" * 14 * MEGABYTE), refused="time or memory"),
    Odd("JPEG of endless scans", lambda: jpeg_of_endless_scans(4000, 14 * MEGABYTE), refused="time or memory"),
]
HEAVY = [
    Odd("JPEG of 25 million pixels", lambda: saved(noise(5000, 5000), "JPEG"), size=(960, 960)),
    Odd("progressive JPEG", lambda: saved(noise(4000, 4000), "JPEG", progressive=True, subsampling=0), size=(960, 960)),
    Odd(
        "interlaced PNG of 25 million pixels",
        lambda: interlaced_png(5000, 5000),
        size=(960, 960),
        colours=all_over(GREY),
    ),
    Odd(
        "clear PNG of 25 million pixels",
        lambda: large_alpha(5000),
        size=(960, 960),
        colours=((0.2, 0.5, WHITE), (0.8, 0.5, RED)),
    ),
    Odd("PNG of 14 MB", lambda: saved(noise(2400, 2400), "PNG"), size=(960, 960)),
    Odd("WebP of 7.3 million pixels", lambda: saved(noise(2700, 2700), "WEBP", method=0), size=(960, 960)),
    Odd("AVIF of 11 million pixels", lambda: saved(noise(3300, 3300), "AVIF", speed=10), size=(960, 960)),
    Odd("GIF of 25 million pixels", lambda: saved(flat("P", (5000, 5000), 0), "GIF"), size=(960, 960)),
    Odd("animation of 3,000 frames, GIF", lambda: many_frames("GIF", 3000), size=(16, 16), colours=all_over(RED)),
    Odd("animation of 1,000 frames, PNG", lambda: many_frames("PNG", 1000), size=(16, 16), colours=all_over(RED)),
    Odd("animation of 300 frames, WebP", lambda: many_frames("WEBP", 300), size=(16, 16), colours=all_over(RED)),
]
ODD = [
    *(
        Odd(f"EXIF orientation {value}", lambda value=value: turned(value), size=(200, 100), colours=UPRIGHT)
        for value in range(1, 9)
    ),
    Odd("script behind a GIF", lambda: saved(flat(), "GIF") + SCRIPT, "a.gif", colours=all_over((254, 0, 0))),
    Odd("PHP in EXIF and comment", commented_jpeg, "a.jpg", "image/jpeg", colours=all_over((254, 0, 0))),
    Odd("script in a PNG's text", png_text, "a.png", colours=all_over(RED)),
    Odd("14 MB of comments before a GIF", lambda: gif_with_comments(14 * MEGABYTE), colours=all_over(RED)),
    Odd("broken profile", lambda: saved(flat(), "PNG", icc_profile=b"\0" * 500), colours=all_over(RED)),
    Odd(
        "profile that changes red and blue over",
        lambda: saved(flat(), "PNG", icc_profile=swapped_profile()),
        colours=all_over(BLUE),
    ),
    Odd("CMYK", lambda: saved(flat("CMYK", colour=(0, 255, 255, 0)), "JPEG"), colours=all_over((254, 0, 0))),
    Odd(
        "CMYK with a profile of another kind",
        lambda: saved(flat("CMYK", colour=(0, 255, 255, 0)), "JPEG", icc_profile=swapped_profile()),
        colours=all_over((254, 0, 0)),
    ),
    Odd("16 bits of grey", lambda: sixteen_bits(0, 0x8000), colours=all_over(GREY)),
    Odd("16 bits of grey and alpha", lambda: sixteen_bits(4, 0, 0x8000), colours=all_over((127, 127, 127))),
    Odd("16 bits of red, green, blue", lambda: sixteen_bits(2, 0xFFFF, 0x8000, 0), colours=all_over((255, 128, 0))),
    Odd("16 bits of colours and alpha", lambda: sixteen_bits(6, 0xFFFF, 0, 0, 0), colours=all_over(WHITE)),
    Odd("palette with a clear colour", transparent_palette, colours=HALVES),
    Odd("clear half, PNG", lambda: half_clear("PNG"), colours=HALVES),
    Odd("clear half, WebP", lambda: half_clear("WEBP"), colours=HALVES),
    Odd("clear half, AVIF", lambda: half_clear("AVIF"), colours=HALVES),
    Odd("clear half, GIF", lambda: half_clear("GIF"), colours=HALVES),
    Odd("grey with alpha", lambda: half_clear("PNG", "LA"), colours=((0.2, 0.5, WHITE),)),
    Odd("black and white", lambda: saved(flat("1", colour=1), "PNG"), colours=all_over(WHITE)),
    Odd("one pixel", lambda: saved(flat(size=(1, 1)), "PNG"), size=(1, 1)),
    Odd("a line of 1 × 20,000", lambda: saved(flat(size=(1, 20_000)), "PNG"), size=(1, 1200)),
    Odd("a line of 20,000 × 1", lambda: saved(flat(size=(20_000, 1)), "PNG"), size=(960, 1)),
]
REFUSED = [*NO_PICTURES, *BROKEN, *BOMBS]
SHOWN = [*HEAVY, *ODD]
