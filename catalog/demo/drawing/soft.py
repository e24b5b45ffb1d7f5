"""Cushions, blankets, rugs, towels and what is sewn of them."""

from catalog.demo.drawing.canvas import Mask, Pen
from catalog.demo.drawing.finish import cloth_pattern, drop, stand
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import Path, box, curve, ellipse, leaf, ribbon
from catalog.demo.palette import Colour, tone


def _weave(pen: Pen, cloth: Mask | None, look: Look) -> None:
    names = {"knit": ("knit", 0.34), "terry": ("terry", 0.3), "rib": ("rib", 0.3), "twill": ("twill", 0.2)}
    name, strength = names.get(look.form, ("weave", 0.18))
    pen.material(cloth, name, strength)


@drawing("cushion", pose="stand", reach=(-230, -14, 230, 400), detail=(-80, 260, 2.0))
def cushion(pen: Pen, look: Look) -> None:
    w, t = look.wide, look.tall
    stand(pen, 380 * w, depth=0.16, height=160)
    points = [
        (-206, 4),
        (-190, 100),
        (-188, 250),
        (-212, 388),
        (-90, 374),
        (90, 374),
        (212, 388),
        (188, 250),
        (190, 100),
        (206, 4),
        (90, 16),
        (-90, 16),
    ]
    outline = curve([(x * w, y * t) for x, y in points], closed=True)
    cloth = pen.fill(outline, colour=look.main, light="side")
    if look.pattern in ("leaf", "sprig"):
        step = 92 if look.pattern == "leaf" else 64
        marks = []
        for row in range(-1, 6):
            for column in range(-4, 5):
                x, y = column * step + (row % 2) * step / 2, row * step * 0.9 + 30
                for angle in (90, 40, 140) if look.pattern == "leaf" else (60, 120):
                    marks.append(leaf(x, y, step * 0.42, step * 0.18, angle))
        pen.fill(*marks, colour=look.second, clip=cloth)
    elif look.pattern == "block":
        pen.fill(box(-260, -10, 0, 420), colour=look.second, clip=cloth, light="side")
    elif look.pattern == "frame":
        pen.fill(
            box(-260, -20, 260, 420), holes=[box(-150 * w, 56 * t, 150 * w, 334 * t)], colour=look.second, clip=cloth
        )
    else:
        cloth_pattern(pen.moved(0, 195), cloth, look, look.second, reach=300)
    _weave(pen, cloth, look)
    pen.gleam(-60 * w, 250 * t, 190 * w, 170 * t, 0.3, clip=cloth)
    pen.soft(
        [(-206, 0), (-120, 40), (-60, 14)],
        [(206, 0), (120, 40), (60, 14)],
        [(-210, 388), (-150, 330), (-186, 300)],
        [(210, 388), (150, 330), (186, 300)],
        blur=20,
        strength=0.24,
        clip=cloth,
    )
    pen.shade(cloth, "bottom", 0.28)
    pen.shade(cloth, "right", 0.16)
    if look.pattern == "tassels":
        for x, y in ((-210 * w, 6), (210 * w, 6), (-214 * w, 388 * t), (214 * w, 388 * t)):
            pen.fill(ellipse(x, y, 12, 12), colour=look.second, light="round")
            pen.fill(
                [(x - 8, y - 6), (x + 8, y - 6), (x + 15, y - 56), (x - 15, y - 56)], colour=look.second, light="round"
            )
    else:
        pen.lines([outline], 4.5, colour=tone(look.main, -0.22))


