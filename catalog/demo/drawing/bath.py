"""Soap, bottles, brushes and other things by the basin."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop, sized, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import band, box, curve, ellipse, leaf, moved, turned
from catalog.demo.palette import Colour, tone


@drawing("soap", pose="stand", reach=(-92, -14, 92, 90), detail=(-24, 40, 2.0))
def soap(pen: Pen, look: Look) -> None:
    """Form stack (three bars), dish (a bar on a slatted dish) or wrapped."""
    if look.form == "dish":
        stand(pen, 150, depth=0.2, height=30)
        dish = pen.fill([(-72, 22), (72, 22), (86, 2), (-86, 2)], colour=look.second, light="side")
        pen.material(dish, "wood", 0.25)
        pen.lines([[(x * 0.84, 22), (x, 2)] for x in range(-70, 71, 20)], 4, colour=tone(look.second, -0.5), clip=dish)
        front = pen.fill(box(-88, -10, 88, 4, 4), colour=look.second, light="down")
        pen.material(front, "wood", 0.25)
        pen.soft(ellipse(4, 13, 54, 6), blur=4, strength=0.5)
        _bar(pen, 0, 13, 54, look.main)
        return
    stand(pen, 120, depth=0.2, height=50)
    if look.form == "wrapped":
        wrap = pen.fill(box(-66, 0, 66, 62, 5), colour=look.main, light="side")
        pen.material(wrap, "stone", 0.08)
        pen.fill(box(-66, 50, 66, 62, 5), colour=tone(look.main, 0.25), light="side")
        sleeve = pen.fill(box(-38, 0, 38, 62), colour=look.second, light="side")
        pen.fill(
            *[leaf(0, 22 + k * 7, 20, 8, 90 + side * (60 - k * 12)) for k in range(3) for side in (-1, 1)],
            colour=tone(look.second, -0.5),
            clip=sleeve,
        )
        pen.line([(0, 14), (0, 46)], 1.2, colour=tone(look.second, -0.5))
        return
    for i, (x, half, shade) in enumerate(((0, 60, look.main), (-5, 56, look.second), (6, 52, look.third))):
        if i:
            pen.soft(ellipse(x, i * 28, half * 0.94, 5), blur=3, strength=0.45)
        _bar(pen, x, i * 28, half, shade)


def _bar(pen: Pen, x: float, base: float, half: float, shade: Colour) -> None:
    mask = pen.fill(box(x - half, base, x + half, base + 29, 10), colour=shade, light="down")
    pen.material(mask, "stone", 0.1)
    pen.fill(box(x - half + 5, base + 20, x + half - 5, base + 28, 5), colour=tone(shade, 0.28), light="side")
    pen.gleam(x - half * 0.4, base + 20, half * 0.5, 9, 0.4, clip=mask)


@drawing("pumpbottle", pose="stand", reach=(-56, -8, 56, 205), detail=(0, 84, 1.9))
def pumpbottle(pen: Pen, look: Look) -> None:
    """A bottle with a pump; form dropper or cream (a low jar) changes it."""
    if look.form == "cream":
        stand(pen, 92, height=50)
        turned_body(pen, [(44, 0), (47, 4), (47, 26), (47, 46)], look, open_top=False)
        pen.fill(turned([(49, 44), (49, 48), (49, 70)], 0.2, False), colour=look.second, light="matt")
        pen.fill(ellipse(0, 70, 49, 9.8), colour=tone(look.second, 0.25), light="side")
        _label(pen, [(47.3, 0), (47.3, 60)], 10, 38, 26)
        return
    stand(pen, 78, height=110)
    profile = sized([(36, 0), (39, 5), (39, 60), (39, 112), (30, 130), (14, 136)], look)
    body = turned_body(pen, profile, look, open_top=False)
    if look.names[0] in ("Amber", "Clear"):
        pen.gleam(26, 60, 12, 60, 0.35, clip=body)
    top = pen.moved(0, 136 * (look.tall - 1))
    top.fill(turned([(15, 133), (15, 150)], 0.2, False), colour=look.second, light="matt")
    if look.form == "dropper":
        top.fill(turned([(8, 150), (12, 168), (9, 188), (3, 192)], 0.2), colour=tone(look.second, 0.1), light="round")
    else:
        top.fill(box(-3.5, 150, 3.5, 176), colour=tone(look.second, -0.1), light="metal")
        top.fill(
            curve(
                [(-12, 176), (14, 178), (40, 176), (44, 164), (38, 166), (14, 168), (-12, 166)], closed=True, steps=5
            ),
            colour=look.second,
            light="down",
        )
        top.fill(box(-14, 172, 14, 186, 5), colour=look.second, light="matt")
    _label(pen, sized([(39.3, 0), (39.3, 120)], look), 28 * look.tall, 90 * look.tall, 24)


def _label(pen: Pen, profile: list[tuple[float, float]], low: float, high: float, half: float) -> None:
    front = pen.mask(box(-half, low - 20, half, high + 20))
    pen.fill(
        band(profile, low, high, 0.2, False),
        colour=(244, 239, 227),
        light="matt",
        clip=front,
        span=(-profile[0][0], profile[0][0]),
    )
    middle = (low + high) / 2 - profile[0][0] * 0.2
    pen.lines(
        [
            [(-half * 0.6, middle + 6), (half * 0.6, middle + 6)],
            [(-half * 0.4, middle - 1), (half * 0.4, middle - 1)],
            [(-half * 0.5, middle - 8), (half * 0.5, middle - 8)],
        ],
        1.4,
        colour=(104, 92, 82),
    )


@drawing("brush", pose="lie", reach=(-60, -180, 60, 180), detail=(0, 100, 2.0))
def brush(pen: Pen, look: Look) -> None:
    """A long bath brush; form dish, nail or hair."""
    turn = 22
    if look.form == "nail":
        outline = moved(box(-44, -104, 44, 104, 30), turn=turn)
        drop(pen, outline, height=24)
        bristles = moved(box(-38, -98, 38, 98, 26), 13, -22, turn)
        pad = pen.fill(bristles, colour=(226, 212, 184), light="side")
        pen.material(pad, "rib", 0.4, size=0.4)
        wood = pen.fill(outline, colour=look.main, light="side")
        pen.material(wood, "wood-upright", 0.34, tone(look.main, -0.7))
        pen.lines([moved([(0, 60), (0, 106)], turn=turn)], 4, colour=look.second)
        pen.gleam(-10, 20, 30, 80, 0.3, clip=wood)
        return
    stem = moved(curve([(-9, 60), (-8, -60), (-11, -150), (0, -176), (11, -150), (8, -60), (9, 60)]), turn=turn)
    head = moved(ellipse(0, 104, 42 if look.form != "hair" else 36, 66), turn=turn)
    drop(pen, stem, head, height=20)
    wood = pen.fill(stem, head, holes=[moved(ellipse(0, -160, 3, 3), turn=turn)], colour=look.main, light="side")
    pen.material(wood, "wood-upright", 0.32, tone(look.main, -0.7))
    inner = moved(ellipse(0, 104, 34 if look.form != "hair" else 28, 57), turn=turn)
    pad = pen.fill(inner, colour=(228, 214, 186) if look.form != "hair" else look.second, light="side")
    tufts = [
        moved(ellipse(x, 104 + y, 3.6, 3.6), turn=turn)
        for x in range(-28, 29, 9)
        for y in range(-50, 51, 9)
        if (x / 31) ** 2 + (y / 54) ** 2 < 1
    ]
    pen.fill(*[[(x + 1.6, y - 2.2) for x, y in tuft] for tuft in tufts], colour=tone((228, 214, 186), -0.45), clip=pad)
    pen.fill(*tufts, colour=(240, 229, 204) if look.form != "hair" else (222, 196, 150), clip=pad)
    pen.lines([moved([(0, -164), (-10, -186), (10, -190), (0, -164)], turn=turn)], 3, colour=look.second)


@drawing("beaker", pose="stand", reach=(-62, -8, 62, 190), detail=(0, 80, 1.9))
def beaker(pen: Pen, look: Look) -> None:
    """A tooth mug with two wooden brushes."""
    stand(pen, 76, height=90)
    for x, lean, tuft in ((-10, 12, (240, 234, 220)), (12, -11, (196, 206, 196))):
        pen.fill(moved(box(-4, 40, 4, 168, 4), x, 0, lean), colour=(206, 168, 118), light="round")
        pen.fill(moved(box(3, 140, 15, 168, 2), x, 0, lean), colour=tuft, light="side")
    turned_body(pen, sized([(34, 0), (36, 4), (38, 50), (38, 96)], look), look, open_top=False)
    rim = 38 * look.wide
    pen.fill(
        ellipse(0, 96 * look.tall, rim, rim * 0.2),
        holes=[ellipse(0, 95.4 * look.tall, rim - 3.6, (rim - 3.6) * 0.19)],
        colour=tone(look.main, 0.28),
    )


@drawing("bathcaddy", pose="stand", reach=(-390, -60, 390, 190), detail=(-180, 40, 1.9))
def bathcaddy(pen: Pen, look: Look) -> None:
    """A slatted tray across the bath with soap, candle and brush."""
    tub = (240, 236, 228)
    rim = pen.fill(box(-470, -70, 470, -34, 16), colour=tub, light="down")
    pen.shade(rim, "bottom", 0.2)
    pen.fill(box(-446, -420, 446, -60), colour=tone(tub, -0.05), light="side")
    pen.soft(box(-330, -50, 330, -36), blur=8, strength=0.4)
    for low in (-30, -12, 6):
        slat = pen.fill(box(-380 + low, low, 380 - low, low + 15, 4), colour=look.main, light="down")
        pen.material(slat, "wood", 0.3, tone(look.main, -0.7))
    for x in (-320, 320):
        end = pen.fill(box(x - 16, -36, x + 16, 26, 4), colour=tone(look.main, -0.1), light="side")
        pen.material(end, "wood", 0.3)
    glass_pen = pen.moved(-180, 22)
    glass_pen.fill(turned([(40, 0), (40, 84)], 0.16, False), colour=(212, 160, 92), light="round")
    glass_pen.fill(ellipse(0, 84, 40, 6.4), colour=(244, 226, 190))
    glass_pen.fill(curve([(0, 88), (6, 98), (1, 122), (-5, 99)], closed=True), colour=(250, 200, 100))
    glass_pen.gleam(0, 104, 46, 52, 0.5, colour=(255, 232, 180))
    _bar(pen, 30, 22, 62, look.second)
    roll = pen.fill(ellipse(220, 66, 46, 45), colour=(236, 230, 216), light="side")
    pen.material(roll, "terry", 0.2)
    pen.lines([ellipse(220, 66, r, r) for r in (12, 24, 36)], 3, colour=(196, 186, 168), clip=roll)
