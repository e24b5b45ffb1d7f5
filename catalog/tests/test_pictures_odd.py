import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.errors import InvalidPicture
from catalog.models import ProductImage
from catalog.pictures import store_picture
from catalog.pictures.widths import make_widths
from catalog.tests.factories import ProductFactory
from catalog.tests.odd_pictures import HEAVY, ODD, REFUSED, SCRIPT

CLOSE = 12  # of 255 steps, what lossy formats may change


def upload(odd):
    return SimpleUploadedFile(odd.file_name, odd.make(), odd.content_type)


def content_of(field):
    with field.open() as file:
        return file.read()


def named(cases):
    return [pytest.param(case, id=case.name) for case in cases]


def public_files():
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def seen(content, places):
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return [
        image.getpixel((min(int(x * image.width), image.width - 1), min(int(y * image.height), image.height - 1)))
        for x, y, _ in places
    ]


def is_close(colour, wanted):
    return all(abs(one - other) <= CLOSE for one, other in zip(colour, wanted, strict=True))


def stored_rightly(odd):
    """Store a picture that can be shown: its colours stay, and no file of it that anybody may read is as it came."""
    before, file = public_files(), upload(odd)

    picture = store_picture(ProductFactory(), file, alt_text="", position=0)

    large, original = content_of(picture.image), content_of(picture.original)
    assert odd.size in (None, Image.open(io.BytesIO(large)).size)
    assert all(is_close(got, place[2]) for got, place in zip(seen(large, odd.colours), odd.colours, strict=True))
    file.seek(0)
    assert original == file.read()
    for path in public_files() - before:
        assert path.suffix == ".webp" and SCRIPT not in path.read_bytes() != original
    return picture


@pytest.mark.django_db
class TestOddPictures:
    def test_are_more_than_thirty(self):
        assert len(REFUSED) + len(HEAVY) + len(ODD) >= 30

    @pytest.mark.parametrize("odd", named(REFUSED))
    def test_are_refused_with_a_sentence(self, odd):
        before = public_files()

        with pytest.raises(InvalidPicture) as refusal:
            store_picture(ProductFactory(), upload(odd), alt_text="", position=0)

        assert odd.refused in str(refusal.value)
        assert "Nothing was kept." in str(refusal.value) and refusal.value.fix
        assert public_files() == before
        assert not ProductImage.objects.exists()

    @pytest.mark.parametrize("odd", named(HEAVY))
    def test_are_shown_rightly_and_never_as_they_came(self, odd):
        stored_rightly(odd)

    @pytest.mark.parametrize("odd", named(ODD))
    def test_keep_their_colours_in_every_format(self, odd):
        picture = stored_rightly(odd)

        make_widths.call(picture.pk)

        picture.refresh_from_db()
        for ending in ("avif", "webp", "jpg"):
            with picture.image.storage.open(picture.file_name(picture.widths[-1], ending)) as file:
                content = file.read()
            colours = zip(seen(content, odd.colours), odd.colours, strict=True)
            assert all(is_close(got, place[2]) for got, place in colours), ending
            assert SCRIPT not in content
