"""What many things share: shadows, turned bodies, glass, handles, planks, woven patterns."""

from catalog.demo.drawing.canvas import Mask, Pen
from catalog.demo.drawing.look import Look
from catalog.demo.drawing.paths import Outline, Path, Point, across, band, box, curve, ellipse, moved, radius_at, turned
from catalog.demo.palette import Colour, mix, tone


def stand(pen: Pen, width: float, *, depth: float = 0.2, height: float = 0.0, x: float = 0.0) -> None:
    """The shadow of something standing: close under its foot, and soft to the right."""
    half = width / 2
    ry = half * depth
    reach = max(height * 0.42, half * 0.9)
    pen.soft(
        [
            (x - half * 0.9, -ry * 0.6),
            (x + half, -ry),
            (x + half + reach, ry * 1.3),
            (x + half * 0.4 + reach, ry * 2.2),
            (x - half * 0.4, ry),
        ],
        blur=half * 0.2,
        strength=0.26,
    )
    pen.soft(ellipse(x + half * 0.05, -ry * 0.15, half * 1.02, ry * 1.1), blur=half * 0.07, strength=0.5)


def drop(pen: Pen, *paths: Outline, height: float, strength: float = 0.34) -> None:
    """The shadow of something flat, lying or hanging `height` millimetres off the ground."""
    pen.soft(*paths, blur=height * 0.75, strength=strength, shift=(height * 0.7, -height * 0.9))
    pen.soft(*paths, blur=max(height * 0.22, 0.8), strength=strength * 0.8, shift=(height * 0.12, -height * 0.2))


def turned_body(
    pen: Pen,
    profile: Outline,
    look: Look,
    *,
    tilt: float = 0.2,
    wall: float = 5.0,
    inside: Colour | None = None,
    light: str = "round",
    open_top: bool = True,
    smooth: bool = True,
    decorated: bool = True,
) -> Mask | None:
    """A body turned on a wheel or lathe with its pattern, rim and opening; returns its mask."""
    widest = max(r for r, _ in profile)
    body = pen.fill(turned(profile, tilt, smooth), colour=look.main, light=light)
    if decorated:
        decorate(pen, profile, look, body, tilt, light, smooth)
    pen.shade(body, "bottom", 0.22)
    top_r, top_y = profile[-1]
    if light != "metal":
        height = top_y - profile[0][1]
        pen.gleam(-widest * 0.48, profile[0][1] + height * 0.66, widest * 0.2, height * 0.3, 0.3, clip=body)
    if open_top:
        rim = tone(look.main, 0.22)
        pen.fill(ellipse(0, top_y, top_r, top_r * tilt), colour=rim, light="side")
        hollow = pen.fill(
            ellipse(0, top_y - wall * 0.15, top_r - wall, (top_r - wall) * tilt),
            colour=tone(look.main, -0.1) if inside is None else inside,
            light="inside",
        )
        pen.shade(hollow, "top", 0.3)
    return body


def decorate(
    pen: Pen, profile: Outline, look: Look, body: Mask | None, tilt: float, light: str, smooth: bool = True
) -> None:
    """Glaze bands, stripes, flutes, dots and speckles around a turned body."""
    low, high = profile[0][1], profile[-1][1]
    height = high - low
    widest = max(r for r, _ in profile)
    span = (-widest, widest)

    def ring(start: float, end: float, colour: Colour) -> None:
        pen.fill(
            band(profile, low + height * start, low + height * end, tilt, smooth),
            colour=colour,
            light=light,
            clip=body,
            span=span,
        )

    if look.pattern == "dip":
        ring(0.0, 0.34, look.second)
        ring(0.335, 0.35, tone(look.main, 0.3))
    elif look.pattern == "band":
        ring(0.58, 0.78, look.second)
    elif look.pattern == "rings":
        for start in (0.18, 0.34, 0.5, 0.66, 0.82):
            ring(start, start + 0.05, look.second)
    elif look.pattern == "line":
        ring(0.9, 0.925, look.second)
        ring(0.84, 0.852, look.second)
    elif look.pattern == "flutes":
        heights = [low + height * k / 12 for k in range(13)]
        for i in range(-5, 6):
            groove = [(radius_at(profile, y, smooth) * across(i / 6), y) for y in heights]
            width = widest * 0.036 * (1.15 - abs(i) / 6)
            pen.line(groove, width, colour=tone(look.main, -0.3), clip=body)
            pen.line([(x + width, y) for x, y in groove], width * 0.6, colour=tone(look.main, 0.28), clip=body)
    elif look.pattern == "dots":
        dots = [
            ellipse(
                widest * across(i / 5 + (row % 2) * 0.1),
                low + height * (0.2 + row * 0.17),
                widest * 0.06 * (1.15 - abs(i) / 6),
                widest * 0.065,
            )
            for row in range(4)
            for i in range(-5, 6)
        ]
        pen.fill(*dots, colour=look.second, light=light, clip=body, span=span)
    elif look.pattern == "brush":
        strokes = []
        for i in range(-4, 5):
            x = widest * across(i / 4.6)
            w = widest * 0.07 * (1.2 - abs(i) / 6)
            strokes.append(
                [
                    (x - w, low + height * 0.2),
                    (x + w * 0.6, low + height * 0.24),
                    (x + w, low + height * 0.72),
                    (x - w * 0.5, low + height * 0.78),
                ]
            )
        pen.fill(*strokes, colour=look.second, light=light, clip=body, span=span)
    elif look.pattern == "speckle":
        pen.material(body, "speckle", 0.6, tone(look.second, -0.3))
    elif look.pattern == "woodgrain":
        pen.material(body, "wood-upright", 0.3, tone(look.main, -0.7))
    elif look.pattern == "hammered":
        pen.material(body, "stone", 0.22, tone(look.main, -0.6), size=0.35)


