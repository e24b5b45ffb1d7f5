"""Shirts, knitwear, socks, scarves and bags, laid flat and seen from above."""

from catalog.demo.drawing.canvas import Mask, Pen
from catalog.demo.drawing.finish import cloth_pattern, drop
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Outline, Path, box, curve, ellipse, mirrored, moved, ribbon
from catalog.demo.palette import tone


def _both(right: Outline) -> Path:
    return [*right, *mirrored(right)[::-1]]


def _folds(pen: Pen, cloth: Mask | None) -> None:
    pen.soft(
        [(-130, 60), (-104, -240), (-86, -240)], [(112, 100), (96, -250), (120, -250)],
        [(-30, -60), (-40, -260), (-16, -260)],
        [(40, 20), (60, -150), (70, -40)],
        [(-150, 190), (-110, 120), (-128, 90)], [(150, 190), (112, 120), (128, 90)],
        blur=13, strength=0.26, clip=cloth,
    )  # fmt: skip
    pen.gleam(-60, 80, 110, 170, 0.14, clip=cloth)


@drawing("tshirt", pose="lie", reach=(-290, -290, 290, 290), detail=(0, 170, 2.0))
def tshirt(pen: Pen, look: Look) -> None:
    """Form long has long sleeves."""
    sleeve = (
        [(128, 236), (196, 200), (262, 90), (196, 52), (158, 110)]
        if look.form != "long"
        else [(128, 236), (190, 206), (240, 60), (276, -190), (226, -202), (176, 30), (158, 110)]
    )
    right = [(64, 262), *sleeve, (154, 0), (158, -268)]
    outline = _both(right)
    neck = ellipse(0, 262, 62, 46, 180, 360)
    shape = [*outline[: len(right)], *outline[len(right) :], *neck]
    drop(pen, shape, height=15)
    cloth = pen.fill(shape, colour=look.main, light="side")
    if look.pattern in ("hoops", "stripes"):
        pen.fill(*[box(-300, y, 300, y + 15) for y in range(-250, 190, 38)], colour=look.second, clip=cloth)
    elif look.pattern == "print":
        pen.fill(ellipse(0, 90, 62, 62), colour=look.second, clip=cloth)
        pen.fill(*[box(-70, 90 - k * 16, 70, 97 - k * 16) for k in range(1, 5)], colour=look.main, clip=cloth)
    elif look.pattern == "pocket":
        pocket = box(40, 70, 110, 150, 4)
        pen.soft(pocket, blur=3, strength=0.25, shift=(1, -2))
        pen.fill(pocket, colour=look.second, light="side")
    pen.material(cloth, "weave", 0.08, size=0.7)
    _folds(pen, cloth)
    pen.fill([*ellipse(0, 262, 62, 46, 180, 360), *ellipse(0, 266, 62, 14, 0, 180)], colour=tone(look.main, -0.42))
    collar = [*ellipse(0, 264, 70, 58, 180, 360), *ellipse(0, 262, 58, 42, 360, 180)]
    pen.fill(collar, colour=tone(look.main, -0.1), light="side")
    seams = [curve([(side * 132, 234), (side * 140, 170), (side * 158, 110)]) for side in (-1, 1)]
    pen.lines(seams, 1.6, colour=tone(look.main, -0.32))
    pen.lines([[(-158, -252), (158, -252)]], 1.6, colour=tone(look.main, -0.3), clip=cloth)


