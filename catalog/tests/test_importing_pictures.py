import pytest

from catalog.models import PictureAddress, Product, ProductImage, Variant
from catalog.picture_addresses import own_address
from catalog.tests.factories import ProductImageFactory
from catalog.tests.importing import counts, everything

FRONT = "https://pictures.example/front.jpg"
BACK = "https://pictures.example/back.jpg"
SIDE = "https://pictures.example/side.jpg"


def mug(*pictures, **said):
    """A record of a mug with pictures, each an address or an address and its text."""
    listed = [picture if isinstance(picture, dict) else {"address": picture} for picture in pictures]
    return {"sku": "MUG", "name": "Mug", "price": 5, "pictures": listed, **said}


def addresses():
    return list(PictureAddress.objects.order_by("position", "pk").values_list("address", flat=True))


@pytest.fixture
def fetched(take_in):
    """The picture that came from FRONT."""
    take_in(mug({"address": FRONT, "alt_text": "Front"}))
    image = ProductImageFactory(product=Product.objects.get(), alt_text="Front")
    PictureAddress.objects.update(state="fetched", picture=image)
    return image


class TestAddresses:
    def test_are_kept_in_the_order_of_the_file_with_their_texts(self, take_in):
        report = take_in(mug({"address": BACK, "alt_text": "The back"}, FRONT))

        rows = PictureAddress.objects.order_by("position").values_list("address", "alt_text", "position", "state")
        assert list(rows) == [(BACK, "The back", 0, "known"), (FRONT, "", 1, "known")]
        assert report.new_pictures == 2

    def test_read_again_change_nothing(self, take_in):
        record = mug({"address": BACK, "alt_text": "The back"}, FRONT)
        take_in(record)
        before = everything()

        assert counts(take_in(record)) == (0, 0, 1, 0)
        assert everything() == before

    def test_that_the_file_no_longer_names_stay(self, take_in):
        take_in(mug(FRONT, BACK))

        assert counts(take_in(mug(BACK))) == (0, 0, 1, 0)
        assert addresses() == [FRONT, BACK]

    def test_a_new_one_comes_after_those_that_are_there(self, take_in):
        take_in(mug(FRONT, BACK))

        report = take_in(mug(BACK, SIDE))

        assert addresses() == [FRONT, BACK, SIDE]
        assert [(change.field, change.after) for _place, _product, change in report.changes] == [("picture", SIDE)]

    def test_another_order_or_text_is_a_change(self, take_in):
        take_in(mug(FRONT, BACK))

        report = take_in(mug(BACK, {"address": FRONT, "alt_text": "The front"}))

        assert counts(report) == (0, 1, 0, 0)
        assert addresses() == [BACK, FRONT]
        assert PictureAddress.objects.get(address=FRONT).alt_text == "The front"
        assert counts(take_in(mug(BACK, FRONT))) == (0, 0, 1, 0)

    @pytest.mark.parametrize(
        "address",
        ["ftp://pictures.example/a.jpg", "front.jpg", "//pictures.example/a.jpg", "https://x.test/" + "a" * 1986],
    )
    def test_that_are_none_of_the_web_are_left_out_and_told(self, take_in, address):
        report = take_in(mug(address, FRONT))

        assert counts(report) == (1, 0, 0, 0)
        assert addresses() == [FRONT]
        assert "1 picture was left out: its address is not one of the web, or too long." in report.notes()

    def test_of_2000_characters_fit(self, take_in):
        address = "https://x.test/" + "a" * 1985

        take_in(mug(address))

        assert addresses() == [address]


class TestPicturesThatTheShopHas:
    def test_a_fetched_one_is_known_by_the_address_that_it_came_from(self, take_in, fetched):
        assert counts(take_in(mug({"address": FRONT, "alt_text": "Front"}))) == (0, 0, 1, 0)

    def test_its_text_is_its_own(self, take_in, fetched):
        take_in(mug({"address": FRONT, "alt_text": "Seen from the front"}))

        assert ProductImage.objects.get().alt_text == "Seen from the front"

    def test_one_is_known_by_the_shops_own_address_too(self, take_in, fetched):
        assert counts(take_in(mug({"address": own_address(fetched), "alt_text": "Front"}))) == (0, 0, 1, 0)
        assert addresses() == [FRONT]

    def test_one_that_staff_removed_does_not_come_back(self, take_in, fetched):
        fetched.delete()

        assert counts(take_in(mug({"address": FRONT, "alt_text": "Another"}))) == (0, 0, 1, 0)
        assert PictureAddress.objects.get().state == "fetched"


class TestPictureOfAVariant:
    def record(self, picture):
        return mug(FRONT, BACK, variants=[{"sku": "MUG", "price": 5, "picture": picture}])

    def test_is_the_address_until_that_is_fetched(self, take_in):
        take_in(self.record(BACK))

        assert Variant.objects.get().picture_address.address == BACK
        assert counts(take_in(self.record(BACK))) == (0, 0, 1, 0)

    def test_is_the_picture_once_it_was_fetched(self, take_in, fetched):
        report = take_in(self.record(FRONT))

        assert counts(report) == (0, 1, 0, 0)
        assert Variant.objects.get().picture == fetched
        assert counts(take_in(self.record(FRONT))) == (0, 0, 1, 0)

    def test_another_one_takes_its_place(self, take_in):
        take_in(self.record(BACK))

        take_in(self.record(FRONT))

        assert Variant.objects.get().picture_address.address == FRONT

    def test_need_not_be_among_the_products_pictures(self, take_in):
        take_in(self.record(SIDE))

        assert addresses() == [FRONT, BACK, SIDE]
