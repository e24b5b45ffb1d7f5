"""The home page's picture: a wooden shelf with things from the shop."""

from PIL import Image

from catalog.demo.drawing.canvas import Pen
from catalog.demo.drawing.finish import drop, plank
from catalog.demo.drawing.look import Look
from catalog.demo.drawing.paths import box
from catalog.demo.drawing.studio import ground
from catalog.demo.drawing.things import DRAWINGS
from catalog.demo.palette import colour

WALL = (226, 213, 195)

# (kind, millimetres from the left, size, look)
Placed = tuple[str, float, float, Look]

PRINT = Look(("Oak", "Terracotta", "Sage"), "hills")
WIDE: tuple[Placed, ...] = (
    ("basket", 150, 0.62, Look(("Jute", "Chalk"), "dip")),
    ("bouquet", 355, 0.95, Look(("Chalk", "Sand", "Sage"), "flutes", "shouldered")),
    ("caddy", 482, 0.95, Look(("Petrol", "Oak"), "label", "tin")),
    ("teapot", 690, 0.95, Look(("Rust", "Rust"), "speckle")),
    ("mug", 838, 1.0, Look(("Chalk", "Ink"), "line")),
    ("plantpot", 996, 0.82, Look(("Terracotta",), "saucer")),
    ("tableclock", 1144, 0.8, Look(("Walnut", "Cream", "Rust"), "dots", "block")),
    ("candle", 1258, 0.95, Look(("Cream",), form="pillar")),
)
TALL: tuple[Placed, ...] = (
    ("bouquet", 104, 0.84, Look(("Chalk", "Sand", "Sage"), "flutes", "shouldered")),
    ("teapot", 306, 0.88, Look(("Rust", "Rust"), "speckle")),
    ("mug", 446, 0.95, Look(("Chalk", "Ink"), "line")),
    ("candle", 558, 0.95, Look(("Cream",), form="pillar")),
)


def hero(portrait: bool) -> Image.Image:
    """The shelf as an image of 1600 by 900 pixels, or 800 by 1000 when `portrait`."""
    width, height, shelf, scale = (800, 1000, 800, 1.3) if portrait else (1600, 900, 700, 1.2)
    image = ground(WALL, "hang", width, height)
    wall = Pen(image, 0, shelf, scale, "hero")
    end = width / scale + 40
    drop(wall, box(-40, -46, end, 0), height=70, strength=0.3)
    DRAWINGS["frame"].paint(wall.moved(400, 446, 0.66) if portrait else wall.moved(722, 412, 0.64), PRINT)
    board = plank(wall, -40, -44, end, 0, colour("Oak"), corner=0)
    wall.shade(board, "bottom", 0.2)
    top = wall.fill(box(-40, -2, end, 22), colour=(220, 184, 138), light="up")
    wall.material(top, "wood", 0.16)
    for kind, x, size, look in TALL if portrait else WIDE:
        DRAWINGS[kind].paint(wall.moved(x, 10, size), look)
    return image