@drawing("blanket", pose="stand", reach=(-250, -14, 250, 240), detail=(-90, 110, 2.0))
def blanket(pen: Pen, look: Look) -> None:
    """Folded blankets, throws or towels in a stack; the second colour is the next one down."""
    layers = 4 if look.pattern == "stack" else 2
    stand(pen, 440, depth=0.14, height=100)
    thick = 56 if layers == 4 else 104
    for i in range(layers):
        y = i * thick
        shade = (look.main, look.second, look.third, look.main)[(layers - 1 - i) % 4] if layers == 4 else look.main
        half = 226 - i * 3
        fold = curve(
            [
                (-half, y + 4),
                (-half - 8, y + thick / 2),
                (-half, y + thick - 3),
                (0, y + thick),
                (half - 14, y + thick - 2),
                (half + 14, y + thick / 2),
                (half - 14, y + 3),
                (0, y),
            ],
            closed=True,
            steps=7,
        )
        if i:
            pen.soft(box(-half, y - 8, half, y + 4), blur=7, strength=0.5)
        cloth = pen.fill(fold, colour=shade, light="down")
        if look.pattern != "stack":
            cloth_pattern(pen.moved(0, y), cloth, look, look.second, reach=260)
        _weave(pen, cloth, look)
        pen.shade(cloth, "right", 0.2)
        pen.soft(
            [
                (-half - 20, y + thick * 0.4),
                (half, y + thick * 0.5),
                (half, y + thick * 0.44),
                (-half - 20, y + thick * 0.34),
            ],
            blur=4,
            strength=0.4,
            clip=cloth,
        )
        pen.gleam(-half * 0.4, y + thick * 0.82, half * 0.8, thick * 0.3, 0.35, clip=cloth)
    if look.pattern == "fringe" or (layers == 2 and look.form in ("", "twill")):
        top = 2 * thick
        flap = pen.fill(box(-198, top - 150, -40, top, 4), colour=look.main, light="side")
        cloth_pattern(pen.moved(0, top - 104), flap, look, look.second, reach=260)
        _weave(pen, flap, look)
        pen.soft(box(-40, top - 150, -34, top - 6), blur=5, strength=0.45)
        pen.lines(
            [[(x, top - 148), (x - 2 + (x % 5), top - 190)] for x in range(-194, -40, 9)],
            3.4,
            colour=tone(look.main, -0.12),
        )


@drawing("rug", pose="lie", reach=(-560, -900, 560, 900), detail=(-180, 420, 2.0))
def rug(pen: Pen, look: Look) -> None:
    """A rug or mat from above; form round, runner (use stretch) or bath."""
    w, t = look.wide, look.tall
    if look.form == "round":
        outline = ellipse(0, 0, 560, 560)
        drop(pen, outline, height=26)
        cloth = pen.fill(outline, colour=look.main, light="side")
        pen.lines([ellipse(0, 0, r, r) for r in range(60, 560, 44)], 11, colour=tone(look.main, -0.16), clip=cloth)
        if look.pattern:
            pen.fill(ellipse(0, 0, 500, 500), holes=[ellipse(0, 0, 420, 420)], colour=look.second, clip=cloth)
            pen.fill(ellipse(0, 0, 190, 190), colour=look.second, clip=cloth)
        pen.material(cloth, "weave", 0.3, size=1.0)
        return
    outline = box(-520 * w, -800 * t, 520 * w, 800 * t, 12)
    drop(pen, outline, height=22)
    if look.form != "bath":
        for end in (-1, 1):
            pen.lines(
                [[(x * w, end * 798 * t), (x * w + (x % 7) - 3, end * (798 * t + 74))] for x in range(-512, 513, 22)],
                7,
                colour=(228, 216, 192),
            )
    cloth = pen.fill(outline, colour=look.main, light="side")
    second, third = look.second, look.third
    if look.pattern == "border":
        pen.fill(
            box(-460 * w, -740 * t, 460 * w, 740 * t),
            holes=[box(-400 * w, -680 * t, 400 * w, 680 * t)],
            colour=second,
            clip=cloth,
        )
        pen.fill(
            box(-370 * w, -650 * t, 370 * w, 650 * t),
            holes=[box(-356 * w, -636 * t, 356 * w, 636 * t)],
            colour=second,
            clip=cloth,
        )
    elif look.pattern == "diamonds":
        marks, inner = [], []
        for row in range(-3, 4):
            for column in (-2, -1, 0, 1):
                x, y = (column + 0.5 + (row % 2) / 2) * 340 * w, row * 230 * t
                marks.append([(x - 150 * w, y), (x, y + 200 * t), (x + 150 * w, y), (x, y - 200 * t)])
                inner.append([(x - 80 * w, y), (x, y + 106 * t), (x + 80 * w, y), (x, y - 106 * t)])
        pen.fill(*marks, colour=second, clip=cloth, alpha=0.9)
        pen.fill(*inner, colour=third, clip=cloth)
    elif look.pattern == "bands":
        for i, y in enumerate((-640, -420, -120, 120, 420, 640)):
            pen.fill(box(-600, (y - 60) * t, 600, (y + 60) * t), colour=(second, third)[i % 2], clip=cloth)
    elif look.pattern == "arches":
        for i, r in enumerate((440, 340, 240, 140)):
            pen.fill(
                [*ellipse(0, 40 * t, r * w, r * 1.35 * t, 0, 180), (-r * w, -640 * t), (r * w, -640 * t)],
                colour=(second, look.main, third, look.main)[i],
                clip=cloth,
            )
    elif look.pattern == "stripes":
        pen.fill(*[box(-600, y * t, 600, (y + 46) * t) for y in range(-800, 800, 110)], colour=second, clip=cloth)
    elif look.pattern == "lines":
        pen.fill(*[box(-600, y * t, 600, (y + 10) * t) for y in range(-770, 800, 64)], colour=second, clip=cloth)
    pen.material(cloth, "terry" if look.form == "bath" else "weave", 0.3, size=1.0)


