from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from PIL import Image

from catalog.models import ProductImage
from catalog.pictures import store_picture
from catalog.pictures.sandbox import NotWorked, work
from catalog.pictures.widths import BATCH, enqueue_widths, make_widths, resume_widths
from catalog.tests.factories import ProductFactory, ProductImageFactory

ENDINGS = {"avif": "AVIF", "webp": "WEBP", "jpg": "JPEG"}


def uploaded(size, colour="teal"):
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return ContentFile(file.getvalue(), name="upload.png")


def stored(size=(1600, 2000), colour="teal"):
    return store_picture(ProductFactory(), uploaded(size, colour), alt_text="A mug", position=0)


def forget_files(*names):
    for name in names:
        default_storage.delete(name)


@pytest.mark.django_db
class TestMakeWidths:
    @pytest.mark.parametrize(
        ("size", "widths"),
        [
            ((1600, 2000), [240, 480, 720, 960, 1440]),
            ((1440, 1000), [240, 480, 720, 960, 1440]),
            ((961, 1000), [240, 480, 720, 960, 961]),
            ((800, 800), [240, 480, 720, 800]),
            ((240, 240), [240]),
            ((90, 90), [90]),
            ((1000, 4000), [240, 450]),
        ],
    )
    def test_never_makes_one_wider_than_the_original(self, size, widths):
        picture = stored(size)

        make_widths.call(picture.pk)

        picture.refresh_from_db()
        assert picture.widths == widths
        for width in widths:
            for ending, format in ENDINGS.items():
                with default_storage.open(picture.file_name(width, ending)) as file:
                    image = Image.open(file)
                    assert (image.width, image.format) == (width, format)
                    assert abs(image.height - width * size[1] / size[0]) <= 1

    def test_is_enqueued_with_the_picture_for_the_slow_worker(self):
        picture = stored((90, 90))

        (task,) = DBTaskResult.objects.all()
        assert (task.queue_name, task.args_kwargs["args"]) == ("slow", [picture.pk])
        assert task.priority < 0

    def test_is_forgotten_with_a_transaction_that_fails(self):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            stored((90, 90))
            raise ZeroDivisionError

        assert not DBTaskResult.objects.exists()

    def test_takes_the_large_file_where_there_is_no_original(self):
        picture = stored()
        ProductImage.objects.update(original="")

        make_widths.call(picture.pk)

        picture.refresh_from_db()
        assert picture.widths == [240, 480, 720, 960]

    @pytest.mark.parametrize("damage", [lambda name: storages["private"].delete(name), lambda name: cut(name)])
    def test_takes_the_large_file_where_the_original_is_lost_or_broken(self, damage):
        picture = stored(colour="plum")  # a file of its own: the same content is kept once, and stays broken
        damage(picture.original.name)

        make_widths.call(picture.pk)

        picture.refresh_from_db()
        assert picture.widths == [240, 480, 720, 960]

    def test_says_nothing_of_a_picture_that_was_replaced_meanwhile(self, monkeypatch):
        picture = stored()
        save = default_storage.save

        def replace_then_save(name, content):
            ProductImage.objects.update(image="products/other.webp")
            return save(name, content)

        monkeypatch.setattr(default_storage, "save", replace_then_save)
        make_widths.call(picture.pk)

        assert ProductImage.objects.values_list("widths", "image").get() == ([], "products/other.webp")

    def test_does_nothing_for_a_picture_that_is_gone_or_done(self):
        picture = stored((90, 90))
        make_widths.call(picture.pk)
        name = ProductImage.objects.get().file_name(90, "jpg")
        forget_files(name)

        make_widths.call(picture.pk)
        make_widths.call(picture.pk + 1)

        assert not default_storage.exists(name)

    def test_completes_what_a_run_that_was_cut_off_began(self):
        picture = stored((300, 300))
        default_storage.save(picture.file_name(240, "avif"), ContentFile(b"half"))

        make_widths.call(picture.pk)

        with default_storage.open(picture.file_name(240, "avif")) as file:
            assert Image.open(file).width == 240


