"""Notebooks, pens and what lies on a desk."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import cloth_pattern, drop, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Path, box, curve, ellipse, leaf, moved, ribbon, turned
from catalog.demo.palette import METALS, WOODS, Colour, mix, tone
from catalog.demo.palette import colour as named

LEAVES = (246, 241, 229)


@drawing("notebook", pose="lie", reach=(-100, -120, 100, 120), detail=(-20, 40, 2.0))
def notebook(pen: Pen, look: Look) -> None:
    """A bound notebook; form stack, spiral or open."""
    if look.form == "open":
        _open_book(pen, look)
        return
    if look.form == "stack":
        for shade, dx, dy, turn in ((look.third, 16, 16, 10), (look.second, 6, 4, 3)):
            _cover(pen, shade, look, dx, dy, turn, plain=True)
    _cover(pen, look.main, look, -4, -4, -5, plain=False)


def _cover(pen: Pen, shade: Colour, look: Look, dx: float, dy: float, turn: float, *, plain: bool) -> None:
    w, h = 72 * look.wide, 104 * look.tall
    outline = moved(box(-w, -h, w, h, 5), dx, dy, turn)
    drop(pen, outline, height=9)
    pen.fill(moved(box(-w + 2, -h - 2.5, w + 2.5, h - 3, 4), dx, dy, turn), colour=LEAVES)
    cover = pen.fill(outline, colour=shade, light="side")
    if not plain and look.pattern:
        cloth_pattern(pen.moved(dx, dy), cover, look, look.second, turn, reach=150)
    pen.material(cover, "weave" if look.pattern != "leather" else "stone", 0.14, size=0.7)
    if plain:
        return
    if look.form == "spiral":
        pen.fill(
            *[moved(ellipse(-w + 9, y, 2.4, 2.4), dx, dy, turn) for y in range(round(-h) + 10, round(h) - 4, 9)],
            colour=tone(shade, -0.6),
        )
        pen.lines(
            [
                moved(curve([(-w - 4, y - 1), (-w - 1, y + 2.5), (-w + 9, y + 1)]), dx, dy, turn)
                for y in range(round(-h) + 10, round(h) - 4, 9)
            ],
            1.8,
            colour=(178, 160, 116),
        )
    else:
        pen.fill(
            moved(box(-w, -h, -w + 20, h, 4), dx, dy, turn),
            colour=look.second if look.pattern != "leather" else tone(shade, -0.18),
            light="side",
        )
        pen.soft(moved(box(-w + 19, -h, -w + 22, h), dx, dy, turn), blur=1.6, strength=0.4, clip=cover)
        pen.fill(moved(box(w - 15, -h - 1, w - 11, h + 1), dx, dy, turn), colour=tone(look.second, -0.15))
    pen.fill(moved(box(-26, 22, 40, 58, 2), dx, dy, turn), colour=LEAVES)
    pen.lines(
        [moved([(-16, 44), (30, 44)], dx, dy, turn), moved([(-16, 36), (16, 36)], dx, dy, turn)],
        1.1,
        colour=(120, 108, 96),
    )
    pen.gleam(-20, 40, 70, 80, 0.16, clip=cover)


def _open_book(pen: Pen, look: Look) -> None:
    drop(pen, box(-98, -72, 98, 72, 4), height=9)
    pen.fill(box(-98, -72, 98, 72, 4), colour=look.main)
    for side in (-1, 1):
        page = pen.fill(
            curve([(0, -68), (side * 40, -66), (side * 94, -69)]) + curve([(side * 94, 69), (side * 40, 71), (0, 68)]),
            colour=LEAVES,
            light="side",
        )
        pen.soft(box(-8, -70, 8, 70), blur=6, strength=0.34, clip=page)
        if look.pattern == "grid":
            pen.lines(
                [[(side * x, -62), (side * x, 62)] for x in range(12, 90, 7)]
                + [[(side * 8, y), (side * 90, y)] for y in range(-60, 62, 7)],
                0.5,
                colour=(206, 204, 200),
                clip=page,
            )
        else:
            pen.lines([[(side * 12, y), (side * 86, y)] for y in range(-54, 56, 11)], 0.6, colour=(196, 200, 204))
    pen.fill(moved(box(-2, -80, 2, 66), 6, 0, -1), colour=look.second)


@drawing("pen", pose="lie", reach=(-60, -85, 60, 85), detail=(-10, -20, 2.0))
def ballpoint(pen: Pen, look: Look) -> None:
    """Form fountain (default), ball or pencils (a fan of five)."""
    if look.form == "pencils":
        for i in range(5):
            _pencil(pen, -44 + i * 22, (2 - i) * -4, (look.names[i % len(look.names)]))
        return
    turn = -28
    light = "metal" if look.names[0] in METALS else "round"

    def placed(path: Path) -> Path:
        return moved(path, turn=turn)

    barrel = placed(box(-6.2, -36, 6.2, 78, 5))
    section = placed([(-5.6, -36), (5.6, -36), (4, -56), (-4, -56)])
    nib = placed(
        curve([(-4, -55), (4, -55), (3.6, -66), (0, -80), (-3.6, -66)], closed=True, steps=5)
        if look.form != "ball"
        else [(-3.6, -55), (3.6, -55), (1, -72), (-1, -72)]
    )
    drop(pen, barrel, section, nib, height=6)
    for path, colour, finish in ((section, tone(look.main, -0.3), "round"), (nib, look.second, "metal")):
        pen.fill(path, colour=colour, light=finish)
    if look.form != "ball":
        pen.line(placed([(0, -62), (0, -79)]), 0.6, colour=(90, 78, 60))
    body = pen.fill(barrel, colour=look.main, light="side" if light == "round" else "metal")
    if look.names[0] in WOODS:
        pen.material(body, "wood-upright", 0.3, tone(look.main, -0.7))
    pen.soft(placed(box(2.6, -36, 7, 78)), blur=1.8, strength=0.5, clip=body)
    pen.soft(placed(box(-4.4, -30, -2, 72)), blur=1.2, strength=0.6, clip=body, colour=(255, 252, 245))
    pen.fill(placed(box(-6.6, 16, 6.6, 20)), placed(box(-6.4, 72, 6.4, 75)), colour=look.second, light="side")
    pen.soft(placed(box(-1, 26, 4, 70)), blur=1.4, strength=0.35)
    pen.fill(placed(box(-1.8, 24, 1.8, 72, 1.6)), colour=look.second, light="metal")


def _pencil(pen: Pen, x: float, turn: float, name: str) -> None:
    def placed(path: Path) -> Path:
        return moved(path, x, 0, turn)

    paint = named(name)
    shaft, point = placed(box(-5, -62, 5, 62)), placed([(-5, 62), (5, 62), (0, 84)])
    drop(pen, shaft, point, height=5)
    for left, right, step in ((-5, -1.8, 0.14), (-1.8, 2, 0.0), (2, 5, -0.24)):
        pen.fill(placed(box(left, -62, right, 62)), colour=tone(paint, step))
    pen.fill(point, colour=(222, 186, 142), light="side")
    pen.fill(placed([(-1.6, 77), (1.6, 77), (0, 84)]), colour=tone(paint, -0.6))
    pen.fill(placed(box(-5, -70, 5, -60)), colour=(190, 164, 112), light="metal")
    pen.fill(placed(box(-4.7, -80, 4.7, -69, 2.5)), colour=(206, 138, 126), light="side")


@drawing("penpot", pose="stand", reach=(-60, -8, 60, 185), detail=(0, 84, 1.9))
def penpot(pen: Pen, look: Look) -> None:
    stand(pen, 84, height=90)
    for x, lean, name in ((-14, 6, (196, 150, 84)), (4, -3, (90, 104, 100)), (20, -9, (182, 96, 70))):
        stick = moved(box(-4, 40, 4, 164), x, 0, lean)
        pen.fill(stick, colour=name, light="round")
        pen.fill(moved([(-4, 164), (4, 164), (0, 180)], x, 0, lean), colour=(222, 186, 142))
    profile = [(40, 0), (42, 4), (42, 50), (42, 98)]
    body = pen.fill(turned(profile, 0.2), colour=look.main, light="round")
    turned_body(pen, profile, look, open_top=False)
    if look.names[0] in WOODS:
        pen.material(body, "wood-upright", 0.28, tone(look.main, -0.7))
    pen.fill(ellipse(0, 98, 42, 8.4), holes=[ellipse(0, 97.4, 38, 6.8)], colour=tone(look.main, 0.25))


@drawing("envelope", pose="lie", reach=(-110, -90, 110, 90), detail=(-20, 10, 2.0))
def envelope(pen: Pen, look: Look) -> None:
    """Cards with their envelope."""
    back = moved(box(-84, -60, 84, 60, 2), 12, 14, 8)
    drop(pen, back, height=6)
    pen.fill(back, colour=look.second, light="side")
    pen.lines([moved([(-84, 60), (0, -6), (84, 60)], 12, 14, 8)], 1.2, colour=tone(look.second, -0.3))
    card = moved(box(-78, -55, 78, 55, 2), -10, -12, -5)
    drop(pen, card, height=7)
    front = pen.fill(card, colour=look.main, light="side")
    pen.material(front, "stone", 0.05)
    inner = pen.moved(-10, -12)
    ink = look.third
    if look.pattern == "sprig":
        inner.lines([moved(curve([(-40, -34), (0, 0), (36, 36)]), turn=-5)], 1.6, colour=ink)
        inner.fill(
            *[leaf(-36 + k * 12, -30 + k * 11, 22, 9, 45 + side * 48) for k in range(6) for side in (-1, 1)],
            colour=ink,
            clip=front,
        )
    elif look.pattern == "sun":
        inner.fill(ellipse(0, -6, 24, 24), colour=ink, clip=front)
        inner.lines([moved([(31, 0), (44, 0)], 0, -6, angle) for angle in range(0, 360, 24)], 2, colour=ink)
    elif look.pattern == "gift":
        inner.fill(moved(box(-14, -60, -4, 60), turn=-5), moved(box(-90, 14, 90, 22), turn=-5), colour=ink, clip=front)
        inner.fill(leaf(-10, 16, 34, 17, 40), leaf(-10, 16, 34, 17, 150), colour=tone(ink, -0.12), clip=front)
        inner.lines(
            [moved([(14, -22), (62, -22)], turn=-5), moved([(14, -33), (46, -33)], turn=-5)],
            1.8,
            colour=tone(look.main, -0.5),
        )
    else:
        inner.lines(
            [moved([(-50, 18 - k * 14), (50 - k * 18, 18 - k * 14)], turn=-5) for k in range(3)], 1.8, colour=ink
        )


@drawing("scissors", pose="lie", reach=(-80, -125, 80, 125), detail=(0, -60, 2.0))
def scissors(pen: Pen, look: Look) -> None:
    """Form garden draws secateurs with short blades."""
    short = look.form == "garden"
    for side in (-1, 1):
        blade = [(side * -3, -4), (side * 12, -6), (side * 10, 30), (side * 2, 70 if short else 118), (side * -2, 40)]
        loop = ellipse(side * 34, -84, 26, 34)
        hole = ellipse(side * 34, -84, 16, 24)
        shank = curve([(side * -2, 6), (side * 8, -20), (side * 22, -50), (side * 30, -58)])
        if short:
            grip = curve([(side * 2, 4), (side * 18, -30), (side * 36, -84), (side * 30, -120)])
            drop(pen, blade, moved(box(-4, -4, 4, 4)), height=8)
            pen.fill(blade, colour=(176, 180, 184), light="side")
            pen.lines([grip], 15, colour=look.main)
            pen.lines([[(x - 3, y + 1) for x, y in grip]], 4, colour=tone(look.main, 0.3))
        else:
            drop(pen, blade, ribbon(ellipse(side * 34, -84, 21, 29), 10), height=7)
            pen.fill(blade, colour=(188, 192, 195), light="side")
            pen.line([(side * 9, 0), (side * 2, 112)], 1.4, colour=(236, 240, 242))
            pen.lines([shank], 13, colour=look.main)
            pen.fill(loop, holes=[hole], colour=look.main, light="side")
            pen.lines([ellipse(side * 33, -83, 22, 30, 80, 200)], 2.6, colour=tone(look.main, 0.35))
    pen.fill(ellipse(0, 0, 7, 7), colour=(206, 180, 116), light="round")


@drawing("desktray", pose="stand", reach=(-170, -20, 170, 150), detail=(-60, 60, 1.9))
def desktray(pen: Pen, look: Look) -> None:
    """A small desk organiser: compartments with pencils and a note."""
    stand(pen, 290, depth=0.16, height=60)
    pen.fill(box(-130, 30, -40, 130, 3), colour=(240, 234, 220), light="side")
    pen.fill(box(-118, 30, -52, 142, 3), colour=(228, 206, 190), light="side")
    for x, shade in ((34, (196, 150, 84)), (54, (96, 112, 106)), (76, (186, 100, 74))):
        pen.fill(moved(box(-4, 30, 4, 140), x, 0, -4), colour=shade, light="round")
    for left, right, high in ((-150, -20, 84), (-20, 100, 100), (100, 150, 54)):
        mask = pen.fill(box(left, 0, right, high, 4), colour=look.main, light="down")
        pen.material(mask, "wood", 0.3, tone(look.main, -0.7))
        pen.fill(box(left, high - 6, right, high, 3), colour=tone(look.main, 0.22))
    pen.fill(box(-1.2 - 20, 0, -18.8, 84), box(98.8, 0, 101.2, 54), colour=tone(look.main, -0.4))
    pen.fill(ellipse(-84, 42, 12, 12), colour=look.second, light="round")


@drawing("calendar", pose="hang", reach=(-110, -160, 110, 170), detail=(-30, -60, 2.0))
def calendar(pen: Pen, look: Look) -> None:
    sheet = box(-100, -150, 100, 140)
    drop(pen, sheet, height=10)
    page = pen.fill(sheet, colour=LEAVES, light="side")
    pen.fill(box(-100, -10, 100, 140), colour=look.main, clip=page, light="side")
    pen.fill(ellipse(36, 84, 28, 28), colour=look.third, clip=page)
    pen.fill(
        curve([(-100, 30), (-40, 78), (10, 36), (60, 60), (100, 30)]) + [(100, -10), (-100, -10)],
        colour=look.second,
        clip=page,
    )
    pen.fill(
        curve([(-100, 4), (-20, 34), (60, 6), (100, 22)]) + [(100, -10), (-100, -10)],
        colour=mix(look.second, look.main, 0.35),
        clip=page,
    )
    pen.fill(
        *[box(-82 + x * 25, -44 - y * 22, -74 + x * 25, -38 - y * 22) for x in range(7) for y in range(5)],
        colour=(122, 112, 102),
    )
    pen.fill(box(-40, -30, 40, -23), colour=(96, 86, 78))
    bar = pen.fill(box(-108, 134, 108, 150, 3), colour=(196, 158, 112), light="down")
    pen.material(bar, "wood", 0.3)
    pen.lines([[(-60, 150), (0, 170), (60, 150)]], 1.4, colour=(110, 98, 86))


@drawing("boxfile", pose="stand", reach=(-170, -12, 170, 220), detail=(-60, 80, 1.9))
def boxfile(pen: Pen, look: Look) -> None:
    """Lidded paper-covered boxes, stacked; form one draws a single box."""
    stand(pen, 300, depth=0.14, height=120)
    sizes = ((150, 92, 0, look.main), (124, 74, 92, look.second)) if look.form != "one" else ((150, 120, 0, look.main),)
    for half, high, base, shade in sizes:
        body = pen.fill(box(-half, base, half, base + high, 3), colour=shade, light="side")
        cloth_pattern(pen.moved(0, base), body, look, tone(shade, 0.4), reach=180)
        pen.material(body, "weave", 0.14)
        pen.soft(box(-half, base + high * 0.66 - 8, half, base + high * 0.66), blur=4, strength=0.4, clip=body)
        lid = pen.fill(
            box(-half - 4, base + high * 0.66, half + 4, base + high, 3), colour=tone(shade, 0.07), light="down"
        )
        pen.material(lid, "weave", 0.14)
        pen.fill(box(-26, base + high * 0.2, 26, base + high * 0.52, 2), colour=(190, 158, 102), light="side")
        pen.fill(box(-21, base + high * 0.25, 21, base + high * 0.47), colour=LEAVES)
        if base:
            pen.soft(box(-half, base - 6, half + 8, base + 2), blur=4, strength=0.4)
