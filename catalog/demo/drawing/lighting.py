"""Lamps: each is drawn alight, with a glow on the wall behind."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import stand
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import box, curve, ellipse, moved, ribbon, turned
from catalog.demo.palette import METALS, tone

GLOW = (255, 232, 188)


def _finish(look: Look) -> str:
    return "metal" if look.names[-1] in METALS else "round"


def _shade(pen: Pen, bottom: float, top: float, wide: float, narrow: float, look: Look, cloth: bool = True) -> None:
    """A lit shade from `bottom` to `top`, seen from slightly below."""
    outline = [
        (-wide, bottom),
        *ellipse(0, bottom, wide, wide * 0.1, 180, 360),
        (wide, bottom),
        (narrow, top),
        *ellipse(0, top, narrow, narrow * 0.1, 0, 180),
        (-narrow, top),
    ]
    mask = pen.fill(outline, colour=look.main, light="matt")
    middle = (bottom + top) / 2
    if cloth:
        pen.gleam(0, middle, wide * 1.05, (top - bottom) * 0.75, 0.75, clip=mask, colour=(255, 240, 206))
        pen.material(mask, "weave", 0.1, size=0.7)
        if look.pattern == "pleats":
            pen.lines(
                [[(narrow * k / 9, top), (wide * k / 9, bottom - 8)] for k in range(-8, 9)],
                2,
                colour=tone(look.main, -0.22),
                clip=mask,
                alpha=0.6,
            )
        if look.pattern == "weave":
            pen.lines(
                [[(-wide, y), (wide, y)] for y in range(round(bottom), round(top), 14)],
                3,
                colour=tone(look.main, -0.35),
                clip=mask,
                alpha=0.55,
            )
            pen.lines(
                [[(narrow * k / 8, top), (wide * k / 8, bottom - 8)] for k in range(-8, 9)],
                3,
                colour=tone(look.main, -0.3),
                clip=mask,
                alpha=0.55,
            )
        pen.shade(mask, "right", 0.12)
    else:
        pen.gleam(-wide * 0.35, middle, wide * 0.3, (top - bottom) * 0.5, 0.4, clip=mask)
        pen.fill(ellipse(0, bottom, wide * 0.97, wide * 0.085), colour=GLOW, light="side")


@drawing("tablelamp", pose="stand", reach=(-140, -10, 140, 420), detail=(0, 290, 1.7))
def tablelamp(pen: Pen, look: Look) -> None:
    pen.gleam(0, 330, 330, 300, 0.5, colour=(255, 240, 210))
    stand(pen, 130, height=170)
    bases = {
        "": [(62, 0), (66, 10), (74, 60), (52, 120), (16, 168), (12, 190)],
        "column": [(66, 0), (68, 8), (20, 20), (16, 60), (16, 190)],
        "ball": [(36, 0), (60, 20), (76, 72), (58, 126), (18, 152), (12, 190)],
        "cone": [(72, 0), (70, 12), (40, 100), (14, 180), (12, 190)],
    }
    pen.fill(turned(bases[look.form], 0.18), colour=look.second, light=_finish(look))
    body = pen.mask(turned(bases[look.form], 0.18))
    pen.gleam(-34, 80, 18, 50, 0.35, clip=body)
    pen.shade(body, "bottom", 0.2)
    pen.fill(box(-6, 186, 6, 240), colour=(180, 156, 104), light="metal")
    _shade(pen, 226, 402, 136 * look.wide, 84 * look.wide, look)


@drawing("desklamp", pose="stand", reach=(-150, -10, 190, 470), detail=(110, 360, 1.8))
def desklamp(pen: Pen, look: Look) -> None:
    """A jointed arm with a metal head."""
    pen.gleam(120, 190, 230, 210, 0.5, colour=(255, 240, 206))
    base = pen.moved(-60, 0)
    stand(base, 170, height=60)
    base.fill(turned([(84, 0), (84, 10), (40, 20)], 0.2, False), colour=look.main, light="round")
    pen.fill(ribbon([(-60, 18), (-118, 220)], 11), colour=look.second, light="metal")
    pen.fill(ribbon([(-118, 220), (44, 412)], 11), colour=look.second, light="shine")
    for x, y in ((-118, 220), (44, 412)):
        pen.fill(ellipse(x, y, 13, 13), colour=look.second, light="round")
    head = moved(
        [
            (-26, 46),
            *ellipse(0, 46, 26, 12, 180, 0),
            (26, 46),
            (34, 14),
            (78, -62),
            *ellipse(0, -62, 78, 16, 360, 180),
            (-34, 14),
        ],
        92,
        380,
        34,
    )
    mask = pen.fill(head, colour=look.main, light="round")
    pen.gleam(66, 390, 22, 50, 0.4, clip=mask)
    pen.fill(moved(ellipse(0, -62, 76, 15), 92, 380, 34), colour=GLOW, light="side")
    pen.gleam(126, 330, 60, 40, 0.9, colour=(255, 250, 232))


@drawing("floorlamp", pose="stand", reach=(-300, -20, 300, 1560), detail=(0, 1330, 1.9))
def floorlamp(pen: Pen, look: Look) -> None:
    pen.gleam(0, 1350, 620, 560, 0.5, colour=(255, 240, 210))
    stand(pen, 300, height=300)
    if look.form == "tripod":
        for x in (-190, 0, 190):
            leg = pen.fill(ribbon([(x, -10 if x else 40), (x * 0.08, 1160)], 26, 20), colour=look.second, light="round")
            pen.material(leg, "wood-upright", 0.3)
        pen.fill(box(-34, 1130, 34, 1190, 10), colour=(120, 110, 100), light="metal")
    elif look.form == "arc":
        pen.fill(turned([(130, 0), (130, 26), (60, 40)], 0.16, False), colour=look.second, light="round")
        pen.fill(ribbon(curve([(-20, 36), (-60, 900), (-10, 1400), (0, 1500)]), 16), colour=look.second, light="metal")
    else:
        pen.fill(turned([(140, 0), (140, 18), (30, 32)], 0.16, False), colour=look.second, light=_finish(look))
        pen.fill(box(-11, 26, 11, 1260), colour=look.second, light="metal")
    _shade(pen, 1190, 1520, 260 * look.wide, 200 * look.wide, look)


@drawing("pendant", pose="hang", reach=(-230, -260, 230, 420), detail=(-60, -20, 1.7))
def pendant(pen: Pen, look: Look) -> None:
    """Hangs from above the picture; form dome, cone, globe or drum."""
    pen.gleam(0, -80, 420, 360, 0.55, colour=(255, 242, 214))
    pen.soft(ribbon([(0, 100), (0, 700)], 6), blur=8, strength=0.25, shift=(50, -30))
    pen.line([(0, 90), (0, 900)], 5, colour=(70, 62, 56))
    pen.fill(box(-15, 84, 15, 150, 6), colour=look.second, light="metal")
    if look.form == "globe":
        ball = pen.fill(ellipse(0, -60, 165, 165), colour=look.main, light="matt")
        pen.gleam(0, -70, 170, 170, 0.85, clip=ball, colour=(255, 247, 226))
        if look.pattern == "ribs":
            pen.lines(
                [ellipse(0, -60, 165, max(4.0, 165 * k / 6), 0, 360) for k in range(1, 6)],
                1.6,
                colour=tone(look.main, -0.25),
                clip=ball,
                alpha=0.6,
            )
        pen.shade(ball, "bottom", 0.14)
        pen.fill(ellipse(0, 96, 30, 8), colour=look.second, light="metal")
    elif look.form == "drum":
        _shade(pen, -170, 60, 200, 200, look)
        pen.fill(box(-4, 60, 4, 90), colour=look.second)
    else:
        wide = 205
        sides = {
            "dome": [(16, 96), (70, 84), (150, 20), (wide, -120)],
            "cone": [(16, 96), (26, 80), (110, -20), (wide, -120)],
        }[look.form or "dome"]
        right = curve(sides)
        outline = right + ellipse(0, -120, wide, 34, 360, 180) + [(-x, y) for x, y in reversed(right)]
        mask = pen.fill(outline, colour=look.main, light="round")
        if look.pattern == "weave":
            pen.lines(
                [[(-wide, y), *ellipse(0, y, wide, 30, 180, 360), (wide, y)] for y in range(-100, 110, 13)],
                3,
                colour=tone(look.main, -0.35),
                clip=mask,
                alpha=0.6,
            )
            pen.lines(
                [curve([(x * k / 8, y) for x, y in sides]) for k in range(-7, 8)],
                3,
                colour=tone(look.main, -0.4),
                clip=mask,
                alpha=0.6,
            )
            pen.gleam(0, -60, 190, 120, 0.5, clip=mask, colour=(255, 240, 206))
        else:
            pen.gleam(-74, 0, 44, 80, 0.4, clip=mask)
        pen.fill(ellipse(0, -120, wide, 34), colour=tone(look.main, 0.25), light="side")
        pen.fill(ellipse(0, -122, wide - 7, 29), colour=GLOW, light="side")
        pen.fill(ellipse(0, -118, 48, 16), colour=(255, 252, 240))
    pen.gleam(0, -150, 220, 90, 0.5, colour=(255, 250, 234))


@drawing("lantern", pose="stand", reach=(-90, -10, 90, 330), detail=(0, 110, 1.7))
def lantern(pen: Pen, look: Look) -> None:
    """A metal frame with glass panes and a candle inside."""
    stand(pen, 160, height=150)
    pen.gleam(0, 110, 220, 210, 0.4, colour=(255, 232, 180))
    pen.line(curve([(-40, 236), (-44, 300), (0, 322), (44, 300), (40, 236)]), 6, colour=look.main)
    pen.fill(box(-72, 14, 72, 214), colour=(236, 230, 214), alpha=0.35)
    candle = pen.fill(turned([(30, 20), (30, 96)], 0.16, False), colour=(244, 234, 212), light="matt")
    pen.fill(ellipse(0, 96, 30, 5), colour=(250, 240, 214))
    pen.gleam(0, 104, 40, 40, 0.5, clip=candle, colour=(255, 226, 170))
    pen.fill(curve([(0, 102), (7, 114), (1, 140), (-6, 114)], closed=True), colour=(250, 200, 100), light="up")
    pen.gleam(0, 120, 70, 70, 0.6, colour=(255, 238, 190))
    pen.fill([(-66, 20), (-30, 20), (-66, 120)], colour=(255, 255, 255), alpha=0.18)
    pen.fill(box(-82, 0, 82, 18, 3), colour=look.main, light="matt")
    pen.fill(*[box(x - 4, 14, x + 4, 218) for x in (-72, 72)], colour=look.main, light="side")
    pen.fill(box(-3, 14, 3, 30), box(-3, 200, 3, 218), colour=look.main)
    pen.fill([(-86, 212), (86, 212), (34, 246), (-34, 246)], colour=look.main, light="matt")
    pen.fill(box(-26, 244, 26, 256, 3), colour=tone(look.main, 0.1), light="matt")
