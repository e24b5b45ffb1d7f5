"""Mugs, bowls, plates, glasses, jugs, teapots and what else stands on a table."""

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import cloth_pattern, drop, flame, glass, handle, sized, stand, turned_body
from catalog.demo.drawing.look import Look, drawing
from catalog.demo.drawing.paths import band, box, curve, ellipse, leaf, moved, ray, ribbon, turned
from catalog.demo.palette import tone

COFFEE = (74, 46, 34)
TEA = (164, 96, 44)


@drawing("mug", pose="stand", reach=(-46, -8, 78, 108), detail=(8, 74, 2.1))
def mug(pen: Pen, look: Look) -> None:
    forms = {
        "": [(36, 0), (42, 8), (44, 50), (44, 95)],
        "round": [(26, 0), (42, 16), (49, 48), (42, 84), (40, 95)],
        "flared": [(30, 0), (34, 10), (40, 55), (50, 95)],
        "straight": [(43, 0), (44, 4), (44, 50), (44, 96)],
    }
    profile = sized(forms[look.form], look)
    stand(pen, 84 * look.wide, height=95 * look.tall)
    rim = profile[-1][0]
    t = look.tall
    if look.pattern != "beaker":
        handle(
            pen,
            curve([(rim - 5, 78 * t), (rim + 16, 80 * t), (rim + 28, 62 * t), (rim + 22, 36 * t), (rim - 6, 22 * t)]),
            10.5,
            look.main,
        )
    turned_body(pen, profile, look, wall=4, inside=None)
    pen.fill(ellipse(0, 89 * t, rim - 8, (rim - 8) * 0.17), colour=COFFEE, light="side")
    pen.gleam(-rim * 0.3, 90 * t, rim * 0.4, 3, 0.3)


@drawing("cup", pose="stand", reach=(-80, -16, 80, 78), detail=(12, 50, 2.0))
def cup(pen: Pen, look: Look) -> None:
    """A cup on its saucer."""
    stand(pen, 146, depth=0.24, height=40)
    saucer = pen.fill(turned([(36, 0), (60, 6), (78, 12)], 0.24), colour=look.second, light="matt")
    pen.fill(ellipse(0, 12, 78, 18.7), colour=tone(look.second, 0.2), light="side")
    pen.fill(ellipse(0, 11, 72, 16.5), colour=look.second, light="side")
    pen.shade(saucer, "bottom", 0.25)
    pen.soft(ellipse(5, 10, 34, 9), blur=4, strength=0.5)
    cup_pen = pen.moved(0, 10)
    handle(cup_pen, curve([(36, 48), (56, 50), (58, 34), (30, 20)]), 7, look.main)
    turned_body(cup_pen, sized([(20, 0), (24, 4), (38, 30), (43, 60)], look), look, tilt=0.24, wall=3)
    cup_pen.fill(
        ellipse(0, 55 * look.tall, 36 * look.wide, 8), colour=TEA if look.form == "tea" else COFFEE, light="side"
    )


@drawing("bowl", pose="stand", reach=(-92, -14, 92, 96), detail=(-24, 60, 2.0))
def bowl(pen: Pen, look: Look) -> None:
    forms = {
        "": [(34, 0), (38, 6), (70, 34), (86, 72)],
        "deep": [(34, 0), (40, 6), (72, 38), (80, 92)],
        "wide": [(30, 0), (36, 5), (72, 22), (98, 48)],
        "footed": [(30, 0), (26, 10), (32, 18), (74, 46), (90, 82)],
    }
    profile = sized(forms[look.form], look)
    stand(pen, 108 * look.wide, depth=0.26, height=60 * look.tall)
    turned_body(
        pen, profile, look, tilt=0.27, wall=4.5, inside=tone(look.second, 0.1) if look.pattern == "lined" else None
    )
    if look.form == "deep":
        pen.gleam(18, profile[-1][1] + 2, 40, 12, 0.2)


