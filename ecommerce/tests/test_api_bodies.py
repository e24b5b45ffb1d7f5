"""What cannot be read or is too large is refused with a reason, and never costs much."""

import json
import time
import tracemalloc
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from catalog.models import Product
from catalog.tests.factories import VariantFactory
from ecommerce.api import MOST_FAULTS_TOLD
from ecommerce.exact_json import DEEPEST, MOST_VALUES, dumps
from ecommerce.tests.programs import API, Program, code_of, staff_user, with_token

pytestmark = pytest.mark.django_db

JSON = "application/json"
WRONG_BODIES = {
    "nothing like JSON": b"email=sam@example.org",
    "cut off": b'{"name": "Oak',
    "two values": b"{} {}",
    "Latin-1": '{"name": "Café"}'.encode("latin-1"),
    "UTF-16": '{"name": "Oak"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "Oak"}'.encode("utf-16-le"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a NUL": b'{"name": "Oak\x00"}',
    "a NUL, escaped": b'{"name": "Oak\\u0000"}',
    "a NUL in a name": b'{"na\\u0000me": "Oak"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "half a surrogate pair in a name": b'{"\\udfff": 1}',
    "NaN": b'{"price": NaN}',
    "Infinity": b'{"price": -Infinity}',
    "a huge exponent": b'{"price": 1e999999999}',
    "a tiny exponent": b'{"price": 1e-999999999}',
    "an exponent past all": b'{"price": 1e99999999999999999999999}',
    "5,000 digits": b'{"price": ' + b"9" * 5000 + b"}",
    "5,000 decimals": b'{"price": 1.' + b"9" * 5000 + b"}",
    "100,000 deep": b"[" * 100_000,
    "100,000 deep, closed": b"[" * 100_000 + b"]" * 100_000,
    "objects, 50,000 deep": b'{"a":' * 50_000,
    "deeper than any operation": b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2),
    "a name twice": b'{"name": "Oak", "name": "Ash"}',
}


@pytest.fixture
def seller():
    return with_token(staff_user("Catalogue", "Stock"))


def post(program, body, *, path="/products", content_type=JSON):
    return program.generic("POST", f"{API}{path}", body, content_type=content_type)


class TestBody:
    @pytest.mark.parametrize("path", ["/products", "/login", "/signup", "/checkout"])
    @pytest.mark.parametrize("body", WRONG_BODIES.values(), ids=WRONG_BODIES)
    def test_that_cannot_be_read_is_malformed(self, seller, path, body):
        program = seller if path == "/products" else Program()
        began = time.perf_counter()

        answer = post(program, body, path=path)

        assert (answer.status_code, code_of(answer)) == (400, "malformed")
        assert time.perf_counter() - began < 1
        assert not Product.objects.exists()

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b'{"a": 1,}', "from line 1, column 9"),
            (WRONG_BODIES["Latin-1"], "not UTF-8"),
            (WRONG_BODIES["a NUL, escaped"], "a NUL"),
            (WRONG_BODIES["NaN"], "NaN is no JSON"),
            (WRONG_BODIES["5,000 digits"], "a number is too long"),
            (WRONG_BODIES["100,000 deep"], "nested too deeply"),
            (WRONG_BODIES["a name twice"], "names a field twice"),
        ],
    )
    def test_is_told_why(self, body, reason):
        detail = post(Program(), body, path="/login").json()["detail"]

        assert reason in detail
        assert "nothing was changed" in detail

    @pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"{}", b"[{}]", b"true"])
    def test_of_another_shape_is_invalid(self, body):
        answer = post(Program(), body, path="/login")

        assert (answer.status_code, code_of(answer)) == (422, "invalid")
        assert answer.json()["fields"]

    def test_that_is_missing_is_invalid(self):
        answer = Program().send("POST", "/login")

        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["body"])

    @pytest.mark.parametrize(
        "price", ["1" + "0" * 30, "1e30", "-1", "-0.01", "0.0001", '"12.50"', "true", "[]", "{}", "1e-20"]
    )
    def test_with_an_odd_amount_names_it(self, seller, price):
        answer = post(seller, f'{{"name": "Oak", "description": "", "price": {price}}}')

        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["price"])

    @pytest.mark.parametrize("stock", ["-1", "1.5", "1e3", '"5"', "1" + "0" * 30, "true"])
    def test_with_an_odd_count_names_it(self, seller, stock):
        answer = post(seller, f'{{"name": "Oak", "description": "", "price": 1, "stock": {stock}}}')

        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["stock"])

    def test_with_an_unknown_field_is_refused(self, seller):
        answer = seller.send("POST", "/products", {"name": "Oak", "description": "", "price": 1, "prize": 2})

        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["prize"])


