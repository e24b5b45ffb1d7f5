"""Importing this module fills `DRAWINGS` with everything that can be drawn."""

from catalog.demo.drawing import (
    bath,
    clothing,
    decor,
    furniture,
    garden,
    kitchen,
    lighting,
    paper,
    soft,
    tableware,
    toys,
)
from catalog.demo.drawing.look import DRAWINGS

__all__ = [
    "DRAWINGS",
    "bath",
    "clothing",
    "decor",
    "furniture",
    "garden",
    "kitchen",
    "lighting",
    "paper",
    "soft",
    "tableware",
    "toys",
]
