"""How one thing looks, and the register of everything that can be drawn."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from catalog.demo.drawing.canvas import Pen
from catalog.demo.palette import Colour, brightness, colour, tone


@dataclass(frozen=True, slots=True)
class Look:
    """Colours by name (the first is the body), a pattern, a form and how far the usual size is stretched."""

    names: tuple[str, ...]
    pattern: str = ""
    form: str = ""
    wide: float = 1.0
    tall: float = 1.0

    @property
    def main(self) -> Colour:
        return colour(self.names[0])

    @property
    def second(self) -> Colour:
        """The trim: the second colour, or a shade of the first that can be told from it."""
        if len(self.names) > 1:
            return colour(self.names[1])
        return tone(self.main, -0.35 if brightness(self.main) > 110 else 0.4)

    @property
    def third(self) -> Colour:
        return colour(self.names[2]) if len(self.names) > 2 else tone(self.second, 0.35)

    def recoloured(self, name: str) -> "Look":
        """The same thing with another body colour."""
        return replace(self, names=(name, *self.names[1:]))


@dataclass(frozen=True, slots=True)
class Drawing:
    """One kind of thing: `pose` is stand, lie or hang; `reach` and `detail` are in millimetres around its origin."""

    paint: Callable[[Pen, Look], None]
    pose: str
    reach: tuple[float, float, float, float]
    detail: tuple[float, float, float]


DRAWINGS: dict[str, Drawing] = {}

Painter = Callable[[Pen, Look], None]


def drawing(
    kind: str, *, pose: str, reach: tuple[float, float, float, float], detail: tuple[float, float, float]
) -> Callable[[Painter], Painter]:
    """Register a painter. `reach` is (left, bottom, right, top); `detail` is a close-up: centre, magnification."""

    def register(paint: Painter) -> Painter:
        DRAWINGS[kind] = Drawing(paint, pose, reach, detail)
        return paint

    return register
