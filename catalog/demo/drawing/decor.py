"""Clocks, baskets, boxes, mirrors and frames."""

from catalog.demo.drawing.canvas import Mask, Pen
from catalog.demo.drawing.finish import drop, flame, plank, sized, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Path, band, box, curve, ellipse, leaf, moved, ray, ribbon, turned
from catalog.demo.palette import METALS, WOODS, brightness, mix, tone


def _frame_fill(pen: Pen, outline: Path, hole: Path, look: Look) -> Mask | None:
    mask = pen.fill(outline, holes=[hole], colour=look.main, light="metal" if look.names[0] in METALS else "side")
    if look.names[0] in WOODS:
        pen.material(mask, "wood-upright", 0.3, tone(look.main, -0.7))
    return mask


@drawing("clock", pose="hang", reach=(-165, -165, 165, 165), detail=(40, 50, 2.0))
def clock(pen: Pen, look: Look) -> None:
    """A wall clock; the second colour is the face, the third the second hand."""
    drop(pen, ellipse(0, 0, 158, 158), height=28)
    _frame_fill(pen, ellipse(0, 0, 158, 158), ellipse(0, 0, 138, 138), look)
    pen.fill(ellipse(0, 0, 158, 158), holes=[ellipse(-1.5, 2, 156, 156)], colour=tone(look.main, -0.5), alpha=0.6)
    _face(pen, look, 141)


def _face(pen: Pen, look: Look, r: float) -> None:
    face = pen.fill(ellipse(0, 0, r, r), colour=look.second, light="side")
    pen.soft(
        [*ellipse(0, 0, r + 14, r + 14, 60, 210), *ellipse(6, -8, r, r, 210, 60)],
        blur=r * 0.06,
        strength=0.5,
        clip=face,
    )
    ink = (58, 52, 48) if brightness(look.second) > 120 else (240, 234, 222)
    if look.pattern == "dots":
        pen.fill(*[ellipse(*ray(angle, r * 0.84), r * 0.03, r * 0.03) for angle in range(0, 360, 30)], colour=ink)
    else:
        pen.lines(
            [[ray(angle, r * (0.76 if angle % 90 == 0 else 0.82)), ray(angle, r * 0.9)] for angle in range(0, 360, 30)],
            r * 0.03,
            colour=ink,
        )
        if look.pattern == "minutes":
            pen.lines([[ray(angle, r * 0.87), ray(angle, r * 0.9)] for angle in range(0, 360, 6)], r * 0.01, colour=ink)
    hands = [
        ribbon([ray(148 + 180, r * 0.12), ray(148, r * 0.5)], r * 0.055, r * 0.04),
        ribbon([ray(36 + 180, r * 0.14), ray(36, r * 0.76)], r * 0.042, r * 0.03),
    ]
    pen.soft(*hands, blur=r * 0.02, strength=0.4, shift=(r * 0.02, -r * 0.03))
    pen.fill(*hands, colour=ink)
    pen.line([ray(262 + 180, r * 0.2), ray(262, r * 0.8)], r * 0.014, colour=look.third)
    pen.fill(ellipse(0, 0, r * 0.045, r * 0.045), colour=look.third)


@drawing("tableclock", pose="stand", reach=(-90, -10, 90, 190), detail=(20, 100, 1.9))
def tableclock(pen: Pen, look: Look) -> None:
    """A small clock on a shelf; form bell is an alarm clock, block a wooden block."""
    if look.form == "block":
        stand(pen, 150, depth=0.18, height=110)
        case = pen.fill(box(-80, 0, 80, 160, 18), colour=look.main, light="side")
        pen.material(case, "wood-upright", 0.3, tone(look.main, -0.7))
        _face(pen.moved(0, 82), look, 60)
        return
    stand(pen, 110, depth=0.2, height=110)
    for side in (-1, 1):
        pen.fill(ribbon([(side * 36, 30), (side * 54, -3)], 11, 8), colour=tone(look.main, -0.1), light="round")
        if look.form == "bell":
            pen.fill(
                moved([*ellipse(0, 0, 28, 24, 0, 180)], side * 40, 146, -side * 34), colour=look.third, light="metal"
            )
    if look.form == "bell":
        pen.lines([curve([(-26, 168), (0, 188), (26, 168)])], 6, colour=look.third)
        pen.fill(box(-4, 150, 4, 170), colour=tone(look.third, -0.2))
    pen.fill(ellipse(0, 84, 76, 76), colour=look.main, light="round")
    _face(pen.moved(0, 84), look, 63)