@drawing("towel", pose="hang", reach=(-230, -330, 230, 240), detail=(-40, -150, 2.0))
def towel(pen: Pen, look: Look) -> None:
    """A bath towel over a rail."""
    drop(pen, box(-236, 196, 236, 214), height=30)
    pen.fill(box(-246, 196, 246, 214, 9), colour=(190, 160, 104), light="shine")
    outline = curve([(-160, 214), (-166, 0), (-160, -300)]) + curve([(160, -296), (166, 0), (160, 214)])
    drop(pen, outline, height=18)
    behind = pen.fill([(-150, 200), (154, 200), (164, -190), (-154, -200)], colour=tone(look.main, -0.22), light="side")
    pen.material(behind, "terry", 0.2)
    cloth = pen.fill(outline + [(160, 226), (-160, 226)], colour=look.main, light="side")
    if look.pattern == "stripes":
        pen.fill(*[box(-200, y, 200, y + 16) for y in range(-290, 230, 44)], colour=look.second, clip=cloth)
    elif look.pattern == "waffle":
        pen.lines(
            [[(x, -310), (x, 230)] for x in range(-176, 180, 15)]
            + [[(-180, y), (180, y)] for y in range(-305, 230, 15)],
            2.6,
            colour=tone(look.main, -0.22),
            clip=cloth,
        )
    else:
        pen.fill(box(-200, -240, 200, -206), colour=look.second, clip=cloth, light="side")
        pen.fill(box(-200, -200, 200, -194), colour=look.second, clip=cloth)
    if look.pattern != "waffle":
        pen.material(cloth, "terry", 0.26)
    pen.soft(
        [(-90, 220), (-100, -310), (-70, -310)],
        [(40, 220), (34, -310), (66, -310)],
        [(128, 220), (132, -310), (150, -310)],
        blur=12,
        strength=0.3,
        clip=cloth,
    )
    pen.soft(box(-160, 214, 160, 228), blur=5, strength=0.5, clip=cloth, colour=(255, 252, 245))
    pen.soft(box(-160, 180, 160, 200), blur=8, strength=0.25, clip=cloth)


