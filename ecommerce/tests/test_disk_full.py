import errno
import io
import os
import pwd
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from catalog.models import ProductImage
from catalog.pictures import store_picture
from catalog.tests.factories import ProductFactory
from ecommerce.acceptance.disk import NoDisk, small_disk
from ecommerce.acceptance.races import COUNTS, PRODUCTS
from ecommerce.acceptance.servers import postgresql
from ecommerce.acceptance.throwaway import shop
from ecommerce.acceptance.visitor import Visitor
from ecommerce.errors import passing_trouble
from ecommerce.file_cache import FileCache
from orders.reconcile import reconcile
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from pricing.tests.factories import ShippingMethodFactory, TaxRateFactory

SPACE = """
CREATE TABLESPACE small LOCATION '{place}'; CREATE DATABASE shop TABLESPACE small
"""


@pytest.fixture
def disk():
    """Of 24 MB."""
    try:
        with small_disk(24) as mounted:
            yield mounted
    except NoDisk as error:
        missing = f"no file system can be mounted: {error}"
        pytest.fail(missing) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(missing)


def no_room(path):
    """What a full disk says, for the fixture's own proof."""
    try:
        path.write_bytes(b"x")
    except OSError as error:
        return error.errno


class TestSmallDisk:
    def test_it_is_full_and_then_is_not(self, disk):
        disk.fill()
        assert no_room(disk.path / "more") == errno.ENOSPC

        disk.clear()
        assert no_room(disk.path / "more") is None


@pytest.mark.race
class TestFullDatabase:
    """A checkout that finds no room is refused whole; with room again the same form makes the order."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def address(self, request, disk):
        if request.param == "sqlite":
            yield f"sqlite:///{disk.path / 'shop.sqlite3'}"
            return
        place = disk.path / "space"
        place.mkdir()
        with postgresql() as server:
            if server.user:
                os.chown(place, pwd.getpwnam(server.user).pw_uid, -1)
            with psycopg.connect(server.url, autocommit=True) as connection:
                for statement in SPACE.format(place=place).split(";"):
                    connection.execute(statement)
            yield server.url.removesuffix("postgres") + "shop"

    def test_nothing_is_half_written(self, disk, address):
        with shop(address, WORKERS="2") as made:
            products = made.run(PRODUCTS.format(count=1, units=50))
            with made.serving():
                visitor = Visitor(made.base)
                visitor.add(products[0][0], 2)
                form = visitor.checkout_form()

                disk.fill()
                refused, listing, kept = visitor.post("/place_order/", **form), visitor.get("/"), visitor.get("/cart/")
                disk.clear()
                taken = visitor.post("/place_order/", **form)

            assert (refused.status, refused.retry_after) == (503, "5")
            assert "no room left" in refused.text
            assert (listing.status, list(kept.quantities().values())) == (200, [2])
            assert taken.order_token()
            counts = made.run(COUNTS)
            assert (counts["orders"], counts["charges"]) == (1, 1)
            assert made.audit() == []


@pytest.mark.django_db
class TestFullFolder:
    # Django's backend leaves a file that it could not write to the collector.
    @pytest.mark.filterwarnings("ignore:unclosed file", "ignore::pytest.PytestUnraisableExceptionWarning")
    def test_of_mail_the_order_stands_and_the_mail_goes_later(self, disk, settings):
        TaxRateFactory()
        ShippingMethodFactory(code="standard", price=Decimal("4.90"))
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = disk.path / "mail"
        order = placed_order()

        disk.fill()
        run_tasks()
        assert order.mails.get().sent_at is None
        disk.clear()
        reconcile(at=timezone.now() + timedelta(minutes=5))
        run_tasks()

        assert order.payment_state == "paid"
        assert order.mails.get().sent_at is not None

    def test_of_pictures_neither_row_nor_file_is_left(self, disk, settings):
        settings.MEDIA_ROOT = disk.path / "media"
        settings.PRIVATE_ROOT = disk.path / "private"
        product = ProductFactory()
        Image.effect_noise((400, 400), 50).save(written := io.BytesIO(), "PNG")

        disk.fill()
        with pytest.raises(OSError) as told:
            store_picture(product, ContentFile(written.getvalue()), alt_text="", position=0)

        assert passing_trouble(told.value) == "no_room"
        assert not ProductImage.objects.exists()
        assert [path for path in disk.path.rglob("*") if path.is_file()] == [disk.filler]

    def test_of_the_cache_what_finds_no_room_is_not_kept(self, disk, caplog):
        cache = FileCache(str(disk.path / "cache"), {})
        cache.set("before", "kept")

        disk.fill()
        cache.set("tree", "lost")
        cache.set("before", "changed")

        assert cache.get("tree") is None
        assert [cache.add("lock", True), cache.add("lock", True)] == [True, True]
        assert len(caplog.records) == 1
        disk.clear()
        cache.set("tree", "kept")
        assert cache.get("tree") == "kept"
        assert not cache.is_away