@drawing("basket", pose="stand", reach=(-200, -14, 200, 300), detail=(-60, 120, 2.0))
def basket(pen: Pen, look: Look) -> None:
    """Woven; form belly, tall, tray or lidded."""
    forms = {
        "": [(130, 0), (140, 10), (160, 100), (168, 190)],
        "belly": [(110, 0), (150, 30), (176, 100), (140, 190)],
        "tall": [(120, 0), (128, 10), (140, 160), (146, 270)],
        "tray": [(160, 0), (166, 8), (180, 50), (184, 84)],
    }
    profile = sized(forms["tall" if look.form == "lidded" else look.form], look)
    r, top = profile[-1]
    wide = max(x for x, _ in profile)
    stand(pen, 2 * profile[0][0], depth=0.18, height=top * 0.7)
    if look.form in ("", "belly"):
        for side in (-1, 1):
            ear = curve(
                [
                    (side * (r - 30), top),
                    (side * (r - 6), top + 58),
                    (side * (r + 22), top + 56),
                    (side * (r + 8), top - 16),
                ]
            )
            pen.lines([ear], 13, colour=tone(look.main, -0.25))
            pen.lines([[(x - 2, y + 2) for x, y in ear]], 5, colour=tone(look.main, 0.15))
    body = pen.fill(turned(profile, 0.18), colour=look.main, light="round")
    if look.pattern == "dip":
        pen.fill(band(profile, 0, top * 0.4, 0.18), colour=look.second, light="round", clip=body, span=(-wide, wide))
    elif look.pattern == "bands":
        for share in (0.3, 0.62):
            pen.fill(
                band(profile, top * share, top * (share + 0.13), 0.18),
                colour=look.second,
                light="round",
                clip=body,
                span=(-wide, wide),
            )
    rows = []
    step = 15
    for k in range(-4, round(top / step) + 3):
        y = k * step
        arc = ellipse(0, y, wide + 6, (wide + 6) * 0.18, 180, 360)
        rows.append(ribbon(arc, 3))
    pen.fill(*rows, colour=tone(look.main, -0.5), clip=body, alpha=0.55)
    pen.lines(
        [
            [(wide * 1.02 * ray(90 - k * 9, 1)[0], -30), (wide * 1.04 * ray(90 - k * 9, 1)[0], top + 20)]
            for k in range(-9, 10)
        ],
        3.4,
        colour=tone(look.main, -0.5),
        clip=body,
        alpha=0.5,
    )
    pen.material(body, "weave", 0.3, size=1.2)
    pen.shade(body, "bottom", 0.3)
    if look.form == "lidded":
        lid = pen.fill(
            turned([(r + 6, top - 4), (r + 4, top + 14), (r * 0.5, top + 40), (16, top + 44)], 0.18),
            colour=look.main,
            light="round",
        )
        pen.lines(
            [ellipse(0, top + 24, r * k / 6, r * k / 6 * 0.24) for k in range(2, 6)],
            3,
            colour=tone(look.main, -0.45),
            clip=lid,
        )
        pen.material(lid, "weave", 0.3)
        pen.fill(ellipse(0, top + 56, 15, 14), colour=tone(look.main, -0.2), light="round")
        return
    hollow = pen.fill(ellipse(0, top, r - 4, (r - 4) * 0.18), colour=tone(look.main, -0.35), light="inside")
    pen.shade(hollow, "top", 0.4)
    pen.fill(
        ellipse(0, top, r + 3, (r + 3) * 0.19),
        holes=[ellipse(0, top - 1, r - 9, (r - 9) * 0.165)],
        colour=tone(look.main, 0.08),
        light="side",
    )


