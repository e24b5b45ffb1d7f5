"""Pans, knives, cook's tools, aprons and kitchen cloths."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import cloth_pattern, drop, sized, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Outline, Path, box, curve, ellipse, mirrored, moved, ribbon, turned
from catalog.demo.palette import tone

SHINY = {"Steel", "Silver", "Copper", "Brass"}


@drawing("pan", pose="lie", reach=(-150, -330, 150, 150), detail=(-40, 40, 1.9))
def pan(pen: Pen, look: Look) -> None:
    """A frying pan seen from above, its handle towards us."""
    r = 140 * look.wide
    grip = moved(
        curve(
            [(0, 120), (-13, 120), (-12, 190), (-17, 290), (-12, 326), (12, 326), (17, 290), (12, 190), (13, 120)],
            closed=True,
        ),
        turn=180,
    )
    drop(pen, ellipse(0, 0, r, r), grip, height=22, strength=0.4)
    handle = pen.fill(
        grip, holes=[ellipse(0, -306, 6, 9)], colour=look.second, light="metal" if len(look.names) < 2 else "round"
    )
    if len(look.names) > 1:
        pen.material(handle, "wood-upright", 0.3)
        pen.fill(box(-12, -176, 12, -128, 4), colour=tone(look.main, 0.1), light="metal")
    pen.fill(ellipse(0, 0, r, r), colour=tone(look.main, 0.24), light="metal" if look.names[0] in SHINY else "side")
    wall = pen.fill(ellipse(0, 0, r - 5, r - 5), colour=tone(look.main, -0.25), light="inside")
    pen.shade(wall, "top", 0.25)
    base = pen.fill(ellipse(2, -3, r - 26, r - 26), colour=tone(look.main, -0.05), light="side")
    pen.fill(ellipse(2, -3, r - 26, r - 26), holes=[ellipse(2, -3, r - 28, r - 28)], colour=tone(look.main, -0.4))
    pen.material(base, "brushed" if look.names[0] in SHINY else "stone", 0.16)
    pen.gleam(-40, 46, 80, 62, 0.28, clip=base)
    pen.gleam(r * 0.66, -r * 0.62, 40, 40, 0.4, clip=wall)


@drawing("casserole", pose="stand", reach=(-176, -14, 176, 200), detail=(-60, 110, 1.8))
def casserole(pen: Pen, look: Look) -> None:
    """A lidded pot with two ears."""
    _pot(pen, look, long_handle=False)


@drawing("saucepan", pose="stand", reach=(-130, -14, 236, 200), detail=(20, 110, 1.8))
def saucepan(pen: Pen, look: Look) -> None:
    _pot(pen, look, long_handle=True)


def _pot(pen: Pen, look: Look, *, long_handle: bool) -> None:
    w, t = look.wide, look.tall
    light = "metal" if look.names[0] in SHINY else "round"
    stand(pen, 236 * w, height=110)
    if long_handle:
        grip = pen.fill(
            ribbon(curve([(100, 92 * t), (150, 100 * t), (236, 116 * t)]), 20, 26), colour=look.second, light="rod"
        )
        pen.material(grip, "wood", 0.25)
    else:
        for side in (-1, 1):
            ear = [
                (side * x, y * t)
                for x, y in [(112 * w, 96), (146 * w, 100), (156 * w, 84), (146 * w, 70), (112 * w, 70)]
            ]
            pen.line(curve(ear), 13, colour=tone(look.main, -0.22))
            pen.line([(x, y + 2) for x, y in curve(ear)], 6, colour=tone(look.main, 0.06))
    turned_body(
        pen, sized([(108, 0), (120, 10), (124, 40), (124, 122)], look), look, tilt=0.16, open_top=False, light=light
    )
    pen.fill(turned(sized([(127, 118), (129, 124), (127, 130)], look), 0.16), colour=tone(look.main, 0.1), light=light)
    lid = pen.fill(
        turned(sized([(125, 129), (116, 142), (70, 156), (16, 162)], look), 0.16), colour=look.main, light=light
    )
    pen.gleam(-50 * w, 154 * t, 46, 10, 0.4, clip=lid)
    metal = look.second
    pen.fill(
        turned(sized([(8, 160), (7, 168), (20, 178), (17, 190), (3, 194)], look), 0.16),
        colour=metal,
        light="metal" if len(look.names) > 1 and look.names[1] in SHINY else "round",
    )


@drawing("knife", pose="lie", reach=(-90, -180, 90, 180), detail=(2, -60, 2.1))
def knife(pen: Pen, look: Look) -> None:
    """Form: cook's (default), bread, paring, or set (three side by side)."""
    if look.form == "set":
        for x, size, form in ((-48, 1.0, ""), (2, 0.92, "bread"), (46, 0.66, "paring")):
            _one_knife(pen.moved(x, (size - 1) * 60, size), look, form, 0)
    else:
        _one_knife(pen, look, look.form, -24)


