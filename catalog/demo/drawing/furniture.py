"""Chairs, tables, shelves and cabinets, seen from the front."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop, plank
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import box, curve, ellipse, mirrored, moved, ribbon
from catalog.demo.palette import Colour, tone


def _leg(pen: Pen, top_x: float, top_y: float, foot_x: float, foot_y: float, width: float, colour: Colour) -> None:
    mask = pen.fill(ribbon([(top_x, top_y), (foot_x, foot_y)], width, width * 0.66), colour=colour, light="round")
    pen.material(mask, "wood-upright", 0.26, tone(colour, -0.7))
    pen.shade(mask, "top", 0.25)


def _floor(pen: Pen, width: float, height: float = 300) -> None:
    half = width / 2
    pen.soft([(-half, -10), (half, -30), (half + height * 0.5, 30), (-half * 0.4, 50)], blur=46, strength=0.42)


@drawing("chair", pose="stand", reach=(-270, -30, 270, 830), detail=(0, 560, 1.7))
def chair(pen: Pen, look: Look) -> None:
    """A dining chair; form spindle, ladder or shell (one curved back)."""
    wood = look.main
    _floor(pen, 460)
    for side in (-1, 1):
        _leg(pen, side * 150, 440, side * 168, 50, 30, tone(wood, -0.24))
    posts = [[(side * 160, 440), (side * 172, 640), (side * 190, 800)] for side in (-1, 1)]
    if look.form == "shell":
        back = curve([(-196, 640), (-200, 760), (0, 812), (200, 760), (196, 640), (0, 604)], closed=True)
        for side in (-1, 1):
            _leg(pen, side * 176, 680, side * 150, 430, 26, tone(wood, -0.1))
        mask = pen.fill(back, colour=look.second, light="side")
        pen.material(mask, "wood", 0.2, tone(look.second, -0.7))
        pen.soft(
            curve([(-196, 640), (0, 604), (196, 640)]) + [(196, 600), (-196, 600)], blur=16, strength=0.3, clip=mask
        )
    else:
        for post in posts:
            mask = pen.fill(ribbon(curve(post), 32, 26), colour=wood, light="round")
            pen.material(mask, "wood-upright", 0.26, tone(wood, -0.7))
        if look.form == "ladder":
            for y in (560, 660, 760):
                rail = pen.fill(
                    curve(
                        [(-178, y), (0, y - 14), (178, y), (180, y + 44), (0, y + 32), (-180, y + 44)],
                        closed=True,
                        steps=6,
                    ),
                    colour=wood,
                    light="down",
                )
                pen.material(rail, "wood", 0.26, tone(wood, -0.7))
        else:
            for x in (-108, -54, 0, 54, 108):
                pen.fill(ribbon([(x * 0.9, 450), (x, 780)], 15), colour=tone(wood, -0.06), light="round")
            rail = pen.fill(
                curve([(-206, 770), (0, 750), (206, 770), (210, 826), (0, 808), (-210, 826)], closed=True),
                colour=wood,
                light="down",
            )
            pen.material(rail, "wood", 0.3, tone(wood, -0.7))
    for side in (-1, 1):
        _leg(pen, side * 190, 430, side * 214, -14, 36, wood)
    pen.fill(box(-206, 180, 206, 200, 8), colour=tone(wood, -0.1), light="rod")
    seat = pen.fill([(-186, 476), (186, 476), (230, 428), (-230, 428)], colour=look.second, light="side")
    if look.pattern == "cord":
        pen.lines([[(-220, y), (220, y)] for y in range(430, 476, 6)], 1.8, colour=tone(look.second, -0.35), clip=seat)
        pen.lines(
            [[(-230, 428), (0, 452), (-186, 476)], [(230, 428), (0, 452), (186, 476)]],
            2.4,
            colour=tone(look.second, -0.45),
            clip=seat,
        )
    elif look.pattern == "cushion":
        pen.gleam(-40, 460, 190, 30, 0.35, clip=seat)
        pen.material(seat, "weave", 0.14)
    else:
        pen.material(seat, "wood", 0.26, tone(look.second, -0.7))
    edge = pen.fill(
        box(-230, 396, 230, 432, 10), colour=look.second if look.pattern == "cushion" else wood, light="down"
    )
    if look.pattern != "cushion":
        pen.material(edge, "wood", 0.3, tone(wood, -0.7))


@drawing("armchair", pose="stand", reach=(-400, -30, 400, 860), detail=(-60, 540, 1.7))
def armchair(pen: Pen, look: Look) -> None:
    cloth = look.main
    _floor(pen, 720)
    for x in (-300, 300):
        _leg(pen, x, 150, x * 1.04, -14, 40, look.second)
    back = pen.fill(
        curve([(-290, 200), (-306, 640), (-250, 820), (0, 850), (250, 820), (306, 640), (290, 200)], closed=True),
        colour=tone(cloth, -0.06),
        light="side",
    )
    pen.material(back, "weave", 0.16)
    pen.gleam(-110, 700, 200, 160, 0.22, clip=back)
    if look.pattern == "buttons":
        for x, y in ((-120, 660), (0, 690), (120, 660), (-60, 560), (60, 560)):
            pen.soft(ellipse(x, y - 5, 16, 14), blur=12, strength=0.6)
            pen.fill(ellipse(x, y, 9, 9), colour=tone(cloth, -0.2), light="round")
    else:
        pen.line(curve([(0, 848), (-4, 640), (0, 400)]), 3, colour=tone(cloth, -0.3), clip=back)
    seat_box = pen.fill(box(-300, 130, 300, 330, 30), colour=tone(cloth, -0.1), light="down")
    pen.material(seat_box, "weave", 0.16)
    pen.soft(box(-270, 400, 270, 440, 10), blur=20, strength=0.45)
    cushion = pen.fill(
        curve(
            [(-262, 300), (-268, 400), (-240, 432), (0, 444), (240, 432), (268, 400), (262, 300), (0, 292)], closed=True
        ),
        colour=tone(cloth, 0.06),
        light="down",
    )
    pen.material(cushion, "weave", 0.16)
    pen.gleam(-80, 420, 190, 50, 0.25, clip=cushion)
    for side in (-1, 1):
        arm = [
            (side * x, y)
            for x, y in [(262, 130), (256, 480), (290, 540), (350, 548), (392, 500), (390, 300), (376, 130)]
        ]
        pen.soft(curve(arm, closed=True), blur=24, strength=0.35, shift=(-side * 18, -10))
        mask = pen.fill(curve(arm, closed=True, steps=8), colour=cloth, light="side")
        pen.material(mask, "weave", 0.16)
        pen.gleam(side * 318, 480, 70, 80, 0.25, clip=mask)
        pen.shade(mask, "bottom", 0.3)


@drawing("stool", pose="stand", reach=(-230, -30, 230, 480), detail=(-40, 410, 1.8))
def stool(pen: Pen, look: Look) -> None:
    wood = look.main
    _floor(pen, 340, 240)
    t = look.tall
    for x in (-96, 96):
        _leg(pen, x, 430 * t, x * 1.35, 40, 28, tone(wood, -0.25))
    if t > 1.2:
        pen.fill(box(-158, 190, 158, 210, 8), colour=tone(wood, -0.08), light="rod")
    for x in (-130, 130):
        _leg(pen, x, 430 * t, x * 1.42, -14, 34, wood)
    top = 440 * t
    side = pen.fill(
        [(-184, top), *ellipse(0, top - 32, 184, 40, 180, 360), (184, top)],
        colour=tone(look.second, -0.08),
        light="matt",
    )
    pen.material(side, "wood", 0.25)
    seat = pen.fill(ellipse(0, top, 184, 40), colour=look.second, light="side")
    if look.pattern == "cord":
        pen.lines(
            [ellipse(0, top, 184 * k / 8, 40 * k / 8) for k in range(1, 8)],
            2.2,
            colour=tone(look.second, -0.35),
            clip=seat,
        )
    else:
        pen.material(seat, "wood", 0.3, tone(look.second, -0.7))
    pen.gleam(-60, top + 8, 100, 24, 0.3, clip=seat)


@drawing("table", pose="stand", reach=(-660, -30, 660, 760), detail=(-400, 640, 1.9))
def table(pen: Pen, look: Look) -> None:
    """A long table; form trestle, desk (one drawer bank) or bench (low)."""
    w, t, wood = look.wide, look.tall, look.main
    top = 720 * t
    _floor(pen, 1240 * w, 420 * t)
    if look.form == "trestle":
        for x in (-430 * w, 430 * w):
            for lean in (-110, 110):
                _leg(pen, x + lean * 0.2, top, x + lean, -14, 44, look.second)
            plank(pen, x - 80, 250 * t, x + 80, 280 * t, look.second)
    else:
        for x in (-500, 500):
            _leg(pen, x * w, top, x * w * 1.03, 60, 40, tone(look.second, -0.25))
        for x in (-590, 590):
            _leg(pen, x * w, top, x * w * 1.02, -14, 52, look.second)
        plank(pen, -585 * w, top - 96 * min(t, 1), 585 * w, top, tone(wood, -0.12))
    if look.form == "desk":
        for left, right in ((-520, -180), (-160, 160), (180, 520)):
            front = pen.fill(box(left * w, top - 86, right * w, top - 10, 4), colour=wood, light="down")
            pen.material(front, "wood", 0.28, tone(wood, -0.7))
            pen.fill(ellipse((left + right) / 2 * w, top - 48, 15, 12), colour=(196, 160, 96), light="round")
    surface = pen.fill(
        [(-560 * w, top + 66), (560 * w, top + 66), (640 * w, top), (-640 * w, top)],
        colour=tone(wood, 0.1),
        light="side",
    )
    pen.material(surface, "wood", 0.3, tone(wood, -0.7))
    plank(pen, -642 * w, top - 34, 642 * w, top + 4, wood, corner=8)


@drawing("roundtable", pose="stand", reach=(-330, -30, 330, 580), detail=(-110, 500, 1.8))
def roundtable(pen: Pen, look: Look) -> None:
    """A side table; form drum, pedestal or three legs."""
    w, t = look.wide, look.tall
    top = 520 * t
    _floor(pen, 420 * w)
    if look.form == "pedestal":
        pen.fill(
            [(-24, top), (-30, 90), *ellipse(0, 24, 190 * w, 40, 180, 360), (30, 90), (24, top)],
            colour=look.second,
            light="round",
        )
    elif look.form == "drum":
        outline = [(-250 * w, top), *ellipse(0, 30, 230 * w, 44, 180, 360), (250 * w, top)]
        body = pen.fill(outline, colour=look.second, light="round")
        pen.material(body, "wood-upright", 0.25)
        pen.lines(
            [[(x * w, -20), (x * w * 1.08, top)] for x in range(-200, 201, 40)],
            4,
            colour=tone(look.second, -0.4),
            clip=body,
        )
    else:
        _leg(pen, 20, top, 40, 60, 30, tone(look.second, -0.25))
        for x in (-150, 150):
            _leg(pen, x * w, top, x * w * 1.5, -14, 36, look.second)
    pen.fill(
        [(-300 * w, top), *ellipse(0, top - 26, 300 * w, 62, 180, 360), (300 * w, top)],
        colour=tone(look.main, -0.1),
        light="matt",
    )
    disc = pen.fill(ellipse(0, top, 300 * w, 62), colour=look.main, light="side")
    pen.material(disc, "stone" if look.pattern == "stone" else "wood", 0.26, tone(look.main, -0.7))
    pen.gleam(-110 * w, top + 14, 160, 36, 0.35, clip=disc)


def _books(pen: Pen, left: float, bottom: float, look: Look, count: int) -> None:
    shades = (look.second, (222, 208, 184), (150, 92, 66), (96, 112, 108), (206, 170, 110), (232, 224, 208))
    x = float(left)
    for i in range(count):
        width, height = 24 + (i * 7) % 17, 150 + (i * 37) % 60
        pen.fill(box(x, bottom, x + width, bottom + height, 2), colour=shades[i % len(shades)], light="matt")
        pen.fill(
            box(x, bottom + height - 30, x + width, bottom + height - 24), colour=tone(shades[i % len(shades)], 0.4)
        )
        x += width + 1.5


def _pot(pen: Pen, x: float, bottom: float, size: float, colour: Colour) -> None:
    one = pen.moved(x, bottom, size)
    one.fill(
        curve([(-20, 0), (-46, 30), (-40, 90), (-18, 130), (-22, 150)])
        + mirrored(curve([(-20, 0), (-46, 30), (-40, 90), (-18, 130), (-22, 150)]))[::-1],
        colour=colour,
        light="round",
    )


@drawing("wallshelf", pose="hang", reach=(-430, -130, 430, 260), detail=(-200, 40, 1.8))
def wallshelf(pen: Pen, look: Look) -> None:
    """A shelf on the wall with a few books and a pot."""
    drop(pen, box(-410, -26, 410, 12), height=46)
    for x in (-290, 290):
        if look.pattern == "bracket":
            pen.fill(box(x - 8, -130, x + 8, -10, 3), colour=look.second, light="side")
            pen.fill(ribbon(curve([(x, -124), (x + 18, -60), (x + 60, -20)]), 11), colour=look.second)
    drop(pen, box(-330, 10, -170, 190), box(180, 10, 280, 150), height=26, strength=0.25)
    _books(pen, -330, 10, look, 6)
    _pot(pen, 220, 10, 0.95, tone(look.second, 0.15))
    plank(pen, -410, -26, 410, 12, look.main, corner=4)
    if look.pattern == "rail":
        pen.fill(box(-400, 44, 400, 54, 4), colour=look.second, light="shine")
        pen.fill(*[box(x - 5, 8, x + 5, 50, 2) for x in (-396, -132, 132, 396)], colour=look.second)
    if look.pattern == "pegs":
        for x in (-300, -150, 0, 150, 300):
            drop(pen, ellipse(x, -64, 16, 16), height=16)
            pen.fill(ribbon([(x, -30), (x, -62)], 14), colour=tone(look.main, -0.15))
            pen.fill(ellipse(x, -66, 16, 16), colour=look.main, light="round")


@drawing("bookcase", pose="stand", reach=(-420, -30, 420, 1560), detail=(-60, 900, 1.8))
def bookcase(pen: Pen, look: Look) -> None:
    """Open shelves; form ladder leans and narrows towards the top."""
    wood = look.main
    _floor(pen, 780)
    narrow = 0.72 if look.form == "ladder" else 1.0
    pen.fill(
        [(-380, 40), (380, 40), (380 * narrow, 1500), (-380 * narrow, 1500)],
        colour=tone(wood, -0.5),
        alpha=0.0 if look.form == "ladder" else 0.5,
    )
    levels = (70, 420, 770, 1120) if look.form == "ladder" else (50, 400, 760, 1110, 1440)
    for i, y in enumerate(levels):
        half = 372 * (1 - (1 - narrow) * y / 1500)
        shelf_pen = pen.moved(0, 0)
        if i % 2 == 0 and y < 1400:
            _books(shelf_pen, -half + 60, y + 30, look, 8 - i)
            _pot(shelf_pen, half - 110, y + 30, 1.1, tone(look.second, 0.2))
        elif y < 1400:
            _pot(shelf_pen, -half + 120, y + 30, 1.4, (214, 196, 168))
            basket = shelf_pen.fill(
                box(half - 330, y + 30, half - 60, y + 190, 20), colour=(190, 158, 112), light="matt"
            )
            shelf_pen.material(basket, "weave", 0.4, size=1.2)
        plank(pen, -half, y, half, y + 32, wood)
        pen.soft(box(-half + 10, y - 26, half - 10, y), blur=12, strength=0.2)
    for side in (-1, 1):
        post = pen.fill(ribbon([(side * 386, -16), (side * 386 * narrow, 1540)], 40), colour=wood, light="round")
        pen.material(post, "wood-upright", 0.28, tone(wood, -0.7))


@drawing("sideboard", pose="stand", reach=(-690, -30, 690, 740), detail=(-320, 420, 1.8))
def sideboard(pen: Pen, look: Look) -> None:
    """A low cabinet; form drawers, cane (woven doors) or slats."""
    wood, w = look.main, look.wide
    _floor(pen, 1300 * w, 420)
    for x in (-540, 540):
        _leg(pen, x * w, 170, x * w * 1.04, -14, 46, look.second)
    case = pen.fill(box(-640 * w, 150, 640 * w, 690, 8), colour=tone(wood, -0.1), light="down")
    pen.material(case, "wood", 0.26, tone(wood, -0.7))
    doors = ((-610, -210), (-200, 200), (210, 610))
    for i, (start, end) in enumerate(doors):
        left, right = start * w, end * w
        if look.form == "drawers":
            for low, high in ((180, 330), (340, 490), (500, 650)):
                front = pen.fill(box(left, low, right, high, 5), colour=wood, light="down")
                pen.material(front, "wood", 0.3, tone(wood, -0.7))
                pen.fill(ellipse((left + right) / 2, (low + high) / 2, 17, 17), colour=look.second, light="round")
            continue
        front = pen.fill(box(left, 180, right, 650, 5), colour=wood, light="side")
        pen.material(front, "wood", 0.3, tone(wood, -0.7))
        if look.form == "cane":
            panel = pen.fill(box(left + 40, 220, right - 40, 610, 4), colour=(222, 196, 150), light="side")
            pen.lines(
                [[(x, 220), (x + 390, 610)] for x in range(round(left) - 400, round(right), 20)],
                3.6,
                colour=(160, 126, 82),
                clip=panel,
            )
            pen.lines(
                [[(x, 610), (x + 390, 220)] for x in range(round(left) - 400, round(right), 20)],
                3.6,
                colour=(176, 142, 96),
                clip=panel,
            )
            pen.shade(panel, "top", 0.25)
        elif look.form == "slats":
            pen.lines(
                [[(x, 184), (x, 646)] for x in range(round(left) + 16, round(right), 24)],
                5,
                colour=tone(wood, -0.42),
                clip=front,
            )
        pen.fill(ellipse(right - 20 if i == 0 else left + 20, 430, 13, 13), colour=look.second, light="round")
    plank(pen, -652 * w, 684, 652 * w, 724, wood, corner=8)


@drawing("pegrail", pose="hang", reach=(-430, -150, 430, 120), detail=(-180, -20, 1.9))
def pegrail(pen: Pen, look: Look) -> None:
    """A rail with turned pegs, and a bag hung on one."""
    drop(pen, box(-410, -36, 410, 36), height=30)
    plank(pen, -410, -36, 410, 36, look.main, corner=6)
    for x in (-300, -150, 0, 150, 300):
        drop(pen, ellipse(x, -6, 20, 20), height=22)
        pen.fill(ellipse(x, 0, 21, 21), colour=tone(look.second, -0.1), light="round")
        pen.fill(ellipse(x - 2, 3, 15, 15), colour=look.second, light="round")
    strap = curve([(120, -120), (130, -40), (150, -4), (170, -40), (180, -120)])
    pen.lines([strap], 8, colour=(214, 200, 172))
    bag = box(86, -330, 214, -116, 6)
    drop(pen, bag, height=24)
    cloth = pen.fill(bag, colour=(226, 214, 190), light="side")
    pen.material(cloth, "weave", 0.2)
    pen.soft([(120, -120), (128, -330), (140, -330)], blur=8, strength=0.3, clip=cloth)


@drawing("bed", pose="lie", reach=(-230, -170, 230, 170), detail=(-60, 30, 2.0))
def pillows(pen: Pen, look: Look) -> None:
    """A folded set of bed linen: two pillowcases on a folded cover."""
    for i, (y, half, thick) in enumerate(((-120, 214, 64), (-58, 204, 56), (4, 176, 52), (56, 160, 46))):
        shade = look.main if i < 2 else look.second
        outline = curve(
            [
                (-half, y),
                (-half - 8, y + thick / 2),
                (-half, y + thick),
                (0, y + thick + 4),
                (half, y + thick),
                (half + 8, y + thick / 2),
                (half, y),
                (0, y - 3),
            ],
            closed=True,
            steps=6,
        )
        drop(pen, outline, height=14, strength=0.3)
        cloth = pen.fill(outline, colour=shade, light="down")
        pen.material(cloth, "weave", 0.08)
        if look.pattern == "pinstripes":
            pen.lines(
                [[(x, y - 6), (x, y + thick + 6)] for x in range(-210, 211, 14)], 1.6, colour=look.third, clip=cloth
            )
        pen.line([(-half, y + thick * 0.5), (half, y + thick * 0.46)], 1.4, colour=tone(shade, -0.25), clip=cloth)
    pen.soft(moved(box(-20, -126, 20, 108), turn=0), blur=5, strength=0.25, shift=(4, -4))
    ribbon_mask = pen.fill(box(-15, -126, 15, 108), colour=(206, 178, 136), light="side")
    pen.material(ribbon_mask, "weave", 0.2)