@drawing("plate", pose="lie", reach=(-136, -136, 136, 136), detail=(-52, 60, 2.2))
def plate(pen: Pen, look: Look) -> None:
    r = 132 * look.wide
    drop(pen, ellipse(0, 0, r, r), height=14, strength=0.42)
    base = pen.fill(ellipse(0, 0, r, r), colour=tone(look.main, 0.06), light="side")
    pen.shade(base, "bottom", 0.14)
    if look.pattern == "speckle":
        pen.material(base, "speckle", 0.55, tone(look.second, -0.3))
    if look.pattern == "line":
        pen.fill(ellipse(0, 0, r - 3, r - 3), holes=[ellipse(0, 0, r - 7, r - 7)], colour=look.second)
    if look.pattern == "band":
        pen.fill(ellipse(0, 0, r - 8, r - 8), holes=[ellipse(0, 0, r - 30, r - 30)], colour=look.second, light="side")
    pen.fill(ellipse(0, 0, r - 34, r - 34), colour=tone(look.main, -0.16), light="inside", alpha=0.28)
    well = pen.fill(
        ellipse(1.2, -1.6, r - 37, r - 37), colour=look.main if look.pattern != "dip" else look.second, light="side"
    )
    if look.pattern == "speckle":
        pen.material(well, "speckle", 0.5, tone(look.second, -0.3))
    if look.pattern == "brush":
        for turn in range(0, 360, 30):
            pen.fill(moved(leaf(r - 32, 0, 26, 13, 0), 0, 0, turn), colour=look.second)
    pen.gleam(-r * 0.34, r * 0.36, r * 0.42, r * 0.34, 0.34, clip=base)
    pen.shade(well, "top", 0.1)


@drawing("tumbler", pose="stand", reach=(-58, -8, 58, 108), detail=(-10, 70, 2.0))
def tumbler(pen: Pen, look: Look) -> None:
    profile = sized([(33, 0), (35, 4), (38, 50), (41, 100)], look)
    for x, y, size in ((30, 12, 0.94), (-20, 0, 1.0)) if look.form == "pair" else ((0, 0, 1.0),):
        one = pen.moved(x, y, size)
        stand(one, 66 * look.wide, height=60)
        glass(one, profile, look.main, 0.2, 0.55)
        if look.pattern == "flutes":
            one.lines(
                [[(i * 6.2 * look.wide, 6), (i * 7.4 * look.wide, 66 * look.tall)] for i in range(-4, 5)],
                1.2,
                colour=(255, 255, 252),
                alpha=0.6,
            )


@drawing("wineglass", pose="stand", reach=(-46, -8, 46, 215), detail=(0, 150, 1.9))
def wineglass(pen: Pen, look: Look) -> None:
    stand(pen, 70, height=60)
    pen.fill(turned([(36, 0), (34, 2), (4, 5)], 0.2), colour=look.main, light="glass", alpha=0.6)
    pen.fill(box(-2.4, 4, 2.4, 98, 1), colour=tone(look.main, 0.1), light="glass", alpha=0.85)
    bowl_pen = pen.moved(0, 94)
    profile = [(2.5, 0), (18, 6), (40, 34), (41, 62), (32, 112)]
    bowl_pen.fill(band(profile, 4, 46, 0.2), colour=look.second, light="round", alpha=0.85)
    bowl_pen.fill(ellipse(0, 46, 41, 8.2), colour=tone(look.second, 0.25), light="side", alpha=0.9)
    glass(bowl_pen, profile, look.main, 0.2)


@drawing("jug", pose="stand", reach=(-72, -10, 96, 215), detail=(0, 150, 1.8))
def jug(pen: Pen, look: Look) -> None:
    profile = sized([(44, 0), (56, 14), (64, 64), (52, 128), (38, 168), (44, 200)], look)
    stand(pen, 100 * look.wide, height=150 * look.tall)
    t = look.tall
    handle(pen, curve([(40, 184 * t), (74, 188 * t), (90, 146 * t), (80, 92 * t), (56, 74 * t)]), 13, look.main)
    pen.fill(
        curve([(-34, 178 * t), (-62, 206 * t), (-54, 209 * t), (-20, 200 * t)]),
        colour=tone(look.main, -0.1),
        light="side",
    )
    turned_body(pen, profile, look, tilt=0.2, wall=5)