def _one_knife(pen: Pen, look: Look, form: str, turn: float) -> None:
    blades = {
        "": [(-11, -40), (-11, 186), (-4, 178), (14, 110), (23, 30), (23, -38), (10, -40)],
        "bread": [(-11, -40), (-11, 180), (4, 186), (15, 170), (17, 60), (17, -38), (10, -40)],
        "paring": [(-9, -40), (-8, 120), (8, 86), (14, 20), (14, -36), (8, -40)],
    }
    flat = blades[form]
    heel = flat[-2][0]

    def placed(path: Outline) -> Path:
        return moved(path, turn=turn)

    blade = placed(flat)
    grip = placed(
        curve(
            [(-12, -46), (12, -46), (14, -90), (10, -130), (17, -176), (2, -186), (-13, -178), (-9, -120)], closed=True
        )
    )
    drop(pen, blade, grip, height=9)
    steel = pen.fill(blade, colour=(176, 181, 184), light="side")
    pen.material(steel, "brushed", 0.12)
    pen.soft(
        placed([(-12, -40), (-4, -40), (-2, 190), (-12, 190)]),
        blur=5,
        strength=0.55,
        clip=steel,
        colour=(244, 247, 248),
    )
    pen.fill(
        placed([(heel, -38), (heel - 6, -38), (flat[3][0] - 7, 40), (flat[2][0] - 3, flat[2][1] - 10), *flat[1:5]]),
        colour=(226, 231, 233),
        clip=steel,
        alpha=0.8,
    )
    if form == "bread":
        pen.lines(
            [placed([(12, y), (17.5, y + 4)]) for y in range(-34, 168, 8)], 1.4, colour=(120, 124, 128), clip=steel
        )
    wood = pen.fill(grip, colour=look.main, light="round")
    pen.material(wood, "wood-upright", 0.3, tone(look.main, -0.7))
    pen.fill(placed(box(-12, -50, 12, -34, 2)), colour=(160, 164, 168), light="metal")
    pen.fill(*[placed(ellipse(0, y, 3.2, 3.2)) for y in (-72, -112, -152)], colour=(206, 190, 150))


@drawing("utensils", pose="lie", reach=(-110, -170, 110, 170), detail=(-20, 90, 2.0))
def utensils(pen: Pen, look: Look) -> None:
    """Wooden spoons and a turner, side by side."""
    for x, turn, head in ((-66, 7, "spoon"), (0, 0, "turner"), (66, -7, "fork" if look.form == "salad" else "slotted")):
        stem = ribbon([(0, -168), (0, 0), (0, 92)], 15, 11)
        if head == "turner":
            top = curve([(-8, 76), (-30, 106), (-32, 160), (30, 168), (32, 106), (8, 76)], closed=True)
        else:
            top = ellipse(0, 122, 31, 46)
        paths = [moved(path, x, 0, turn) for path in (stem, top)]
        drop(pen, *paths, height=9)
        holes = (
            [moved(box(-12 + i * 10, 96, -8 + i * 10, 146, 2), x, 0, turn) for i in range(3)]
            if head in ("slotted", "fork")
            else []
        )
        wood = pen.fill(*paths, holes=holes, colour=look.main, light="side")
        pen.material(wood, "wood-upright", 0.32, tone(look.main, -0.7))
        if head == "spoon":
            bowl = pen.fill(
                moved(ellipse(0, 124, 23, 37), x, 0, turn), colour=tone(look.main, -0.1), light="inside", alpha=0.75
            )
            pen.gleam(x + 4, 108, 18, 20, 0.25, clip=bowl)
        pen.fill(moved(box(-8, -168, 8, -140, 6), x, 0, turn), colour=look.second, light="side", clip=wood)


@drawing("rollingpin", pose="lie", reach=(-60, -210, 60, 210), detail=(0, 110, 2.1))
def rollingpin(pen: Pen, look: Look) -> None:
    tilt = 24
    parts = [
        (curve([(-9, 150), (9, 150), (15, 196), (0, 210), (-15, 196)], closed=True), look.second),
        (curve([(-9, -150), (9, -150), (15, -196), (0, -210), (-15, -196)], closed=True), look.second),
        (box(-31, -152, 31, 152, 9), look.main),
    ]
    for path, shade in parts:
        turned_path = moved(path, turn=tilt)
        drop(pen, turned_path, height=20)
        wood = pen.fill(turned_path, colour=shade, light="side")
        pen.material(wood, "wood-upright", 0.3, tone(shade, -0.7))
        pen.soft(moved(box(14, -210, 34, 210), turn=tilt), blur=9, strength=0.45, clip=wood)
        pen.soft(moved(box(-20, -210, -8, 210), turn=tilt), blur=6, strength=0.45, clip=wood, colour=(255, 252, 245))