class TestContentType:
    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "application/xml", MULTIPART_CONTENT, "application/jsonx"],
    )
    @pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=["without a key", "with a key"])
    def test_of_something_else_is_refused(self, seller, content_type, key):
        body = encode_multipart(BOUNDARY, {"name": "Oak"}) if content_type == MULTIPART_CONTENT else b"{}"

        answer = seller.generic("POST", f"{API}/products", body, content_type=content_type, headers=key)

        assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")
        assert "Content-Type: application/json" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "content_type", ["", JSON, "APPLICATION/JSON", f"{JSON}; charset=utf-8", "application/x+json"]
    )
    def test_of_json_or_none_is_read(self, content_type):
        answer = post(
            Program(), b'{"email": "a@example.org", "password": "x"}', path="/login", content_type=content_type
        )

        assert code_of(answer) == "invalid_credentials"

    @pytest.mark.parametrize("charset", ["utf-16", "latin-1", "rot13"])
    def test_names_no_other_encoding(self, charset):
        answer = post(Program(), b"{}", path="/login", content_type=f"{JSON}; charset={charset}")

        assert (answer.status_code, code_of(answer)) == (400, "malformed")


class TestSize:
    def test_of_json_has_a_limit(self, seller, settings):
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = b'{"name": "' + b"x" * largest + b'"}'

        answer = post(seller, body)

        assert (answer.status_code, code_of(answer)) == (413, "too_large")
        assert "2.5" in answer.json()["detail"]

    def test_at_the_limit_is_read(self, seller, settings):
        body = b'{"name": "'.ljust(settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 2, b"x") + b'"}'

        answer = post(seller, body)

        assert (answer.status_code, code_of(answer)) == (422, "invalid")

    @pytest.mark.parametrize("path", ["/products/1/images", "/products", "/cart?product_id=1"])
    def test_of_a_form_has_the_limit_of_a_picture_and_nothing_is_read(self, seller, settings, path):
        body = Unread()

        answer = seller.generic(
            "POST",
            f"{API}{path}",
            content_type=MULTIPART_CONTENT,
            **{"wsgi.input": body, "CONTENT_LENGTH": str(10**9)},
        )

        assert (answer.status_code, code_of(answer)) == (413, "too_large")
        assert body.read_bytes == 0

    def test_of_a_large_form_is_not_held_in_memory(self, seller, settings):
        settings.PICTURE_MAX_MB = 15
        product = VariantFactory().product_id
        picture = SimpleUploadedFile("big.png", b"\x89PNG" + b"x" * (15 * 1024 * 1024), content_type="image/png")
        body = encode_multipart(BOUNDARY, {"image": picture})
        sent = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": MULTIPART_CONTENT}
        tracemalloc.start()

        answer = seller.generic("POST", f"{API}/products/{product}/images", **sent)

        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert 400 <= answer.status_code < 500
        assert peak < 12 * 1024 * 1024

    @pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=["without a key", "with a key"])
    def test_of_a_forms_texts_has_the_limit_of_json(self, seller, settings, key):
        body = encode_multipart(BOUNDARY, {"alt_text": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
        path = f"{API}/products/{VariantFactory().product_id}/images"

        answer = seller.generic("POST", path, body, content_type=MULTIPART_CONTENT, headers=key)

        assert (answer.status_code, code_of(answer)) == (413, "too_large")


class Unread(BytesIO):
    """A body of which the test counts what is read."""

    read_bytes = 0

    def read(self, size=-1, /):
        self.read_bytes += 1
        return b""


class TestForm:
    def test_with_a_nul_is_malformed(self, seller):
        body = encode_multipart(BOUNDARY, {"alt_text": "a\0b"})

        answer = post(
            seller, body, path=f"/products/{VariantFactory().product_id}/images", content_type=MULTIPART_CONTENT
        )

        assert (answer.status_code, code_of(answer)) == (400, "malformed")

    def test_that_is_cut_off_is_refused(self, seller):
        answer = post(
            seller, b"--x\r\nContent-", path="/products/1/images", content_type="multipart/form-data; boundary="
        )

        assert answer.status_code == 400
        assert answer.json()["code"]


class TestAddress:
    @pytest.mark.parametrize(
        "number", ["0", "-1", "1.5", "abc", "1e3", "9" * 30, str(2**63), "%F0%9F%98%80", "٣", "1_000"]
    )
    @pytest.mark.parametrize("path", ["/products/{}", "/orders/{}", "/products/{}/stock"])
    def test_with_an_odd_id_names_it_or_finds_nothing(self, seller, path, number):
        answer = seller.send("GET", path.format(number))

        assert answer.status_code in (404, 422)
        assert answer.json()["code"] in {"not_found", "invalid", "forbidden"}

    @pytest.mark.parametrize(
        ("query", "reason"),
        [("%ff", "not UTF-8"), ("Ol%e9", "not UTF-8"), ("%ed%a0%80", "not UTF-8"), ("%00", "a NUL")],
    )
    def test_with_a_query_that_is_no_text_is_malformed(self, query, reason):
        answer = Program().send("GET", f"/products?q={query}")

        assert (answer.status_code, code_of(answer)) == (400, "malformed")
        assert reason in answer.json()["detail"]

    @pytest.mark.parametrize("query", ["Ol%c3%a9", "%EF%BF%BD", "%F0%9F%98%80", "+%2b%25ff"])
    def test_with_any_other_text_is_read(self, query):
        assert Program().send("GET", f"/products?q={query}").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/products/7"), ("GET", "/orders/7"), ("POST", "/cart?product_id=7"), ("POST", "/orders/7/payment")],
    )
    def test_of_an_unknown_id_says_what_to_do(self, method, path):
        answer = Program().send(method, path, {} if path.endswith("payment") else None)

        assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert "Check the id, and log in" in answer.json()["detail"]

    def test_that_does_not_exist_is_called_an_address(self):
        assert Program().send("GET", "/nothing").json()["detail"] == "There is nothing at this address."

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
    @pytest.mark.parametrize("path", ["/nothing", "/products/1/nothing", "/products/", "//products", "/.env"])
    def test_that_does_not_exist_is_json(self, method, path):
        answer = Program().send(method, path)

        assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert set(answer.json()) == {"code", "detail", "fields"}

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/products", "GET, HEAD, POST"),
            ("PATCH", "/products/1", "DELETE, GET, HEAD, PUT"),
            ("GET", "/login", "POST"),
            ("OPTIONS", "/cart", "GET, HEAD, POST"),
            ("TRACE", "/", "GET, HEAD"),
        ],
    )
    def test_that_does_not_know_the_method_says_which(self, method, path, allowed):
        answer = Program().send(method, path)

        assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")
        assert answer["Allow"] == allowed

    def test_can_be_asked_for_its_headers_alone(self):
        whole, headers = Program().send("GET", "/products"), Program().send("HEAD", "/products")

        assert headers.status_code == 200
        assert headers["ETag"] == whole["ETag"]
        assert headers.content == b""