@drawing("tablecloth", pose="stand", reach=(-560, -20, 560, 760), detail=(-200, 520, 1.9))
def tablecloth(pen: Pen, look: Look) -> None:
    """A cloth (or, form runner, a strip) over a wooden table."""
    pen.soft([(-520, 0), (520, -20), (760, 60), (-200, 70)], blur=50, strength=0.35)
    wood: Colour = (186, 148, 106)
    for x in (-440, 440):
        leg = pen.fill(ribbon([(x, 640), (x * 1.03, -10)], 52, 36), colour=wood, light="round")
        pen.material(leg, "wood-upright", 0.26)
    surface = [(-440, 740), (440, 740), (520, 640), (-520, 640)]
    if look.form == "runner":
        top = pen.fill(surface, colour=tone(wood, 0.1), light="side")
        pen.material(top, "wood", 0.3)
        front = pen.fill(box(-522, 600, 522, 642, 6), colour=wood, light="down")
        pen.material(front, "wood", 0.3)
        shape: Path = [(-130, 740), (130, 740), (160, 640), (160, 300), (-160, 300), (-160, 640)]
    else:
        shape = [
            (-440, 740),
            (440, 740),
            (520, 640),
            *curve([(526, 500), (540, 330)]),
            *curve([(400, 300), (240, 318), (80, 296), (-80, 318), (-240, 298), (-400, 318)]),
            *curve([(-540, 330), (-526, 500)]),
            (-520, 640),
        ]
    pen.soft(shape, blur=18, strength=0.3, shift=(10, -14))
    cloth = pen.fill(shape, colour=look.main, light="side")
    cloth_pattern(pen.moved(0, 500), cloth, look, look.second, reach=620)
    pen.material(cloth, "weave", 0.14)
    hang = pen.mask([(-560, 640), (560, 640), (560, 200), (-560, 200)], clip=cloth)
    pen.shade(hang, "top", 0.3)
    folds = (-60, 40) if look.form == "runner" else (-440, -290, -130, 30, 190, 350, 470)
    pen.soft(*[[(x, 630), (x - 24, 290), (x + 14, 290)] for x in folds], blur=16, strength=0.34, clip=cloth)
    pen.line([(-520, 640), (520, 640)], 2, colour=tone(look.main, 0.4), clip=cloth)
    bowl_pen = pen.moved(0, 690)
    bowl_pen.soft(ellipse(14, -8, 90, 14), blur=10, strength=0.4)
    right = curve([(34, -6), (70, 24), (86, 66)])
    bowl_pen.fill(right + [(-x, y) for x, y in reversed(right)], colour=(196, 190, 176), light="round")
    bowl_pen.fill(ellipse(0, 66, 86, 13), colour=(160, 152, 138), light="inside")
    for x, y, shade in ((-40, 74, (206, 150, 70)), (4, 84, (186, 92, 60)), (42, 74, (214, 170, 84))):
        bowl_pen.fill(ellipse(x, y, 29, 28), colour=shade, light="round")


@drawing("bathrobe", pose="hang", reach=(-270, -420, 270, 340), detail=(0, 120, 1.9))
def bathrobe(pen: Pen, look: Look) -> None:
    pen.fill(ellipse(0, 318, 15, 15), colour=(190, 150, 100), light="round")
    body = [(-70, 282), (-150, 240), (-180, 40), (-170, -400), (170, -400), (180, 40), (150, 240), (70, 282), (0, 300)]
    sleeves = [
        curve(
            [
                (side * 130, 250),
                (side * 200, 180),
                (side * 246, -60),
                (side * 238, -110),
                (side * 170, -116),
                (side * 160, 60),
            ],
            closed=True,
        )
        for side in (-1, 1)
    ]
    drop(pen, body, *sleeves, height=26)
    for sleeve in sleeves:
        cloth = pen.fill(sleeve, colour=tone(look.main, -0.1), light="side")
        pen.material(cloth, "terry", 0.25)
    cloth = pen.fill(curve(body, closed=True, steps=5), colour=look.main, light="side")
    if look.pattern == "waffle":
        pen.lines(
            [[(x, -420), (x, 300)] for x in range(-190, 191, 16)]
            + [[(-200, y), (200, y)] for y in range(-410, 300, 16)],
            2.4,
            colour=tone(look.main, -0.18),
            clip=cloth,
        )
    else:
        pen.material(cloth, "terry", 0.26)
    pen.fill([(-62, 284), (0, -20), (62, 284), (0, 262)], colour=tone(look.main, -0.34), clip=cloth)
    for side in (-1, 1):
        lapel = [(side * 52, 290), (side * 92, 262), (side * 44, 60), (side * -6, -30), (side * -8, -70)]
        pen.soft(lapel, blur=6, strength=0.35, shift=(3, -5))
        collar = pen.fill(lapel, colour=tone(look.main, 0.1), light="side")
        pen.material(collar, "terry", 0.2)
    pen.soft(
        [(-6, -90), (10, -400), (-8, -400)],
        [(-110, 100), (-120, -400), (-96, -400)],
        [(110, 100), (104, -400), (130, -400)],
        blur=12,
        strength=0.4,
        clip=cloth,
    )
    belt = pen.fill(box(-184, -66, 184, -26, 6), colour=look.second, light="down")
    pen.material(belt, "terry", 0.2)
    pen.fill(
        [(-14, -60), (12, -60), (2, -230), (-40, -224)],
        [(4, -60), (26, -60), (58, -210), (22, -220)],
        colour=tone(look.second, 0.05),
        light="side",
    )
    pen.fill(ellipse(4, -46, 24, 26), colour=tone(look.second, -0.06), light="round")
