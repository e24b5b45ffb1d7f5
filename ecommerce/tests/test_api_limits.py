"""How many requests a program may send, and how long it waits then."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from time_machine import travel

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.tests.racing import together
from ecommerce import limits
from ecommerce.tests.programs import Program, code_of, with_key, with_token

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, 0, 10, 500_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(limits, "READS", 3)
    monkeypatch.setattr(limits, "WRITES", 2)


@pytest.fixture(autouse=True)
def noon():
    with travel(NOON, tick=False):
        yield


def statuses(program, times, method="GET", path="/", **headers):
    return [program.send(method, path, **headers).status_code for _ in range(times)]


class TestLimit:
    def test_of_reading_is_by_address(self):
        assert statuses(Program(), 4) == [200, 200, 200, 429]
        assert statuses(Program(REMOTE_ADDR="192.0.2.7"), 1) == [200]

    def test_of_writing_is_stricter_and_counts_apart(self):
        program = Program()

        written = statuses(program, 3, "DELETE", "/cart/1")

        assert written[2] == 429
        assert 429 not in written[:2] + statuses(program, 3)

    def test_of_an_account_is_its_own_wherever_it_asks_from(self):
        sam = UserFactory()
        programs = [with_token(sam), with_key(sam, "buy"), with_token(sam)]
        for number, program in enumerate(programs):
            program.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
            assert statuses(program, 1) == [200]

        assert statuses(with_token(sam), 1) == [429]
        assert statuses(with_token(UserFactory()), 1) == [200]

    def test_is_not_lifted_by_a_forged_address(self):
        answers = [Program().send("GET", "/", X_Forwarded_For=f"198.51.100.{n}") for n in range(4)]

        assert answers[-1].status_code == 429

    def test_is_by_what_a_trusted_proxy_saw(self, settings):
        settings.TRUSTED_PROXIES = 1

        answers = [Program().send("GET", "/", X_Forwarded_For=f"10.0.0.{n}, 198.51.100.1") for n in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert Program().send("GET", "/", X_Forwarded_For="198.51.100.2").status_code == 200

    def test_of_ipv6_is_by_network(self):
        answers = [Program(REMOTE_ADDR=f"2001:db8::{n}").send("GET", "/") for n in range(1, 5)]

        assert answers[-1].status_code == 429
        assert statuses(Program(REMOTE_ADDR="2001:db8:0:1::1"), 1) == [200]

    def test_counts_tokens_that_are_nobodys(self):
        answers = [Program(f"Bearer shop_guess{number}").send("GET", "/cart") for number in range(4)]

        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]

    def test_says_truly_how_long_to_wait(self):
        program = Program()
        statuses(program, 3)

        answer = program.send("GET", "/")

        assert (code_of(answer), answer["Retry-After"]) == ("rate_limited", "50")
        with travel(NOON + timedelta(seconds=49), tick=False):
            assert program.send("GET", "/").status_code == 429
        with travel(NOON + timedelta(seconds=50), tick=False):
            assert program.send("GET", "/").status_code == 200

    def test_is_switched_off_for_load_tests(self, settings):
        settings.RATE_LIMITS = False

        assert 429 not in statuses(Program(), 10)

    def test_is_no_concern_of_pages(self):
        assert {Client().get("/").status_code for _ in range(6)} == {200}


class TestTally:
    def test_of_two_processes_lets_few_too_many_through(self):
        first, second = limits.Tally(), limits.Tally()

        for _ in range(200):
            first.count(1, "key", told_at=20)
        counts = [second.count(1, "key", told_at=20) for _ in range(20)]

        assert 200 - 20 < counts[0] <= 201
        assert 220 - 20 < counts[-1] <= 220

    def test_of_writes_is_exact(self):
        tallies = [limits.Tally(), limits.Tally()]

        counts = [tallies[n % 2].count(1, "key", told_at=1) for n in range(10)]

        assert counts == list(range(1, 11))

    def test_forgets_a_minute_that_is_over(self):
        tally = limits.Tally()
        tally.count(1, "first", told_at=1)

        tally.count(2, "second", told_at=1)

        assert list(tally.counts) == ["second"]

    def test_counts_for_itself_while_the_cache_keeps_nothing(self, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        tally = limits.Tally()

        counts = [tally.count(1, "key", told_at=3) for _ in range(10)]

        assert counts == list(range(1, 11))

    @pytest.mark.race
    def test_of_many_threads_misses_nobody(self):
        tally = limits.Tally()

        together(*[lambda: [tally.count(1, "key", told_at=7) for _ in range(50)]] * 8)

        assert tally.count(1, "key", told_at=7) == 401


class TestLogInAndSignUp:
    """Counted with the website's: whoever is stopped at one door is at the other."""

    @pytest.fixture(autouse=True)
    def few(self):
        """The limits of log-in come first."""

    def log_in(self, program, email, password="wrong"):
        return program.send("POST", "/login", {"email": email, "password": password})

    def test_wrong_passwords_for_one_account_wait_for_minutes(self):
        sam = UserFactory()
        answers = [self.log_in(Program(REMOTE_ADDR=f"192.0.2.{n}"), sam.email) for n in range(6)]

        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert answers[-1]["Retry-After"] == "300"
        with travel(NOON + timedelta(seconds=299), tick=False):
            assert self.log_in(Program(), sam.email, PASSWORD).status_code == 429
        with travel(NOON + timedelta(seconds=300), tick=False):
            assert self.log_in(Program(), sam.email, PASSWORD).status_code == 200

    def test_are_counted_with_those_on_the_website(self):
        sam = UserFactory()
        for n in range(5):
            page = {"login": sam.email, "password": "wrong"}
            Client(REMOTE_ADDR=f"192.0.2.{n}").post("/accounts/login/", page)

        assert self.log_in(Program(), sam.email, PASSWORD).status_code == 429

    def test_of_one_address_are_stopped_for_a_minute(self):
        program = Program()
        answers = [self.log_in(program, f"someone{n}@example.org") for n in range(11)]

        assert answers[-1].status_code == 429
        wait = int(answers[-1]["Retry-After"])
        assert 1 <= wait <= 60
        with travel(NOON + timedelta(seconds=wait), tick=False):
            assert self.log_in(program, "someone@example.org").status_code == 401

    def test_log_ins_of_one_address_are_limited_even_if_right(self):
        sam, program = UserFactory(), Program()

        answers = [self.log_in(program, sam.email, PASSWORD) for _ in range(31)]

        assert [answer.status_code for answer in answers] == [200] * 30 + [429]
        assert answers[-1]["Retry-After"] == "60"

    def test_sign_ups_of_one_address_are_limited(self):
        program = Program()
        sign_up = partial(program.send, "POST", "/signup")

        answers = [sign_up({"email": f"new{n}@example.org", "password": PASSWORD}) for n in range(21)]

        assert [answer.status_code for answer in answers] == [201] * 20 + [429]
        assert answers[-1]["Retry-After"] == "60"
        assert User.objects.count() == 20