@drawing("whisk", pose="lie", reach=(-75, -170, 75, 170), detail=(0, 70, 2.0))
def whisk(pen: Pen, look: Look) -> None:
    grip = curve([(-10, -30), (10, -30), (13, -110), (10, -164), (-10, -164), (-13, -110)], closed=True)
    loops = [
        curve([(-4, -30), (-width, 70), (-width * 0.8, 132), (0, 164), (width * 0.8, 132), (width, 70), (4, -30)])
        for width in (60, 42, 22, 6)
    ]
    drop(pen, grip, *[ribbon(loop, 3) for loop in loops], height=12)
    for loop in loops:
        pen.line(loop, 3.4, colour=(140, 144, 148))
        pen.line([(x - 0.7, y + 0.5) for x, y in loop], 1.3, colour=(232, 236, 238))
    wood = pen.fill(grip, colour=look.main, light="round")
    pen.material(wood, "wood-upright", 0.3, tone(look.main, -0.7))
    pen.fill(box(-12, -42, 12, -22, 3), colour=(176, 180, 184), light="metal")
    pen.fill(ellipse(0, -152, 3.4, 3.4), colour=tone(look.main, -0.6))


@drawing("mill", pose="stand", reach=(-40, -8, 60, 232), detail=(0, 170, 1.9))
def mill(pen: Pen, look: Look) -> None:
    """A pepper mill; form crank is a coffee grinder with a side handle."""
    stand(pen, 66, height=130)
    pen.material(
        turned_body(pen, [(31, 0), (32, 6), (24, 44), (20, 92), (27, 140)], look, open_top=False),
        "wood-upright",
        0.26,
        tone(look.main, -0.7),
    )
    pen.fill(turned([(27.5, 139), (27.5, 147)], 0.2, False), colour=(180, 184, 186), light="metal")
    cap = pen.fill(turned([(26, 147), (30, 166), (24, 188), (10, 198)], 0.2), colour=look.second, light="round")
    pen.material(cap, "wood-upright", 0.24, tone(look.second, -0.7))
    if look.form == "crank":
        pen.line(curve([(0, 204), (26, 214), (54, 206)]), 6, colour=(150, 154, 156))
        pen.fill(ellipse(54, 218, 11, 13), colour=look.second, light="round")
    pen.fill(ellipse(0, 206, 9, 9), colour=(190, 192, 192), light="round")


@drawing("tin", pose="lie", reach=(-150, -110, 150, 110), detail=(-60, 30, 2.0))
def tin(pen: Pen, look: Look) -> None:
    """A baking tin seen from above; form round is a cake tin."""
    if look.form == "round":
        outer, inner, floor = ellipse(0, 0, 112, 112), ellipse(0, 0, 106, 106), ellipse(3, -3, 92, 92)
    else:
        outer, inner, floor = box(-146, -84, 146, 84, 14), box(-138, -76, 138, 76, 11), box(-120, -58, 122, 58, 7)
    drop(pen, outer, height=26, strength=0.4)
    pen.fill(outer, colour=tone(look.main, 0.25), light="side")
    wall = pen.fill(inner, colour=tone(look.main, -0.2), light="inside")
    pen.shade(wall, "top", 0.4)
    base = pen.fill(floor, colour=look.main, light="side")
    pen.material(base, "brushed", 0.12)
    pen.gleam(-20, 26, 100, 56, 0.3, clip=base)