@drawing("carafe", pose="stand", reach=(-60, -8, 60, 260), detail=(0, 120, 1.8))
def carafe(pen: Pen, look: Look) -> None:
    stand(pen, 96 * look.wide, height=130)
    profile = sized([(44, 0), (52, 8), (54, 50), (34, 116), (20, 168), (26, 218)], look)
    glass(pen, profile, look.main, 0.18, 0.48)
    if look.pattern == "stopper":
        cork = pen.fill(turned([(19, 210), (20, 244)], 0.2), colour=look.second, light="matt")
        pen.material(cork, "stone", 0.3)
        pen.fill(ellipse(0, 244, 20, 4), colour=tone(look.second, 0.2))


@drawing("teapot", pose="stand", reach=(-150, -12, 138, 168), detail=(-30, 84, 1.8))
def teapot(pen: Pen, look: Look) -> None:
    w, t = look.wide, look.tall
    stand(pen, 130 * w, height=100)
    if look.pattern == "overhead":
        pen.lines(
            [curve([(-66 * w, 100 * t), (-58 * w, 176 * t), (0, 206 * t), (58 * w, 176 * t), (66 * w, 100 * t)])],
            7,
            colour=tone(look.second, -0.1),
        )
    else:
        handle(
            pen,
            curve([(72 * w, 104 * t), (116 * w, 112 * t), (128 * w, 70 * t), (104 * w, 36 * t), (76 * w, 36 * t)]),
            13,
            look.main,
        )
    spout = curve([(-62 * w, 40 * t), (-98 * w, 62 * t), (-118 * w, 108 * t), (-138 * w, 124 * t)])
    spout_mask = pen.fill(ribbon(spout, 36, 15), colour=tone(look.main, -0.04), light="up")
    pen.gleam(-104 * w, 86 * t, 14, 24, 0.3, clip=spout_mask)
    body = [(46, 0), (60, 8), (86, 52), (78, 96), (48, 120)]
    turned_body(pen, sized(body, look), look, tilt=0.2, open_top=False)
    lid = sized([(50, 118), (44, 128), (24, 138), (10, 142)], look)
    pen.soft(ellipse(0, 118 * t, 52 * w, 11), blur=3, strength=0.4)
    pen.fill(
        turned(lid, 0.2),
        colour=look.second if look.pattern in ("lid", "overhead") else tone(look.main, 0.05),
        light="round",
    )
    knob = sized([(7, 140), (6, 146), (12, 154), (9, 162), (2, 165)], look)
    pen.fill(turned(knob, 0.2), colour=look.second, light="round")


@drawing("kettle", pose="stand", reach=(-150, -12, 140, 250), detail=(-40, 90, 1.8))
def kettle(pen: Pen, look: Look) -> None:
    stand(pen, 176, height=120)
    light = "metal" if look.pattern == "metal" else "round"
    spout = curve([(-70, 52), (-104, 74), (-122, 118), (-144, 132)])
    pen.fill(ribbon(spout, 34, 12), colour=tone(look.main, -0.05), light="up")
    pen.lines(
        [curve([(-72, 112), (-76, 190), (-40, 226), (40, 226), (76, 190), (72, 112)])],
        9,
        colour=tone((150, 150, 150), -0.2),
    )
    grip = pen.fill(ribbon(curve([(-48, 219), (0, 232), (48, 219)]), 20), colour=look.second, light="rod")
    pen.material(grip, "wood", 0.25)
    turned_body(pen, [(78, 0), (88, 8), (92, 40), (74, 98), (46, 124)], look, tilt=0.2, open_top=False, light=light)
    pen.fill(turned([(46, 122), (40, 132), (12, 138)], 0.2), colour=tone(look.main, 0.04), light=light)
    pen.fill(ellipse(0, 148, 13, 12), colour=look.second, light="round")


