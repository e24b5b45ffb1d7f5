"""The pen: fills outlines with antialiased edges, studio light, soft shadows and materials.

Every mask is drawn only in the bounding box of its outline, at three times the
size, and reduced once, so a whole picture costs a few tens of milliseconds.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from catalog.demo.drawing.paths import Outline, ribbon
from catalog.demo.palette import Colour, tone

SHARPNESS = 3
SHADE: Colour = (52, 40, 34)
GLOSS: Colour = (255, 253, 248)

# Light falls from the upper left: (position 0 to 1, step for `tone`).
LIGHTS: dict[str, tuple[str, tuple[tuple[float, float], ...]]] = {
    "round": (
        "x",
        ((0, -0.34), (0.1, -0.12), (0.27, 0.2), (0.4, 0.1), (0.62, -0.1), (0.86, -0.4), (0.95, -0.46), (1, -0.36)),
    ),
    "matt": ("x", ((0, -0.2), (0.12, -0.05), (0.3, 0.1), (0.5, 0.02), (0.8, -0.22), (1, -0.32))),
    "inside": ("x", ((0, -0.52), (0.3, -0.4), (0.7, -0.12), (1, 0.02))),
    "metal": (
        "x",
        (
            (0, -0.42), (0.07, -0.1), (0.16, 0.55), (0.24, 0.62), (0.34, 0.05), (0.5, -0.3), (0.62, -0.14),
            (0.74, 0.22), (0.8, 0.1), (0.92, -0.45), (1, -0.3),
        ),
    ),
    "glass": ("x", ((0, -0.3), (0.06, 0.1), (0.3, 0.42), (0.7, 0.3), (0.92, 0.0), (1, -0.35))),
    "side": ("x", ((0, 0.1), (0.5, 0.0), (1, -0.14))),
    "down": ("y", ((0, 0.12), (0.5, 0.0), (1, -0.18))),
    "up": ("y", ((0, -0.3), (0.5, -0.05), (1, 0.08))),
    "rod": ("y", ((0, 0.06), (0.25, 0.24), (0.6, -0.1), (1, -0.42))),
    "shine": ("y", ((0, 0.1), (0.2, 0.55), (0.38, 0.1), (0.7, -0.28), (1, -0.1))),
    "glow": ("y", ((0, 0.45), (0.6, 0.7), (1, 0.82))),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mask:
    """How much of each pixel is covered, and where on the picture it lies."""

    cover: Image.Image
    left: int
    top: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.cover.width, self.top + self.cover.height


@lru_cache(maxsize=512)
def _strip(base: Colour, light: str) -> tuple[str, Image.Image]:
    axis, stops = LIGHTS[light]
    pixels = b"".join(bytes(tone(base, _step_at(stops, i / 63))) for i in range(64))
    return axis, Image.frombytes("RGB", (64, 1) if axis == "x" else (1, 64), pixels)


def _step_at(stops: tuple[tuple[float, float], ...], at: float) -> float:
    for (p0, s0), (p1, s1) in zip(stops, stops[1:], strict=False):
        if at <= p1:
            share = (at - p0) / (p1 - p0)
            share = share * share * (3 - 2 * share)
            return s0 + (s1 - s0) * share
    return stops[-1][1]


@lru_cache(maxsize=16)
def _ramp(fade: str) -> Image.Image:
    rising = bytes(round(255 * (i / 63) ** 1.5) for i in range(64))
    values = rising if fade in ("right", "bottom") else rising[::-1]
    return Image.frombytes("L", (64, 1) if fade in ("left", "right") else (1, 64), values)


@lru_cache(maxsize=1)
def _spot() -> Image.Image:
    side = 64
    values = bytearray()
    for y in range(side):
        for x in range(side):
            near = max(0.0, 1 - math.hypot(x - 31.5, y - 31.5) / 31)
            values.append(round(255 * near * near * (3 - 2 * near)))
    return Image.frombytes("L", (side, side), bytes(values))


@lru_cache(maxsize=24)
def _material(name: str) -> Image.Image:
    """A 1280-pixel tile of dark marks (0 to 255) for wood, cloth, clay and so on."""
    side = 1280
    noise = random.Random(f"material {name}")

    def grains(width: int, height: int) -> Image.Image:
        return Image.frombytes("L", (width, height), noise.randbytes(width * height))

    if name in ("wood", "wood-upright"):
        fine = grains(10, 420).resize((side, side), Image.Resampling.BICUBIC)
        broad = grains(4, 46).resize((side, side), Image.Resampling.BICUBIC)
        tile = ImageChops.multiply(fine, broad.point(lambda v: 60 + v * 3 // 4)).point(
            lambda v: max(0, min(255, (v - 50) * 3 // 2))
        )
        return tile if name == "wood" else tile.transpose(Image.Transpose.ROTATE_90)
    if name == "speckle":
        spots = grains(320, 320).point(lambda v: 255 if v > 251 else 0).resize((side, side), Image.Resampling.BILINEAR)
        return spots.point(lambda v: min(255, v * 2))
    if name == "stone":
        return grains(160, 160).resize((side, side), Image.Resampling.BICUBIC)
    if name == "brushed":
        return grains(6, 640).resize((side, side), Image.Resampling.BICUBIC)
    tile = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(tile)
    if name == "weave":
        for y in range(0, side, 6):
            for x in range(0, side, 12):
                shift = 6 if (y // 6) % 2 else 0
                draw.rectangle((x + shift, y, x + shift + 4, y + 3), fill=noise.randrange(90, 220))
    elif name == "knit":
        for y in range(0, side, 16):
            for x in range(0, side, 20):
                draw.line((x, y, x + 9, y + 13), fill=190, width=3)
                draw.line((x + 19, y, x + 10, y + 13), fill=120, width=3)
    elif name == "terry":
        for y in range(0, side, 8):
            for x in range(0, side, 8):
                jitter = noise.randrange(4)
                draw.ellipse((x + jitter, y + jitter, x + jitter + 4, y + jitter + 4), fill=noise.randrange(80, 210))
    elif name == "twill":
        for x in range(-side, side, 9):
            draw.line((x, 0, x + side, side), fill=150, width=3)
    elif name == "rib":
        for x in range(0, side, 14):
            draw.rectangle((x, 0, x + 4, side), fill=170)
    return tile.filter(ImageFilter.GaussianBlur(0.8))


class Pen:
    """Draws on `image` with (0, 0) of the object at pixel (`x`, `y`) and `scale` pixels to the millimetre.

    `grain` enlarges the marks of materials, for close-ups.
    """

    def __init__(
        self, image: Image.Image, x: float, y: float, scale: float, seed: str = "", grain: float = 1.0
    ) -> None:
        self.image = image
        self.grain = grain
        self.x = x
        self.y = y
        self.scale = scale
        self.random = random.Random(seed)

    def moved(self, dx: float, dy: float, size: float = 1.0) -> "Pen":
        """A pen for a part or a second object, `dx`, `dy` millimetres away."""
        pen = Pen(self.image, self.x + dx * self.scale, self.y - dy * self.scale, self.scale * size, grain=self.grain)
        pen.random = self.random
        return pen

    def mask(self, *paths: Outline, holes: Sequence[Outline] = (), clip: Mask | None = None) -> Mask | None:
        """The cover of outlines (united) less `holes`, inside `clip`; None when nothing is on the picture."""
        bounds = self._bounds(paths)
        frame = clip.box if clip else (0, 0, *self.image.size)
        left, top = max(bounds[0], frame[0]), max(bounds[1], frame[1])
        right, bottom = min(bounds[2], frame[2]), min(bounds[3], frame[3])
        if right <= left or bottom <= top:
            return None
        large = Image.new("L", ((right - left) * SHARPNESS, (bottom - top) * SHARPNESS), 0)
        draw = ImageDraw.Draw(large)
        for path in paths:
            draw.polygon(self._pixels(path, left, top, SHARPNESS), fill=255)
        for path in holes:
            draw.polygon(self._pixels(path, left, top, SHARPNESS), fill=0)
        cover = large.reduce(SHARPNESS)
        if clip:
            inner = clip.cover.crop((left - clip.left, top - clip.top, right - clip.left, bottom - clip.top))
            cover = ImageChops.multiply(cover, inner)
        return Mask(cover, left, top)

    def fill(
        self,
        *paths: Outline,
        colour: Colour,
        light: str = "",
        holes: Sequence[Outline] = (),
        clip: Mask | None = None,
        span: tuple[float, float] | None = None,
        alpha: float = 1.0,
    ) -> Mask | None:
        """Paint outlines; `light` is a key of LIGHTS and runs over `span` (millimetres) or the outline's own width."""
        mask = self.mask(*paths, holes=holes, clip=clip)
        if mask is None:
            return None
        self._paint(mask, colour, light, span, alpha, self._bounds(paths))
        return mask

    def line(
        self,
        points: Outline,
        width: float,
        *,
        colour: Colour,
        light: str = "",
        clip: Mask | None = None,
        alpha: float = 1.0,
    ) -> None:
        """Paint a line of `width` millimetres, never thinner than a pixel."""
        self.fill(ribbon(points, max(width, 1.2 / self.scale)), colour=colour, light=light, clip=clip, alpha=alpha)

    def lines(
        self, many: Sequence[Outline], width: float, *, colour: Colour, clip: Mask | None = None, alpha: float = 1.0
    ) -> None:
        """Paint several lines at once (one mask, so it is quick)."""
        if many:
            width = max(width, 1.2 / self.scale)
            self.fill(*[ribbon(points, width) for points in many], colour=colour, clip=clip, alpha=alpha)

    def shade(self, mask: Mask | None, fade: str, strength: float, colour: Colour = SHADE) -> None:
        """Darken (or tint) a mask towards its `fade` edge: left, right, top or bottom."""
        if mask is not None:
            ramp = _ramp(fade).resize(mask.cover.size, Image.Resampling.BICUBIC).point(lambda v: round(v * strength))
            self.image.paste(colour, (mask.left, mask.top), ImageChops.multiply(ramp, mask.cover))

    def gleam(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        strength: float,
        clip: Mask | None = None,
        colour: Colour = GLOSS,
    ) -> None:
        """A soft round highlight."""
        left, top, right, bottom = self._bounds([[(x - rx, y - ry), (x + rx, y + ry)]])
        spot = (
            _spot()
            .resize((max(2, right - left), max(2, bottom - top)), Image.Resampling.BILINEAR)
            .point(lambda v: round(v * strength))
        )
        if clip is None:
            self.image.paste(colour, (left, top), spot)
            return
        inner = Image.new("L", spot.size, 0)
        inner.paste(clip.cover, (clip.left - left, clip.top - top))
        self.image.paste(colour, (left, top), ImageChops.multiply(spot, inner))

    def soft(
        self,
        *paths: Outline,
        blur: float,
        strength: float,
        clip: Mask | None = None,
        colour: Colour = SHADE,
        shift: tuple[float, float] = (0, 0),
    ) -> None:
        """Paint blurred outlines: shadows, folds, light on a wall. `blur` and `shift` are in millimetres."""
        radius = max(blur * self.scale, 1.0)
        step = max(1, min(10, int(radius / 1.6)))
        pad = int(radius * 2.6) + step
        left, top, right, bottom = self._bounds([[(x + shift[0], y + shift[1]) for x, y in path] for path in paths])
        frame = clip.box if clip else (0, 0, *self.image.size)
        left, top = max(left - pad, frame[0] - pad), max(top - pad, frame[1] - pad)
        right, bottom = min(right + pad, frame[2] + pad), min(bottom + pad, frame[3] + pad)
        if right <= left or bottom <= top:
            return
        size = math.ceil((right - left) / step), math.ceil((bottom - top) / step)
        small = Image.new("L", size, 0)
        draw = ImageDraw.Draw(small)
        level = round(255 * strength)
        dx, dy = shift[0] * self.scale, -shift[1] * self.scale
        for path in paths:
            draw.polygon(self._pixels(path, left - dx, top - dy, 1 / step), fill=level)
        cover = small.filter(ImageFilter.GaussianBlur(radius / step)).resize(
            (size[0] * step, size[1] * step), Image.Resampling.BILINEAR
        )
        if clip:
            inner = Image.new("L", cover.size, 0)
            inner.paste(clip.cover, (clip.left - left, clip.top - top))
            cover = ImageChops.multiply(cover, inner)
        self.image.paste(colour, (left, top), cover)

    def material(
        self, mask: Mask | None, name: str, strength: float, colour: Colour = SHADE, size: float = 1.0
    ) -> None:
        """Lay wood grain, weave, knit, terry, speckle and the like over a mask; `size` stretches the marks."""
        if mask is None:
            return
        tile = _material(name)
        size *= self.grain
        width, height = mask.cover.size
        wide, high = min(tile.width, max(2, round(width / size))), min(tile.height, max(2, round(height / size)))
        x, y = self.random.randrange(tile.width - wide + 1), self.random.randrange(tile.height - high + 1)
        marks = tile.crop((x, y, x + wide, y + high))
        if (wide, high) != (width, height):
            marks = marks.resize((width, height), Image.Resampling.BILINEAR)
        marks = marks.point(lambda v: round(v * strength))
        self.image.paste(colour, (mask.left, mask.top), ImageChops.multiply(marks, mask.cover))

    def _paint(
        self,
        mask: Mask,
        base: Colour,
        light: str,
        span: tuple[float, float] | None,
        alpha: float,
        bounds: tuple[int, int, int, int],
    ) -> None:
        cover = mask.cover if alpha >= 1 else mask.cover.point(lambda v: round(v * alpha))
        if not light:
            self.image.paste(base, (mask.left, mask.top), cover)
            return
        axis, strip = _strip(base, light)
        width, height = mask.cover.size
        if axis == "x":
            start, end = (
                (self.x + span[0] * self.scale, self.x + span[1] * self.scale) if span else (bounds[0], bounds[2])
            )
            low, high = _share(mask.left, start, end), _share(mask.left + width, start, end)
            colours = strip.resize((width, 1), Image.Resampling.BICUBIC, (low, 0, max(high, low + 0.1), 1)).resize(
                (width, height), Image.Resampling.NEAREST
            )
        else:
            start, end = (
                (self.y - span[1] * self.scale, self.y - span[0] * self.scale) if span else (bounds[1], bounds[3])
            )
            low, high = _share(mask.top, start, end), _share(mask.top + height, start, end)
            colours = strip.resize((1, height), Image.Resampling.BICUBIC, (0, low, 1, max(high, low + 0.1))).resize(
                (width, height), Image.Resampling.NEAREST
            )
        self.image.paste(colours, (mask.left, mask.top), cover)

    def _bounds(self, paths: Sequence[Outline]) -> tuple[int, int, int, int]:
        xs = [x for path in paths for x, _ in path]
        ys = [y for path in paths for _, y in path]
        return (
            math.floor(self.x + min(xs) * self.scale) - 1,
            math.floor(self.y - max(ys) * self.scale) - 1,
            math.ceil(self.x + max(xs) * self.scale) + 1,
            math.ceil(self.y - min(ys) * self.scale) + 1,
        )

    def _pixels(self, path: Outline, left: float, top: float, zoom: float) -> list[tuple[float, float]]:
        dx, dy, scale = (self.x - left) * zoom, (self.y - top) * zoom, self.scale * zoom
        return [(dx + x * scale, dy - y * scale) for x, y in path]


def _share(at: float, start: float, end: float) -> float:
    return min(max((at - start) / max(end - start, 1) * 64, 0), 63.8)