@drawing("apron", pose="hang", reach=(-190, -330, 190, 330), detail=(-10, 30, 2.0))
def apron(pen: Pen, look: Look) -> None:
    neck = curve([(-62, 206), (-40, 300), (0, 326), (40, 300), (62, 206)])
    pen.lines([neck], 9, colour=tone(look.second, -0.1))
    ties = [curve([(side * 150, 60), (side * 176, 10), (side * 168, -90), (side * 182, -150)]) for side in (-1, 1)]
    pen.lines(ties, 8, colour=tone(look.second, -0.1))
    right = [(70, 212), (78, 150), (112, 92), (160, 62), (168, -120), (172, -314)]
    outline = curve(right) + mirrored(curve(right))[::-1]
    drop(pen, outline, height=15)
    cloth = pen.fill(outline, colour=look.main, light="side")
    cloth_pattern(pen, cloth, look, look.second, reach=360)
    pen.material(cloth, "weave", 0.13, size=0.9)
    pen.soft(
        [(-90, 60), (-104, -310), (-82, -310)], [(60, 120), (66, -310), (92, -310)],
        [(-14, -90), (-20, -310), (4, -310)], [(130, 60), (136, -310), (150, -310)],
        blur=11, strength=0.3, clip=cloth,
    )  # fmt: skip
    pen.fill(box(-70, 200, 70, 212), colour=tone(look.main, -0.16), clip=cloth)
    pocket = box(-84, -120, 84, 0, 5)
    pen.soft(pocket, blur=4, strength=0.3, shift=(2, -3))
    patch = pen.fill(pocket, colour=tone(look.main, 0.04), light="side")
    cloth_pattern(pen, patch, look, look.second, reach=360)
    pen.material(patch, "weave", 0.13, size=0.9)
    pen.lines(
        [[(-84, -12), (84, -12)], [(0, -118), (0, -2)], [(-79, -2), (-79, -115), (79, -115), (79, -2)]],
        1.3,
        colour=tone(look.main, -0.35),
    )
    pen.line([(-168, -302), (168, -302)], 1.3, colour=tone(look.main, -0.3), clip=cloth)


@drawing("teatowel", pose="hang", reach=(-150, -250, 150, 250), detail=(-20, -80, 2.0))
def teatowel(pen: Pen, look: Look) -> None:
    """A cloth over a wooden rail."""
    outline = curve([(-112, 196), (-116, 0), (-110, -226)]) + curve([(110, -222), (116, 0), (112, 196)])
    drop(pen, outline, box(-176, 184, 176, 200), height=15)
    rail = pen.fill(box(-180, 184, 180, 200, 8), colour=(188, 148, 104), light="rod")
    pen.material(rail, "wood", 0.3)
    back = pen.fill([(-100, 190), (104, 190), (114, -150), (-104, -160)], colour=tone(look.main, -0.2), light="side")
    pen.material(back, "weave", 0.12)
    cloth = pen.fill(outline + [(112, 206), (-112, 206)], colour=look.main, light="side")
    cloth_pattern(pen, cloth, look, look.second, reach=300)
    pen.material(cloth, "weave", 0.15, size=0.9)
    pen.soft(
        [(-60, 200), (-70, -226), (-44, -226)],
        [(30, 200), (26, -226), (52, -226)],
        [(88, 200), (92, -226), (104, -226)],
        blur=9,
        strength=0.28,
        clip=cloth,
    )
    pen.soft(
        [(-112, 206), (112, 206), (112, 196), (-112, 196)], blur=3, strength=0.4, clip=cloth, colour=(255, 252, 245)
    )
    pen.soft([(-112, 186), (112, 186), (112, 172), (-112, 172)], blur=6, strength=0.25, clip=cloth)
    pen.line([(-112, -206), (112, -204)], 1.4, colour=tone(look.main, -0.32), clip=cloth)


@drawing("mitt", pose="lie", reach=(-150, -170, 150, 170), detail=(-20, -60, 2.0))
def mitt(pen: Pen, look: Look) -> None:
    """A pair of quilted oven gloves."""
    shape = curve(
        [
            (-62, -160),
            (62, -160),
            (64, -40),
            (70, 60),
            (54, 132),
            (0, 156),
            (-46, 132),
            (-58, 70),
            (-74, 84),
            (-104, 70),
            (-104, 34),
            (-70, -20),
        ],
        closed=True,
        steps=8,
    )
    for x, turn, size in ((52, -14, 0.88), (-30, 6, 0.92)):
        outline = moved(shape, x, 0, turn, size)
        drop(pen, outline, height=15)
        cloth = pen.fill(outline, colour=look.main, light="side")
        quilting = [moved([(k * 30 - 260, -180), (k * 30 + 100, 180)], x, 0, turn, size) for k in range(-4, 16)]
        quilting += [moved([(k * 30 + 260, -180), (k * 30 - 100, 180)], x, 0, turn, size) for k in range(-16, 4)]
        pen.lines(quilting, 1.5, colour=tone(look.main, -0.28), clip=cloth)
        pen.material(cloth, "weave", 0.12)
        pen.fill(moved(box(-70, -170, 70, -128), x, 0, turn, size), colour=look.second, light="side", clip=cloth)
        pen.gleam(x - 20, 70, 60, 70, 0.2, clip=cloth)
