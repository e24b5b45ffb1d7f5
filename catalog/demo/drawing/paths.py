"""Outlines in millimetres: x to the right, y upwards; each function returns a list of points."""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Path = list[Point]
Outline = Sequence[Point]


def ellipse(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360) -> Path:
    """Points of an ellipse, anticlockwise from `start` to `end` degrees."""
    steps = max(8, round(abs(end - start) / 5))
    turns = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in turns]


def box(left: float, bottom: float, right: float, top: float, corner: float = 0) -> Path:
    """A rectangle, its corners rounded by `corner`."""
    corner = min(corner, (right - left) / 2, (top - bottom) / 2)
    if corner <= 0:
        return [(left, bottom), (right, bottom), (right, top), (left, top)]
    return [
        *ellipse(right - corner, top - corner, corner, corner, 0, 90),
        *ellipse(left + corner, top - corner, corner, corner, 90, 180),
        *ellipse(left + corner, bottom + corner, corner, corner, 180, 270),
        *ellipse(right - corner, bottom + corner, corner, corner, 270, 360),
    ]


def curve(points: Sequence[Point], closed: bool = False, steps: int = 10) -> Path:
    """A smooth line through all `points` (Catmull-Rom)."""
    last = len(points) - 1
    smooth: Path = []
    for i in range(last + 1 if closed else last):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % (last + 1)] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(i + k, 0), last)] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            smooth.append((_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        smooth.append(points[-1])
    return smooth


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def ribbon(points: Sequence[Point], width: float, end_width: float | None = None) -> Path:
    """A line of the given width as an outline, tapering to `end_width` when it is set."""
    end_width = width if end_width is None else end_width
    left: Path = []
    right: Path = []
    last = len(points) - 1
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[max(i - 1, 0)], points[min(i + 1, last)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (width + (end_width - width) * i / last) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def turned(profile: Sequence[Point], tilt: float, smooth: bool = True) -> Path:
    """The outline of a turned body: `profile` is (radius, height) from foot to rim, seen from above by `tilt`."""
    side = curve(profile) if smooth else list(profile)
    foot, rim = side[0], side[-1]
    return [
        *side,
        *ellipse(0, rim[1], rim[0], rim[0] * tilt, 0, 180),
        *[(-r, y) for r, y in reversed(side)],
        *ellipse(0, foot[1], foot[0], foot[0] * tilt, 180, 360),
    ]


def radius_at(profile: Sequence[Point], height: float, smooth: bool = True) -> float:
    """The radius of a turned body at `height`."""
    side = curve(profile) if smooth else list(profile)
    for (r0, y0), (r1, y1) in zip(side, side[1:], strict=False):
        if y0 <= height <= y1 and y1 > y0:
            return r0 + (r1 - r0) * (height - y0) / (y1 - y0)
    return side[-1][0] if height > side[-1][1] else side[0][0]


def band(profile: Sequence[Point], low: float, high: float, tilt: float, smooth: bool = True) -> Path:
    """The visible front of a ring around a turned body between two heights."""
    steps = 6
    heights = [low + (high - low) * i / steps for i in range(steps + 1)]
    side = [(radius_at(profile, y, smooth), y) for y in heights]
    return [
        *side,
        *ellipse(0, high, side[-1][0], side[-1][0] * tilt, 360, 180),
        *[(-r, y) for r, y in reversed(side)],
        *ellipse(0, low, side[0][0], side[0][0] * tilt, 180, 360),
    ]


def moved(path: Sequence[Point], dx: float = 0, dy: float = 0, turn: float = 0, size: float = 1) -> Path:
    """`path` scaled by `size`, turned anticlockwise by `turn` degrees about the origin, then shifted."""
    c, s = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
    return [(x * c - y * s + dx, x * s + y * c + dy) for x, y in path]


def mirrored(path: Sequence[Point]) -> Path:
    """`path` flipped left to right about x = 0."""
    return [(-x, y) for x, y in path]


def leaf(x: float, y: float, length: float, width: float, angle: float) -> Path:
    """A pointed leaf growing from (x, y) towards `angle` degrees."""
    half = [(0, 0), (length * 0.3, width * 0.46), (length * 0.62, width * 0.4), (length, 0)]
    upper = curve(half, steps=6)
    return moved([*upper, *[(px, -py) for px, py in reversed(upper)]], x, y, angle)


def ray(degrees: float, length: float) -> Point:
    """The point `length` away from the origin in the direction `degrees`."""
    return length * math.cos(math.radians(degrees)), length * math.sin(math.radians(degrees))


def across(share: float) -> float:
    """Where a mark at `share` (-1 to 1) of a quarter turn appears across a round front, -1 to 1."""
    return math.sin(math.radians(90 * max(-1.0, min(1.0, share))))
