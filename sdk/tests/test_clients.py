"""Both clients at their edge: what leaves them, and what they make of what comes."""

import json
from decimal import Decimal

import httpx
import pytest

from ecommerce_sdk import Address, NotAuthenticated, OutOfStock, UnexpectedAnswer, Units

from .conftest import BASE

CART = {"items": [], "subtotal": 0, "total": 0, "currency": "EUR"}
LOGIN = {
    "token": "t0k",
    "token_type": "bearer",
    "expires_at": "2026-12-21T00:00:00Z",
    "user_id": 7,
    "email": "a@b.test",
}
REFUSAL = {"code": "out_of_stock", "detail": "Only 2 left.", "fields": {"sku": "SH-1", "available": 2}}


class Shop(httpx.MockTransport):
    """Keeps what it is asked; answers with what it is given, one after the other, the last one for ever."""

    def __init__(self, *answers):
        super().__init__(self.answer)
        self.answers = list(answers) or [(200, CART)]
        self.asked = []
        self.sessions = 0

    def answer(self, request):
        self.asked.append(request)
        status, body, *headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response = httpx.Response(status, json=body, headers=headers[0] if headers else None)
        if "Cookie" not in request.headers and "Authorization" not in request.headers:
            self.sessions += 1
            response.headers["Set-Cookie"] = f"sessionid=s{self.sessions}; Path=/; HttpOnly; SameSite=Lax"
        return response

    def cookies(self):
        return [request.headers.get("Cookie") for request in self.asked]

    def tokens(self):
        return [request.headers.get("Authorization") for request in self.asked]


class TestAddress:
    @pytest.mark.parametrize(
        "given", ["http://shop.test", "http://shop.test/", "http://shop.test/api/v1/", " HTTP://Shop.test:80"]
    )
    def test_may_be_given_with_or_without_the_path(self, client, given):
        shop = Shop()

        client(given, transport=shop).view_cart()

        assert str(shop.asked[0].url) == "http://shop.test/api/v1/cart"

    def test_may_lie_below_a_path(self, client):
        shop = Shop((200, {"message": "Open.", "version": "1"}))

        client("https://shop.test:8443/de", transport=shop).health_check()

        assert str(shop.asked[0].url) == "https://shop.test:8443/de/api/v1/"

    @pytest.mark.parametrize(
        "wrong",
        [
            "shop.test",
            "ftp://shop.test",
            "http://",
            "http://a:b@shop.test",
            "http://shop.test/?x=1",
            "http://shop.test:http",
            "",
        ],
    )
    def test_is_refused_when_it_is_none(self, client, wrong):
        with pytest.raises(ValueError, match="base_url"):
            client(wrong)


class TestShoppers:
    def test_each_have_a_jar_of_their_own(self, client, fresh):
        shop = Shop()
        ada, ben = client(BASE, f"ada {fresh}", transport=shop), client(BASE, f"ben {fresh}", transport=shop)

        for sdk in (ada, ben, ada, ben):
            sdk.view_cart()

        assert shop.cookies() == [None, None, "sessionid=s1", "sessionid=s2"]

    def test_find_their_jar_again_with_another_client(self, client, fresh):
        shop = Shop()
        client(BASE, fresh, transport=shop).view_cart()

        client(f"{BASE}/api/v1", fresh, transport=shop).view_cart()

        assert shop.cookies() == [None, "sessionid=s1"]

    def test_have_another_jar_in_another_shop(self, client, fresh):
        shop = Shop()
        client(BASE, fresh, transport=shop).view_cart()

        client("http://shop.test:81", fresh, transport=shop).view_cart()

        assert shop.cookies() == [None, None]

    def test_without_a_name_have_one_for_each_client(self, client):
        shop = Shop()
        first, second = client(transport=shop), client(transport=shop)

        for sdk in (first, first, second):
            sdk.view_cart()

        assert shop.cookies() == [None, "sessionid=s1", None]

    def test_share_connections_with_the_client_they_come_from(self, client, fresh):
        shop = Shop()
        sdk = client(BASE, f"ada {fresh}", "t0k", transport=shop)
        ben = sdk.as_user(f"ben {fresh}")

        ben.view_cart()
        ben.close()
        sdk.view_cart()

        assert (shop.tokens(), ben.user_id) == ([None, "Bearer t0k"], f"ben {fresh}")

    def test_keep_the_session_that_a_refusal_begins(self, client):
        shop = Shop((409, REFUSAL), (200, CART))
        sdk = client(transport=shop)

        with pytest.raises(OutOfStock):
            sdk.add_to_cart(1, 3)
        sdk.view_cart()

        assert shop.cookies() == [None, "sessionid=s1"]