@drawing("box", pose="stand", reach=(-150, -12, 150, 150), detail=(-50, 80, 1.9))
def wooden_box(pen: Pen, look: Look) -> None:
    """A wooden box with a lid that slides or lifts."""
    w, t = look.wide, look.tall
    stand(pen, 270 * w, depth=0.16, height=90)
    lid = pen.fill(
        [(-112 * w, 132 * t), (112 * w, 132 * t), (140 * w, 98 * t), (-140 * w, 98 * t)],
        colour=tone(look.second, 0.12),
        light="side",
    )
    pen.material(lid, "wood", 0.28, tone(look.second, -0.7))
    plank(pen, -142 * w, 88 * t, 142 * w, 101 * t, look.second)
    front = plank(pen, -136 * w, 0, 136 * w, 90 * t, look.main, corner=4)
    pen.soft(box(-136 * w, 80 * t, 136 * w, 92 * t), blur=4, strength=0.4, clip=front)
    if look.pattern == "dovetail":
        for side in (-1, 1):
            pen.fill(
                *[
                    [(side * 136 * w, y), (side * 116 * w, y + 3), (side * 116 * w, y + 11), (side * 136 * w, y + 14)]
                    for y in range(8, round(80 * t), 24)
                ],
                colour=tone(look.main, -0.3),
                clip=front,
            )
    pen.fill(box(-18, 84 * t, 18, 96 * t, 5), colour=tone(look.second, -0.4))


@drawing("mirror", pose="hang", reach=(-260, -330, 260, 330), detail=(-80, 170, 1.9))
def mirror(pen: Pen, look: Look) -> None:
    """Form round (default), arch, oval or tall."""
    shapes = {
        "": (ellipse(0, 0, 255, 255), ellipse(0, 0, 239, 239)),
        "oval": (ellipse(0, 0, 220, 320), ellipse(0, 0, 205, 305)),
        "arch": (
            [*ellipse(0, 90, 220, 220, 0, 180), (-220, -320), (220, -320)],
            [*ellipse(0, 90, 204, 204, 0, 180), (-204, -304), (204, -304)],
        ),
        "tall": (box(-190, -325, 190, 325, 24), box(-174, -309, 174, 309, 14)),
    }
    outer, inner = shapes[look.form]
    drop(pen, outer, height=34)
    mask = pen.fill(inner, colour=(212, 220, 220), light="side")
    pen.fill([(-300, -120), (-80, 340), (40, 340), (-300, -360)], colour=(240, 244, 243), clip=mask, alpha=0.75)
    pen.fill([(60, 340), (110, 340), (-220, -340), (-270, -340)], colour=(240, 244, 243), clip=mask, alpha=0.5)
    pen.soft([(40, -340), (320, -340), (320, 120)], blur=70, strength=0.24, clip=mask, colour=(126, 134, 132))
    pen.soft([*outer, outer[0], *inner[::-1]], blur=7, strength=0.2, clip=mask)
    _frame_fill(pen, outer, inner, look)
    pen.lines([inner + inner[:1]], 2, colour=tone(look.main, -0.5))