@drawing("press", pose="stand", reach=(-62, -8, 96, 262), detail=(0, 120, 1.8))
def press(pen: Pen, look: Look) -> None:
    """A cafetière: glass in a metal frame."""
    stand(pen, 100, height=150)
    handle(pen, curve([(46, 168), (82, 172), (86, 110), (80, 54), (46, 48)]), 13, look.second)
    body = [(48, 4), (48, 60), (48, 184)]
    pen.fill(turned(body, 0.18, False), colour=(226, 232, 228), light="glass", alpha=0.5)
    pen.fill(band(body, 8, 118, 0.18, False), colour=COFFEE, light="round", alpha=0.94)
    pen.fill(ellipse(0, 118, 47, 8.5), colour=(150, 108, 78), light="side")
    for low, high in ((2, 16), (150, 166)):
        pen.fill(band([(50, 0), (50, 200)], low, high, 0.18, False), colour=look.main, light="metal")
    pen.lines([[(-40, 12), (-40, 156)], [(30, 10), (30, 154)]], 6, colour=tone(look.main, 0.12))
    pen.gleam(-28, 90, 9, 70, 0.6)
    pen.fill(turned([(51, 182), (51, 190), (30, 206), (6, 210)], 0.18), colour=look.main, light="metal")
    pen.fill(box(-2.5, 206, 2.5, 240), colour=tone(look.main, -0.1), light="metal")
    pen.fill(ellipse(0, 246, 13, 12), colour=look.second, light="round")


@drawing("dripper", pose="stand", reach=(-84, -10, 98, 245), detail=(0, 170, 1.9))
def dripper(pen: Pen, look: Look) -> None:
    """A filter cone on its glass server."""
    stand(pen, 108, height=110)
    profile = [(46, 0), (60, 10), (62, 46), (38, 104), (32, 128)]
    glass(pen, profile, (222, 228, 224), 0.2)
    pen.fill(band(profile, 6, 52, 0.2), colour=COFFEE, light="round", alpha=0.92)
    pen.fill(ellipse(0, 52, 60, 11), colour=tone(COFFEE, 0.18), light="side")
    pen.gleam(-38, 60, 8, 40, 0.6)
    cone = pen.moved(0, 124)
    handle(cone, curve([(50, 76), (84, 78), (84, 46), (40, 36)]), 9, look.main)
    cone.fill(turned([(58, 0), (58, 7)], 0.2, False), colour=look.main, light="round")
    turned_body(cone, [(24, 6), (30, 14), (54, 62), (64, 92)], look, tilt=0.2, wall=4)
    cone.fill(
        turned([(58, 88), (62, 100)], 0.2, False),
        holes=[ellipse(0, 100, 56, 10)],
        colour=(240, 232, 216),
        light="round",
        alpha=0.0,
    )


@drawing("caddy", pose="stand", reach=(-56, -8, 56, 152), detail=(-6, 108, 2.0))
def caddy(pen: Pen, look: Look) -> None:
    """A tin or jar with a lid: form tin, jar (wooden lid) or glass (with what is inside)."""
    w, t = look.wide, look.tall
    stand(pen, 96 * w, height=110 * t)
    profile = sized([(46, 0), (48, 4), (48, 60), (48, 112)], look)
    if look.form == "glass":
        pen.fill(band(profile, 5 * t, 84 * t, 0.2), colour=look.third, light="round")
        pen.material(pen.mask(band(profile, 5 * t, 84 * t, 0.2)), "speckle", 0.7)
        pen.fill(ellipse(0, 84 * t, 47 * w, 9.4 * w), colour=tone(look.third, 0.15), light="side")
        glass(pen, profile, look.main, 0.2)
    else:
        turned_body(pen, profile, look, tilt=0.2, open_top=False, light="matt" if look.form == "tin" else "round")
    if look.pattern == "label":
        pen.fill(
            band(sized([(48.3, 0), (48.3, 120)], look), 34 * t, 82 * t, 0.2, False),
            colour=(244, 238, 224),
            light="matt",
            clip=pen.mask(box(-27 * w, 0, 27 * w, 200)),
        )
        pen.lines(
            [[(-15 * w, 56 * t), (15 * w, 56 * t)], [(-10 * w, 49 * t), (10 * w, 49 * t)]], 1.6, colour=(96, 84, 74)
        )
    lid_colour = look.second
    lid = pen.fill(turned(sized([(50, 108), (50, 112), (50, 134)], look), 0.2, False), colour=lid_colour, light="matt")
    if look.form != "tin":
        pen.material(lid, "wood", 0.2)
    pen.fill(ellipse(0, 134 * t, 50 * w, 10 * w), colour=tone(lid_colour, 0.22), light="side")
    if look.form != "tin":
        pen.fill(turned(sized([(9, 136), (11, 148)], look), 0.3), colour=lid_colour, light="round")


