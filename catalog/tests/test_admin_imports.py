import json
import re
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from catalog import unfinished
from catalog.admin.import_form import LARGEST_UPLOAD
from catalog.errors import AnotherImport, NotToBeConfirmed
from catalog.importing import jobs
from catalog.importing.options import Options, StockRule
from catalog.importing.report import Report
from catalog.models import CatalogueImport, Product, StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import overtaken, together
from catalog.tests.staff import messages_of, staff_client

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LATER = NOW + timedelta(minutes=3)
State = CatalogueImport.State
UPLOAD = "admin:catalog_catalogueimport_add"
RIGHT = "name,sku,price,stock\nMug,M-1,12.50,3\nBowl,B-1,9.00,4\n"
HALF_WRONG = "name,sku,price\nMug,M-1,abc\nBowl,B-1,9.00\n"


def upload(client, text: str = RIGHT, name: str = "all.csv", **fields):
    file = SimpleUploadedFile(name, text.encode())
    return client.post(reverse(UPLOAD), {"file": file, "currency": "EUR", "stock": "keep", **fields})


def kept_files() -> set[str]:
    storage = CatalogueImport._meta.get_field("file").storage
    return set(storage.listdir("imports")[1]) if storage.exists("imports") else set()


def page(job: CatalogueImport, name: str = "change") -> str:
    return reverse(f"admin:catalog_catalogueimport_{name}", args=[job.pk])


def work() -> int:
    """Do what the worker of the slow queue would do now; returns how many tasks it found."""
    waiting = list(DBTaskResult.objects.ready().filter(queue_name="slow"))
    for row in waiting:
        row.task.call(*row.task_result.args, **row.task_result.kwargs)
        row.set_successful(None)
    return len(waiting)


def begun(text: str = RIGHT, **options) -> CatalogueImport:
    file = ContentFile(text.encode())
    return jobs.begin(file=file, name="all.csv", options=Options(currency="EUR", **options), by=None, at=NOW)


def checked(text: str = RIGHT, **options) -> CatalogueImport:
    job = begun(text, **options)
    work()
    job.refresh_from_db()
    assert job.state == State.CHECKED
    return job


def confirmed(text: str = RIGHT) -> CatalogueImport:
    """One that is being taken in by nobody yet."""
    job = checked(text)
    jobs.confirm(job.pk, by=None, at=NOW)
    job.refresh_from_db()
    return job


@pytest.fixture
def staff():
    return staff_client("Catalogue")


class TestUpload:
    def test_has_the_file_checked_and_writes_nothing(self, staff):
        response = upload(staff)
        waiting = staff.get(response.url)
        work()
        shown = staff.get(response.url)

        job = CatalogueImport.objects.get()
        assert response.url == page(job)
        assert "The file is being checked." in waiting.content.decode()
        assert shown.context["counts"] == [("new", 2), ("changed", 0), ("unchanged", 0), ("wrong", 0)]
        assert "Take in" in shown.content.decode()
        assert (job.name, job.by, job.state) == ("all.csv", staff.user, State.CHECKED)
        assert not Product.objects.exists()

    def test_shows_what_would_change_field_by_field(self, staff):
        VariantFactory(sku="M-1", price="10.00", product__name="Mug")

        upload(staff)
        work()

        shown = staff.get(page(CatalogueImport.objects.get())).content.decode()
        assert "What would change" in shown
        assert "10.00" in shown
        assert "12.50" in shown

    def test_names_what_is_wrong_and_offers_it_as_a_file(self, staff):
        upload(staff, HALF_WRONG)
        work()

        job = CatalogueImport.objects.get()
        shown = staff.get(page(job)).content.decode()
        file = b"".join(staff.get(page(job, "errors")).streaming_content).decode()
        assert "This is not a price; write it like 12.34." in shown
        assert "line 2" in shown
        assert "abc" in file
        assert "This is not a price" in file

    def test_waits_in_a_page_that_looks_again_with_and_without_a_script(self, staff):
        upload(staff)

        shown = staff.get(page(CatalogueImport.objects.get())).content.decode()

        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in shown
        assert 'data-look-again="2"' in shown

    @pytest.mark.parametrize(
        ("text", "fields", "sentence"),
        [
            ("Dear shop,\nplease", {}, "in no format that the shop knows"),
            ("", {}, "The submitted file is empty."),
            (RIGHT, {"currency": "XYZ"}, "Write a currency as in ISO 4217"),
            (RIGHT, {"columns": "nonsense"}, "says no column and field"),
            (RIGHT, {"columns": "9=name"}, "has no column"),
        ],
    )
    def test_refuses_what_cannot_be_read_and_keeps_nothing(self, staff, text, fields, sentence):
        before = kept_files()

        response = upload(staff, text, **fields)

        assert sentence in response.content.decode()
        assert 'type="file"' in response.content.decode()
        assert not CatalogueImport.objects.exists()
        assert kept_files() == before

    def test_refuses_a_file_above_the_limit(self, staff):
        response = upload(staff, "x" * (LARGEST_UPLOAD + 1))

        assert "at most 19 MB can be uploaded" in response.content.decode()
        assert not CatalogueImport.objects.exists()

    def test_takes_a_file_without_a_header_by_what_its_columns_are(self, staff):
        upload(staff, "M-1;Mug;12.50\nB-1;Bowl;9.00\n", columns="1=sku\n2=name\n3=price")
        work()

        job = CatalogueImport.objects.get()
        assert job.counts == {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0}

    def test_keeps_a_name_short_and_without_folders(self):
        job = jobs.begin(
            file=ContentFile(RIGHT.encode()), name="../" + "ü" * 300 + ".csv", options=Options(), by=None, at=NOW
        )

        assert job.name == "ü" * 56 + ".csv"