class TestTokens:
    def test_beat_the_cookie(self, client, fresh):
        shop = Shop()
        sdk = client(BASE, fresh, transport=shop)
        sdk.view_cart()

        sdk.set_token("t0k")
        sdk.view_cart()

        assert (shop.tokens(), shop.cookies()) == ([None, "Bearer t0k"], [None, None])

    def test_of_a_log_in_are_kept_and_the_guest_is_told_to_the_shop(self, client, fresh):
        shop = Shop((200, CART), (200, LOGIN), (200, CART))
        sdk = client(BASE, fresh, "expired", transport=shop)
        sdk.logout()
        sdk.view_cart()
        sdk.set_token("expired")

        login = sdk.login("a@b.test", "quiet")
        sdk.view_cart()

        assert (login.email, login.user_id) == ("a@b.test", 7)
        assert shop.cookies() == [None, "sessionid=s1", None]
        assert shop.tokens() == [None, None, "Bearer t0k"]

    def test_are_forgotten_at_log_out(self, client):
        shop = Shop()
        sdk = client(BASE, None, "t0k", transport=shop)

        sdk.logout()
        sdk.view_cart()

        assert shop.tokens() == [None]

    def test_stay_when_a_log_in_is_refused(self, client):
        shop = Shop((401, {"code": "invalid_credentials", "detail": "No.", "fields": {}}), (200, CART))
        sdk = client(BASE, None, "t0k", transport=shop)

        with pytest.raises(NotAuthenticated):
            sdk.login("a@b.test", "wrong")
        sdk.view_cart()

        assert shop.tokens() == [None, "Bearer t0k"]

    @pytest.mark.parametrize("wrong", ["", "two words", "line\nbreak", "ümlaut"])
    def test_are_refused_when_they_are_none(self, client, wrong):
        with pytest.raises(ValueError, match="token"):
            client(BASE, None, wrong)

    def test_are_never_shown(self, client):
        sdk = client(BASE, "ada", "t0k", transport=Shop((200, LOGIN)))

        shown = repr(sdk), repr(sdk.login("a@b.test", "quiet"))

        assert shown[0].endswith("SDK('http://shop.test', user_id='ada', with a token)")
        assert "t0k" not in "".join(shown)


