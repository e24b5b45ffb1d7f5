"""Toys of wood and cloth, games and what hangs in a nursery."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop, plank, stand
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Path, box, curve, ellipse, moved, ray, ribbon, turned
from catalog.demo.palette import Colour, colour, tone

WOOD: Colour = (216, 178, 132)
DARK: Colour = (66, 52, 46)


def _shades(look: Look) -> list[Colour]:
    return [colour(name) for name in look.names]


@drawing("blocks", pose="stand", reach=(-130, -12, 130, 205), detail=(-20, 70, 1.9))
def blocks(pen: Pen, look: Look) -> None:
    """Building blocks, an arch and a roof."""
    stand(pen, 240, depth=0.16, height=110)
    shades = _shades(look)

    def block(left: float, low: float, right: float, high: float, index: int) -> None:
        shade = shades[index % len(shades)]
        mask = pen.fill(box(left, low, right, high, 4), colour=shade, light="side")
        pen.material(mask, "wood", 0.16, tone(shade, -0.7))
        pen.fill(box(left, high - 5, right, high, 3), colour=tone(shade, 0.3))

    block(-124, 0, -64, 60, 0)
    block(-62, 0, -2, 60, 1)
    block(64, 0, 124, 60, 2)
    arch = pen.fill(
        [(-100, 60), (-60, 60), *ellipse(-30, 60, 30, 32, 180, 0), (0, 60), (40, 60), (40, 118), (-100, 118)],
        colour=shades[3 % len(shades)],
        light="side",
    )
    pen.material(arch, "wood", 0.16)
    block(2, 0, 62, 60, 4)
    block(62, 60, 108, 118, 0)
    roof = pen.fill([(-92, 118), (32, 118), (-30, 176)], colour=shades[2 % len(shades)], light="side")
    pen.material(roof, "wood", 0.16)
    pen.fill(ellipse(86, 138, 21, 21), colour=shades[1 % len(shades)], light="round")


@drawing("toycar", pose="stand", reach=(-135, -10, 135, 130), detail=(40, 40, 1.9))
def toycar(pen: Pen, look: Look) -> None:
    """Form car, van, train or duck (on wheels)."""
    stand(pen, 220, depth=0.14, height=60)
    shades = _shades(look)
    if look.form == "train":
        body = [box(-40, 26, 110, 66, 18), box(-104, 26, -40, 120, 6), box(60, 60, 82, 104, 4)]
        extra = box(-112, 114, -30, 128, 4)
    elif look.form == "van":
        body = [
            curve(
                [(-118, 26), (-120, 100), (-96, 116), (70, 116), (106, 76), (120, 60), (120, 26)], closed=True, steps=4
            )
        ]
        extra = box(-122, 58, 122, 68)
    elif look.form == "duck":
        body = [
            curve(
                [
                    (-112, 60),
                    (-90, 36),
                    (0, 26),
                    (80, 36),
                    (98, 74),
                    (60, 92),
                    (56, 112),
                    (64, 150),
                    (30, 170),
                    (0, 150),
                    (4, 108),
                    (-30, 92),
                    (-80, 98),
                ],
                closed=True,
                steps=6,
            )
        ]
        extra = moved(curve([(0, 12), (34, 2), (0, -8)], closed=True, steps=5), 64, 142)
    else:
        body = [
            curve(
                [(-122, 26), (-124, 56), (-76, 68), (-46, 112), (40, 112), (72, 68), (118, 58), (122, 26)],
                closed=True,
                steps=5,
            )
        ]
        extra = box(-122, 40, 122, 46)
    mask = pen.fill(*body, colour=look.main, light="down")
    pen.material(mask, "wood", 0.2, tone(look.main, -0.7))
    pen.fill(extra, colour=look.second, light="side", clip=None if look.form in ("train", "duck") else mask)
    window = tone(look.main, 0.62)
    if look.form == "duck":
        pen.fill(ellipse(40, 146, 5, 5), colour=DARK)
        wing = curve([(-70, 70), (-10, 84), (20, 62), (-20, 46)], closed=True)
        pen.fill(wing, colour=tone(look.main, -0.14), light="down")
        pen.fill(box(-104, 12, 96, 28, 6), colour=WOOD, light="down")
    elif look.form == "train":
        pen.fill(box(-92, 74, -54, 106, 4), colour=window)
        pen.fill(ellipse(110, 46, 8, 18), colour=look.second, light="side")
    elif look.form == "van":
        pen.fill(
            *[box(x, 74, x + 36, 102, 5) for x in (-100, -52, -4)],
            [(46, 74), (46, 102), (66, 102), (88, 74)],
            colour=window,
        )
    else:
        pen.fill([(-60, 70), (-38, 102), (-6, 102), (-6, 70)], [(4, 70), (4, 102), (34, 102), (56, 70)], colour=window)
    for x in (-70, 70) if look.form != "train" else (-76, 0, 74):
        pen.fill(
            ellipse(x, 22, 30 if look.form != "train" else 26, 30 if look.form != "train" else 26),
            colour=shades[2 % len(shades)],
            light="round",
        )
        pen.fill(ellipse(x, 22, 13, 13), colour=WOOD, light="round")
        pen.fill(ellipse(x, 22, 4, 4), colour=DARK)


@drawing("rings", pose="stand", reach=(-105, -12, 105, 240), detail=(0, 70, 1.9))
def rings(pen: Pen, look: Look) -> None:
    """A stacking tower."""
    stand(pen, 180, depth=0.2, height=120)
    pen.fill(turned([(92, 0), (92, 16), (86, 20)], 0.18, False), colour=WOOD, light="round")
    pen.fill(box(-7, 20, 7, 214), colour=WOOD, light="round")
    y = 20.0
    for i, half in enumerate((84, 74, 64, 54, 44)):
        shade = colour(look.names[i % len(look.names)])
        outline = curve(
            [
                (-half + 14, y),
                (-half, y + 17),
                (-half + 14, y + 34),
                (half - 14, y + 34),
                (half, y + 17),
                (half - 14, y),
                (0, y - half * 0.12),
            ],
            closed=True,
            steps=7,
        )
        mask = pen.fill(outline, colour=shade, light="round")
        pen.gleam(-half * 0.4, y + 24, half * 0.4, 10, 0.45, clip=mask)
        pen.fill(ellipse(0, y + 34, half - 16, (half - 16) * 0.14), colour=tone(shade, 0.16), light="side")
        y += 34
    pen.fill(ellipse(0, y + 20, 25, 25), colour=look.main, light="round")


@drawing("bear", pose="stand", reach=(-140, -12, 140, 330), detail=(0, 240, 1.9))
def soft_animal(pen: Pen, look: Look) -> None:
    """A sitting soft toy; form bear, rabbit, fox or elephant."""
    stand(pen, 210, depth=0.2, height=170)
    fur, inner = look.main, look.second

    def part(outline: Path, shade: Colour, light: str = "round") -> None:
        mask = pen.fill(outline, colour=shade, light=light)
        pen.material(mask, "terry", 0.2, tone(shade, -0.6))

    if look.form == "rabbit":
        for side in (-1, 1):
            ear = moved(ellipse(0, 58, 24, 72), side * 34, 262, -side * 12)
            part(ear, fur)
            pen.fill(moved(ellipse(0, 54, 12, 52), side * 34, 262, -side * 12), colour=inner, light="side")
    elif look.form == "fox":
        for side in (-1, 1):
            part([(side * 26, 276), (side * 84, 340), (side * 84, 240)], fur)
            pen.fill([(side * 44, 276), (side * 76, 318), (side * 76, 258)], colour=inner)
    elif look.form == "elephant":
        for side in (-1, 1):
            part(ellipse(side * 92, 226, 62, 70), fur)
            pen.fill(ellipse(side * 94, 222, 44, 52), colour=inner, light="side")
    else:
        for side in (-1, 1):
            part(ellipse(side * 66, 284, 32, 32), fur)
            pen.fill(ellipse(side * 66, 282, 18, 18), colour=inner, light="side")
    for side in (-1, 1):
        part(moved(ellipse(0, 0, 30, 68), side * 86, 112, side * 24), tone(fur, -0.06))
    part(ellipse(0, 90, 88, 96), fur)
    pen.fill(ellipse(0, 84, 54, 66), colour=inner, light="round")
    for side in (-1, 1):
        part(ellipse(side * 84, 30, 46, 42), fur)
        pen.fill(ellipse(side * 88, 28, 26, 25), colour=inner, light="side")
    pen.soft(ellipse(0, 160, 70, 12), blur=8, strength=0.4)
    part(ellipse(0, 226, 88, 78), fur)
    if look.form == "elephant":
        trunk = ribbon(curve([(0, 214), (0, 168), (16, 140), (40, 140)]), 38, 24)
        pen.soft(trunk, blur=6, strength=0.3)
        part(trunk, tone(fur, 0.04))
    else:
        pen.fill(ellipse(0, 200, 38, 30), colour=inner, light="side")
        pen.fill(curve([(-11, 216), (11, 216), (0, 202)], closed=True), colour=DARK)
        pen.lines(
            [[(0, 204), (0, 192)], curve([(-14, 190), (-6, 184), (0, 191), (6, 184), (14, 190)])], 2.4, colour=DARK
        )
    for side in (-1, 1):
        pen.fill(ellipse(side * 34, 240, 7, 8), colour=DARK)
        pen.fill(ellipse(side * 34 - 2, 243, 2.2, 2.4), colour=(255, 255, 255))
    if look.pattern == "scarf":
        scarf = pen.fill(
            curve([(-72, 168), (0, 148), (72, 168), (66, 144), (0, 126), (-66, 144)], closed=True),
            moved(box(-16, -60, 16, 6, 4), 34, 148, 8),
            colour=look.third,
            light="side",
        )
        pen.material(scarf, "knit", 0.3)


@drawing("puzzle", pose="lie", reach=(-140, -110, 140, 110), detail=(-40, 20, 2.0))
def puzzle(pen: Pen, look: Look) -> None:
    """A wooden tray puzzle, one piece lifted out."""
    drop(pen, box(-134, -104, 134, 104, 10), height=12)
    plank(pen, -134, -104, 134, 104, WOOD, light="side", corner=10)
    well = pen.fill(box(-116, -86, 116, 86, 6), colour=tone(WOOD, -0.24), light="inside")
    pen.shade(well, "top", 0.3)
    shades = _shades(look)
    index = 0
    for row in range(3):
        for column in range(4):
            x, y = -116 + column * 58, -86 + row * 57.3
            shade = shades[(index * 3 + row) % len(shades)]
            index += 1
            lifted = row == 2 and column == 3
            if lifted:
                x, y = x + 22, y + 20
            piece = [box(x + 1, y + 1, x + 57, y + 56, 3)]
            if column < 3 and not lifted:
                piece.append(ellipse(x + 60, y + 28, 10, 10))
            if row < 2:
                piece.append(ellipse(x + 29, y + 60, 10, 9))
            if lifted:
                drop(pen, *piece, height=12)
            mask = pen.fill(*piece, colour=shade, light="side")
            pen.material(mask, "wood", 0.12, tone(shade, -0.7))
            pen.lines([[(x + 2, y + 55), (x + 56, y + 55)]], 1.2, colour=tone(shade, 0.5), clip=mask)


@drawing("ball", pose="stand", reach=(-110, -12, 110, 220), detail=(-20, 120, 1.9))
def ball(pen: Pen, look: Look) -> None:
    stand(pen, 130, depth=0.2, height=120)
    body = pen.fill(ellipse(0, 104, 104, 104), colour=look.main, light="round")
    shades = _shades(look)
    for i, (wide, start) in enumerate(((104, -70), (62, -30), (20, 10))):
        panel = curve([(start, 210), (start - wide * 0.5, 104), (start, -2)]) + curve(
            [(start + 34, -2), (start + 34 - wide * 0.2, 104), (start + 34, 210)]
        )
        pen.fill(panel, colour=shades[(i + 1) % len(shades)], light="round", clip=body, span=(-104, 104))
    pen.material(body, "weave", 0.16)
    pen.shade(body, "bottom", 0.34)
    pen.gleam(-40, 150, 50, 44, 0.5, clip=body)


@drawing("gamebox", pose="stand", reach=(-170, -14, 170, 230), detail=(-30, 110, 1.9))
def gamebox(pen: Pen, look: Look) -> None:
    """A boxed game leaning upright, with pieces in front."""
    stand(pen, 290, depth=0.14, height=150)
    side = pen.fill([(140, 0), (156, 12), (156, 214), (140, 206)], colour=tone(look.main, -0.35))
    pen.shade(side, "bottom", 0.2)
    front = pen.fill(box(-146, 0, 142, 208, 3), colour=look.main, light="side")
    pen.material(front, "stone", 0.06)
    if look.pattern == "memory":
        for row in range(3):
            for column in range(5):
                x, y = -118 + column * 50, 30 + row * 46
                pen.fill(box(x, y, x + 40, y + 38, 6), colour=(246, 240, 226), clip=front)
                mark = (
                    ellipse(x + 20, y + 19, 11, 11)
                    if (row + column) % 2
                    else [(x + 9, y + 8), (x + 31, y + 8), (x + 20, y + 31)]
                )
                pen.fill(mark, colour=(look.second, look.third)[(row + column) % 2], clip=front)
    elif look.pattern == "dominoes":
        for x, y, turn, pips in ((-70, 100, 18, 3), (10, 96, -14, 5), (84, 108, 10, 2)):
            tile = moved(box(-26, -50, 26, 50, 7), x, y, turn)
            pen.fill(tile, colour=(246, 240, 226), clip=front)
            pen.lines([moved([(-20, 0), (20, 0)], x, y, turn)], 2.4, colour=look.second)
            spots = [(-11, 34), (11, 16), (0, 25), (11, 34), (-11, 16)][:pips] + [(0, -25), (-11, -14), (11, -36)][
                : 1 + pips % 3
            ]
            pen.fill(*[moved(ellipse(a, b, 4.6, 4.6), x, y, turn) for a, b in spots], colour=look.second)
    else:
        pen.fill(
            *[
                box(-100 + c * 25, 14 + r * 25, -75 + c * 25, 39 + r * 25)
                for r in range(7)
                for c in range(8)
                if (r + c) % 2
            ],
            colour=look.second,
            clip=front,
        )
        pen.fill(
            *[ellipse(-87 + c * 25, 26 + r * 25, 8, 8) for r, c in ((0, 1), (0, 5), (1, 2), (5, 3), (6, 6), (5, 7))],
            colour=look.third,
            clip=front,
        )
    pen.fill(box(-146, 180, 142, 208, 3), colour=tone(look.main, -0.12), light="side")
    pen.lines([[(-60, 194), (60, 194)]], 4, colour=(246, 240, 226))
    for x, shade in ((-96, look.second), (-52, look.third), (100, look.second)):
        piece = pen.moved(x, -8)
        piece.soft(ellipse(3, 0, 20, 5), blur=3, strength=0.45)
        piece.fill(turned([(17, 0), (14, 8), (6, 20), (8, 32)], 0.24), colour=shade, light="round")
        piece.fill(ellipse(0, 42, 13, 13), colour=shade, light="round")


@drawing("bunting", pose="hang", reach=(-330, -130, 330, 130), detail=(-110, -20, 1.9))
def bunting(pen: Pen, look: Look) -> None:
    rope = curve([(-330, 110), (-160, 40), (0, 20), (160, 40), (330, 110)])
    flags = []
    for i in range(7):
        x = -252 + i * 84
        y = 20 + (x / 330) ** 2 * 84
        flags.append((moved([(-35, 4), (35, 4), (0, -96)], x, y, x / 330 * 26), look.names[i % len(look.names)]))
    drop(pen, *[flag for flag, _ in flags], height=20)
    for flag, name in flags:
        cloth = pen.fill(flag, colour=colour(name), light="side")
        pen.material(cloth, "weave", 0.2)
    pen.soft(ribbon(rope, 6), blur=5, strength=0.4, shift=(6, -8))
    pen.line(rope, 8, colour=(226, 212, 188))


@drawing("mobile", pose="hang", reach=(-210, -240, 210, 320), detail=(-50, -100, 1.9))
def mobile(pen: Pen, look: Look) -> None:
    """A nursery mobile of felt shapes on a wooden ring."""
    pen.line([(0, 200), (0, 900)], 3, colour=(196, 182, 160))
    pen.lines([[(0, 200), (x, 108)] for x in (-176, -60, 60, 176)], 2, colour=(196, 182, 160))
    shades = _shades(look)
    drop(pen, ribbon(ellipse(0, 100, 182, 26), 12), height=40, strength=0.2)
    pen.lines([ellipse(0, 100, 182, 26)], 12, colour=WOOD)
    pen.lines([ellipse(0, 102, 182, 26, 180, 360)], 4, colour=tone(WOOD, 0.35))
    for i, (x, y) in enumerate(((-168, -70), (-84, -150), (0, -90), (84, -170), (168, -60))):
        shade = shades[i % len(shades)]
        pen.line([(x, 96 - abs(x) * 0.02), (x, y + 40)], 2, colour=(196, 182, 160))
        if i % 2:
            cloud = [ellipse(x - 26, y, 26, 22), ellipse(x + 26, y, 26, 22), ellipse(x, y + 14, 32, 30)]
        elif i == 2:
            cloud = [[*ellipse(x, y, 44, 44, 60, 300), *ellipse(x + 22, y, 36, 38, 290, 70)]]
        else:
            cloud = [[(x + ray_x, y + ray_y) for ray_x, ray_y in _star(42)]]
        drop(pen, *cloud, height=30, strength=0.25)
        felt = pen.fill(*cloud, colour=shade, light="round")
        pen.material(felt, "stone", 0.12, size=0.4)


def _star(size: float) -> Path:
    return [ray(90 + k * 36, size if k % 2 == 0 else size * 0.5) for k in range(10)]


@drawing("rattle", pose="lie", reach=(-150, -190, 150, 190), detail=(0, 40, 2.0))
def rattle(pen: Pen, look: Look) -> None:
    """A wooden rattle: a ring with beads and a handle."""
    ring = ribbon(ellipse(0, 70, 88, 88), 26)
    grip = curve([(-13, -20), (13, -20), (17, -100), (11, -178), (-11, -178), (-17, -100)], closed=True)
    drop(pen, ring, grip, height=18)
    for outline in (grip, ring):
        wood = pen.fill(outline, colour=WOOD, light="side")
        pen.material(wood, "wood-upright", 0.28)
    shades = _shades(look)
    for i, angle in enumerate((150, 122, 90, 58, 30)):
        x, y = ray(angle, 88)
        bead = ellipse(x, 70 + y, 28, 28)
        drop(pen, bead, height=9)
        pen.fill(bead, colour=shades[i % len(shades)], light="round")
    pen.fill(ellipse(0, -24, 24, 20), colour=look.main, light="round")