@drawing("shirt", pose="lie", reach=(-290, -310, 290, 310), detail=(0, 190, 2.0))
def shirt(pen: Pen, look: Look) -> None:
    right = [
        (52, 276),
        (140, 238),
        (206, 196),
        (262, -60),
        (272, -196),
        (214, -206),
        (186, -20),
        (160, 90),
        (158, -20),
        (164, -250),
        (110, -290),
        (0, -272),
    ]
    shape = _both(right)
    drop(pen, shape, height=15)
    for side in (-1, 1):
        sleeve = pen.fill([(side * x, y) for x, y in right[1:9]], colour=tone(look.main, -0.05), light="side")
        cloth_pattern(pen, sleeve, look, look.second, 8 * -side, reach=320)
        pen.fill(
            [(side * 272, -196), (side * 214, -206), (side * 218, -166), (side * 269, -156)],
            colour=tone(look.main, -0.14),
            light="side",
        )
    cloth = pen.fill(
        _both([(52, 276), (140, 238), (150, 150), (158, -20), (164, -250), (110, -290), (0, -272)]),
        colour=look.main,
        light="side",
    )
    cloth_pattern(pen, cloth, look, look.second, reach=320)
    pen.material(cloth, "weave", 0.1, size=0.7)
    _folds(pen, cloth)
    pen.fill([(-50, 270), (50, 270), (34, 232), (0, 196), (-34, 232)], colour=tone(look.main, -0.36))
    placket = pen.fill(box(-13, -276, 13, 206), colour=look.main, light="side")
    cloth_pattern(pen, placket, look, look.second, reach=320)
    pen.lines([[(-13, -274), (-13, 200)], [(13, -274), (13, 200)]], 1.5, colour=tone(look.main, -0.3))
    pen.fill(*[ellipse(0, y, 5, 5) for y in range(-230, 200, 68)], colour=(236, 228, 210), light="side")
    for side in (-1, 1):
        point = [(side * 56, 286), (side * 74, 262), (side * 66, 190), (side * 4, 208), (side * 30, 250)]
        pen.soft(point, blur=4, strength=0.35, shift=(1, -4))
        pen.fill(point, colour=tone(look.main, 0.04), light="side")
    pen.fill([(-56, 286), (56, 286), (32, 250), (-32, 250)], colour=tone(look.main, -0.2), light="side")
    pocket = [(54, 120), (118, 120), (118, 54), (86, 40), (54, 54)]
    pen.lines([pocket + pocket[:1]], 1.8, colour=tone(look.main, -0.32))


@drawing("sweater", pose="lie", reach=(-310, -290, 310, 300), detail=(-20, 60, 2.0))
def sweater(pen: Pen, look: Look) -> None:
    """A knitted jumper; form cardigan opens at the front."""
    right = [(60, 262), (140, 240), (214, 196), (262, 20), (300, -200), (236, -216), (186, -20), (162, 80), (166, -262)]
    shape = curve(right, steps=4)
    shape = _both(shape)
    drop(pen, shape, height=20)
    cloth = pen.fill(shape, colour=look.main, light="side")
    if look.pattern == "yoke":
        for k, r in enumerate((96, 124, 152)):
            marks = [moved([(r - 10, -8), (r + 10, 0), (r - 10, 8)], 0, 266, angle) for angle in range(190, 352, 12)]
            pen.fill(*marks, colour=(look.second, look.third, look.second)[k], clip=cloth)
    elif look.pattern == "hoops":
        pen.fill(*[box(-320, y, 320, y + 26) for y in range(-220, 190, 62)], colour=look.second, clip=cloth)
    elif look.pattern == "cable":
        for x in (-84, 0, 84):
            left = [(x + 13 * (-1) ** k, -260 + k * 22) for k in range(24)]
            pen.lines(
                [curve(left), curve([(2 * x - px, py) for px, py in left])],
                9,
                colour=tone(look.main, -0.16),
                clip=cloth,
            )
            pen.lines([curve([(px - 2, py + 2) for px, py in left])], 3.5, colour=tone(look.main, 0.2), clip=cloth)
    pen.material(cloth, "knit", 0.34)
    _folds(pen, cloth)
    for band_path in (
        box(-166, -270, 166, -226),
        [(300, -200), (236, -216), (232, -170), (292, -156)],
        [(-300, -200), (-236, -216), (-232, -170), (-292, -156)],
    ):
        cuff = pen.fill(band_path, colour=tone(look.main, -0.07), clip=cloth)
        pen.material(cuff, "rib", 0.4)
    if look.form == "cardigan":
        pen.fill([(-62, 270), (0, 40), (62, 270)], colour=tone(look.main, -0.45), clip=cloth)
        for side in (-1, 1):
            edge = pen.fill(
                ribbon(curve([(side * 60, 272), (side * 34, 150), (side * 7, 40), (side * 7, -270)]), 24),
                colour=tone(look.main, -0.05),
                light="side",
            )
            pen.material(edge, "rib", 0.3)
        pen.fill(*[ellipse(7, y, 9, 9) for y in (20, -50, -120, -190, -250)], colour=look.second, light="round")
    else:
        pen.fill(ellipse(0, 262, 56, 22), colour=tone(look.main, -0.45))
        collar = pen.fill(
            [*ellipse(0, 262, 76, 48, 180, 360), *ellipse(0, 262, 54, 24, 360, 180)],
            colour=tone(look.main, -0.04),
            light="side",
        )
        pen.material(collar, "rib", 0.35)
        pen.fill(
            [*ellipse(0, 262, 76, 26, 0, 180), *ellipse(0, 262, 54, 18, 180, 0)],
            colour=tone(look.main, -0.14),
            light="side",
        )