class TestAnswer:
    def test_writes_amounts_with_their_digits(self, seller):
        made = seller.send("POST", "/products", {"name": "Oak", "description": "", "price": 12.5})

        assert b'"price":12.50' in made.content

    def test_of_refusals_too(self):
        assert dumps({"total": Decimal("10.00")}) == b'{"total":10.00}'

    def test_is_compressed_where_it_is_long(self):
        VariantFactory.create_batch(3)
        long, short = (Program().send("GET", path, Accept_Encoding="gzip") for path in ("/products", "/nothing"))

        assert long["Content-Encoding"] == "gzip"
        assert not short.has_header("Content-Encoding")

    def test_is_said_to_be_unchanged(self):
        VariantFactory()
        first = Program().send("GET", "/products")

        again = Program().send("GET", "/products", If_None_Match=first["ETag"])
        compressed = Program().send("GET", "/products", If_None_Match=f"W/{first['ETag']}", Accept_Encoding="gzip")

        assert (again.status_code, again.content) == (304, b"")
        assert compressed.status_code == 304

    @pytest.mark.parametrize("path", ["/cart", "/orders"])
    def test_of_one_shopper_is_for_no_shared_cache(self, path):
        program = Program()
        program.send("POST", f"/cart?product_id={VariantFactory().product_id}")
        first = program.send("GET", path)

        again = program.send("GET", path, If_None_Match=first["ETag"])

        assert {"private", "no-cache"} <= set(first["Cache-Control"].replace(" ", "").split(","))
        assert again.status_code == 304


class TestManyValues:
    def test_are_refused_by_their_number(self, client):
        sent = {f"f{number}": 1 for number in range(MOST_VALUES + 1)}

        answer = client.post("/api/v1/checkout", json.dumps(sent), content_type="application/json")

        assert answer.status_code == 400
        assert "more than 10000 values" in answer.json()["detail"]

    def test_only_the_first_faults_are_told(self, client):
        sent = {f"f{number}": 1 for number in range(1_000)}

        answer = client.post("/api/v1/checkout", json.dumps(sent), content_type="application/json")

        assert answer.status_code == 422
        assert len(answer.json()["fields"]) == MOST_FAULTS_TOLD


class TestPieces:
    @pytest.mark.parametrize(("address", "status"), [("/api/v1/checkout", 411), ("/cart/add/1/", 400)])
    def test_without_a_length_nothing_is_done(self, client, address, status):
        answer = client.post(address, b"{}", content_type="application/json", headers={"Transfer-Encoding": "chunked"})

        assert answer.status_code == status
