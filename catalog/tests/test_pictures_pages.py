import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.tests.factories import ProductImageFactory, VariantFactory


@pytest.fixture
def product(db):
    return VariantFactory().product


def pictures_of(html):
    """The attributes of every `img`."""
    return [dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in re.findall(r"<img ([^>]*)>", html)]


class TestProductPage:
    @pytest.fixture
    def page(self, client, product):
        for position in range(3):
            ProductImageFactory(
                product=product, position=position, image=f"products/{position}.webp", widths=[240, 480, 1440]
            )
        return client.get(product.get_absolute_url()).content.decode()

    def test_loads_the_first_picture_at_once_and_the_others_when_they_come_near(self, page):
        shown = [picture for picture in pictures_of(page) if "srcset" in picture]

        assert [picture.get("fetchpriority") for picture in shown] == ["high", None, None]
        assert [picture.get("loading") for picture in shown] == [None, "lazy", "lazy"]

    def test_gives_every_picture_its_size(self, page):
        assert all(picture.keys() >= {"width", "height", "alt"} for picture in pictures_of(page))

    def test_offers_avif_then_webp_then_jpeg(self, page):
        (gallery,) = re.findall(r'<li id="picture-1">.*?</li>', page, re.DOTALL)

        assert re.findall(r'type="([a-z/]+)"', gallery) == ["image/avif", "image/webp"]
        assert re.findall(r"/media/products/0-1440\.\w+ 1440w", gallery) == [
            f"/media/products/0-1440.{ending} 1440w" for ending in ("avif", "webp", "jpg")
        ]

    def test_leads_to_the_largest_picture(self, page):
        assert '<a class="picture" href="/media/products/0-1440.jpg">' in page
        assert '<meta property="og:image" content="http://testserver/media/products/0-1440.jpg">' in page
        assert '"image": ["http://testserver/media/products/0-1440.jpg"' in page

    def test_shows_both_files_of_the_upload_until_the_widths_are_made(self, client, product):
        picture = ProductImageFactory(product=product)

        page = client.get(product.get_absolute_url()).content.decode()

        assert "<source" not in page
        assert f'srcset="{picture.thumbnail.url} 480w, {picture.image.url} 960w"' in page

    def test_has_no_picture_to_share_where_there_is_none(self, client, product):
        assert "og:image" not in client.get(product.get_absolute_url()).content.decode()


class TestList:
    @pytest.mark.parametrize("widths", [[], [240, 480, 720, 960, 1440]])
    def test_takes_the_same_statements_whatever_the_pictures_have(
        self, client, db, django_assert_max_num_queries, widths
    ):
        for _ in range(3):
            ProductImageFactory(product=VariantFactory().product)
        client.get("/search/")
        with django_assert_max_num_queries(50) as plain:
            client.get("/search/")

        for _ in range(5):
            ProductImageFactory(product=VariantFactory().product, widths=widths)
        with django_assert_max_num_queries(len(plain)):
            assert "srcset" in client.get("/search/").content.decode()


@pytest.mark.django_db
class TestMedia:
    @pytest.mark.parametrize(
        ("ending", "kind"), [("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")]
    )
    def test_is_served_as_what_it_is_and_for_good(self, client, ending, kind):
        name = default_storage.save(f"products/served.{ending}", ContentFile(b"x"))

        response = client.get(default_storage.url(name))

        assert response.headers["Content-Type"] == kind
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in response.headers["Cache-Control"]
        response.close()