@drawing("socks", pose="lie", reach=(-160, -210, 160, 210), detail=(-30, 100, 2.0))
def socks(pen: Pen, look: Look) -> None:
    outline = curve(
        [
            (-46, 200),
            (46, 200),
            (46, 60),
            (50, -40),
            (100, -110),
            (142, -150),
            (136, -190),
            (84, -204),
            (10, -176),
            (-44, -110),
            (-54, -40),
            (-46, 60),
        ],
        closed=True,
    )
    for x, y, turn in ((36, 14, -10), (-48, -6, 4)):
        sock = moved(outline, x, y, turn, 0.94)
        drop(pen, sock, height=10)
        cloth = pen.fill(sock, colour=look.main, light="side")
        part = [
            moved(box(-70, 156, 70, 210), x, y, turn, 0.94),
            moved(ellipse(128, -176, 62, 52), x, y, turn, 0.94),
            moved(ellipse(-46, -110, 54, 48), x, y, turn, 0.94),
        ]
        if look.pattern == "hoops":
            pen.fill(
                *[moved(box(-80, level, 160, level + 13), x, y, turn, 0.94) for level in range(-190, 160, 30)],
                colour=look.third,
                clip=cloth,
            )
        elif look.pattern == "dots":
            pen.fill(
                *[
                    moved(ellipse(a * 30 + (b % 2) * 15, b * 28, 5, 5), x, y, turn, 0.94)
                    for a in range(-3, 6)
                    for b in range(-8, 6)
                ],
                colour=look.third,
                clip=cloth,
            )
        pen.fill(*part, colour=look.second, clip=cloth)
        pen.material(cloth, "rib", 0.16, size=0.5)
        pen.soft(
            moved([(-50, 150), (50, 150), (50, 158), (-50, 158)], x, y, turn, 0.94), blur=4, strength=0.4, clip=cloth
        )
        pen.soft(
            moved([(-50, 10), (-20, -60), (20, -20), (-30, -50)], x, y, turn, 0.94), blur=9, strength=0.35, clip=cloth
        )


@drawing("scarf", pose="lie", reach=(-200, -300, 200, 300), detail=(-30, 60, 2.0))
def scarf(pen: Pen, look: Look) -> None:
    """A long scarf, looped once."""
    loop = ribbon(ellipse(0, 126, 106, 118), 88)
    tails = [moved(box(-50, -290, 50, 60), -44, 0, -7), moved(box(-50, -250, 50, 70), 54, 20, 9)]
    drop(pen, *tails, height=16)
    for i, (tail, turn, x, y) in enumerate(zip(tails, (-7, 9), (-44, 54), (0, 20), strict=True)):
        low = -290 if i == 0 else -250
        pen.lines(
            [moved([(k, low), (k + 2, low - 38)], x, y, turn) for k in range(-46, 50, 8)],
            3.6,
            colour=tone(look.main, -0.12),
        )
        cloth = pen.fill(tail, colour=look.main, light="side")
        cloth_pattern(pen.moved(x, y), cloth, look, look.second, turn, reach=330)
        pen.material(cloth, "knit" if look.form == "knit" else "twill", 0.22)
        pen.soft(moved(box(20, low, 32, 60), x, y, turn), blur=8, strength=0.3, clip=cloth)
    drop(pen, loop, height=18)
    ring = pen.fill(loop, colour=tone(look.main, -0.04), light="side")
    cloth_pattern(pen.moved(0, 120), ring, look, look.second, 24, reach=200)
    pen.material(ring, "knit" if look.form == "knit" else "twill", 0.22)
    pen.soft(*[ribbon(ellipse(0, 124, r, r * 1.1), 7) for r in (88, 116)], blur=6, strength=0.34, clip=ring)
    pen.soft(ribbon(ellipse(0, 130, 66, 78), 16), blur=8, strength=0.35, clip=ring)
    knot = curve([(-64, -30), (70, -20), (62, 44), (0, 56), (-66, 40)], closed=True)
    pen.soft(knot, blur=9, strength=0.4, shift=(3, -8))
    bow = pen.fill(knot, colour=look.main, light="side")
    cloth_pattern(pen, bow, look, look.second, 70, reach=120)
    pen.material(bow, "knit" if look.form == "knit" else "twill", 0.22)
    pen.soft([(-60, 20), (60, 30), (60, 22), (-60, 10)], blur=6, strength=0.4, clip=bow)


