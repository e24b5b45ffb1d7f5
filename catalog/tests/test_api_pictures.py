import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.importing.limits import MOST_PICTURES
from catalog.models import ProductImage
from catalog.tests.factories import ProductFactory
from catalog.tests.odd_pictures import HEAVY, ODD, REFUSED, Odd, flat, saved
from catalog.tests.programs import Program, refusal, staff_program

pytestmark = pytest.mark.django_db


def upload(program: Program, product, odd: Odd | None = None, **fields):
    """Send a file, a red JPEG by default, with other `fields` of the form."""
    if odd is None:
        fields = {"image": SimpleUploadedFile("red.jpg", saved(flat(), "JPEG"), "image/jpeg")} | fields
    else:
        fields["image"] = SimpleUploadedFile(odd.file_name, odd.make(), odd.content_type)
    return program.post(f"/api/v1/products/{product.pk}/images", fields)


@pytest.fixture
def seller() -> Program:
    return staff_program("Catalogue")


@pytest.fixture
def product():
    return ProductFactory()


class TestUpload:
    def test_the_picture_is_there_at_once(self, seller, product):
        answer = upload(seller, product, alt_text=" Red  wall ")

        assert answer.status_code == 201
        picture = ProductImage.objects.get()
        assert answer.json() == {
            "id": picture.pk,
            "url": f"http://testserver{picture.image.url}",
            "alt_text": "Red  wall",
            "width": 300,
            "height": 200,
        }
        assert seller.read(f"/products/{product.pk}?status=all").json()["images"] == [answer.json()]

    def test_it_comes_behind_the_others(self, seller, product):
        first, second = (upload(seller, product).json()["id"] for _twice in range(2))

        assert list(product.images.order_by("position").values_list("pk", flat=True)) == [first, second]

    @pytest.mark.parametrize("odd", [pytest.param(case, id=case.name) for case in (*REFUSED, *HEAVY) if case.refused])
    def test_what_is_no_picture_is_refused(self, seller, product, odd):
        answer = upload(seller, product, odd)

        assert refusal(answer) == (422, "invalid_picture")
        assert odd.refused in answer.json()["detail"]
        assert odd.refused in answer.json()["fields"]["image"]
        assert not ProductImage.objects.exists()

    def test_a_script_within_a_picture_is_never_served(self, seller, product):
        odd = next(case for case in ODD if b"<script" in case.make())

        answer = upload(seller, product, odd)

        assert answer.status_code == 201
        assert b"<script" not in Program().get(answer.json()["url"]).getvalue()

    def test_one_that_is_too_large_is_refused(self, seller, product, settings):
        settings.PICTURE_MAX_MB = 1

        for size in (1024 * 1024 + 1, 2 * 1024 * 1024):
            answer = upload(seller, product, Odd("large", lambda size=size: b"\xff\xd8\xff" + bytes(size)))

            assert answer.status_code in {413, 422}
            assert answer.json()["detail"]
        assert not ProductImage.objects.exists()

    @pytest.mark.parametrize("fields", [{}, {"image": "text"}, {"picture": SimpleUploadedFile("a.jpg", b"x")}])
    def test_without_a_file_it_is_refused(self, seller, product, fields):
        answer = seller.post(f"/api/v1/products/{product.pk}/images", fields | {"alt_text": "x"})

        assert refusal(answer) == (422, "invalid")
        assert list(answer.json()["fields"]) == ["image"]

    def test_an_empty_file_is_refused(self, seller, product):
        answer = upload(seller, product, image=SimpleUploadedFile("a.jpg", b""))

        assert refusal(answer)[0] == 422

    def test_json_is_refused(self, seller, product):
        answer = seller.send("post", f"/products/{product.pk}/images", {"image": "x"})

        assert refusal(answer)[0] in {415, 422}

    def test_a_form_that_is_cut_off_is_refused(self, seller, product):
        answer = seller.generic(
            "POST",
            f"/api/v1/products/{product.pk}/images",
            b"--x\r\nContent-Disposition: form-data; name=",
            content_type="multipart/form-data; boundary=x",
        )

        assert 400 <= refusal(answer)[0] < 500

    def test_a_text_that_is_too_long_is_refused(self, seller, product):
        answer = upload(seller, product, alt_text="x" * 201)

        assert refusal(answer) == (422, "invalid")
        assert list(answer.json()["fields"]) == ["alt_text"]

    def test_there_is_room_for_so_many(self, seller, product):
        ProductImage.objects.bulk_create(ProductImage(product=product) for _number in range(MOST_PICTURES))

        assert refusal(upload(seller, product)) == (409, "too_many_pictures")

    def test_an_unknown_product_is_not_found(self, seller):
        answer = upload(seller, ProductFactory.build(pk=7))

        assert refusal(answer) == (404, "not_found")

    def test_only_sellers_upload(self, product):
        assert refusal(upload(Program(), product)) == (401, "not_authenticated")
        assert refusal(upload(staff_program("Stock"), product)) == (403, "forbidden")

    def test_nothing_is_unpacked_for_who_may_not(self, product):
        bomb = next(case for case in (*REFUSED, *HEAVY) if "pixels" in case.refused)

        assert refusal(upload(staff_program("Stock"), product, bomb)) == (403, "forbidden")

    def test_sent_twice_with_one_key_it_is_there_once(self, seller, product):
        headers = {"Idempotency-Key": "7c8f5f0e"}
        path = f"/api/v1/products/{product.pk}/images"

        answers = [
            seller.post(path, {"image": SimpleUploadedFile("red.png", saved(flat(), "PNG"))}, headers=headers)
            for _twice in range(2)
        ]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert ProductImage.objects.count() == 1