@drawing("pouch", pose="stand", reach=(-80, -8, 80, 235), detail=(0, 110, 1.9))
def pouch(pen: Pen, look: Look) -> None:
    """A paper bag of coffee, tea or seed with a label."""
    stand(pen, 140, depth=0.16, height=150)
    w = look.wide
    outline = (
        curve([(-66 * w, 4), (-70 * w, 60), (-66 * w, 150), (-64 * w, 206)])
        + curve([(64 * w, 206), (66 * w, 150), (70 * w, 60), (66 * w, 4)])
        + curve([(66 * w, 4), (20, -6), (-30, -6), (-66 * w, 4)])
    )
    bag = pen.fill(outline, colour=look.main, light="matt")
    pen.material(bag, "stone", 0.12, size=0.4)
    pen.soft(
        [(-66, 60), (-58, 200), (-50, 60), (-56, 10)],
        [(66, 60), (58, 200), (46, 60), (54, 10)],
        blur=4,
        strength=0.25,
        clip=bag,
    )
    pen.fill(box(-66 * w, 192, 66 * w, 222, 3), colour=tone(look.main, -0.08), light="matt")
    pen.line([(-66 * w, 196), (66 * w, 196)], 1.4, colour=tone(look.main, -0.4))
    pen.fill(box(-66 * w, 204, 66 * w, 212), colour=look.second, light="matt")
    pen.fill(
        box(-42 * w, 52, 42 * w, 142, 3), colour=look.third if len(look.names) > 2 else (246, 240, 228), light="side"
    )
    ink = tone(look.second, -0.2)
    if look.pattern == "leaf":
        pen.fill(
            *[leaf(0, 96 + i * 6, 26, 12, 90 + s * (62 - i * 16)) for i in range(3) for s in (-1, 1)],
            leaf(0, 108, 24, 11, 90),
            colour=ink,
        )
        pen.line([(0, 84), (0, 112)], 1.6, colour=ink)
    elif look.pattern == "flower":
        pen.fill(*[moved(ellipse(11, 0, 7, 7), 0, 108, a) for a in range(0, 360, 60)], colour=ink)
        pen.fill(ellipse(0, 108, 5, 5), colour=(240, 214, 130))
        pen.line([(0, 100), (0, 78)], 1.6, colour=ink)
    else:
        pen.fill(ellipse(0, 108, 17, 21), colour=ink)
        pen.line(curve([(3, 128), (-5, 114), (5, 102), (-3, 88)]), 2.2, colour=(246, 240, 228))
    pen.lines([[(-24, 72), (24, 72)], [(-15, 64), (15, 64)]], 1.7, colour=(110, 98, 88))


@drawing("tray", pose="stand", reach=(-235, -40, 235, 90), detail=(-120, 22, 1.9))
def tray(pen: Pen, look: Look) -> None:
    w = look.wide
    stand(pen, 440 * w, depth=0.2, height=20)
    surface = [(-190 * w, 78), (190 * w, 78), (226 * w, -12), (-226 * w, -12)]
    pen.fill([(-196 * w, 86), (196 * w, 86), (196 * w, 64), (-196 * w, 64)], colour=tone(look.main, -0.2), light="side")
    inner = pen.fill(surface, colour=look.second if look.pattern == "lined" else look.main, light="side")
    pen.material(inner, "wood", 0.3, tone(look.main, -0.7))
    pen.shade(inner, "top", 0.3)
    for side in (-1, 1):
        edge = pen.fill(
            [
                (side * 190 * w, 90),
                (side * 202 * w, 90),
                (side * 238 * w, 6),
                (side * 226 * w, -12),
                (side * 190 * w, 72),
            ],
            colour=look.main,
            light="side",
        )
        pen.material(edge, "wood", 0.25)
        pen.fill(moved(ellipse(0, 0, 5, 18), side * 214 * w, 40, -side * 22), colour=tone(look.main, -0.65))
    front = pen.fill(box(-232 * w, -34, 232 * w, 4, 5), colour=look.main, light="down")
    pen.material(front, "wood", 0.3, tone(look.main, -0.7))
    pen.fill(box(-230 * w, 0, 230 * w, 5, 2), colour=tone(look.main, 0.25), light="side")


