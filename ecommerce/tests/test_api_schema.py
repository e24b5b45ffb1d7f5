"""The API's description of itself is whole and valid."""

import re

import jsonschema_rs
import pytest
from django.conf import settings
from schemathesis.specs.openapi.definitions import OPENAPI_31

from catalog.tests.factories import VariantFactory
from ecommerce.tests.programs import Program, staff_user, with_token
from pricing.defaults import install_defaults

pytestmark = pytest.mark.django_db

ERROR = {"$ref": "#/components/schemas/Error"}
SHARED = {"400", "401", "403", "413", "422", "429", "503"}


@pytest.fixture
def schema():
    return Program().send("GET", "/openapi.json").json()


@pytest.fixture
def operations(schema):
    return [(path, method, found) for path, methods in schema["paths"].items() for method, found in methods.items()]


class TestSchema:
    def test_is_valid(self, schema):
        validator = jsonschema_rs.validator_for(OPENAPI_31)

        assert [(list(error.instance_path), error.message) for error in validator.iter_errors(schema)] == []
        for component in schema["components"]["schemas"].values():
            jsonschema_rs.validator_for({**component, "components": schema["components"]})

    def test_names_the_schemes_of_security(self, schema):
        schemes = schema["components"]["securitySchemes"]

        assert (schemes["Bearer"]["type"], schemes["Bearer"]["scheme"]) == ("http", "bearer")
        assert (schemes["SessionCookie"]["in"], schemes["SessionCookie"]["name"]) == ("cookie", "sessionid")

    def test_refers_only_to_what_is_there(self, schema):
        names = set(re.findall(r'"#/components/schemas/(\w+)"', str(schema).replace("'", '"')))

        assert names <= set(schema["components"]["schemas"])

    def test_is_the_same_each_time(self, schema):
        assert Program().send("GET", "/openapi.json").json() == schema


class TestOperations:
    def test_have_an_id_and_a_summary_of_their_own(self, operations):
        ids = [found["operationId"] for _path, _method, found in operations]

        assert len(ids) == len(set(ids)) == 27
        assert all(found["summary"] and found["tags"] for _path, _method, found in operations)

    def test_say_how_they_refuse(self, operations):
        for path, method, found in operations:
            refusals = {status: answer for status, answer in found["responses"].items() if status >= "400"}
            assert refusals.keys() >= SHARED, (method, path)
            assert ("{" not in path) or "404" in refusals, (method, path)
            for status, answer in refusals.items():
                content = answer["content"]["application/json"]
                assert content["schema"] == ERROR, (method, path, status)
                assert content["example"].keys() == {"code", "detail", "fields"}
                assert answer["description"] not in ("Not Found", "Conflict", "")
            assert all("Retry-After" in refusals[status]["headers"] for status in ("429", "503"))

    def test_say_who_may_ask(self, operations):
        security = {found["operationId"]: found.get("security") for _path, _method, found in operations}

        assert security["add_product"] == security["export_orders"] == [{"Bearer": []}]
        assert security["view_cart"] == [{"SessionCookie": []}, {"Bearer": []}, {}]
        assert security["get_products"] is None

    def test_that_work_once_take_a_key(self, operations):
        with_key = {
            found["operationId"]
            for _path, _method, found in operations
            if "Idempotency-Key" in [parameter["name"] for parameter in found["parameters"]]
        }

        assert with_key == {
            *("add_product", "upload_image", "change_stock", "add_to_cart", "checkout", "pay_order", "cancel_order"),
            *("ship_order", "refund_order"),
        }

    def test_leave_the_key_to_whoever_sends(self, operations):
        """An example would be filled in by the explorer: the same one for whatever is tried."""
        keys = [
            parameter
            for _path, _method, found in operations
            for parameter in found["parameters"]
            if parameter["name"] == "Idempotency-Key"
        ]

        assert keys
        assert all(not {"example", "examples", "default"} & {*key, *key["schema"]} for key in keys)

    def test_show_one_whole_body_that_is_valid(self, schema, operations):
        bodies = {
            found["operationId"]: found["requestBody"]["content"]["application/json"]["schema"]
            for _path, _method, found in operations
            if "application/json" in found.get("requestBody", {}).get("content", {})
        }
        del bodies["receive_webhook"]  # only a provider can sign one

        assert len(bodies) == 10
        for name, body in bodies.items():
            component = schema["components"]["schemas"][body["$ref"].rpartition("/")[2]]
            [example] = component["examples"]
            validator = jsonschema_rs.validator_for({**component, "components": schema["components"]})
            assert [error.message for error in validator.iter_errors(example)] == [], name

    def test_show_a_product_that_can_be_added_again_and_again(self, schema):
        [example] = schema["components"]["schemas"]["ProductIn"]["examples"]
        seller = with_token(staff_user("Catalogue", "Stock"))

        answers = [seller.send("POST", "/products", example) for _time in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]

    def test_show_an_order_that_is_paid(self, schema):
        [example] = schema["components"]["schemas"]["CheckoutIn"]["examples"]
        install_defaults()
        guest = Program()
        guest.send("POST", f"/cart?product_id={VariantFactory().product_id}")

        order = guest.send("POST", "/checkout", example).json()

        assert (order["payment"]["status"], order["delivery"]["country"]) == ("paid", "DE")


class TestReference:
    def test_names_every_code_of_the_examples(self, operations):
        page = (settings.BASE_DIR / "docs" / "reference" / "api.md").read_text()
        codes = {
            answer["content"]["application/json"]["example"]["code"]
            for _path, _method, found in operations
            for status, answer in found["responses"].items()
            if status >= "400"
        }

        assert {code for code in codes if f"`{code}`" not in page} == set()
