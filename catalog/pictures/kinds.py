"""What a file is by its own bytes, and what its name and its sender say that it is."""

import re
from pathlib import PurePath

# Pillow's name → the ending that a file of that format gets, and what people call it.
TAKEN = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
SHOWN = {"WEBP": "WebP"}
ENDINGS = {
    **{ending: name for name, ending in TAKEN.items()},
    **dict.fromkeys(("jpeg", "jpe", "jfif"), "JPEG"),
    **dict.fromkeys(("tif", "tiff"), "TIFF"),
    **dict.fromkeys(("heic", "heif"), "HEIC"),
    **dict.fromkeys(("htm", "html", "xhtml"), "HTML"),
    "apng": "PNG",
    "bmp": "BMP",
    "pdf": "PDF",
    "psd": "PSD",
    "svg": "SVG",
    "zip": "ZIP",
}
CONTENT_TYPES = {
    "image/jpg": "JPEG",
    "image/pjpeg": "JPEG",
    "image/apng": "PNG",
    "image/vnd.mozilla.apng": "PNG",
    "image/x-png": "PNG",
    "image/svg+xml": "SVG",
    "text/html": "HTML",
    "application/xhtml+xml": "HTML",
    "application/pdf": "PDF",
    "application/zip": "ZIP",
    **{f"image/{name.lower()}": name for name in (*TAKEN, "TIFF", "BMP", "HEIC")},
}
# The first bytes of a file; `.` is any byte.
SIGNATURES = [
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), name)
    for pattern, name in (
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "PNG"),
        (rb"GIF8[79]a", "GIF"),
        (rb"RIFF....WEBP", "WEBP"),
        (rb"....ftypavi[fs]", "AVIF"),
        (rb"....ftyp(mif1|msf1).{0,48}?avi[fs]", "AVIF"),
        (rb"....ftyp(hei[cfmsx]|hev[cx]|mif1|msf1)", "HEIC"),
        (rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+", "TIFF"),
        (rb"BM....\x00\x00\x00\x00", "BMP"),
        (rb"8BPS", "PSD"),
        (rb"%PDF-", "PDF"),
        (rb"PK\x03\x04", "ZIP"),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg", "SVG"),
        (rb"(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|script)", "HTML"),
    )
]
LOOKED_AT = 512  # bytes


def kind_of(start: bytes) -> str | None:
    """The format of a file by its first bytes, None when nothing is recognised."""
    return next((name for pattern, name in SIGNATURES if pattern.match(start[:LOOKED_AT])), None)


def claimed_kinds(name: str | None, content_type: str | None) -> set[str]:
    """The formats that a file's name and its declared type stand for; none for what says nothing."""
    ending = PurePath(name or "").suffix.lstrip(".").lower()
    declared = (content_type or "").partition(";")[0].strip().lower()
    return {kind for kind in (ENDINGS.get(ending), CONTENT_TYPES.get(declared)) if kind}


def spoken(kind: str) -> str:
    return SHOWN.get(kind, kind)