class TestConfirmation:
    def test_takes_the_file_in_and_says_what_was_done(self, staff):
        job = checked()

        staff.post(page(job, "confirmation"))
        waiting = staff.get(page(job)).content.decode()
        work()

        job.refresh_from_db()
        shown = staff.get(page(job)).content.decode()
        assert "The products are being taken in." in waiting
        assert (job.state, job.confirmed_by, job.counts["new"]) == (State.DONE, staff.user, 2)
        assert "It was worked out anew" in shown
        assert "Take in</" not in shown
        assert set(Product.objects.values_list("name", flat=True)) == {"Mug", "Bowl"}

    def test_goes_by_the_shop_as_it_is_by_then(self, staff):
        job = checked()
        VariantFactory(sku="M-1", price="12.50", product__name="Mug")

        staff.post(page(job, "confirmation"))
        work()

        job.refresh_from_db()
        assert (job.findings["new"], job.report["new"]) == (2, 1)

    def test_happens_once(self, staff):
        job = checked()

        staff.post(page(job, "confirmation"))
        second = staff.post(page(job, "confirmation"), follow=True)

        assert messages_of(second)[0].startswith("This import does not wait for an answer any more")
        assert work() == 1

    def test_waits_while_another_import_is_taken_in(self, staff):
        job = checked()
        confirmed()

        answer = staff.post(page(job, "confirmation"), follow=True)

        job.refresh_from_db()
        assert messages_of(answer)[0].startswith("Another import is being taken in just now")
        assert job.state == State.CHECKED

    def test_is_refused_before_the_check_is_done(self):
        job = begun()

        with pytest.raises(NotToBeConfirmed):
            jobs.confirm(job.pk, by=None, at=NOW)

        job.refresh_from_db()
        assert job.state == State.CHECKING

    def test_cannot_be_had_for_a_file_that_has_to_be_right_and_is_not(self, staff):
        job = checked(HALF_WRONG, strict=True)

        shown = staff.get(page(job)).content.decode()

        assert "all of it is to be right, so it cannot be taken in" in shown
        assert page(job, "confirmation") not in shown

    def test_takes_in_nothing_where_all_has_to_be_right_and_is_not(self, staff):
        job = checked(HALF_WRONG, strict=True)

        staff.post(page(job, "confirmation"))
        work()

        job.refresh_from_db()
        assert job.state == State.FAILED
        assert "all of it was to be right: nothing was taken in" in staff.get(page(job)).content.decode()
        assert not Product.objects.exists()

    def test_sets_counts_where_that_was_chosen(self):
        variant = VariantFactory(sku="M-1", price="12.50", product__name="Mug", on_hand=9)
        staff = staff_client("Catalogue", "Stock")
        upload(staff, stock="set")
        work()

        staff.post(page(CatalogueImport.objects.get(), "confirmation"))
        work()

        assert StockRecord.objects.get(variant=variant).on_hand == 3
        assert variant.movements.order_by("pk").last().by == staff.user


class TestDisposal:
    @pytest.mark.parametrize("make", [begun, checked])
    def test_leaves_the_shop_as_it_is(self, staff, make):
        job = make()

        staff.post(page(job, "disposal"))
        work()

        job.refresh_from_db()
        assert job.state == State.DISCARDED
        assert not Product.objects.exists()

    def test_comes_too_late_for_what_is_being_taken_in(self, staff):
        job = confirmed()

        answer = staff.post(page(job, "disposal"), follow=True)

        job.refresh_from_db()
        assert messages_of(answer)[0].startswith("This import does not wait for an answer any more")
        assert job.state == State.IMPORTING