@drawing("candle", pose="stand", reach=(-46, -8, 46, 150), detail=(0, 92, 2.0))
def candle(pen: Pen, look: Look) -> None:
    """A candle: in a glass (default), a pillar, or tapers in a holder."""
    if look.form == "taper":
        _taper(pen, look)
        return
    w, t = look.wide, look.tall
    stand(pen, 78 * w, height=70)
    top = 92 * t
    if look.form == "pillar":
        body = turned_body(pen, sized([(38, 0), (39, 5), (39, 50), (39, 92)], look), look, open_top=False, light="matt")
        pen.gleam(0, top, 40, 46, 0.4, clip=body, colour=(255, 226, 170))
        pen.fill(ellipse(0, top, 39 * w, 7.8 * w), colour=tone(look.main, 0.3), light="side")
        pen.fill(ellipse(0, top - 1, 26 * w, 4.6 * w), colour=tone(look.main, -0.08))
    else:
        profile = sized([(37, 0), (39, 4), (39, 50), (39, 92)], look)
        if look.form == "pot":
            turned_body(pen, profile, look, inside=(244, 232, 208))
        else:
            pen.fill(band(profile, 6, top * 0.74, 0.2), colour=tone(look.main, 0.1), light="matt")
            pen.fill(ellipse(0, top * 0.74, 38 * w, 7.4 * w), colour=tone(look.main, 0.35), light="side")
            glass(pen, profile, look.main, 0.2)
        pen.fill(box(-24 * w, 22 * t, 24 * w, 58 * t, 1.5), colour=(246, 241, 230), light="side")
        pen.lines(
            [[(-13 * w, 43 * t), (13 * w, 43 * t)], [(-9 * w, 36 * t), (9 * w, 36 * t)]], 1.4, colour=(96, 84, 74)
        )
        top = top * 0.8 if look.form != "pot" else top - 2
    flame(pen, 0, top)


def _taper(pen: Pen, look: Look) -> None:
    places = ((-24, 150), (24, 118)) if look.pattern == "pair" else ((0, 128),)
    for x, length in places:
        holder = pen.moved(x, 0, 0.62)
        stand(holder, 70, height=60)
        light = "metal" if look.names[-1] in ("Brass", "Silver", "Steel", "Copper") else "round"
        holder.fill(turned([(34, 0), (32, 6), (8, 14), (6, 30), (13, 40)], 0.24), colour=look.second, light=light)
        holder.fill(ellipse(0, 40, 13, 3.1), colour=tone(look.second, -0.3))
        holder.fill(turned([(9, 38), (9, 60), (6, 38 + length)], 0.2, False), colour=look.main, light="matt")
        flame(holder, 0, 38 + length)


@drawing("vase", pose="stand", reach=(-90, -10, 90, 262), detail=(0, 170, 1.8))
def vase(pen: Pen, look: Look) -> None:
    forms = {
        "": [(40, 0), (52, 14), (74, 84), (58, 156), (30, 200), (36, 226)],
        "bottle": [(44, 0), (54, 10), (58, 60), (40, 118), (17, 150), (15, 205), (19, 226)],
        "round": [(34, 0), (56, 14), (84, 74), (66, 128), (30, 154), (28, 170), (36, 184)],
        "cylinder": [(50, 0), (53, 6), (54, 110), (54, 226)],
        "flared": [(40, 0), (46, 10), (40, 80), (48, 160), (76, 226)],
        "shouldered": [(36, 0), (42, 10), (58, 100), (78, 160), (56, 194), (34, 204), (38, 222)],
    }
    profile = sized(forms[look.form], look)
    rim_y = profile[-1][1]
    stand(pen, 2 * profile[0][0] * 1.1, height=rim_y * 0.85)
    if look.pattern == "glass":
        glass(pen, profile, look.main, 0.2, 0.5)
    else:
        turned_body(pen, profile, look, tilt=0.22, wall=4, inside=tone(look.main, -0.45))


