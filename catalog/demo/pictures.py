"""The demo shop's pictures, drawn at their final sizes: the same product always gives the same bytes."""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

from PIL import Image

from catalog.demo.drawing import things
from catalog.demo.drawing.compositions import alone, close_up, in_colours, in_setting, setting_of
from catalog.demo.drawing.hero import hero
from catalog.demo.drawing.look import Look
from catalog.demo.records import DemoProduct

LARGE = (960, 1200)
SMALL = (480, 600)
QUALITY = 80
CHUNK = 6

Drawn = tuple[str, int, bytes, bytes]


def picture_count(product: DemoProduct) -> int:
    """How many pictures a product has: front, second view, then one for each other colour."""
    return 2 + len(product.other_colours)


def colour_shown(product: DemoProduct, index: int) -> str | None:
    """The value of the option "Colour" that picture `index` shows; None where it shows several or none is offered."""
    if not product.other_colours or index == 1:
        return None
    return product.colours[0] if index == 0 else product.other_colours[index - 2]


def draw(product: DemoProduct, index: int) -> tuple[bytes, bytes]:
    """Picture `index` as WebP files: large (960 by 1200 pixels) and small (480 by 600).

    Raises IndexError when the product has no such picture.
    """
    large = _compose(product, index)
    return _webp(large), _webp(large.reduce(2))


def alt_text(product: DemoProduct, index: int) -> str:
    """What picture `index` shows, in one phrase."""
    if index == 0:
        return f"{product.name}, {_place(product)}"
    if index > 1:
        return f"{product.name} in {product.other_colours[index - 2].lower()}, {_place(product)}"
    if product.other_colours:
        names = [name.lower() for name in (product.colours[0], *product.other_colours[:2])]
        return f"{product.name} in {', '.join(names[:-1])} and {names[-1]}, side by side"
    setting = setting_of(product.picture_kind, _look(product), product.slug)
    return f"{product.name} {setting}" if setting else f"Close-up of {product.name}"


def draw_all(products: Iterable[DemoProduct], workers: int = 2) -> Iterator[Drawn]:
    """Draw every picture in order, several processes at a time: (slug, index, large, small).

    Only a few chunks are in flight, so memory stays flat at any scale; closing
    the iterator early stops the processes.
    """
    jobs = ((product, index) for product in products for index in range(picture_count(product)))
    if workers < 2:
        for product, index in jobs:
            yield product.slug, index, *draw(product, index)
        return
    pending: deque[Future[list[Drawn]]] = deque()
    # spawn: a forked child would inherit the parent's database connections
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        while chunk := list(islice(jobs, CHUNK)):
            pending.append(pool.submit(_draw_chunk, chunk))
            if len(pending) > workers * 3:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def draw_hero(portrait: bool = False) -> bytes:
    """The home page's picture, a shelf with things on it: WebP, 1600 by 900 pixels or, `portrait`, 800 by 1000."""
    return _webp(hero(portrait))


def _draw_chunk(jobs: list[tuple[DemoProduct, int]]) -> list[Drawn]:
    return [(product.slug, index, *draw(product, index)) for product, index in jobs]


def _compose(product: DemoProduct, index: int) -> Image.Image:
    if not 0 <= index < picture_count(product):
        raise IndexError(f"{product.slug} has no picture {index}")
    kind, look = product.picture_kind, _look(product)
    if index == 0:
        return alone(kind, look, product.slug)
    if index > 1:
        return alone(kind, look.recoloured(product.other_colours[index - 2]), product.slug)
    if product.other_colours:
        return in_colours(kind, (look, *(look.recoloured(name) for name in product.other_colours[:2])), product.slug)
    if setting_of(kind, look, product.slug):
        return in_setting(kind, look, product.slug)
    return close_up(kind, look, product.slug)


def _look(product: DemoProduct) -> Look:
    wide, tall = product.picture_stretch
    return Look(product.colours, product.picture_pattern, product.picture_form, wide, tall)


def _place(product: DemoProduct) -> str:
    pose = things.DRAWINGS[product.picture_kind].pose
    return {"stand": "seen from the front", "lie": "seen from above", "hang": "on a plain wall"}[pose]


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=2)
    return file.getvalue()