@drawing("beanie", pose="lie", reach=(-150, -130, 150, 180), detail=(10, 0, 1.5))
def beanie(pen: Pen, look: Look) -> None:
    crown = curve([(-128, -60), (-124, 30), (-84, 120), (0, 152), (84, 120), (124, 30), (128, -60)])
    drop(pen, crown, box(-136, -126, 136, -44, 16), height=14)
    if look.pattern == "bobble":
        pen.fill(
            *[moved(ellipse(26, 0, 22, 15), 0, 166, a) for a in range(0, 360, 30)], colour=look.second, light="side"
        )
        ball = pen.fill(ellipse(0, 166, 36, 34), colour=look.second, light="round")
        pen.material(ball, "terry", 0.3)
    cloth = pen.fill(crown, colour=look.main, light="matt")
    if look.pattern == "hoops":
        pen.fill(*[box(-140, y, 140, y + 16) for y in range(-40, 150, 38)], colour=look.second, clip=cloth)
    pen.material(cloth, "knit", 0.36)
    pen.soft(
        *[ribbon(curve([(0, 150), (x * 0.6, 90), (x, -60)]), 5) for x in (-84, -30, 30, 84)],
        blur=6,
        strength=0.4,
        clip=cloth,
    )
    brim = pen.fill(box(-136, -126, 136, -44, 18), colour=tone(look.main, 0.03), light="matt")
    pen.material(brim, "rib", 0.42)
    pen.soft(box(-130, -46, 130, -36), blur=6, strength=0.4, clip=cloth)
    pen.fill(box(44, -104, 92, -68, 2), colour=(206, 172, 124), light="side")


@drawing("tote", pose="hang", reach=(-190, -230, 190, 330), detail=(-20, 60, 2.0))
def tote(pen: Pen, look: Look) -> None:
    far = curve([(-92, 160), (-84, 270), (0, 318), (84, 270), (92, 160)])
    pen.lines([[(x * 0.9, y - 8) for x, y in far]], 17, colour=tone(look.second, -0.3))
    bag = (
        curve([(-172, 180), (172, 180)])
        + curve([(174, 176), (182, -60), (176, -214)])
        + curve([(170, -220), (0, -226), (-170, -220)])
        + curve([(-176, -214), (-182, -60), (-174, 176)])
    )
    drop(pen, bag, height=20)
    cloth = pen.fill(bag, colour=look.main, light="side")
    if look.pattern == "base":
        pen.fill(box(-200, -240, 200, -110), colour=look.second, clip=cloth, light="side")
        pen.line([(-190, -110), (190, -110)], 2, colour=tone(look.second, -0.4), clip=cloth)
    elif look.pattern == "print":
        pen.fill(
            *[
                [
                    (-74 + k * 40, -80),
                    (-54 + k * 40, -80),
                    (-54 + k * 40, 20 + k % 2 * 34),
                    (-74 + k * 40, 20 + k % 2 * 34),
                ]
                for k in range(4)
            ],
            colour=look.second,
            clip=cloth,
        )
        pen.fill(box(-92, -96, 92, -84), colour=look.second, clip=cloth)
    else:
        cloth_pattern(pen, cloth, look, look.second, reach=280)
    pen.material(cloth, "weave", 0.2)
    pen.soft(
        [(-110, 170), (-130, -220), (-104, -220)],
        [(70, 170), (84, -220), (112, -220)],
        [(-10, 60), (-20, -220), (0, -220)],
        blur=14,
        strength=0.3,
        clip=cloth,
    )
    pen.fill(box(-180, 158, 180, 182), colour=tone(look.main, -0.1), clip=cloth)
    pen.lines([[(-174, 154), (174, 154)]], 1.6, colour=tone(look.main, -0.35))
    near = curve([(-92, 120), (-88, 200), (-70, 262), (0, 300), (70, 262), (88, 200), (92, 120)])
    pen.soft(ribbon(near, 17), blur=5, strength=0.3, shift=(3, -5))
    pen.lines([near], 17, colour=look.second)
    pen.lines([[(x * 0.98 - 3, y + 2) for x, y in near]], 3, colour=tone(look.second, 0.25))


