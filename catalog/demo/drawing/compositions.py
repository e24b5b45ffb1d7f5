"""How a thing is shown: alone, close up, in a setting, or beside its other colours."""

import zlib
from dataclasses import dataclass

from PIL import Image

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop
from catalog.demo.drawing.look import DRAWINGS, Look
from catalog.demo.drawing.paths import curve, leaf
from catalog.demo.drawing.studio import ground, wall_for
from catalog.demo.palette import Colour, tone

WIDTH, HEIGHT = 960, 1200
HORIZON = 0.64
FURNITURE = {"chair", "armchair", "stool", "table", "roundtable", "bookcase", "sideboard", "floorlamp", "tablecloth"}
ABOVE_A_SIDEBOARD = {"clock", "mirror", "frame"}
TOYS = {"blocks", "toycar", "rings", "bear", "puzzle", "ball", "gamebox", "rattle"}
BATH = {"soap", "pumpbottle", "beaker"}
TOO_HOT = ("candle", "mug", "bowl", "caddy")
NOT_BY_THE_BASIN = ("mug", "bowl", "caddy")
LOW_PLANTS = {"trailing", "cactus"}
BEST_CLOSE = {
    "apron", "teatowel", "towel", "bathrobe", "tote", "backpack", "tshirt", "shirt", "sweater", "scarf", "beanie",
    "blanket", "rug", "tray", "hanger", "birdhouse", "bunting", "mobile", "wallshelf", "pegrail", "bathcaddy", "bed",
    "lantern", "bookends", "wateringcan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Companion:
    """Something that may stand beside the thing for sale."""

    kind: str
    look: Look
    size: float
    words: str


ON_A_TABLE = (
    Companion("bouquet", Look(("Oat", "Sand", "Sage"), form="bottle"), 1.0, "a vase of green branches"),
    Companion("candle", Look(("Cream",), form="pillar"), 1.0, "a lit candle"),
    Companion("bowl", Look(("Clay",)), 1.0, "a clay bowl"),
    Companion("plantpot", Look(("Terracotta",), "saucer"), 0.7, "a small potted plant"),
    Companion("mug", Look(("Fog",), form="round"), 1.0, "a mug of coffee"),
    Companion("vase", Look(("Rust",), "speckle", "round"), 0.8, "a round vase"),
    Companion("caddy", Look(("Sage", "Oak"), form="tin"), 1.0, "a tea tin"),
)
ON_THE_FLOOR = (
    Companion("plantpot", Look(("Chalk", "Oak"), form="+upright"), 2.4, "a tall plant"),
    Companion("floorlamp", Look(("Linen", "Black")), 1.0, "a floor lamp"),
    Companion("basket", Look(("Jute", "Chalk"), "dip"), 1.5, "a woven basket"),
    Companion("plantpot", Look(("Terracotta",)), 2.6, "a leafy plant"),
)


# (colour, width of a leaf in pixels, steps between leaves)
BRANCHES: tuple[tuple[Colour, float, int], ...] = (
    ((118, 138, 104), 54, 4),
    ((134, 150, 138), 78, 5),
    ((112, 116, 74), 34, 3),
)


def _start(name: str) -> int:
    return zlib.crc32(name.encode())


def _reach(kind: str, look: Look) -> tuple[float, float, float, float]:
    left, bottom, right, top = DRAWINGS[kind].reach
    if kind == "plantpot" and look.form in LOW_PLANTS:
        top *= 0.8
    return left * look.wide, bottom, right * look.wide, top * look.tall


def _fit(kind: str, look: Look, wide: float, high: float) -> tuple[float, float, float]:
    """Pixel position and scale that centre a thing in a space of `wide` by `high` pixels."""
    left, bottom, right, top = _reach(kind, look)
    scale = min(wide / (right - left), high / (top - bottom))
    x = WIDTH / 2 - (left + right) / 2 * scale
    if DRAWINGS[kind].pose == "stand":
        return x, max(876, 640 + (top - bottom) * scale / 2), scale
    return x, HEIGHT / 2 + (bottom + top) / 2 * scale, scale


def alone(kind: str, look: Look, seed: str) -> Image.Image:
    """The whole thing on a quiet ground."""
    thing = DRAWINGS[kind]
    image = ground(wall_for(seed, look.main), thing.pose, WIDTH, HEIGHT, HORIZON)
    x, y, scale = _fit(kind, look, 720, 780)
    thing.paint(Pen(image, x, y, scale, seed), look)
    return image


def close_up(kind: str, look: Look, seed: str) -> Image.Image:
    """A part of it, about twice as large."""
    thing = DRAWINGS[kind]
    x, y, scale = _fit(kind, look, 720, 780)
    focus_x, focus_y, zoom = thing.detail
    focus_x, focus_y = focus_x * look.wide, focus_y * look.tall
    horizon = 0.5 + (HORIZON * HEIGHT - (y - focus_y * scale)) * zoom / HEIGHT
    pose = "hang" if thing.pose == "stand" and horizon > 1 else thing.pose
    image = ground(wall_for(seed, look.main), pose, WIDTH, HEIGHT, horizon)
    scale *= zoom
    thing.paint(
        Pen(image, WIDTH / 2 - focus_x * scale, HEIGHT / 2 + focus_y * scale, scale, seed, grain=zoom * 0.85), look
    )
    return image


def in_colours(kind: str, looks: tuple[Look, ...], seed: str) -> Image.Image:
    """Two or three of it in different colours."""
    thing = DRAWINGS[kind]
    image = ground(wall_for(seed + " colours", looks[0].main), thing.pose, WIDTH, HEIGHT, 0.56)
    left, bottom, right, top = _reach(kind, looks[0])
    wide, high = right - left, top - bottom
    middle = (left + right) / 2
    if thing.pose == "stand":
        places = ((-0.25, 0.69), (0.25, 0.74)) if len(looks) == 2 else ((-0.25, 0.66), (0.25, 0.68), (-0.02, 0.83))
        scale = min(WIDTH * 0.46 / wide, 640 / high)
        for (across, down), look in zip(places, looks[::-1], strict=False):
            thing.paint(Pen(image, WIDTH * (0.5 + across) - middle * scale, HEIGHT * down, scale, seed), look)
        return image
    places = ((-0.19, -0.12), (0.19, 0.12)) if len(looks) == 2 else ((-0.23, -0.19), (0.23, -0.05), (-0.14, 0.2))
    scale = min(WIDTH * 0.5 / wide, HEIGHT * (0.56 if len(looks) == 2 else 0.44) / high)
    for (across, down), look in zip(places, looks[::-1], strict=False):
        y = HEIGHT * (0.5 + down) + (bottom + top) / 2 * scale
        thing.paint(Pen(image, WIDTH * (0.5 + across) - middle * scale, y, scale, seed), look)
    return image


def setting_of(kind: str, look: Look, seed: str) -> str:
    """The words for what surrounds a thing in `in_setting`; empty when it is better shown close up."""
    if kind in BEST_CLOSE:
        return ""
    if kind in ABOVE_A_SIDEBOARD:
        return "on the wall above a sideboard"
    if kind == "pendant":
        return "hanging above a dining table"
    if kind in FURNITURE:
        return f"in a quiet room beside {_companion(kind, look, seed).words}"
    if _start(seed) % 3 == 0:
        return ""
    if DRAWINGS[kind].pose == "lie":
        return "with a sprig of green leaves"
    if DRAWINGS[kind].pose == "stand":
        return f"beside {_companion(kind, look, seed).words}"
    return ""


def in_setting(kind: str, look: Look, seed: str) -> Image.Image:
    """The thing where it belongs, as `setting_of` describes it."""
    if kind in ABOVE_A_SIDEBOARD or kind == "pendant":
        return _on_the_wall(kind, look, seed)
    if DRAWINGS[kind].pose == "lie":
        return _with_a_sprig(kind, look, seed)
    return _beside(kind, look, seed)


def _companion(kind: str, look: Look, seed: str) -> Companion:
    left, _, right, top = _reach(kind, look)
    choices = ON_THE_FLOOR if kind in FURNITURE else ON_A_TABLE
    start = _start(seed + " beside")
    turns = [choices[(start + i) % len(choices)] for i in range(len(choices))]

    unsuited = TOO_HOT if kind in TOYS else NOT_BY_THE_BASIN if kind in BATH else ()

    def suits(companion: Companion) -> bool:
        height = DRAWINGS[companion.kind].reach[3] * companion.size
        return (
            companion.kind != kind
            and companion.kind not in unsuited
            and (companion.kind, kind) != ("bouquet", "vase")
            and 0.4 * top < height < max(2.0 * top, 1.1 * (right - left))
        )

    return next(
        (companion for companion in turns if suits(companion)),
        next(c for c in turns if c.kind != kind and c.kind not in unsuited),
    )


def _beside(kind: str, look: Look, seed: str) -> Image.Image:
    companion = _companion(kind, look, seed)
    wall = wall_for(seed + " setting", look.main)
    image = ground(wall, "stand", WIDTH, HEIGHT, 0.6)
    left, _, right, top = _reach(kind, look)
    its = DRAWINGS[companion.kind].reach
    its_left, its_right, its_top = its[0] * companion.size, its[2] * companion.size, its[3] * companion.size
    overlap = 0.16 * min(right - left, its_right - its_left)
    total = (right - left) + (its_right - its_left) - overlap
    scale = min(880 / total, 820 / top, 840 / its_top)
    y = max(905, 700 + max(top, its_top) * scale / 2.3)
    start = (WIDTH - total * scale) / 2
    if _start(seed) % 2:
        x, its_x = start - left * scale, start + (right - left - overlap - its_left) * scale
    else:
        its_x, x = start - its_left * scale, start + (its_right - its_left - overlap - left) * scale
    DRAWINGS[companion.kind].paint(Pen(image, its_x, y - 46, scale * companion.size, seed), companion.look)
    DRAWINGS[kind].paint(Pen(image, x, y, scale, seed), look)
    return image


def _with_a_sprig(kind: str, look: Look, seed: str) -> Image.Image:
    image = ground(wall_for(seed + " setting", look.main), "lie", WIDTH, HEIGHT)
    x, y, scale = _fit(kind, look, 600, 690)
    flip = -1 if _start(seed) % 2 else 1
    sprig(Pen(image, WIDTH / 2, HEIGHT / 2, 1.0, seed), flip, _start(seed) // 2)
    DRAWINGS[kind].paint(Pen(image, x - flip * 70, y + 30, scale, seed), look)
    return image


def sprig(pen: Pen, flip: int, kind: int) -> None:
    """A branch lying in an upper corner; `flip` 1 puts it to the right, -1 to the left. Measures are pixels."""
    shade, wide, every = BRANCHES[kind % len(BRANCHES)]
    stem = curve([(flip * 470, 560), (flip * 380, 330), (flip * 310, 90), (flip * 320, -120)])
    nodes = range(3, len(stem), every)
    leaves = [leaf(*stem[k], 128 - k * 1.4, wide, (-90 + flip * 6) + side * 50) for k in nodes for side in (-1, 1)]
    drop(pen, *leaves, height=26, strength=0.26)
    pen.line(stem, 7, colour=tone(shade, -0.3))
    pen.fill(*leaves[::2], colour=tone(shade, 0.1), light="side")
    pen.fill(*leaves[1::2], colour=tone(shade, -0.12), light="side")
    pen.lines(
        [[stem[k], _tip(leaves[i * 2 + side])] for i, k in enumerate(nodes) for side in (0, 1)],
        1.6,
        colour=tone(shade, 0.35),
    )


def _tip(outline: list[tuple[float, float]]) -> tuple[float, float]:
    return outline[len(outline) // 2]


def _on_the_wall(kind: str, look: Look, seed: str) -> Image.Image:
    image = ground(wall_for(seed + " setting", look.main), "stand", WIDTH, HEIGHT, 0.86)
    if kind == "pendant":
        DRAWINGS["table"].paint(Pen(image, 480, 1120, 0.66, seed), Look(("Oak", "Oak"), wide=0.98))
        DRAWINGS["bowl"].paint(Pen(image, 480, 625, 0.9, seed), Look(("Clay",), form="wide"))
        DRAWINGS["pendant"].paint(Pen(image, 480, 330, 0.88, seed), look)
        return image
    scale = 0.78
    DRAWINGS["sideboard"].paint(Pen(image, 480, 1130, scale, seed), Look(("Oak", "Brass"), form="slats", wide=0.86))
    top = 1130 - 722 * scale
    DRAWINGS["bouquet"].paint(
        Pen(image, 210, top + 4, scale, seed), Look(("Chalk", "Sand", "Sage"), "flutes", "shouldered")
    )
    DRAWINGS["bookends"].paint(Pen(image, 800, top + 4, scale * 0.8, seed), Look(("Walnut",)))
    high = DRAWINGS[kind].reach[3] - DRAWINGS[kind].reach[1]
    DRAWINGS[kind].paint(Pen(image, 488, 288, min(480 / high, 1.25), seed), look)
    return image