class TestPermissions:
    @pytest.mark.parametrize("groups", [["Stock"], ["Orders"]])
    def test_others_are_refused_on_every_page(self, groups):
        client, job = staff_client(*groups), checked()

        statuses = {
            client.get(reverse(UPLOAD)).status_code,
            upload(client).status_code,
            client.get(reverse("admin:catalog_catalogueimport_changelist")).status_code,
            client.get(page(job)).status_code,
            client.get(page(job, "errors")).status_code,
            client.post(page(job, "confirmation")).status_code,
            client.post(page(job, "disposal")).status_code,
        }

        job.refresh_from_db()
        assert statuses == {403}
        assert (CatalogueImport.objects.count(), job.state) == (1, State.CHECKED)

    def test_counts_are_set_only_by_staff_of_the_stock(self, staff):
        both = staff_client("Catalogue", "Stock")

        refused, taken = upload(staff, stock="set"), upload(both, stock="set")

        assert (refused.status_code, taken.status_code) == (403, 302)
        assert CatalogueImport.objects.get().by == both.user
        assert 'value="set"' not in staff.get(reverse(UPLOAD)).content.decode()
        assert 'value="set"' in both.get(reverse(UPLOAD)).content.decode()

    def test_counts_are_confirmed_only_by_staff_of_the_stock(self, staff):
        job = checked(stock=StockRule.SET)

        shown = staff.get(page(job)).content.decode()
        refused = staff.post(page(job, "confirmation"))

        job.refresh_from_db()
        assert "only staff who may correct stock can confirm" in shown
        assert (refused.status_code, job.state) == (403, State.CHECKED)


class TestHistory:
    def test_lists_imports_with_state_person_and_counts(self, staff):
        upload(staff)
        work()

        shown = staff.get(reverse("admin:catalog_catalogueimport_changelist")).content.decode()

        assert "all.csv" in shown
        assert "Checked" in shown
        assert "2 new" in shown
        assert str(staff.user) in shown

    def test_is_kept_in_the_log(self, staff):
        upload(staff)
        work()
        job = CatalogueImport.objects.get()

        staff.post(page(job, "confirmation"))

        logged = LogEntry.objects.filter(object_id=job.pk, user=staff.user).order_by("pk")
        assert [entry.change_message for entry in logged] == ["Uploaded.", "Confirmed."]

    def test_shows_a_hundred_faults_at_a_time(self, staff):
        job = checked("name,price\n" + "Mug,abc\n" * 250)

        first = staff.get(page(job)).content.decode()
        last = staff.get(page(job) + "?faults=3").content.decode()

        assert "1–100 of 250" in first
        assert "line 251" in last
        assert "line 250" not in first

    def test_takes_as_many_statements_for_many_imports_as_for_few(self, staff, django_assert_num_queries):
        from django.test.utils import CaptureQueriesContext

        def statements() -> int:
            with CaptureQueriesContext(connection) as seen:
                staff.get(reverse("admin:catalog_catalogueimport_changelist"))
            return len(seen)

        begun()
        few = statements()
        for _number in range(18):
            begun()

        assert statements() == few


class TestDeadWorker:
    def test_is_noticed_after_two_minutes_and_the_import_goes_on(self):
        job = confirmed()
        DBTaskResult.objects.all().delete()  # the worker died with the task in hand
        CatalogueImport.objects.filter(pk=job.pk).update(lease="dead", tries=1)

        soon, late = jobs.resume(NOW + timedelta(minutes=1)), jobs.resume(LATER)
        work()

        job.refresh_from_db()
        assert (soon, late) == (0, 1)
        assert job.state == State.DONE
        assert Product.objects.count() == 2

    def test_is_no_worker_that_still_tells(self):
        job = confirmed()
        CatalogueImport.objects.filter(pk=job.pk).update(lease="alive", beat_at=timezone.now())

        work()

        job.refresh_from_db()
        assert (job.state, job.lease) == (State.IMPORTING, "alive")
        assert not Product.objects.exists()

    def test_has_its_import_enqueued_once_while_it_waits(self):
        begun()

        assert jobs.resume(LATER) == 0
        assert work() == 1

    def test_gives_up_after_five_tries(self):
        job = confirmed()
        DBTaskResult.objects.all().delete()
        CatalogueImport.objects.filter(pk=job.pk).update(lease="dead", tries=jobs.MOST_TRIES)

        count = jobs.resume(LATER)

        job.refresh_from_db()
        assert (count, job.state) == (0, State.FAILED)
        assert "broken off 5 times" in job.problem

    def test_stops_once_another_has_taken_over(self):
        job = confirmed()
        heartbeat = jobs._Heartbeat(job.pk, "mine")

        with pytest.raises(jobs.Overtaken):
            heartbeat.must_go_on(products_read=1)

        job.refresh_from_db()
        assert job.products_read == 0

    def test_is_looked_for_each_minute(self):
        job = begun()
        DBTaskResult.objects.all().delete()
        CatalogueImport.objects.filter(pk=job.pk).update(lease="dead")

        assert unfinished.resume_all(at=LATER)["imports"] == 1


