from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from catalog import fetching
from catalog.fetching import LEASE, PAUSES, TRIES, fetch_next, fetch_pictures, resume, want, want_pictures
from catalog.models import PictureAddress, ProductImage
from catalog.pictures import store_picture
from catalog.tests.factories import PictureAddressFactory, ProductFactory, VariantFactory
from catalog.tests.racing import together
from catalog.tests.web import picture_file, reply, rules, website
from catalog.unfinished import resume_all

NOW = timezone.now()
MINUTE = timedelta(minutes=1)
State = PictureAddress.State
RED = reply(200, picture_file("red"))
BLUE = reply(200, picture_file("blue"))

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Stands for a process that ends: nothing catches it, nothing tidies up."""


@pytest.fixture
def site():
    with website({"/red.png": RED, "/blue.png": BLUE}) as site:
        yield site


def wanted(address, **columns):
    """A row that is due."""
    return PictureAddressFactory(address=address, **{"state": State.WANTED, "due_at": NOW} | columns)


def fetch(site, *, at=NOW, **changes):
    return fetch_next(rules(site, **changes), at=at)


def seen(row):
    row.refresh_from_db()
    return row


def tasks(*statuses):
    return DBTaskResult.objects.filter(task_path=fetch_pictures.module_path, status__in=statuses or ["READY"])


class TestWantPictures:
    def test_marks_what_is_known_and_enqueues_one_task(self):
        rows = [PictureAddressFactory() for _ in range(3)]

        assert want_pictures([row.product_id for row in rows], at=NOW) == 3

        assert {(seen(row).state, row.due_at) for row in rows} == {(State.WANTED, NOW)}
        assert tasks().get().queue_name == "slow"

    def test_a_second_batch_adds_no_second_task(self):
        want_pictures([PictureAddressFactory().product_id], at=NOW)

        want_pictures([PictureAddressFactory().product_id], at=NOW)

        assert tasks().count() == 1

    def test_leaves_other_products_alone(self):
        other = PictureAddressFactory()

        assert want_pictures([PictureAddressFactory().product_id], at=NOW) == 1

        assert seen(other).state == State.KNOWN

    def test_tries_failed_ones_from_the_start(self):
        row = PictureAddressFactory(state=State.FAILED, tries=TRIES, problem="The server answered 404.")

        want_pictures([row.product_id], at=NOW)

        assert (seen(row).state, row.tries, row.problem) == (State.WANTED, 0, "")

    @pytest.mark.parametrize("state", [State.WANTED, State.FETCHED])
    def test_leaves_alone_what_is_on_its_way_or_here(self, state):
        row = PictureAddressFactory(state=state, tries=2)

        assert want_pictures([row.product_id], at=NOW) == 0

        assert (seen(row).state, row.tries) == (state, 2)
        assert not tasks().exists()

    def test_nothing_is_wanted_when_the_transaction_fails(self):
        row = PictureAddressFactory()

        with pytest.raises(Killed), transaction.atomic():
            want_pictures([row.product_id], at=NOW)
            raise Killed

        assert seen(row).state == State.KNOWN
        assert not tasks().exists()

    def test_many_products_are_asked_in_parts(self, monkeypatch):
        monkeypatch.setattr(fetching, "PRODUCTS_AT_ONCE", 2)
        rows = [PictureAddressFactory() for _ in range(5)]

        assert want_pictures({row.product_id for row in rows}, at=NOW) == 5


class TestFetchNext:
    def test_a_picture_comes_to_its_place(self, site):
        row = wanted(site.at("/red.png"), alt_text="A red square", position=3)

        assert fetch(site)

        picture = row.product.images.get()
        assert (picture.alt_text, picture.position, picture.width) == ("A red square", 3, 40)
        assert (seen(row).state, row.picture, row.problem, row.due_at) == (State.FETCHED, picture, "", None)

    def test_variants_of_the_address_show_it(self, site):
        row = wanted(site.at("/red.png"))
        shown = VariantFactory(product=row.product, picture_address=row)
        other = VariantFactory(product=row.product, title="Other")

        fetch(site)

        assert seen(shown).picture == row.product.images.get()
        assert seen(other).picture is None

    def test_a_variant_keeps_the_picture_that_staff_chose(self, site):
        row = wanted(site.at("/red.png"))
        chosen = store_picture(row.product, ContentFile(picture_file("green")), alt_text="", position=0)
        variant = VariantFactory(product=row.product, picture_address=row, picture=chosen)

        fetch(site)

        assert seen(variant).picture == chosen

    def test_nothing_due_is_nothing_to_do(self, site):
        wanted(site.at("/red.png"), due_at=NOW + timedelta(seconds=1))
        wanted(site.at("/red.png"), state=State.KNOWN)
        wanted(site.at("/red.png"), state=State.FETCHED)
        wanted(site.at("/red.png"), state=State.FAILED)

        assert not fetch(site)

        assert site.asked == []

    def test_what_has_been_due_for_longest_comes_first(self, site):
        wanted(site.at("/red.png"), due_at=NOW)
        wanted(site.at("/blue.png"), due_at=NOW - MINUTE)

        fetch(site)

        assert site.asked == ["/blue.png"]

    def test_equal_content_of_another_address_is_kept_once(self, site):
        site.answers["/copy.png"] = RED
        first = wanted(site.at("/red.png"))
        second = wanted(site.at("/copy.png"), product=first.product)

        fetch(site)
        fetch(site)

        picture = first.product.images.get()
        assert seen(first).picture == seen(second).picture == picture
        with picture.image.open() as file:
            assert file.read(4) == b"RIFF"

    def test_content_that_staff_uploaded_before_is_kept_once(self, site):
        row = wanted(site.at("/red.png"))
        uploaded = store_picture(row.product, ContentFile(picture_file("red")), alt_text="", position=0)

        fetch(site)

        assert list(row.product.images.all()) == [seen(row).picture] == [uploaded]

    def test_other_products_have_pictures_of_their_own(self, site):
        rows = [wanted(site.at("/red.png")) for _ in range(2)]

        fetch(site)
        fetch(site)

        assert [row.product.images.count() for row in rows] == [1, 1]

    def test_what_staff_deleted_is_not_fetched_again(self, site):
        row = wanted(site.at("/red.png"))
        fetch(site)
        row.product.images.get().delete()

        want_pictures([row.product_id], at=NOW)

        assert not fetch(site, at=NOW + timedelta(days=365))
        assert site.asked == ["/red.png"]
        assert not row.product.images.exists()


class TestFailures:
    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (reply(404), "answered 404"),
            (reply(200, b"<html>Sign in</html>", "Content-Type: image/png"), "no picture that pages can show"),
            (reply(200, picture_file()[:60]), "picture"),
            (reply(200, b"", "Content-Length: 99999999"), "larger than"),
            (reply(302, b"", "Location: http://127.0.0.2/"), "not one of the web"),
        ],
    )
    def test_what_does_not_pass_is_final(self, site, answer, problem):
        site.answers["/"] = answer
        row = wanted(site.at("/"))

        fetch(site)

        assert (seen(row).state, row.tries, row.due_at) == (State.FAILED, 1, None)
        assert problem in row.problem
        assert not ProductImage.objects.exists()

    def test_what_may_pass_is_tried_again(self, site):
        site.answers["/"] = [reply(503), RED]
        row = wanted(site.at("/"))

        fetch(site)

        assert (seen(row).state, row.problem) == (State.WANTED, "The server answered 503.")
        assert not fetch(site, at=NOW + MINUTE - timedelta(seconds=1))
        assert fetch(site, at=NOW + MINUTE)
        assert (seen(row).state, row.problem) == (State.FETCHED, "")

    def test_each_pause_is_longer_and_the_last_try_is_final(self, site):
        site.answers["/"] = reply(500)
        row = wanted(site.at("/"))
        at, pauses = NOW, []

        while seen(row).state == State.WANTED:
            pauses.append(row.due_at - at)
            at = row.due_at
            fetch(site, at=at)

        assert pauses == [timedelta(0), *PAUSES]
        assert (row.state, row.tries, len(site.asked)) == (State.FAILED, 5, 5)

    @pytest.mark.parametrize(("asked", "pause"), [("10", MINUTE), ("600", 10 * MINUTE), ("9999999", timedelta(days=1))])
    def test_waits_as_long_as_the_server_asks_within_reason(self, site, asked, pause):
        site.answers["/"] = reply(429, b"", f"Retry-After: {asked}")
        row = wanted(site.at("/"))

        fetch(site)

        assert seen(row).due_at == NOW + pause

    def test_the_task_refuses_to_look_inside(self, site):
        row = wanted("http://127.0.0.1/red.png")

        fetch_pictures.call()

        assert (seen(row).state, row.problem) == (State.FAILED, "The address leads inside the shop's own network.")


class TestKilledWorker:
    def killed(self, address):
        raise Killed

    def test_a_row_is_taken_up_after_its_lease(self, site):
        row = wanted(site.at("/red.png"))

        with pytest.raises(Killed):
            fetch(site, may_connect=self.killed)

        assert not fetch(site, at=NOW + LEASE - timedelta(seconds=1))
        assert fetch(site, at=NOW + LEASE)
        assert seen(row).state == State.FETCHED

    def test_one_killed_before_it_noted_the_picture_leaves_no_second(self, site):
        row = wanted(site.at("/red.png"))
        store_picture(row.product, ContentFile(picture_file("red")), alt_text="", position=0)

        fetch(site)

        assert row.product.images.get() == seen(row).picture

    def test_an_address_that_kills_every_worker_is_given_up(self, site):
        row = wanted(site.at("/red.png"))
        at = NOW
        for _ in range(TRIES):
            with pytest.raises(Killed):
                fetch(site, at=at, may_connect=self.killed)
            at += LEASE

        assert fetch(site, at=at, may_connect=self.killed)

        assert (seen(row).state, row.tries) == (State.FAILED, TRIES)
        assert "cut off" in row.problem


class TestLateWorker:
    """Its lease ran out while it was away, and another has taken the row since."""

    @pytest.mark.parametrize(
        ("meanwhile", "outcome"),
        [(BLUE, State.FETCHED), (reply(404), State.FAILED), (reply(503), State.WANTED)],
    )
    @pytest.mark.parametrize("late", [RED, reply(404), reply(503)])
    def test_changes_nothing(self, site, meanwhile, outcome, late):
        site.answers["/"] = [meanwhile, late]
        row = wanted(site.at("/"))

        def away(address):
            fetch(site, at=NOW + LEASE)
            return True

        fetch(site, may_connect=away)

        assert (seen(row).state, row.tries, len(site.asked)) == (outcome, 2, 2)
        assert list(row.product.images.all()) == ([row.picture] if meanwhile is BLUE else [])
        assert row.picture is None or row.picture.image.name == stored_name("blue")

    def test_claims_nothing_on_the_word_of_a_row_read_long_ago(self, site):
        row = wanted(site.at("/red.png"))
        PictureAddress.objects.filter(pk=row.pk).update(tries=1)

        assert not fetching._claim(row, NOW)

        assert (seen(row).tries, row.due_at) == (1, NOW)


def stored_name(colour):
    return store_picture(ProductFactory(), ContentFile(picture_file(colour)), alt_text="", position=0).image.name


class TestTask:
    def test_ends_when_nothing_is_due(self):
        fetch_pictures.call()

        assert not tasks().exists()

    def test_goes_on_in_a_task_of_its_own_after_its_slice(self, monkeypatch):
        monkeypatch.setattr(fetching, "SLICE_SECONDS", 0.0)
        wanted("http://127.0.0.1/red.png")

        fetch_pictures.call()

        assert tasks().count() == 1


class TestResume:
    def test_enqueues_what_is_due(self):
        wanted("http://127.0.0.1/")

        assert (resume(NOW), tasks().count()) == (1, 1)

    def test_enqueues_nothing_where_nothing_is_due(self):
        wanted("http://127.0.0.1/", due_at=NOW + timedelta(seconds=1))
        PictureAddressFactory()

        assert (resume(NOW), tasks().count()) == (0, 0)

    def test_leaves_a_waiting_task_alone(self):
        wanted("http://127.0.0.1/")
        resume(NOW)

        assert (resume(NOW), tasks().count()) == (0, 1)

    @pytest.mark.parametrize(("since", "enqueued"), [(timedelta(seconds=-1), 0), (timedelta(0), 1)])
    def test_takes_a_task_for_dead_that_runs_longer_than_any(self, since, enqueued):
        wanted("http://127.0.0.1/")
        fetch_pictures.enqueue()
        tasks().update(status=TaskResultStatus.RUNNING, started_at=NOW - LEASE - since)

        assert resume(NOW) == enqueued

    def test_the_ticker_asks_for_it(self):
        wanted("http://127.0.0.1/")

        assert resume_all(at=NOW)["picture addresses"] == 1


@pytest.mark.both_databases
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_fetch_each_picture_once(self):
        paths = [f"/{number}.png" for number in range(12)]
        with website({path: RED for path in paths}) as site:
            for path in paths:
                wanted(site.at(path))

            together(*[lambda: self.work(site)] * 3)

        assert sorted(site.asked) == sorted(paths)
        assert PictureAddress.objects.filter(state=State.FETCHED).count() == ProductImage.objects.count() == 12

    def work(self, site):
        while fetch(site):
            pass

    @pytest.mark.parametrize("is_conditional", [True, False])
    def test_who_read_the_same_row_cannot_both_claim_it(self, is_conditional):
        """The control, which counts tries without asking whether the row is still due, lets both in."""
        row = wanted("http://127.0.0.1/")
        both_have_read = Barrier(2)

        def claim():
            mine = PictureAddress.objects.get(pk=row.pk)
            both_have_read.wait(timeout=20)
            if is_conditional:
                return fetching._claim(mine, NOW)
            return PictureAddress.objects.filter(pk=mine.pk).update(tries=F("tries") + 1, due_at=NOW + LEASE) == 1

        assert sorted(together(claim, claim)) == [not is_conditional, True]

    def test_equal_content_at_the_same_moment_is_kept_once(self):
        with website({f"/{number}.png": RED for number in range(4)}) as site:
            product = ProductFactory()
            for number in range(4):
                wanted(site.at(f"/{number}.png"), product=product)

            together(*[lambda: self.work(site)] * 4)

        assert product.images.count() == 1
        assert set(PictureAddress.objects.values_list("picture", flat=True)) == {product.images.get().pk}


class TestWant:
    def test_takes_any_choice_of_addresses(self):
        chosen, other = PictureAddressFactory(), PictureAddressFactory()

        assert want(PictureAddress.objects.filter(pk=chosen.pk), at=NOW) == 1

        assert [seen(chosen).state, seen(other).state] == [State.WANTED, State.KNOWN]
