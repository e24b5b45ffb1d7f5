import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from catalog.pictures import store_picture
from catalog.pictures.leftovers import KEPT, remove_leftovers
from catalog.pictures.widths import make_widths
from catalog.tests.factories import ProductFactory


@pytest.fixture
def later():
    return timezone.now() + KEPT + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_ROOT = tmp_path / "private"


def stored(colour="teal"):
    file = BytesIO()
    Image.new("RGB", (250, 250), colour).save(file, "PNG")
    picture = store_picture(ProductFactory(), ContentFile(file.getvalue()), alt_text="", position=0)
    make_widths.call(picture.pk)
    return picture


def files():
    roots = Path(settings.MEDIA_ROOT), Path(settings.PRIVATE_ROOT)
    return {path for root in roots for path in root.rglob("*") if path.is_file()}


@pytest.mark.django_db
class TestRemoveLeftovers:
    def test_keeps_what_a_picture_names_and_all_its_widths(self, later):
        stored()
        before = files()

        assert remove_leftovers(at=later) == 0
        assert files() == before and len(before) == 2 + 2 * 3

    def test_deletes_everything_of_a_picture_that_is_gone(self, later):
        kept = stored()
        before = files()
        stored("red").delete()

        remove_leftovers(at=later)

        assert files() == before and kept.image.storage.exists(kept.image.name)

    def test_keeps_what_another_picture_shares(self, later):
        first = stored()
        stored()
        before = files()
        first.delete()

        assert remove_leftovers(at=later) == 0
        assert files() == before

    @pytest.mark.parametrize(("minutes", "left"), [(-1, True), (1, False)])
    def test_waits_two_days(self, minutes, left):
        stored().delete()

        remove_leftovers(at=timezone.now() + KEPT + timedelta(minutes=minutes))

        assert bool(files()) is left

    def test_waits_two_days_from_when_a_file_was_last_taken_up(self):
        stored().delete()
        for path in files():
            os.utime(path, (1, 1))
        stored().delete()  # as if its row were not written yet

        remove_leftovers(at=timezone.now() + KEPT - timedelta(minutes=1))

        assert len(files()) == 2 + 2 * 3

    def test_deletes_drafts_of_files_that_were_never_finished(self, later):
        stored()
        draft = Path(settings.MEDIA_ROOT) / "products" / ".draft-abc"
        draft.write_bytes(b"half")

        assert remove_leftovers(at=later) == 1
        assert not draft.exists()

    def test_finds_nothing_in_a_shop_without_pictures(self, capsys):
        call_command("remove_unused_pictures")

        assert capsys.readouterr().out == ""
