"""Plant pots, watering cans and garden tools."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop, handle, sized, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import box, curve, ellipse, leaf, moved, ray, ribbon, turned
from catalog.demo.palette import Colour, tone

GREEN: Colour = (84, 112, 78)
SOIL: Colour = (82, 62, 50)


def foliage(pen: Pen, height: float, kind: str) -> None:
    """Leaves growing out of a pot whose soil lies at `height`."""
    if kind == "upright":
        for angle, length in ((78, 210), (100, 230), (66, 160), (116, 170), (90, 260)):
            blade = leaf(ray(angle, 10)[0] * 2, height, length, 34, angle)
            mask = pen.fill(blade, colour=tone(GREEN, (angle % 5) * 0.06 - 0.1), light="side")
            pen.line(
                [(ray(angle, 10)[0] * 2, height), (ray(angle, length * 0.9)[0], height + ray(angle, length * 0.9)[1])],
                1.6,
                colour=tone(GREEN, 0.3),
                clip=mask,
            )
    elif kind == "trailing":
        for i, (x, fall) in enumerate(((-64, 170), (-40, 90), (58, 150), (36, 70), (-76, 60), (74, 80))):
            stem = curve(
                [(x * 0.3, height), (x * 0.9, height + 26), (x * 1.25, height - fall * 0.4), (x * 1.3, height - fall)]
            )
            pen.line(stem, 2, colour=tone(GREEN, -0.2))
            pen.fill(
                *[leaf(*stem[k], 22, 15, 250 + (k % 2) * 50 + i * 3) for k in range(4, len(stem), 3)],
                colour=tone(GREEN, (i % 3) * 0.1),
                light="side",
            )
        pen.fill(
            *[leaf(0, height, 62, 26, angle) for angle in range(20, 165, 24)], colour=tone(GREEN, 0.05), light="side"
        )
    elif kind == "cactus":
        body = pen.fill(
            curve(
                [
                    (-34, height - 4),
                    (-42, height + 70),
                    (-26, height + 130),
                    (0, height + 144),
                    (26, height + 130),
                    (42, height + 70),
                    (34, height - 4),
                ]
            ),
            colour=GREEN,
            light="round",
        )
        pen.lines(
            [curve([(x, height), (x * 1.25, height + 70), (x * 0.7, height + 138)]) for x in (-24, -10, 4, 18, 30)],
            1.6,
            colour=tone(GREEN, 0.35),
            clip=body,
        )
    else:
        for angle, length in ((90, 150), (62, 150), (118, 150), (38, 126), (142, 126), (76, 190), (106, 180)):
            tip = ray(angle, length)
            stem = curve([(0, height - 6), (tip[0] * 0.35, height + tip[1] * 0.6), (tip[0], height + tip[1])])
            pen.line(stem, 2.4, colour=tone(GREEN, -0.2))
            shade = tone(GREEN, ((angle * 7) % 5) * 0.05 - 0.1)
            blade = leaf(tip[0] * 0.75, height + tip[1] * 0.75, 92, 60, angle)
            mask = pen.fill(blade, colour=shade, light="side")
            pen.line(
                [
                    (tip[0] * 0.75, height + tip[1] * 0.75),
                    (tip[0] * 0.75 + ray(angle, 84)[0], height + tip[1] * 0.75 + ray(angle, 84)[1]),
                ],
                1.4,
                colour=tone(shade, 0.3),
                clip=mask,
            )


@drawing("plantpot", pose="stand", reach=(-140, -14, 140, 380), detail=(-10, 90, 1.9))
def plantpot(pen: Pen, look: Look) -> None:
    """A planted pot; form upright, trailing or cactus chooses the plant; a "+" in front sets the pot on legs."""
    forms = {
        "": [(58, 0), (64, 6), (82, 120), (86, 140)],
        "round": [(50, 0), (74, 16), (92, 76), (80, 128), (76, 138)],
        "straight": [(76, 0), (80, 6), (80, 80), (80, 140)],
    }
    profile = sized(forms["round" if look.wide > 1.05 else "straight" if look.tall > 1.05 else ""], look)
    top = profile[-1][1]
    lift = 0.0
    if look.form.startswith("+"):
        lift = 74
        for x in (-58, 58):
            pen.fill(ribbon([(x * 0.7, lift + 30), (x, -4)], 13, 9), colour=look.second, light="round")
    stand(pen, 130 * look.wide, height=140)
    raised = pen.moved(0, lift)
    if look.pattern == "saucer":
        raised.fill(turned([(78, -2), (90, 12)], 0.2, False), colour=tone(look.main, -0.08), light="matt")
    turned_body(raised, profile, look, wall=7, light="matt" if look.names[0] == "Terracotta" else "round")
    r = profile[-1][0] - 9
    raised.fill(ellipse(0, top - 5, r, r * 0.18), colour=SOIL, light="side")
    foliage(raised, top - 6, look.form.lstrip("+"))
    if look.form.endswith("trailing"):
        return
    raised.fill(
        [
            *ellipse(0, top, profile[-1][0], profile[-1][0] * 0.2, 180, 360),
            *ellipse(0, top - 1, r + 2, r * 0.2, 360, 180),
        ],
        colour=tone(look.main, 0.2),
        light="side",
    )


@drawing("hanger", pose="hang", reach=(-140, -240, 140, 330), detail=(0, -60, 1.8))
def hanger(pen: Pen, look: Look) -> None:
    """A pot in a knotted cord, hung from above."""
    pot = pen.moved(0, -150)
    drop(pen, curve([(-66, -140), (-86, -10), (86, -10), (66, -140)], closed=True), height=34)
    cords = [[(x, -14 + abs(x) * 0.05), (x * 0.16, 230)] for x in (-84, -30, 34, 84)]
    pen.lines(cords[1:3], 4, colour=tone(look.second, -0.2))
    turned_body(pot, [(54, 0), (66, 8), (84, 90), (86, 132)], look, wall=6)
    pot.fill(ellipse(0, 128, 76, 13), colour=SOIL, light="side")
    foliage(pot, 126, "trailing")
    pen.lines([cords[0], cords[3]], 4.6, colour=look.second)
    pen.lines(
        [curve([(-84, -14), (-40, -90), (0, -150), (40, -90), (84, -14)]), curve([(-84, -60), (0, -118), (84, -60)])],
        4.6,
        colour=look.second,
    )
    pen.fill(ellipse(0, 232, 14, 14), colour=tone(look.second, -0.1), light="round")
    pen.line([(0, 240), (0, 900)], 5, colour=look.second)
    pen.fill(ellipse(0, -156, 13, 12), colour=look.second, light="round")
    pen.lines([[(x, -164), (x * 1.8, -232)] for x in (-12, -6, 0, 6, 12)], 4, colour=look.second)


@drawing("wateringcan", pose="stand", reach=(-250, -12, 190, 310), detail=(-30, 120, 1.8))
def wateringcan(pen: Pen, look: Look) -> None:
    light = "metal" if look.pattern == "metal" else "round"
    stand(pen, 190, height=130)
    handle(pen, curve([(70, 190), (150, 220), (174, 130), (150, 50), (92, 40)]), 14, look.second)
    handle(pen, curve([(-70, 192), (-60, 280), (20, 300), (66, 196)]), 12, look.second)
    spout = [(-80, 50), (-150, 130), (-206, 232)]
    pen.fill(ribbon(curve(spout), 40, 17), colour=tone(look.main, -0.08), light="up")
    pen.fill(
        moved(curve([(-9, 0), (9, 0), (36, 34), (-36, 34)], closed=True, steps=4), -204, 226, 36),
        colour=tone(look.main, -0.02),
        light="down",
    )
    pen.fill(moved(ellipse(0, 36, 38, 10), -204, 226, 36), colour=tone(look.main, 0.2), light="side")
    turned_body(pen, [(94, 0), (98, 6), (98, 90), (90, 186)], look, tilt=0.18, wall=4, light=light)


@drawing("trowel", pose="lie", reach=(-80, -175, 80, 175), detail=(0, 60, 2.0))
def trowel(pen: Pen, look: Look) -> None:
    """Form fork, set (trowel and fork) or trowel."""
    places = ((-40, 8, "trowel"), (42, -8, "fork")) if look.form == "set" else ((0, -18, look.form or "trowel"),)
    for x, turn, form in places:
        grip = moved(
            curve([(-12, -60), (12, -60), (15, -110), (12, -160), (-12, -160), (-15, -110)], closed=True), x, 0, turn
        )
        neck = moved(box(-5, -66, 5, 20), x, 0, turn)
        if form == "fork":
            head = [
                moved(box(-34, 14, 34, 30, 8), x, 0, turn),
                *[
                    moved([(k - 6, 20), (k + 6, 20), (k + 3, 140), (k, 152), (k - 3, 140)], x, 0, turn)
                    for k in (-27, 0, 27)
                ],
            ]
        else:
            head = [
                moved(
                    curve([(-10, 10), (-36, 40), (-34, 110), (0, 168), (34, 110), (36, 40), (10, 10)], closed=True),
                    x,
                    0,
                    turn,
                )
            ]
        drop(pen, grip, neck, *head, height=10)
        metal = pen.fill(*head, colour=look.second, light="side")
        pen.material(metal, "brushed", 0.14)
        if form == "trowel":
            pen.soft(moved([(-5, 20), (5, 20), (2, 150), (-2, 150)], x, 0, turn), blur=6, strength=0.5, clip=metal)
        pen.fill(neck, colour=tone(look.second, -0.12), light="metal")
        wood = pen.fill(grip, colour=look.main, light="round")
        pen.material(wood, "wood-upright", 0.3, tone(look.main, -0.7))
        pen.fill(moved(ellipse(0, -148, 3.6, 3.6), x, 0, turn), colour=tone(look.main, -0.7))


@drawing("birdhouse", pose="hang", reach=(-130, -200, 130, 200), detail=(0, 0, 1.9))
def birdhouse(pen: Pen, look: Look) -> None:
    outline = [(-84, -170), (84, -170), (84, 40), (0, 128), (-84, 40)]
    drop(pen, outline, [(-112, 24), (0, 150), (112, 24)], height=40)
    front = pen.fill(outline, colour=look.main, light="side")
    pen.material(front, "wood-upright", 0.3, tone(look.main, -0.7))
    pen.lines([[(x, -170), (x, 120)] for x in (-42, 0, 42)], 2, colour=tone(look.main, -0.45), clip=front)
    for side in (-1, 1):
        roof = pen.fill(
            [(0, 168), (0, 136), (side * 106, 18), (side * 124, 34)],
            colour=tone(look.second, -0.12 if side > 0 else 0.05),
            light="down",
        )
        pen.material(roof, "wood", 0.2)
    pen.fill(ellipse(0, 10, 30, 30), colour=tone(look.main, -0.3), light="inside")
    pen.fill(ellipse(2, 8, 25, 25), colour=(58, 46, 40))
    pen.soft(box(-5, -70, 5, -58), blur=7, strength=0.4, shift=(10, -12))
    pen.fill(ellipse(0, -58, 9, 9), colour=look.second, light="round")
    pen.fill(box(-96, -184, 96, -168, 3), colour=tone(look.main, -0.1), light="down")


@drawing("twine", pose="stand", reach=(-64, -10, 90, 120), detail=(-10, 60, 2.0))
def twine(pen: Pen, look: Look) -> None:
    stand(pen, 90, height=60)
    ball = pen.fill(ellipse(0, 52, 58, 54), colour=look.main, light="round")
    for turn in (12, -34, 64):
        pen.lines(
            [moved(ellipse(0, 0, 60, max(5.0, 54 * k / 7)), 0, 52, turn) for k in range(1, 7)],
            1.6,
            colour=tone(look.main, -0.34),
            clip=ball,
            alpha=0.75,
        )
    pen.lines(
        [moved(curve([(-58, k * 8), (0, k * 8 + 10), (58, k * 8)]), 0, 52, -16) for k in range(-5, 6)],
        2.4,
        colour=tone(look.main, 0.16),
        clip=ball,
        alpha=0.8,
    )
    pen.shade(ball, "bottom", 0.3)
    pen.line(curve([(44, 22), (66, 2), (84, 6), (92, -4)]), 3, colour=tone(look.main, -0.1))
    label = pen.fill(box(-26, 34, 26, 68, 2), colour=look.second, light="matt")
    pen.lines([[(-15, 54), (15, 54)], [(-10, 46), (10, 46)]], 1.4, colour=tone(look.second, -0.5), clip=label)


@drawing("gloves", pose="lie", reach=(-150, -150, 150, 150), detail=(-30, -60, 2.0))
def gloves(pen: Pen, look: Look) -> None:
    hand = curve(
        [
            (-44, -130),
            (44, -130),
            (48, -40),
            (86, 10),
            (94, 50),
            (74, 56),
            (46, 20),
            (50, 96),
            (40, 122),
            (26, 98),
            (22, 48),
            (20, 126),
            (6, 146),
            (-6, 124),
            (-6, 50),
            (-12, 120),
            (-26, 136),
            (-36, 112),
            (-32, 44),
            (-42, 86),
            (-56, 96),
            (-62, 72),
            (-54, -20),
        ],
        closed=True,
        steps=6,
    )
    for x, turn, flip in ((56, -12, False), (-56, 12, True)):
        shape = [(-px, py) for px, py in hand] if flip else hand
        outline = moved(shape, x, 0, turn, 0.96)
        drop(pen, outline, height=11)
        cloth = pen.fill(outline, colour=look.main, light="side")
        pen.material(cloth, "weave", 0.14)
        cuff = pen.fill(moved(box(-60, -140, 60, -86), x, 0, turn, 0.96), colour=look.second, clip=cloth, light="side")
        pen.material(cuff, "rib", 0.3)
        pen.gleam(x - 10, 10, 44, 80, 0.2, clip=cloth)
