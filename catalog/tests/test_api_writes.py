import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.fetching import fetch_pictures
from catalog.models import Category, PictureAddress, Product, StockMovement, Variant
from catalog.prices import HIGHEST_PRICE
from catalog.tests.factories import CategoryFactory, VariantFactory
from catalog.tests.programs import Program, refusal, staff_program
from catalog.tests.web import website

pytestmark = pytest.mark.django_db
SHELF = {"name": "Oak shelf", "price": 12.50, "description": "Oiled."}
HUGE = 10**30
# For any amount.
NO_AMOUNTS = [-1, -0.01, 1e30, HUGE, 12.505, 0.0001, "12.50", "", True, [], {}, int(HIGHEST_PRICE), 99999999999.99]
NO_COUNTS = [-1, 1.5, 1e30, HUGE, 10**9 + 1, "4", True, [], {}]


@pytest.fixture
def seller() -> Program:
    """Manages products and stock."""
    return staff_program("Catalogue", "Stock")


def add(program: Program, **changes):
    return program.send("post", "/products", SHELF | changes)


def raw(program: Program, method: str, path: str, body: str | bytes):
    return getattr(program, method)(f"/api/v1{path}", data=body, content_type="application/json")


class TestAdd:
    def test_it_is_on_sale_at_once(self, seller):
        answer = add(seller)

        assert answer.status_code == 201
        told = answer.json()
        assert answer["Location"] == f"http://testserver/api/v1/products/{told['id']}"
        assert Program().get(answer["Location"]).json() == told
        assert (told["price"], told["stock"], told["status"]) == (12.5, None, "active")

    def test_all_that_was_said_is_told(self, seller):
        CategoryFactory(slug="shelves")
        said = {
            "name": "Oak shelf",
            "description": "<p>Oiled.</p>",
            "summary": "For books",
            "brand": "Fjord",
            "category": "shelves",
            "sku": "OAK-1",
            "barcode": "4006381333931",
            "weight_grams": 4200,
            "compare_at_price": 15,
            "stock": 7,
        }

        told = add(seller, **said).json()

        told |= told["variants"][0] | {"id": told["id"]}
        assert {name: told[name] for name in said} == said

    def test_a_draft_is_its_sellers_alone(self, seller):
        told = add(seller, status="draft").json()

        assert told["status"] == "draft"
        assert Program().read(f"/products/{told['id']}").status_code == 404

    def test_variants_have_prices_and_codes_of_their_own(self, seller):
        variants = [
            {"options": {"Size": "M", "Colour": "Oak"}, "stock": 2, "sku": "M"},
            {"options": {"Size": "L", "Colour": "Oak"}, "price": 9, "weight_grams": 70},
        ]

        told = add(seller, variants=variants).json()

        assert (told["price"], told["sku"], told["stock"]) == (9, "M", None)
        assert [variant["price"] for variant in told["variants"]] == [12.5, 9]
        assert told["variants"][1]["options"] == {"Size": "L", "Colour": "Oak"}
        assert list(Variant.objects.values_list("title", flat=True).order_by("pk")) == ["M / Oak", "L / Oak"]

    @pytest.mark.parametrize("name", ["sku", "stock", "barcode", "weight_grams", "compare_at_price"])
    def test_what_is_a_variants_is_said_of_each_variant(self, seller, name):
        value = {"sku": "X", "barcode": "X"}.get(name, 1)

        answer = add(seller, variants=[{"options": {"Size": "M"}}], **{name: value})

        assert refusal(answer) == (422, "invalid")
        assert name in json.dumps(answer.json()["fields"])

    def test_stock_is_booked_by_who_may_count(self, seller):
        add(seller, stock=4)

        assert StockMovement.objects.values_list("by", "on_hand_delta", "reason").get() == (
            seller.user.pk,
            4,
            "receive",
        )

    @pytest.mark.parametrize("with_stock", [{"stock": 0}, {"variants": [{"options": {"Size": "M"}, "stock": 4}]}])
    def test_who_may_not_count_says_no_stock(self, with_stock):
        program = staff_program("Catalogue")

        assert refusal(add(program, **with_stock)) == (403, "forbidden")
        assert not Product.objects.exists()
        assert add(program).status_code == 201

    def test_a_taken_sku_is_named(self, seller):
        VariantFactory(sku="OAK-1")

        answer = add(seller, sku="OAK-1")

        assert refusal(answer) == (409, "sku_taken")
        assert answer.json()["fields"] == {"sku": "OAK-1"}
        assert Product.objects.count() == 1

    def test_a_new_category_is_made_by_who_may(self, seller):
        assert add(seller, category="Shelves").json()["category"] == "shelves"

    def test_nobody_else_makes_one(self, django_user_model):
        program = staff_program("Catalogue")
        program.user.groups.get().permissions.remove(
            *program.user.groups.get().permissions.filter(codename="add_category")
        )

        answer = add(program, category="Shelves")

        assert refusal(answer) == (422, "unknown_category")
        assert "category" in answer.json()["fields"]
        assert not Category.objects.exists() and not Product.objects.exists()

    def test_an_address_inside_the_network_ends_refused(self, seller):
        with website({"/a.png": b"HTTP/1.1 200 OK\r\n\r\n"}) as inside:
            addresses = [
                inside.at("/a.png"),
                "http://169.254.169.254/latest/",
                "http://[::1]/a.png",
                "https://user@10.0.0.1/",
            ]
            told = add(seller, image_urls=addresses).json()

            fetch_pictures.call()

            assert inside.asked == []
        assert told["images"] == []
        assert set(PictureAddress.objects.values_list("state", flat=True)) == {"failed"}
        assert PictureAddress.objects.count() == 4

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            *(("price", value) for value in (*NO_AMOUNTS, None)),
            *(("compare_at_price", value) for value in NO_AMOUNTS),
            *(("stock", value) for value in NO_COUNTS),
            *(("weight_grams", value) for value in NO_COUNTS),
            *(("name", value) for value in ("", " ", "\x1c", "x" * 401, None, 7, [])),
            *(("description", value) for value in ("x" * 100_001, None, 7)),
            *(("summary", value) for value in ("x" * 201, None, 7)),
            *(("brand", value) for value in ("x" * 121, None)),
            *(("sku", value) for value in ("", " ", "x" * 101, " A", "A\nB", 7)),
            *(("barcode", value) for value in ("x" * 51, None, 4006381333931)),
            *(("status", value) for value in ("archived", "on sale", None, 1)),
            *(("category", value) for value in ("x" * 201, 7, "x" * 130, ">")),
            *(
                ("image_urls", value)
                for value in (
                    None,
                    "http://a.test/",
                    ["ftp://a.test/"],
                    ["javascript:alert(1)"],
                    ["http://"],
                    [f"http://a.test/{'x' * 2000}"],
                    ["http://a.test/"] * 21,
                    [7],
                )
            ),
            *(
                ("variants", value)
                for value in (
                    None,
                    {},
                    [[]],
                    [{}],
                    [{"options": {}}],
                    [{"options": {"Size": ""}}],
                    [{"options": {" ": "M"}}],
                    [{"options": {"Size": "x" * 201}}],
                    [{"options": {"Size": 7}}],
                    [{"options": {"Size": "M"}, "price": -1}],
                    [{"options": {"Size": "M"}, "name": "M"}],
                    [{"options": {str(number): "M" for number in range(11)}}],
                    [{"options": {"Size": str(number)}} for number in range(101)],
                )
            ),
            ("colour", "red"),
            ("id", 7),
        ],
        ids=lambda value: f"{value!r:.30}",
    )
    def test_what_makes_no_sense_is_refused_by_name(self, seller, name, wrong):
        answer = add(seller, **{name: wrong})

        status, _code = refusal(answer)
        assert status in {400, 422}
        assert status == 400 or any(field.startswith(name) for field in answer.json()["fields"])
        assert not Product.objects.exists()

    @pytest.mark.parametrize(
        "options", [[{"Size": "M"}] * 2, [{"Size": "M", "size": "L"}], [{"a": "x" * 150, "b": "y" * 60}]]
    )
    def test_variants_are_told_apart(self, seller, options):
        answer = add(seller, variants=[{"options": pairs} for pairs in options])

        assert refusal(answer) == (422, "invalid_options")
        assert not Product.objects.exists()

    @pytest.mark.parametrize("name", SHELF)
    def test_name_price_and_description_are_needed(self, seller, name):
        answer = seller.send("post", "/products", {key: value for key, value in SHELF.items() if key != name})

        assert refusal(answer) == (422, "invalid")
        assert list(answer.json()["fields"]) == [name]

    @pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity", "1e400", "1e-400", "00", "1.", "0x1"])
    def test_what_is_no_number_is_refused(self, seller, price):
        answer = raw(seller, "post", "/products", f'{{"name": "A", "description": "", "price": {price}}}')

        assert answer.status_code in {400, 422}
        assert not Product.objects.exists()

    def test_a_zero_below_zero_is_one(self, seller):
        answer = raw(seller, "post", "/products", '{"name": "A", "description": "", "price": -0.0}')

        assert b'"price":0.00,' in answer.content

    def test_a_name_is_one_line(self, seller):
        assert add(seller, name=" Oak\n shelf ").json()["name"] == "Oak shelf"


