"""Where things are photographed: warm, quiet grounds under one light from the upper left."""

import zlib
from functools import lru_cache

from PIL import Image

from catalog.demo.palette import Colour, brightness, mix, tone

WALLS: tuple[Colour, ...] = (
    (233, 225, 211),
    (229, 212, 199),
    (213, 216, 203),
    (224, 208, 184),
    (206, 199, 189),
    (205, 211, 212),
    (238, 231, 218),
    (214, 196, 178),
    (196, 202, 190),
)


def wall_for(seed: str, main: Colour) -> Colour:
    """A ground chosen by `seed` from those that set off `main`."""
    turn = zlib.crc32(seed.encode())
    order = [WALLS[(turn + i * 4) % len(WALLS)] for i in range(len(WALLS))]
    return next(
        (wall for wall in order if _distance(wall, main) > 62), max(order, key=lambda wall: _distance(wall, main))
    )


def _distance(one: Colour, other: Colour) -> float:
    hue = sum(abs((a - one[1]) - (b - other[1])) for a, b in zip(one, other, strict=True))
    return abs(brightness(one) - brightness(other)) * 1.4 + hue * 0.5


def ground(wall: Colour, pose: str, width: int, height: int, horizon: float = 0.64) -> Image.Image:
    """The empty set: a wall and a table (stand; `horizon` is the share of the height above the table), a wall (hang)
    or a table top seen from above (lie)."""
    return _small_ground(wall, pose, round(horizon, 3)).resize((width, height), Image.Resampling.BICUBIC)


@lru_cache(maxsize=96)
def _small_ground(wall: Colour, pose: str, horizon: float) -> Image.Image:
    columns, rows = 48, 60
    pixels = bytearray()
    table = mix(tone(wall, 0.3), (240, 228, 210), 0.25)
    for row in range(rows):
        y = row / (rows - 1)
        for column in range(columns):
            x = column / (columns - 1)
            glow = max(0.0, 1 - ((x - 0.3) ** 2 * 1.5 + (y - 0.22) ** 2 * 1.2))
            if pose == "stand":
                edge = min(max((y - horizon + 0.012) / 0.024, 0), 1)
                back = tone(wall, 0.34 * glow - 0.13)
                front = tone(table, 0.26 * max(0.0, 1 - abs(x - 0.42) * 1.6) - 0.17 * max(0.0, y - horizon) - 0.05)
                pixels += bytes(mix(back, front, edge * edge * (3 - 2 * edge)))
            else:
                corner = max(0.0, x * 0.55 + y * 0.6 - 0.5)
                pixels += bytes(tone(wall, 0.36 * glow - 0.1 - 0.14 * corner))
    return Image.frombytes("RGB", (columns, rows), bytes(pixels))