class TestFiles:
    @pytest.mark.parametrize("make", [checked, confirmed])
    def test_are_removed_a_week_later_once_the_import_has_ended(self, make):
        job = make(HALF_WRONG)
        work()
        job.refresh_from_db()
        names = [str(job.file), str(job.errors)]
        assert all(job.file.storage.exists(name) for name in names)

        kept = jobs.forget_files(NOW + timedelta(days=6))
        removed = jobs.forget_files(NOW + timedelta(days=8))

        assert (kept, removed) == (0, 1)
        assert not any(job.file.storage.exists(name) for name in names)

    def test_stay_while_the_import_is_under_way(self):
        job = begun()

        assert jobs.forget_files(NOW + timedelta(days=8)) == 0
        assert job.file.storage.exists(str(job.file))

    def test_left_unconfirmed_are_discarded(self):
        job = checked()

        jobs.forget_files(NOW + timedelta(days=8))

        job.refresh_from_db()
        assert job.state == State.DISCARDED


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestTwoConfirmations:
    def test_at_once_start_one_import(self):
        job = checked()

        answers = together(*[lambda: jobs.confirm(job.pk, by=None, at=NOW)] * 6)

        assert sum(isinstance(answer, NotToBeConfirmed) for answer in answers) == 5
        assert DBTaskResult.objects.ready().count() == 1

    def test_of_two_imports_at_once_start_one_of_them(self):
        first, second = checked(), checked()

        answers = overtaken(
            lambda: jobs.confirm(first.pk, by=None, at=NOW), lambda: jobs.confirm(second.pk, by=None, at=NOW)
        )

        assert isinstance(answers, AnotherImport)
        assert list(CatalogueImport.objects.filter(state=State.IMPORTING)) == [first]

    def test_would_start_several_if_each_looked_before_it_wrote(self):
        """The control: what the conditional change of state prevents."""
        job = checked()
        both_have_looked = Barrier(2, timeout=20)

        def look_then_write() -> bool:
            may_start = CatalogueImport.objects.get(pk=job.pk).state == State.CHECKED
            both_have_looked.wait()
            return may_start and CatalogueImport.objects.filter(pk=job.pk).update(state=State.IMPORTING) == 1

        assert together(look_then_write, look_then_write) == [True, True]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestTextsThatDatabasesDoNotStore:
    @pytest.mark.parametrize(
        ("name", "text", "column"),
        [
            ("all.csv", "name,sku,weight\0\nMug,M-1,zz\n", "weight"),
            ("all.csv", "name,sku,price,odd\0\nMug,M-1,abc\0,1\n", "price"),
            ("all.json", '[{"name": "Mug", "sku": "M-1", "price": "abc\\u0000\\ud800"}]', "price"),
            ("all.json", '[{"name": "Mug", "sku": "M-1", "weight_grams\\u0000": "zz", "a\\ud800": {"b": [{}]}}]', ""),
            ("all.json", '[{"name": "Mug", "variants": [{"sku": "M-1", "options": {"a\\ud800": "1\\u0000"}}]}]', ""),
        ],
    )
    def test_do_not_keep_a_check_from_ending(self, name, text, column):
        job = jobs.begin(file=ContentFile(text.encode()), name=name, options=Options(), by=None, at=NOW)

        work()

        job.refresh_from_db()
        assert job.state == State.CHECKED
        assert column in [found["column"] for found in job.findings["faults"]] or not column
        assert not {"\\u0000", "\\ud800"} & set(re.findall(r"\\u[0-9a-f]{4}", json.dumps(job.findings)))

    def test_or_whatever_else_cannot_be_kept_fails_the_import_at_once(self, monkeypatch):
        monkeypatch.setattr(Report, "as_json", lambda report: {"faults_found": 0, **report.counts(), "odd": object()})
        job = begun()

        with pytest.raises(TypeError):
            work()

        job.refresh_from_db()
        assert job.state == State.FAILED
        assert "Something went wrong on the shop's side" in job.problem
