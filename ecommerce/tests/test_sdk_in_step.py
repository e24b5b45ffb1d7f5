"""The SDK and the API say the same: operations, parameters, fields. Whoever changes one changes the other."""

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from ecommerce.api import api
from ecommerce_sdk import Address, EcommerceSDK, NewVariant, Page, Units
from ecommerce_sdk import _operations as operations
from ecommerce_sdk._exchange import KEY

# What is signed by a provider, or is no one operation.
NOT_FOR_THE_SDK = {"receive_webhook"}
CONVENIENCES = {"as_user", "close", "iter_orders", "iter_products", "logout", "set_token"}
SCHEMA = api.get_openapi_schema()


def described() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation by its id."""
    return {
        operation["operationId"]: (method.upper(), path.removeprefix("/api/v1"), operation)
        for path, methods in SCHEMA["paths"].items()
        for method, operation in methods.items()
        if operation["operationId"] not in NOT_FOR_THE_SDK
    }


OPERATIONS = described()
each_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


def public_methods() -> dict[str, Any]:
    return {
        name: found
        for name, found in inspect.getmembers(EcommerceSDK, inspect.isfunction)
        if not name.startswith("_") and name not in CONVENIENCES
    }


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The object that a schema means, without reference, null or list around it."""
    if "$ref" in schema:
        return resolved(SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for wrapped in ("anyOf", "allOf"):
        for part in schema.get(wrapped, []):
            if part.get("type") != "null":
                return resolved(part)
    return resolved(schema["items"]) if schema.get("type") == "array" else schema


def sent(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the body of an operation holds, by name."""
    content = operation.get("requestBody", {}).get("content", {})
    return next((resolved(media["schema"]).get("properties", {}) for media in content.values()), {})


def in_place(operation: dict[str, Any], place: str) -> set[str]:
    return {found["name"] for found in operation.get("parameters", []) if found["in"] == place}


def compared(kind: Any, schema: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """A dataclass and its schema, and those within."""
    yield kind, schema
    for name, hint in get_type_hints(kind).items():
        for part in (hint, *get_args(hint)):
            if is_dataclass(part):
                yield from compared(part, resolved(schema["properties"][name]))


class TestOperations:
    def test_have_a_method_each_and_no_method_is_without_one(self):
        assert set(public_methods()) == set(OPERATIONS)

    def test_stand_in_the_table_that_both_clients_use(self):
        table = {name.lower() for name, found in vars(operations).items() if isinstance(found, operations.Operation)}

        assert table == set(OPERATIONS)

    @each_operation
    def test_are_asked_for_where_they_are(self, name):
        method, path, description = OPERATIONS[name]

        known = getattr(operations, name.upper())

        assert (known.method, known.path, known.query) == (method, path, in_place(description, "query"))
        assert known.takes_key == (KEY in in_place(description, "header"))
        assert known.has_body == ("application/json" in description.get("requestBody", {}).get("content", {}))
        assert (known.file is not None) == (
            "multipart/form-data" in description.get("requestBody", {}).get("content", {})
        )

    @each_operation
    def test_take_the_same_parameters(self, name):
        _method, _path, description = OPERATIONS[name]
        wanted = in_place(description, "path") | in_place(description, "query") | set(sent(description))
        if KEY in in_place(description, "header"):
            wanted.add("idempotency_key")

        taken = set(inspect.signature(public_methods()[name]).parameters) - {"self"}

        assert taken == wanted

    @each_operation
    def test_ask_for_what_cannot_be_left_out(self, name):
        _method, _path, description = OPERATIONS[name]
        content = description.get("requestBody", {}).get("content", {})
        needed = {found["name"] for found in description.get("parameters", []) if found.get("required")}
        needed |= {one for media in content.values() for one in resolved(media["schema"]).get("required", [])}

        parameters = inspect.signature(public_methods()[name]).parameters.values()

        assert {found.name for found in parameters if found.default is found.empty and found.name != "self"} == needed


class TestFields:
    @each_operation
    def test_of_an_answer_are_those_of_its_dataclass(self, name):
        _method, _path, description = OPERATIONS[name]
        answers = [answer for status, answer in description["responses"].items() if int(status) < 300]
        media = answers[0].get("content", {}).get("application/json")
        result = get_type_hints(public_methods()[name])["return"]
        kind = get_args(result)[0] if getattr(result, "__origin__", None) is Page else result

        if media is None:
            assert kind in {str, type(None)}
            return
        for known, schema in compared(kind, resolved(media["schema"])):
            assert {field.name for field in fields(known)} == set(schema["properties"]), known.__name__

    @pytest.mark.parametrize(
        ("name", "field", "kind"),
        [
            ("add_product", "variants", NewVariant),
            ("checkout", "billing", Address),
            ("pay_order", "billing", Address),
            ("ship_order", "items", Units),
            ("refund_order", "items", Units),
        ],
    )
    def test_of_what_is_sent_are_those_of_its_dataclass(self, name, field, kind):
        schema = resolved(sent(OPERATIONS[name][2])[field])

        assert {found.name for found in fields(kind)} == set(schema["properties"])
