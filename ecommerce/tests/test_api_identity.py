"""Who asks: tokens, keys, sessions, and pages of other sites."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone
from time_machine import travel

from accounts import tokens
from accounts.api_keys import make_key, revoke
from accounts.models import ApiKey, User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.tests.factories import VariantFactory
from ecommerce.groups import GROUPS
from ecommerce.identity import GROUP_OF, permissions_of
from ecommerce.tests.programs import API, Program, code_of, staff_user, with_key, with_session, with_token
from pricing.defaults import install_defaults

pytestmark = pytest.mark.django_db

NEW = {"name": "Oak shelf", "description": "A shelf.", "price": 12.5}


@pytest.fixture(autouse=True)
def shop(db):
    install_defaults()


@pytest.fixture
def seller():
    return staff_user("Catalogue", "Stock")


class TestToken:
    def test_of_a_log_in_speaks_for_the_account(self, seller):
        body = {"email": seller.email.upper(), "password": PASSWORD}
        answer = Program().send("POST", "/login", body).json()

        made = Program(f"{answer['token_type']} {answer['token']}").send("POST", "/products", NEW)

        assert answer["user_id"] == seller.pk
        assert made.status_code == 201

    @pytest.mark.parametrize(
        "authorization",
        [
            "Bearer nonsense",
            "Bearer ",
            "Bearer",
            "Basic c2FtOnNlY3JldA==",
            "Token {token}",
            "Bearer {token}x",
            "Bearer x{token}",
            "Bearer {foreign}",
            "Bearer shop_unknown",
            "Bearer jané",
            "Bearer " + "x" * 5000,
        ],
    )
    def test_that_is_nobodys_is_refused(self, seller, settings, authorization):
        token, _ends = tokens.issue(seller, at=timezone.now())
        ours, settings.SECRET_KEY = settings.SECRET_KEY, "the key of another shop, which signs as well as ours"
        foreign, _ends = tokens.issue(seller, at=timezone.now())
        settings.SECRET_KEY = ours

        answer = Program(authorization.format(token=token, foreign=foreign)).send("GET", "/cart")

        assert (answer.status_code, code_of(answer)) == (401, "invalid_token")
        assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'

    def test_ends_after_its_time(self, seller):
        token, ends = tokens.issue(seller, at=timezone.now())
        program = Program(f"Bearer {token}")

        with travel(ends - timedelta(minutes=1)):
            before = program.send("GET", "/cart")
        with travel(ends + timedelta(minutes=1)):
            after = program.send("GET", "/cart")

        assert (before.status_code, after.status_code) == (200, 401)

    def test_ends_with_the_password(self, seller):
        program = with_token(seller)
        seller.set_password("another green bicycle")
        seller.save()

        assert program.send("GET", "/cart").status_code == 401

    def test_ends_with_the_account(self, seller):
        programs = [with_token(seller), with_key(seller, "catalogue")]
        User.objects.filter(pk=seller.pk).update(is_active=False)

        answers = [program.send("GET", "/products") for program in programs]

        assert [code_of(answer) for answer in answers] == ["invalid_token"] * 2

    def test_is_needed_where_staff_work(self):
        answer = Program().send("POST", "/products", NEW)

        assert (answer.status_code, code_of(answer)) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


class TestCookieBesideAToken:
    def test_is_not_used(self, seller):
        browser = with_session(UserFactory())
        browser.send("POST", f"/cart?product_id={VariantFactory().product_id}&quantity=2")
        token, _ends = tokens.issue(seller, at=timezone.now())

        cart = browser.send("GET", "/cart", Authorization=f"Bearer {token}").json()

        assert cart["items"] == []

    def test_opens_no_order_of_its_guest(self, seller):
        browser = Program()
        browser.send("POST", f"/cart?product_id={VariantFactory().product_id}")
        order = browser.send("POST", "/checkout", {}).json()["id"]
        token, _ends = tokens.issue(seller, at=timezone.now())

        answers = [
            browser.send("GET", path, Authorization=f"Bearer {token}") for path in ("/orders", f"/orders/{order}")
        ]

        assert answers[0].json() == []
        assert answers[1].status_code == 404

    def test_is_left_as_it_is_whatever_is_asked(self, seller):
        browser = with_session(UserFactory())
        session = browser.session.session_key
        token, _ends = tokens.issue(seller, at=timezone.now())
        variant = VariantFactory()

        answers = [
            browser.send(method, path, Authorization=f"Bearer {token}")
            for method, path in [
                ("GET", "/cart"),
                ("POST", f"/cart?product_id={variant.product_id}"),
                ("POST", "/checkout"),
                ("GET", "/orders"),
            ]
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 201, 200]
        assert not any(answer.cookies for answer in answers)
        assert browser.session.session_key == session
        assert Session.objects.count() == 1

    def test_does_not_help_a_wrong_token(self):
        browser = with_session(UserFactory())

        assert browser.send("GET", "/cart", Authorization="Bearer nonsense").status_code == 401


class TestWebsiteSession:
    """A page of another site could use it, so it can do what a buyer can and no more."""

    def test_of_a_superuser_cannot_add_products(self):
        browser = with_session(User.objects.create_superuser("boss@shop.test", "x"))

        answer = browser.send("POST", "/products", NEW)

        assert (answer.status_code, code_of(answer)) == (403, "forbidden")

    def test_of_staff_sees_its_own_orders_only(self):
        browser = with_session(staff_user("Orders", is_staff=True))

        assert browser.send("GET", "/orders?all=1").status_code == 403
        assert browser.send("GET", "/export/orders.csv").status_code == 403

    def test_buys(self):
        browser = with_session(UserFactory())
        browser.send("POST", f"/cart?product_id={VariantFactory().product_id}&quantity=2")

        assert browser.send("GET", "/cart").json()["items"][0]["quantity"] == 2

    def test_does_all_that_it_may_on_the_website(self):
        browser = with_session(User.objects.create_superuser("boss@shop.test", "x", is_active=True))

        assert browser.get("/admin/").status_code == 200


class TestApiKey:
    def test_does_what_its_scope_says(self, seller):
        assert with_key(seller, "catalogue").send("POST", "/products", NEW).status_code == 201

    @pytest.mark.parametrize("scopes", [["buy"], ["stock"], ["orders"], ["buy", "stock", "orders"]])
    def test_does_nothing_else(self, scopes):
        boss = User.objects.create_superuser("boss@shop.test", "x")

        answer = with_key(boss, *scopes).send("POST", "/products", NEW)

        assert (answer.status_code, code_of(answer)) == (403, "forbidden")

    def test_without_the_scope_to_buy_has_no_cart(self, seller):
        answer = with_key(seller, "catalogue", "stock").send("GET", "/cart")

        assert (answer.status_code, code_of(answer)) == (403, "forbidden")

    def test_does_no_more_than_the_account(self):
        shopper = UserFactory()

        answer = with_key(shopper, *ApiKey.Scope.values).send("POST", "/products", NEW)

        assert answer.status_code == 403

    def test_loses_what_the_account_loses(self, seller):
        program = with_key(seller, "catalogue")
        seller.groups.clear()

        assert program.send("POST", "/products", NEW).status_code == 403

    def test_that_is_revoked_is_refused(self, seller):
        made, key = make_key(seller, name="till", scopes=["buy"], at=timezone.now())
        program = Program(f"Bearer {key}")
        before = program.send("GET", "/cart")
        revoke(made, at=timezone.now())

        after = program.send("GET", "/cart")

        assert (before.status_code, after.status_code, code_of(after)) == (200, 401, "invalid_token")

    def test_outlives_a_new_password(self, seller):
        program = with_key(seller, "buy")
        seller.set_password("another green bicycle")
        seller.save()

        assert program.send("GET", "/cart").status_code == 200

    def test_is_kept_as_a_hash(self, seller):
        made, key = make_key(seller, name="till", scopes=["buy"], at=timezone.now())

        columns = ApiKey.objects.filter(pk=made.pk).values().get()
        assert key not in str(columns)
        assert columns["start"] == key[:11]

    def test_notes_when_it_was_used_once_an_hour(self, seller):
        made, key = make_key(seller, name="till", scopes=["buy"], at=timezone.now())
        program = Program(f"Bearer {key}")
        used = []

        for minutes in (0, 59, 61):
            with travel(made.created_at + timedelta(minutes=minutes), tick=False):
                program.send("GET", "/cart")
                made.refresh_from_db()
                used.append(made.last_used_at - made.created_at)

        assert used == [timedelta(0), timedelta(0), timedelta(minutes=61)]

    def test_scopes_are_what_the_groups_may(self):
        named = {f"{app}.{name}" for app, names in GROUPS["Stock"].items() for name in names}

        assert permissions_of(["stock"]) == named
        assert set(GROUP_OF.values()) == set(GROUPS) == set(Group.objects.values_list("name", flat=True))


class TestOrigin:
    """DESIGN: cookie-borne writes pass from our own pages, and from what is no browser."""

    @pytest.fixture
    def path(self):
        return f"/cart?product_id={VariantFactory().product_id}"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec_Fetch_Site": "same-origin"},
            {"Sec_Fetch_Site": "none"},
            {"Origin": "http://testserver"},
            {"Sec_Fetch_Site": "same-origin", "Origin": "http://testserver"},
        ],
    )
    @pytest.mark.parametrize("who", [Program, lambda: with_session(UserFactory())])
    def test_our_own_and_no_browser_pass(self, path, headers, who):
        assert who().send("POST", path, **headers).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"},
        ],
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_other_sites_are_refused(self, path, headers, method):
        browser = with_session(UserFactory())

        answer = browser.send(method, path, **headers)

        assert (answer.status_code, code_of(answer)) == (403, "foreign_origin")
        assert browser.send("GET", "/cart").json()["items"] == []

    def test_what_carries_a_token_passes(self, path):
        program = with_token(UserFactory())

        answer = program.send("POST", path, Sec_Fetch_Site="cross-site", Origin="https://evil.example")

        assert answer.status_code == 200

    def test_reading_is_no_change(self):
        assert Program().send("GET", "/products", Sec_Fetch_Site="cross-site").status_code == 200


class TestCors:
    @pytest.fixture
    def allowed(self, settings):
        settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
        return {"Origin": "https://app.example.org", "Sec_Fetch_Site": "cross-site"}

    @pytest.fixture
    def preflight(self):
        return {
            "Access_Control_Request_Method": "POST",
            "Access_Control_Request_Headers": "authorization,content-type,idempotency-key",
        }

    def test_is_off_by_default(self, settings, preflight):
        assert settings.CORS_ALLOWED_ORIGINS == []

        answers = [
            Program().send("OPTIONS", "/products", Origin="https://app.example.org", **preflight),
            Program().send("GET", "/products", Origin="https://app.example.org"),
        ]

        assert not any(name.startswith("Access-Control") for answer in answers for name in answer.headers)

    def test_lets_an_allowed_page_ask_first(self, allowed, preflight):
        answer = Program().send("OPTIONS", "/products", **allowed, **preflight)

        assert answer["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert "POST" in answer["Access-Control-Allow-Methods"]
        for header in ("authorization", "content-type", "idempotency-key"):
            assert header in answer["Access-Control-Allow-Headers"]
        assert not answer.has_header("Access-Control-Allow-Credentials")

    def test_tells_another_page_nothing(self, allowed, preflight):
        answer = Program().send("OPTIONS", "/products", Origin="https://evil.example", **preflight)

        assert not answer.has_header("Access-Control-Allow-Origin")

    def test_shows_an_allowed_page_what_programs_need(self, allowed):
        answer = Program().send("GET", "/products", **allowed)

        shown = answer["Access-Control-Expose-Headers"]
        for header in ("ETag", "Link", "Retry-After", "X-Total-Count", "Idempotent-Replayed"):
            assert header in shown
        assert not answer.has_header("Access-Control-Allow-Credentials")
        assert "origin" in answer["Vary"].lower()

    @pytest.mark.parametrize("path", ["/cart", "/orders", "/nothing"])
    def test_shows_it_refusals_too(self, allowed, path):
        program = Program("Bearer nonsense")

        assert program.send("GET", path, **allowed)["Access-Control-Allow-Origin"] == "https://app.example.org"

    def test_is_for_the_api_alone(self, allowed):
        answer = Program().get("/", headers={"Origin": "https://app.example.org"})

        assert not answer.has_header("Access-Control-Allow-Origin")

    def test_lets_an_allowed_page_log_in(self, allowed):
        sam = UserFactory()

        answer = Program().send("POST", "/login", {"email": sam.email, "password": PASSWORD}, **allowed)

        assert answer.status_code == 200

    def test_never_with_the_shops_own_cookie(self, allowed):
        browser = with_session(UserFactory())

        answer = browser.send("POST", f"/cart?product_id={VariantFactory().product_id}", **allowed)

        assert (answer.status_code, code_of(answer)) == (403, "foreign_origin")


class TestSignUp:
    def test_gives_no_role_whatever_is_sent_along(self):
        body = {"email": "new@example.org", "password": PASSWORD}

        answers = [
            Program().send("POST", "/signup", body | {"email": f"{field}@example.org", field: value})
            for field, value in {"is_staff": True, "is_superuser": True, "groups": ["Orders"], "role": "staff"}.items()
        ]
        plain = Program().send("POST", "/signup", body)

        made = User.objects.get()
        assert [answer.status_code for answer in answers] == [422] * 4
        assert plain.status_code == 201
        assert not (made.is_staff or made.is_superuser or made.groups.exists() or made.user_permissions.exists())

    def test_logs_nobody_in_and_leaves_the_cart(self):
        program = Program()
        program.send("POST", f"/cart?product_id={VariantFactory().product_id}")

        program.send("POST", "/signup", {"email": "new@example.org", "password": PASSWORD})

        assert "_auth_user_id" not in program.session
        assert len(program.send("GET", "/cart").json()["items"]) == 1

    def test_says_the_same_for_a_known_address(self, mailoutbox, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
        body = {"email": UserFactory().email, "password": PASSWORD}

        known = Program().send("POST", "/signup", body)
        new = Program().send("POST", "/signup", body | {"email": "new@example.org"})

        assert (known.status_code, known.json()) == (new.status_code, new.json())
        assert len(mailoutbox) == 2

    @pytest.mark.parametrize(
        ("email", "password", "field"),
        [("no address", PASSWORD, "email"), ("new@example.org", "short", "password")],
    )
    def test_names_the_field_that_is_wrong(self, email, password, field):
        answer = Program().send("POST", "/signup", {"email": email, "password": password})

        assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
        assert not User.objects.exists()


class TestLogIn:
    def test_merges_the_cart(self):
        sam, program = UserFactory(), Program()
        program.send("POST", f"/cart?product_id={VariantFactory().product_id}&quantity=3")

        token = program.send("POST", "/login", {"email": sam.email, "password": PASSWORD}).json()["token"]

        cart = Program(f"Bearer {token}").send("GET", "/cart").json()
        assert [line["quantity"] for line in cart["items"]] == [3]

    @pytest.mark.parametrize("is_known", [True, False])
    def test_says_the_same_for_a_wrong_password_and_a_wrong_address(self, is_known):
        email = UserFactory().email if is_known else "nobody@example.org"

        answer = Program().send("POST", "/login", {"email": email, "password": "wrong"})

        assert (answer.status_code, code_of(answer)) == (401, "invalid_credentials")
        assert answer.json()["detail"] == "E-mail address and password do not match."

    def test_is_closed_to_an_account_that_is_switched_off(self):
        sam = UserFactory(is_active=False)

        answer = Program().send("POST", "/login", {"email": sam.email, "password": PASSWORD})

        assert (answer.status_code, code_of(answer)) == (401, "invalid_credentials")

    def test_needs_no_confirmed_address(self):
        Program().send("POST", "/signup", {"email": "new@example.org", "password": PASSWORD})

        answer = Program().send("POST", "/login", {"email": "new@example.org", "password": PASSWORD})

        assert answer.status_code == 200

    def test_tells_the_token_to_no_cache(self):
        answer = Program().send("POST", "/login", {"email": UserFactory().email, "password": PASSWORD})

        assert "no-store" in answer["Cache-Control"]


def test_the_api_has_no_trailing_slashes():
    assert Program().get(f"{API}/products/").status_code == 404
