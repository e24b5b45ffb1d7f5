"""The colour names of the demo assortment and how each is drawn."""

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "Amber": (196, 129, 58),
    "Ash": (214, 193, 160),
    "Beech": (216, 178, 132),
    "Berry": (126, 48, 68),
    "Black": (46, 44, 43),
    "Blush": (222, 178, 164),
    "Bottle green": (44, 78, 66),
    "Brass": (190, 152, 86),
    "Brick": (162, 84, 62),
    "Butter": (240, 218, 158),
    "Chalk": (240, 235, 225),
    "Charcoal": (74, 73, 74),
    "Clear": (214, 226, 224),
    "Clay": (190, 134, 104),
    "Copper": (186, 112, 78),
    "Cork": (196, 152, 106),
    "Cornflower": (112, 138, 184),
    "Cream": (242, 230, 206),
    "Fir": (62, 88, 74),
    "Flax": (205, 189, 158),
    "Fog": (196, 200, 198),
    "Forest": (56, 82, 62),
    "Graphite": (88, 90, 94),
    "Grey": (158, 156, 152),
    "Harbour blue": (70, 100, 128),
    "Honey": (218, 166, 84),
    "Ink": (48, 58, 82),
    "Iron": (66, 66, 70),
    "Jute": (190, 160, 116),
    "Lavender": (168, 158, 190),
    "Lemon": (238, 208, 104),
    "Linen": (226, 214, 192),
    "Mint": (176, 208, 186),
    "Moss": (122, 130, 84),
    "Mustard": (208, 160, 66),
    "Natural": (222, 206, 176),
    "Navy": (46, 58, 88),
    "Oak": (198, 158, 110),
    "Oat": (226, 212, 188),
    "Olive": (128, 124, 78),
    "Paper": (246, 242, 232),
    "Peach": (236, 186, 150),
    "Pebble": (178, 172, 162),
    "Petrol": (48, 94, 104),
    "Plum": (104, 68, 92),
    "Poppy": (204, 78, 58),
    "Rose": (206, 146, 146),
    "Rust": (176, 96, 58),
    "Sage": (158, 172, 144),
    "Sand": (216, 194, 160),
    "Sea green": (112, 160, 148),
    "Silver": (186, 190, 192),
    "Sky": (164, 192, 208),
    "Slate": (104, 114, 122),
    "Smoke": (138, 136, 134),
    "Snow": (248, 246, 240),
    "Steel": (184, 188, 190),
    "Straw": (220, 192, 134),
    "Terracotta": (198, 118, 84),
    "Thistle": (166, 142, 168),
    "Walnut": (124, 86, 60),
    "White": (246, 243, 236),
    "Willow": (184, 146, 98),
}

WOODS = {"Ash", "Beech", "Oak", "Walnut", "Cork"}
METALS = {"Brass", "Copper", "Steel", "Silver"}


def colour(name: str) -> Colour:
    """The red, green and blue (0 to 255) of a colour name; KeyError for an unknown name."""
    return COLOURS[name]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with `share` (0 to 1) of `second` stirred in."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def tone(base: Colour, step: float) -> Colour:
    """`base` towards light (`step` up to 1) or towards its own warm shade (down to -1)."""
    if step >= 0:
        return mix(base, (255, 252, 245), step)
    shade = (round(base[0] * 0.27), round(base[1] * 0.24), round(base[2] * 0.25))
    return mix(base, shade, -step)


def brightness(base: Colour) -> float:
    """How light a colour looks, 0 to 255 (Rec. 601 luma)."""
    return 0.299 * base[0] + 0.587 * base[1] + 0.114 * base[2]


FAMILIES: dict[str, str] = {
    name: family
    for family, names in {
        "White & cream": "Chalk Cream Paper Snow White Butter",
        "Natural": "Ash Beech Cork Flax Jute Linen Natural Oak Oat Sand Straw Willow",
        "Brown": "Clay Walnut",
        "Yellow": "Amber Honey Lemon Mustard",
        "Red & orange": "Brick Peach Poppy Rust Terracotta",
        "Pink & purple": "Berry Blush Lavender Plum Rose Thistle",
        "Blue": "Cornflower Ink Navy Petrol Sky",
        "Green": "Fir Forest Mint Moss Olive Sage",
        "Grey": "Fog Graphite Grey Pebble Slate Smoke",
        "Black": "Black Charcoal Iron",
        "Metallic": "Brass Copper Silver Steel",
        "Clear": "Clear",
    }.items()
    for name in names.split()
} | {"Bottle green": "Green", "Sea green": "Green", "Harbour blue": "Blue"}