def cut(name):
    with storages["private"].open(name) as file:
        content = file.read()
    storages["private"].delete(name)
    storages["private"].save(name, ContentFile(content[: len(content) // 2]))


@pytest.mark.django_db
@pytest.mark.both_databases
class TestResumeWidths:
    def fail(self, picture, times, status, started_at):
        for _ in range(times):
            enqueue_widths(picture)
        DBTaskResult.objects.update(status=status, started_at=started_at)

    def test_takes_up_pictures_that_never_had_a_task(self):
        pictures = ProductImageFactory.create_batch(2)

        assert resume_widths(timezone.now()) == 2
        assert {task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()} == {row.pk for row in pictures}

    def test_leaves_pictures_that_have_their_widths(self):
        ProductImageFactory(widths=[240])

        assert resume_widths(timezone.now()) == 0

    def test_piles_nothing_up_while_tasks_wait(self):
        ProductImageFactory.create_batch(2)

        assert [resume_widths(timezone.now()) for _ in range(3)] == [2, 0, 0]

    def test_takes_up_some_at_a_time(self):
        ProductImageFactory.create_batch(BATCH + 1)

        assert resume_widths(timezone.now()) == BATCH

    @pytest.mark.parametrize("status", [TaskResultStatus.FAILED, TaskResultStatus.RUNNING])
    @pytest.mark.parametrize(
        ("times", "minutes", "resumed"), [(1, 9, 0), (1, 11, 1), (2, 119, 0), (2, 121, 1), (3, 60 * 24, 0)]
    )
    def test_waits_after_each_try_and_gives_up_after_the_third(self, status, times, minutes, resumed):
        now = timezone.now()
        self.fail(ProductImageFactory(), times, status, now - timedelta(minutes=minutes))

        assert resume_widths(now) == resumed

    def test_does_not_let_one_picture_hold_up_another(self):
        now = timezone.now()
        self.fail(ProductImageFactory(), 3, TaskResultStatus.FAILED, now)
        other = ProductImageFactory()

        assert resume_widths(now) == 1
        assert DBTaskResult.objects.get(status=TaskResultStatus.READY).args_kwargs["args"] == [other.pk]

    def test_is_a_step_of_the_ticker(self, capsys):
        ProductImageFactory()

        call_command("resume_catalogue", "--json")

        assert '"pictures": 1' in capsys.readouterr().out


class TestSrcset:
    def picture(self, **values):
        sizes = {"width": 960, "height": 1200, **values}
        return ProductImage(image="products/ab.webp", thumbnail="products/cd.webp", **sizes)

    def test_names_every_width_in_every_format(self):
        picture = self.picture(widths=[240, 480])

        assert picture.formats() == [
            ("image/avif", "/media/products/ab-240.avif 240w, /media/products/ab-480.avif 480w"),
            ("image/webp", "/media/products/ab-240.webp 240w, /media/products/ab-480.webp 480w"),
        ]
        assert picture.srcset() == "/media/products/ab-240.jpg 240w, /media/products/ab-480.jpg 480w"

    def test_falls_back_to_both_files_of_the_upload(self):
        picture = self.picture(widths=[], width=960, height=1200)

        assert picture.formats() == []
        assert picture.srcset() == "/media/products/cd.webp 480w, /media/products/ab.webp 960w"

    def test_tells_the_true_width_of_a_tall_picture(self):
        assert self.picture(width=300, height=1200).srcset().endswith("cd.webp 150w, /media/products/ab.webp 300w")

    @pytest.mark.parametrize(
        ("widths", "smallest", "middling", "largest"),
        [
            ([], "cd.webp", "cd.webp", "ab.webp"),
            ([240, 480, 720], "ab-240.webp", "ab-480.jpg", "ab-720.jpg"),
            ([600], "ab-600.webp", "ab-600.jpg", "ab-600.jpg"),
        ],
    )
    def test_one_address_for_each_place(self, widths, smallest, middling, largest):
        picture = self.picture(widths=widths)

        addresses = picture.smallest_url(), picture.url(), picture.largest_url()
        assert addresses == tuple(f"/media/products/{name}" for name in (smallest, middling, largest))


class TestSandbox:
    def job(self, **changes):
        return {"format": "PNG", "within": (96, 120), "small": (48, 60), "pixels": 10**6, "seconds": 5.0, **changes}

    def test_gives_both_files(self):
        worked = work(uploaded((200, 250)).read(), **self.job())

        assert worked.size == (96, 120)
        assert [(file.width, file.format) for file in worked.files] == [(96, "WEBP"), (48, "WEBP")]

    def test_ends_what_takes_too_long(self):
        with pytest.raises(NotWorked, match="too heavy"):
            work(uploaded((200, 250)).read(), **self.job(seconds=0.001))

    def test_ends_what_takes_too_much_memory(self):
        with pytest.raises(NotWorked, match="too heavy"):
            work(uploaded((1400, 1400)).read(), **self.job(pixels=10**7, bytes=12 * 1024 * 1024))