@drawing("frame", pose="hang", reach=(-180, -230, 180, 230), detail=(-40, 40, 2.0))
def frame(pen: Pen, look: Look) -> None:
    """A picture in its frame; pattern hills, sun, leaf, shapes or lines. Form ledge shows a pair."""
    outer, inner, mount = box(-170, -220, 170, 220, 2), box(-156, -206, 156, 206), box(-100, -136, 100, 140)
    drop(pen, outer, height=26)
    paper = pen.fill(inner, colour=(246, 242, 233), light="side")
    art = pen.fill(
        mount,
        colour=mix(look.third, (250, 246, 238), 0.72) if look.pattern != "shapes" else (240, 232, 216),
        light="side",
    )
    if look.pattern == "hills":
        pen.fill(ellipse(36, 60, 30, 30), colour=look.second, clip=art)
        for base, step in ((10, 0.5), (-30, 0.2), (-74, -0.15)):
            pen.fill(
                curve([(-120, base), (-50, base + 44), (10, base + 4), (70, base + 36), (120, base)])
                + [(120, -160), (-120, -160)],
                colour=tone(look.third, step),
                clip=art,
            )
    elif look.pattern == "sun":
        pen.fill(ellipse(0, 30, 62, 62), colour=look.second, clip=art)
        pen.lines([[(-90, -60 - k * 16), (90, -60 - k * 16)] for k in range(4)], 3.4, colour=look.third, clip=art)
    elif look.pattern == "leaf":
        pen.lines([curve([(-6, -120), (4, 0), (0, 120)])], 2.6, colour=look.third, clip=art)
        pen.fill(
            *[leaf(0, -84 + k * 32, 80 - k * 6, 30, 90 + side * 52) for k in range(6) for side in (-1, 1)],
            colour=look.third,
            clip=art,
        )
    elif look.pattern == "shapes":
        pen.fill(ellipse(-30, 56, 52, 52), colour=look.second, clip=art)
        pen.fill([*ellipse(30, -136, 66, 130, 0, 180)], colour=look.third, clip=art)
        pen.fill(box(-84, -120, -30, 0), colour=mix(look.second, look.third, 0.5), clip=art)
    else:
        pen.lines(
            [curve([(-90, y), (-40, y + 16), (20, y - 12), (90, y + 6)]) for y in range(-110, 120, 18)],
            2.6,
            colour=look.third,
            clip=art,
        )
    pen.soft(box(-156, 196, 156, 214), box(-164, -206, -148, 206), blur=6, strength=0.35, clip=paper)
    pen.lines([mount + mount[:1]], 1.4, colour=(206, 198, 184))
    _frame_fill(pen, outer, inner, look)
    pen.lines([inner + inner[:1]], 1.6, colour=tone(look.main, -0.5))


@drawing("bookends", pose="stand", reach=(-210, -14, 210, 250), detail=(-120, 110, 1.9))
def bookends(pen: Pen, look: Look) -> None:
    stand(pen, 360, depth=0.14, height=120)
    x = -104.0
    for width, height, shade in (
        (30, 196, (150, 92, 66)),
        (22, 214, (226, 214, 190)),
        (34, 178, (92, 110, 106)),
        (26, 204, (206, 170, 110)),
        (40, 188, (70, 84, 104)),
        (24, 210, (214, 196, 176)),
        (28, 182, (170, 122, 92)),
    ):
        pen.fill(box(x, 0, x + width, height, 3), colour=shade, light="matt")
        pen.fill(
            box(x, height - 40, x + width, height - 34),
            box(x, height - 50, x + width, height - 48),
            colour=tone(shade, 0.45),
        )
        x += width + 1
    for side in (-1, 1):
        if look.form == "arch":
            shape: Path = [*ellipse(side * 150, 40, 44, 110, 0, 180), (side * 150 - 44, 0), (side * 150 + 44, 0)]
        else:
            shape = [(side * 106, 0), (side * 106, 150), (side * 122, 150), (side * 196, 0)]
        mask = pen.fill(shape, colour=look.main, light="side")
        pen.material(mask, "stone" if look.pattern == "stone" else "wood-upright", 0.3, tone(look.main, -0.6))
        pen.shade(mask, "bottom", 0.2)


@drawing("votive", pose="stand", reach=(-60, -8, 60, 130), detail=(0, 60, 1.9))
def votive(pen: Pen, look: Look) -> None:
    """A pierced pot with a small candle inside."""
    stand(pen, 80, height=60)
    pen.gleam(0, 60, 130, 120, 0.35, colour=(255, 232, 180))
    turned_body(pen, [(34, 0), (44, 8), (52, 50), (46, 92)], look, wall=4, inside=(250, 214, 150))
    pen.fill(
        *[
            ellipse(ray(90 - k * 18, 1)[0] * 46, 32 + row * 20 - abs(k) * 0.4, 3.4 * (1.1 - abs(k) / 6), 4.6)
            for row in range(3)
            for k in range(-4, 5)
        ],
        colour=(255, 226, 160),
    )
    flame(pen, 0, 82)