@drawing("backpack", pose="hang", reach=(-170, -240, 170, 260), detail=(0, 0, 2.0))
def backpack(pen: Pen, look: Look) -> None:
    pen.lines([curve([(-26, 220), (-20, 252), (20, 252), (26, 220)])], 11, colour=look.second)
    body = curve(
        [
            (-142, -150),
            (-146, 60),
            (-126, 180),
            (-60, 226),
            (60, 226),
            (126, 180),
            (146, 60),
            (142, -150),
            (120, -222),
            (-120, -222),
        ],
        closed=True,
    )
    drop(pen, body, height=28)
    cloth = pen.fill(body, colour=look.main, light="matt")
    pen.material(cloth, "weave", 0.2)
    flap = curve([(-132, 60), (-128, 176), (-60, 228), (60, 228), (128, 176), (132, 60), (0, 40)], closed=True)
    pen.soft(flap, blur=8, strength=0.4, shift=(2, -8))
    top = pen.fill(flap, colour=tone(look.main, 0.05), light="matt")
    pen.material(top, "weave", 0.2)
    pocket = box(-108, -206, 108, -30, 22)
    pen.soft(pocket, blur=8, strength=0.4, shift=(2, -6))
    front = pen.fill(pocket, colour=tone(look.main, 0.03), light="matt")
    pen.material(front, "weave", 0.2)
    pen.lines([[(-104, -70), (104, -70)]], 2, colour=tone(look.main, -0.4))
    for x in (-62, 62):
        pen.fill(box(x - 11, -130, x + 11, 90, 4), colour=look.second, light="side")
        pen.fill(
            box(x - 15, -6, x + 15, 22, 4), holes=[box(x - 9, 0, x + 9, 16, 2)], colour=(196, 164, 100), light="shine"
        )


@drawing("washbag", pose="lie", reach=(-170, -120, 170, 120), detail=(-70, 50, 2.0))
def washbag(pen: Pen, look: Look) -> None:
    """A zipped pouch."""
    bag = curve(
        [(-148, 88), (-160, -20), (-150, -96), (0, -106), (150, -96), (160, -20), (148, 88), (0, 94)], closed=True
    )
    drop(pen, bag, height=18)
    cloth = pen.fill(bag, colour=look.main, light="down")
    cloth_pattern(pen, cloth, look, look.second, reach=200)
    pen.material(cloth, "weave", 0.2)
    pen.soft([(-150, -60), (150, -60), (150, -110), (-150, -110)], blur=20, strength=0.3, clip=cloth)
    pen.fill(box(-150, 70, 150, 92, 5), colour=tone(look.main, -0.2), clip=cloth)
    pen.lines([[(x, 77), (x, 85)] for x in range(-140, 141, 5)], 2, colour=(206, 176, 112))
    pen.fill(ellipse(136, 80, 9, 8), colour=(206, 176, 112), light="round")
    pen.fill(moved(box(-6, -54, 6, 0, 3), 146, 78, 24), colour=look.second, light="side")
    pen.fill(box(-112, -60, -64, -26, 2), colour=(206, 172, 124), light="side")
