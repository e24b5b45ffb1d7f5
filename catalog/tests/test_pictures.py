from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from catalog.errors import InvalidPicture
from catalog.models import ProductImage
from catalog.pictures import store_picture
from catalog.tests.factories import ProductFactory

ORIENTATION = 0x0112
DESCRIPTION = 0x010E


def uploaded(image, format, **options):
    file = BytesIO()
    image.save(file, format, **options)
    return ContentFile(file.getvalue(), name=f"upload.{format.lower()}")


def picture(mode="RGB", size=(300, 200), colour="red"):
    return Image.new(mode, size, colour)


def opened(field):
    with field.open() as file:
        image = Image.open(file)
        image.load()
    return image


@pytest.mark.django_db
class TestStorePicture:
    @pytest.fixture
    def product(self):
        return ProductFactory()

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
    def test_turns_every_format_into_webp(self, product, format):
        stored = store_picture(product, uploaded(picture(), format), alt_text="A square", position=2)

        assert opened(stored.image).format == opened(stored.thumbnail).format == "WEBP"
        assert (stored.alt_text, stored.position) == ("A square", 2)

    def test_makes_both_sizes_and_keeps_the_ratio(self, product):
        stored = store_picture(product, uploaded(picture(size=(2000, 1000)), "JPEG"), alt_text="", position=0)

        assert opened(stored.image).size == (stored.width, stored.height) == (960, 480)
        assert opened(stored.thumbnail).size == (480, 240)

    def test_never_enlarges(self, product):
        stored = store_picture(product, uploaded(picture(size=(40, 30)), "PNG"), alt_text="", position=0)

        assert (stored.width, stored.height) == (40, 30)

    def test_turns_the_picture_as_the_camera_was_held_and_forgets_the_rest(self, product):
        exif = Image.Exif()
        exif[ORIENTATION] = 6  # a quarter turn clockwise
        exif[DESCRIPTION] = "52.5, 13.4"

        stored = store_picture(product, uploaded(picture(), "JPEG", exif=exif), alt_text="", position=0)

        assert (stored.width, stored.height) == (200, 300)
        assert not dict(opened(stored.image).getexif())

    def test_puts_transparency_on_white(self, product):
        stored = store_picture(product, uploaded(picture("RGBA", colour=(0, 0, 0, 0)), "PNG"), alt_text="", position=0)

        assert min(opened(stored.image).getpixel((10, 10))) > 250

    def test_keeps_the_shades_of_sixteen_bits(self, product):
        stored = store_picture(product, uploaded(picture("I;16", colour=32768), "PNG"), alt_text="", position=0)

        assert 120 < opened(stored.image).getpixel((10, 10))[0] < 136

    def test_keeps_the_same_content_once(self, product):
        first = store_picture(product, uploaded(picture(), "PNG"), alt_text="", position=0)

        second = store_picture(product, uploaded(picture(), "PNG"), alt_text="", position=1)

        assert first.image.name == second.image.name

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"GIF89a<script>alert(1)</script>",
            b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
            b"%PDF-1.7",
        ],
    )
    def test_refuses_what_is_no_picture(self, product, content):
        with pytest.raises(InvalidPicture):
            store_picture(product, ContentFile(content, name="evil.png"), alt_text="", position=0)

        assert not ProductImage.objects.exists()

    @pytest.mark.parametrize("format", ["BMP", "TIFF", "EPS", "PDF"])
    def test_refuses_formats_that_pages_do_not_show(self, product, format):
        with pytest.raises(InvalidPicture):
            store_picture(product, uploaded(picture(), format), alt_text="", position=0)

    def test_refuses_a_picture_cut_short(self, product):
        whole = uploaded(picture(size=(600, 600), colour="blue"), "JPEG").read()

        with pytest.raises(InvalidPicture):
            store_picture(product, ContentFile(whole[: len(whole) // 2], name="half.jpg"), alt_text="", position=0)

    def test_refuses_a_bomb_before_it_is_unpacked(self, product):
        bomb = uploaded(picture("1", size=(30_000, 30_000), colour=0), "PNG")
        assert bomb.size < 200_000

        with pytest.raises(InvalidPicture, match="pixels"):
            store_picture(product, bomb, alt_text="", position=0)

    @pytest.mark.parametrize(("side", "fits"), [(100, True), (101, False)])
    def test_takes_no_more_than_the_largest_area(self, product, settings, side, fits):
        settings.PICTURE_MAX_MEGAPIXELS = 1
        file = uploaded(picture(size=(side * 10, 1000)), "PNG")

        if fits:
            assert store_picture(product, file, alt_text="", position=0).pk
        else:
            with pytest.raises(InvalidPicture, match="pixels"):
                store_picture(product, file, alt_text="", position=0)

    @pytest.mark.parametrize(("extra", "sentence"), [(0, "not a picture"), (1, "at most 1 MB")])
    def test_reads_no_file_that_is_too_large(self, product, settings, extra, sentence):
        settings.PICTURE_MAX_MB = 1

        with pytest.raises(InvalidPicture, match=sentence):
            store_picture(product, ContentFile(b"x" * (1024 * 1024 + extra)), alt_text="", position=0)