class TestRoundTrip:
    @given(
        price=st.decimals(0, Decimal("999999.99"), places=2),
        name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40),
        stock=st.none() | st.integers(0, 10**9),
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_what_was_written_is_what_is_read(self, seller, price, name, stock):
        body = f'{{"name": {json.dumps(name)}, "price": {price:f}, "description": "x", "stock": {json.dumps(stock)}}}'

        answer = raw(seller, "post", "/products", body)

        assert answer.status_code == 201, answer.text
        assert f'"price":{price:.2f},'.encode() in answer.content
        assert (answer.json()["name"], answer.json()["stock"]) == (name, stock)


class TestUpdate:
    @pytest.fixture
    def shelf(self, seller) -> dict:
        return add(seller, brand="Fjord", stock=3).json()

    def change(self, program: Program, shelf: dict, **changes):
        return program.send("put", f"/products/{shelf['id']}", changes)

    def test_only_what_is_sent_changes(self, seller, shelf):
        told = self.change(seller, shelf, price=13).json()

        assert told["price"] == told["variants"][0]["price"] == 13
        told["price"] = told["variants"][0]["price"] = 12.5
        assert told == shelf

    def test_nothing_sent_changes_nothing(self, seller, shelf):
        assert self.change(seller, shelf).json() == shelf
        assert self.change(seller, shelf, name=None, price=None, variant_id=None).json() == shelf

    def test_texts_and_category_change(self, seller, shelf):
        changes = {"name": "Ash", "description": "Waxed", "summary": "", "brand": "", "category": "Shelves"}

        told = self.change(seller, shelf, **changes).json()

        assert {name: told[name] for name in changes} == changes | {"category": "shelves"}

    def test_it_can_leave_and_come_back(self, seller, shelf):
        for status, seen in [("draft", 404), ("archived", 410), ("active", 200)]:
            assert self.change(seller, shelf, status=status).json()["status"] == status
            assert Program().read(f"/products/{shelf['id']}").status_code == seen

    def test_another_sellers_product_can_be_changed(self, shelf):
        """One shop, one catalogue."""
        assert self.change(staff_program("Catalogue"), shelf, name="Ash").status_code == 200

    def test_of_several_variants_one_is_to_be_named(self, seller):
        told = add(seller, variants=[{"options": {"Size": "M"}}, {"options": {"Size": "L"}}]).json()
        ids = [variant["id"] for variant in told["variants"]]

        refused = self.change(seller, told, price=9)
        changed = self.change(seller, told, price=9, variant_id=ids[1]).json()

        assert refusal(refused) == (422, "variant_required")
        assert refused.json()["fields"] == {"variant_id": ids}
        assert [variant["price"] for variant in changed["variants"]] == [12.5, 9]

    def test_a_variant_of_another_product_is_unknown(self, seller, shelf):
        other = VariantFactory()

        assert refusal(self.change(seller, shelf, price=9, variant_id=other.pk)) == (404, "variant_not_found")
        assert Variant.objects.get(pk=other.pk).price == 20

    def test_a_taken_sku_is_refused(self, seller, shelf):
        VariantFactory(sku="TAKEN")

        assert refusal(self.change(seller, shelf, sku="TAKEN", name="Ash")) == (409, "sku_taken")
        assert Product.objects.get(pk=shelf["id"]).name == "Oak shelf"

    def test_what_has_no_price_does_not_go_on_sale(self, seller):
        draft = VariantFactory(price=None, product__status="draft")

        assert refusal(self.change(seller, {"id": draft.product_id}, status="active")) == (422, "nothing_to_sell")

    @pytest.mark.parametrize("stock", [9, 0, None])
    def test_a_count_is_booked_elsewhere(self, seller, shelf, stock):
        answer = self.change(seller, shelf, name="Ash", stock=stock)

        assert refusal(answer) == (422, "invalid")
        assert "POST /products/{id}/stock" in answer.json()["fields"]["stock"]
        assert Product.objects.get(pk=shelf["id"]).name == "Oak shelf"

    @pytest.mark.parametrize("product_id", [7, 2**63 - 1])
    def test_an_unknown_one_is_not_found(self, seller, product_id):
        assert refusal(self.change(seller, {"id": product_id}, name="Ash")) == (404, "not_found")

    @pytest.mark.parametrize("product_id", [0, -1, 2**63, HUGE, "x", "1.5"])
    def test_what_is_no_id_is_refused(self, seller, product_id):
        assert refusal(self.change(seller, {"id": product_id}, name="Ash")) == (422, "invalid")

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            *(("price", value) for value in NO_AMOUNTS),
            *(("compare_at_price", value) for value in NO_AMOUNTS),
            *(("weight_grams", value) for value in NO_COUNTS),
            *(("variant_id", value) for value in (0, -1, 2**63, HUGE, 1.5, "x", [])),
            *(("name", value) for value in ("", " ", "x" * 401, 7)),
            *(("sku", value) for value in ("", " ", "x" * 101)),
            *(("status", value) for value in ("", "gone", 1)),
            *(("category", value) for value in ("x" * 201, ">", 7)),
            ("stock", 4),
            ("variants", []),
            ("id", 7),
        ],
        ids=lambda value: f"{value!r:.30}",
    )
    def test_what_makes_no_sense_is_refused_by_name(self, seller, shelf, name, wrong):
        answer = self.change(seller, shelf, **{name: wrong})

        status, _code = refusal(answer)
        assert status in {400, 422}
        assert status == 400 or any(field.startswith(name) for field in answer.json()["fields"])
        assert seller.read(f"/products/{shelf['id']}").json() == shelf