def handle(pen: Pen, points: list[Point], width: float, colour: Colour) -> None:
    """A rounded handle: a thick line with light along its upper edge."""
    pen.line(points, width, colour=tone(colour, -0.18))
    pen.line([(x - width * 0.12, y + width * 0.1) for x, y in points], width * 0.6, colour=tone(colour, 0.02))
    pen.line([(x - width * 0.2, y + width * 0.2) for x, y in points], width * 0.2, colour=tone(colour, 0.35))


def plank(
    pen: Pen,
    left: float,
    bottom: float,
    right: float,
    top: float,
    colour: Colour,
    *,
    light: str = "down",
    corner: float = 3,
    grain: bool = True,
) -> Mask | None:
    """A board or post with wood grain along its longer side."""
    mask = pen.fill(box(left, bottom, right, top, corner), colour=colour, light=light)
    if grain:
        upright = (top - bottom) > (right - left)
        pen.material(mask, "wood-upright" if upright else "wood", 0.26, tone(colour, -0.75))
    return mask


def sized(profile: Outline, look: Look) -> list[Point]:
    """A profile stretched as the look asks."""
    return [(r * look.wide, y * look.tall) for r, y in profile]


def glass(pen: Pen, profile: Outline, tint: Colour, tilt: float, liquid: float = 0.0) -> None:
    """Thin clear glass over what is already drawn, filled with water up to the share `liquid`."""
    body = pen.fill(turned(profile, tilt), colour=tint, light="glass", alpha=0.42)
    widest = max(r for r, _ in profile)
    low, high = profile[0][1], profile[-1][1]
    if liquid:
        pen.fill(
            band(profile, low + 8, low + (high - low) * liquid, tilt),
            colour=mix(tint, (150, 186, 190), 0.4),
            light="glass",
            alpha=0.3,
            clip=body,
        )
    pen.shade(body, "right", 0.18, tone(tint, -0.6))
    pen.shade(body, "left", 0.1, tone(tint, -0.6))
    pen.fill(
        turned(profile, tilt),
        holes=[turned([(r - widest * 0.035, y + (4 if i == 0 else 0)) for i, (r, y) in enumerate(profile)], tilt)],
        colour=tone(tint, -0.3),
        alpha=0.5,
    )
    pen.gleam(-widest * 0.55, low + (high - low) * 0.55, widest * 0.14, (high - low) * 0.4, 0.75, clip=body)
    pen.gleam(widest * 0.62, low + (high - low) * 0.5, widest * 0.07, (high - low) * 0.36, 0.5, clip=body)
    pen.fill(
        ellipse(0, high, profile[-1][0], profile[-1][0] * tilt),
        holes=[ellipse(0, high, profile[-1][0] - 1.8, profile[-1][0] * tilt - 1.3)],
        colour=(250, 252, 250),
        alpha=0.8,
    )


def flame(pen: Pen, x: float, y: float) -> None:
    """A wick and a candle flame standing on (x, y)."""
    pen.line([(x, y), (x + 0.6, y + 9)], 1.8, colour=(70, 58, 50))
    pen.gleam(x, y + 22, 38, 46, 0.4, colour=(255, 222, 150))
    pen.fill(
        curve([(x, y + 5), (x + 6, y + 14), (x + 1, y + 36), (x - 5, y + 15)], closed=True),
        colour=(250, 196, 92),
        light="up",
    )
    pen.fill(
        curve([(x, y + 7), (x + 3, y + 13), (x + 0.5, y + 24), (x - 2.6, y + 13)], closed=True), colour=(255, 244, 208)
    )


def cloth_pattern(
    pen: Pen, cloth: Mask | None, look: Look, colour: Colour, turn: float = 0, reach: float = 260
) -> None:
    """Woven stripes, checks and the like over a flat cloth."""

    def bars(step: float, width: float, angle: float) -> list[Path]:
        count = int(reach / step)
        return [
            moved(
                [
                    (-reach, k * step - width / 2),
                    (reach, k * step - width / 2),
                    (reach, k * step + width / 2),
                    (-reach, k * step + width / 2),
                ],
                turn=angle + turn,
            )
            for k in range(-count, count + 1)
        ]

    if look.pattern == "stripes":
        pen.fill(*bars(26, 9, 90), colour=colour, clip=cloth, alpha=0.85)
    elif look.pattern == "pinstripes":
        pen.fill(*bars(13, 2.2, 90), colour=colour, clip=cloth, alpha=0.85)
    elif look.pattern == "hoops":
        pen.fill(*bars(30, 10, 0), colour=colour, clip=cloth, alpha=0.9)
    elif look.pattern == "check":
        pen.fill(*bars(34, 15, 0), colour=colour, clip=cloth, alpha=0.42)
        pen.fill(*bars(34, 15, 90), colour=colour, clip=cloth, alpha=0.42)
    elif look.pattern == "grid":
        pen.fill(*bars(36, 2.4, 0), *bars(36, 2.4, 90), colour=colour, clip=cloth, alpha=0.9)
    elif look.pattern == "diagonal":
        pen.fill(*bars(30, 8, 45), colour=colour, clip=cloth, alpha=0.85)
    elif look.pattern == "dots":
        dots = [ellipse(x * 26 + (y % 2) * 13, y * 22, 3.4, 3.4) for x in range(-11, 12) for y in range(-12, 13)]
        pen.fill(*[moved(dot, turn=turn) for dot in dots], colour=colour, clip=cloth)