class TestRequests:
    def test_carry_amounts_exactly(self, client):
        shop = Shop((200, {}))

        with pytest.raises(UnexpectedAnswer, match="no “id”"):
            client(transport=shop).add_product("Oak shelf", Decimal("12.50"), "Solid.", 5)

        assert shop.asked[0].content == b'{"name":"Oak shelf","price":12.50,"description":"Solid.","stock":5}'
        assert shop.asked[0].headers["Content-Type"] == "application/json"

    def test_carry_what_belongs_into_the_query_there(self, client):
        shop = Shop((200, []))

        client(transport=shop).get_products("oak & ash", price_min=Decimal("12.50"), in_stock=True, limit=5)

        assert shop.asked[0].url.query == b"q=oak+%26+ash&price_min=12.50&in_stock=true&limit=5"
        assert shop.asked[0].content == b""

    def test_carry_ids_in_the_path_and_cannot_leave_it(self, client):
        shop = Shop((204, None))

        client(transport=shop).delete_product("../orders/7")

        assert shop.asked[0].url.raw_path == b"/api/v1/products/..%2Forders%2F7"

    def test_carry_dataclasses_as_objects(self, client):
        shop = Shop((404, {"code": "not_found", "detail": "No.", "fields": {}}))
        sdk = client(transport=shop)

        for ask in (
            lambda: sdk.checkout(billing=Address(city="Köln")),
            lambda: sdk.ship_order(7, items=[Units(line_id=1, quantity=2)]),
        ):
            with pytest.raises(Exception, match=r"No\."):
                ask()

        sent = [json.loads(request.content) for request in shop.asked]
        assert (sent[0]["billing"]["city"], sent[1]) == ("Köln", {"items": [{"line_id": 1, "quantity": 2}]})

    def test_to_add_carry_a_new_key_each(self, client):
        shop = Shop()
        sdk = client(transport=shop)

        sdk.add_to_cart(1)
        sdk.add_to_cart(1)

        first, second = [request.headers["Idempotency-Key"] for request in shop.asked]
        assert first != second
        assert len(first) == 36

    def test_carry_the_callers_key(self, client):
        shop = Shop()

        client(transport=shop).add_to_cart(1, idempotency_key="cart-1")

        assert shop.asked[0].headers["Idempotency-Key"] == "cart-1"

    @pytest.mark.parametrize("wrong", ["", "two words", "ü", "k" * 201])
    def test_refuse_a_key_that_is_none(self, client, wrong):
        with pytest.raises(ValueError, match="idempotency key"):
            client(transport=Shop()).add_to_cart(1, idempotency_key=wrong)

    def test_to_read_change_and_log_in_carry_none(self, client):
        shop = Shop((200, CART), (200, CART), (200, LOGIN))
        sdk = client(transport=shop)

        sdk.view_cart()
        sdk.update_cart(1, 2)
        sdk.login("a@b.test", "quiet")

        assert not any("Idempotency-Key" in request.headers for request in shop.asked)

    def test_are_sent_again_unchanged(self, client):
        busy = (503, {"code": "busy", "detail": "Busy.", "fields": {}})
        shop = Shop(busy, busy, (200, CART))

        client(transport=shop).add_to_cart(1, 2)

        assert len({(str(each.url), each.content, each.headers["Idempotency-Key"]) for each in shop.asked}) == 1
        assert len(shop.asked) == 3

    def test_with_a_picture_are_sent_again_byte_for_byte(self, client, tmp_path):
        (tmp_path / "oak.png").write_bytes(b"\x89PNG")
        picture = {"id": 1, "url": "/oak.webp", "alt_text": "Oak", "width": 1, "height": 1}
        shop = Shop((504, None), (201, picture))

        client(transport=shop).upload_image(7, tmp_path / "oak.png", alt_text="Oak")

        first, second = shop.asked
        assert first.content == second.content
        assert b'name="image"; filename="oak.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in first.content
        assert first.headers["Content-Type"].startswith("multipart/form-data; boundary=")

    def test_to_log_in_are_not_sent_again(self, client):
        shop = Shop((503, {"code": "busy", "detail": "Busy.", "fields": {}}))

        with pytest.raises(Exception, match="Busy"):
            client(transport=shop).login("a@b.test", "quiet")

        assert len(shop.asked) == 1


class TestPages:
    CATEGORY = {"slug": "shelves", "name": "Shelves", "parent": None, "url": "/category/shelves/"}

    def test_say_where_they_go_on_and_how_much_there_is(self, client):
        link = '<http://elsewhere.test/api/v1/products?cursor=c%2B2&limit=1>; rel="next"'
        shop = Shop((200, [self.CATEGORY], {"Link": link, "X-Total-Count": "7"}))

        page = client(transport=shop).get_categories()

        assert (page.next_cursor, page.total, len(page), page[0].slug) == ("c+2", 7, 1, "shelves")

    def test_end(self, client):
        page = client(transport=Shop((200, []))).get_products()

        assert (page, page.next_cursor, page.total) == ([], None, None)

    def test_are_walked_through_by_their_cursors_at_this_shop(self, client):
        more = {"Link": '<http://elsewhere.test/?cursor=c2>; rel="next"'}
        shop = Shop((200, [], more), (200, [], more), (200, []))

        assert list(client(transport=shop).iter_orders(all=True, limit=2)) == []

        assert [str(request.url) for request in shop.asked] == [
            "http://shop.test/api/v1/orders?all=true&limit=2",
            "http://shop.test/api/v1/orders?all=true&limit=2&cursor=c2",
            "http://shop.test/api/v1/orders?all=true&limit=2&cursor=c2",
        ]

    def test_that_are_none_are_unexpected(self, client):
        with pytest.raises(UnexpectedAnswer, match="no list"):
            client(transport=Shop((200, {}))).get_products()


class TestClosing:
    def test_ends_the_use_of_the_client(self, client):
        sdk = client(transport=Shop())

        sdk.close()

        with pytest.raises(RuntimeError, match="closed"):
            sdk.view_cart()