class TestDelete:
    def test_it_is_archived_once_and_for_all(self, seller):
        variant = VariantFactory()
        path = f"/products/{variant.product_id}"

        statuses = [seller.send("delete", path).status_code for _twice in range(2)]

        assert statuses == [204, 204]
        assert Product.objects.get().status == "archived"
        assert refusal(Program().read(path)) == (410, "gone")

    def test_an_unknown_one_is_not_found(self, seller):
        assert refusal(seller.send("delete", "/products/7")) == (404, "not_found")


class TestWhoMay:
    @pytest.mark.parametrize(
        ("method", "path", "body", "group"),
        [
            ("post", "/products", SHELF, "Catalogue"),
            ("put", "/products/{}", {"name": "Ash"}, "Catalogue"),
            ("delete", "/products/{}", None, "Catalogue"),
            ("post", "/products/{}/stock", {"delta": 1, "reason": "found"}, "Stock"),
            ("get", "/products/{}/stock", None, "Stock"),
            ("get", "/products/{}/stock", None, "Catalogue"),
        ],
    )
    def test_only_who_has_the_permission(self, method, path, body, group):
        path = path.format(VariantFactory().product_id)
        browser = Program()
        browser.force_login(staff_program().user)

        assert refusal(Program().send(method, path, body)) == (401, "not_authenticated")
        assert refusal(staff_program("Orders").send(method, path, body)) == (403, "forbidden")
        assert refusal(browser.send(method, path, body)) == (403, "forbidden")
        assert staff_program(group).send(method, path, body).status_code < 300

    def test_who_may_not_write_learns_nothing_of_what_is_there(self):
        program = staff_program("Orders")
        there = VariantFactory(product__status="draft").product_id

        answers = [program.send("put", f"/products/{pk}", {}).content for pk in (there, there + 1)]

        assert answers[0] == answers[1]