@drawing("bouquet", pose="stand", reach=(-110, -10, 110, 400), detail=(0, 250, 1.7))
def bouquet(pen: Pen, look: Look) -> None:
    """A vase with branches in the third colour."""
    tops = {"bottle": 226, "round": 184, "shouldered": 222}
    _branches(pen, tops.get(look.form, 226) * look.tall, look)
    vase(pen, look)


def _branches(pen: Pen, rim: float, look: Look) -> None:
    green = look.third
    for angle, length in ((102, 150), (76, 176), (118, 120), (58, 116)):
        reach = ray(angle, length)
        tip = (reach[0] * 1.1, rim + reach[1])
        stem = curve([(angle / 30 - 3, rim - 12), (tip[0] * 0.4, rim + (tip[1] - rim) * 0.55), tip])
        pen.line(stem, 2.6, colour=tone(green, -0.3))
        leaves = [
            leaf(*stem[k], 30 - k * 0.5, 14, angle + side * 52) for k in range(5, len(stem), 3) for side in (-1, 1)
        ]
        pen.fill(*leaves[::2], colour=tone(green, 0.06), light="side")
        pen.fill(*leaves[1::2], colour=tone(green, -0.2), light="side")


@drawing("board", pose="lie", reach=(-110, -175, 110, 215), detail=(-30, -60, 2.1))
def board(pen: Pen, look: Look) -> None:
    w = look.wide
    if look.form == "round":
        outline = ellipse(0, -30, 118 * w, 118 * w)
        neck = box(-19, 80, 19, 190, 16)
    else:
        outline = box(-104 * w, -170, 104 * w, 96, 22)
        neck = box(-21, 80, 21, 204, 18)
    drop(pen, outline, neck, height=13)
    mask = pen.fill(outline, neck, holes=[ellipse(0, 178, 7, 7)], colour=look.main, light="side")
    pen.material(mask, "wood-upright", 0.34, tone(look.main, -0.75))
    if look.pattern == "inlay":
        pen.fill(box(-104 * w, -118, 104 * w, -98), colour=look.second, clip=mask)
        pen.fill(box(-104 * w, -92, 104 * w, -87), colour=look.second, clip=mask)
    if look.pattern == "groove":
        pen.fill(
            box(-90 * w, -156, 90 * w, 82, 16),
            holes=[box(-86 * w, -152, 86 * w, 78, 13)],
            colour=tone(look.main, -0.35),
        )
    pen.gleam(-40 * w, 20, 90, 120, 0.16, clip=mask)


@drawing("napkin", pose="lie", reach=(-160, -120, 160, 120), detail=(-50, 10, 2.0))
def napkin(pen: Pen, look: Look) -> None:
    """Folded squares of linen, fanned."""
    for i, turn in enumerate((9, -5)):
        shade = look.main if i else look.second
        outline = moved(box(-118, -84, 118, 84, 3), 16 - 22 * i, 12 - 18 * i, turn)
        drop(pen, outline, height=8)
        cloth = pen.fill(outline, colour=shade, light="side")
        pen.material(cloth, "weave", 0.16, size=0.8)
        cloth_pattern(pen, cloth, look, tone(shade, 0.45) if i == 0 else look.second, turn)
        edge = moved(box(-118, -84, 118, -80), 16 - 22 * i, 12 - 18 * i, turn)
        pen.fill(edge, colour=tone(shade, -0.25))
        pen.line(moved([(-112, -74), (112, -74)], 16 - 22 * i, 12 - 18 * i, turn), 0.8, colour=tone(shade, -0.3))
        fold = moved(box(-3, -84, 118, 84), 16 - 22 * i, 12 - 18 * i, turn)
        pen.soft(fold, blur=4, strength=0.07, clip=cloth)
