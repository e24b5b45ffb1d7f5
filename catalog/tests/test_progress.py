import io

import pytest

from catalog.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def shift(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


class TestProgress:
    def test_a_terminal_sees_rate_and_time_left_and_then_a_clean_line(self, clock):
        screen = Terminal()

        with Progress("products", total=400, stream=screen, clock=clock) as progress:
            clock.shift(10)
            progress.update(100)

        shown, cleared = screen.getvalue().split("\r")[1:3]
        assert shown == "[######..................] 25% · 100 products · 10/s · 0:30 left"
        assert not cleared.strip()

    def test_elsewhere_it_is_a_line_every_few_seconds(self, clock):
        log = io.StringIO()

        with Progress("products", stream=log, clock=clock) as progress:
            progress.update(1, 0.01)
            clock.shift(5)
            progress.update(50, 0.5)
            clock.shift(1)
            progress.update(60, 0.6)

        assert log.getvalue() == "50% · 50 products · 10/s · 0:05 left\n"

    def test_without_a_known_end_there_is_no_time_left(self, clock):
        log = io.StringIO()

        with Progress("products", stream=log, clock=clock) as progress:
            clock.shift(10)
            progress.update(1200)

        assert log.getvalue() == "1,200 products · 120/s\n"

    def test_another_noun_begins_anew(self, clock):
        log = io.StringIO()

        with Progress("rows read", stream=log, clock=clock) as progress:
            clock.shift(100)
            progress.update(500, 1)
            progress.update(1, 0.01, "products")
            clock.shift(10)
            progress.update(20, 0.5, "products")

        assert log.getvalue() == "100% · 500 rows read · 5/s · 0:00 left\n50% · 20 products · 2/s · 0:10 left\n"
