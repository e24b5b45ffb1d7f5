"""When a request is sent again, and what the end means; by hand, so without a network and without waiting."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from ecommerce_sdk import (
    BadRequest,
    Conflict,
    ConnectionFailed,
    Gone,
    InProgress,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OutOfStock,
    RateLimited,
    ServerError,
    ShopError,
    Timeout,
    TotalChanged,
    UnexpectedAnswer,
)
from ecommerce_sdk._exchange import KEY, Pace, Pause, exchange

URL = "http://shop.test/api/v1/cart"
LOST = [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.WriteError(""), httpx.RemoteProtocolError("gone")]
UNSENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.PoolTimeout(""), httpx.ProxyError("away")]


def refused(status, code="", **headers):
    body = {"code": code, "detail": "It is so.", "fields": {}}
    return httpx.Response(status, json=body if code else None, headers=headers, request=httpx.Request("GET", URL))


def done():
    return httpx.Response(200, text="done", request=httpx.Request("GET", URL))


class Clock:
    """Time that passes while somebody pauses."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def play(replies, *, repeatable=True, pace=None, seconds_a_try=0.0, request=None):
    """Answer one try after another; return result, requests and pauses. The last reply is given for ever."""
    clock = Clock()
    steps = exchange(
        request or httpx.Request("POST", URL, headers={KEY: "k1"}),
        lambda response: response.text,
        jar=None,
        repeatable=repeatable,
        pace=pace or Pace(),
        clock=clock,
    )
    requests, pauses, replies = [], [], list(replies)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                clock.now += step.seconds
                step = steps.send(None)
            else:
                requests.append(step.extensions["timeout"])
                clock.now += seconds_a_try
                step = steps.send(replies.pop(0) if len(replies) > 1 else replies[0])
    except StopIteration as end:
        return end.value, requests, pauses
    except ShopError as error:
        return error, requests, pauses


class TestSendingAgain:
    @pytest.mark.parametrize("reply", [*LOST, *UNSENT], ids=repr)
    def test_follows_what_keeps_an_answer_away(self, reply):
        result, requests, pauses = play([reply, done()])

        assert (result, len(requests), len(pauses)) == ("done", 2, 1)

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_follows_what_passes(self, status):
        result, requests, _pauses = play([refused(status), done()])

        assert (result, len(requests)) == ("done", 2)

    def test_follows_work_in_progress(self):
        result, requests, _pauses = play([refused(409, "in_progress"), done()])

        assert (result, len(requests)) == ("done", 2)

    @pytest.mark.parametrize(
        "reply",
        [
            *(refused(status, "some_code") for status in (400, 401, 403, 404, 409, 410, 413, 422, 500, 501)),
            httpx.DecodingError("no gzip"),
            httpx.LocalProtocolError("no header"),
        ],
        ids=repr,
    )
    def test_does_not_follow_what_stays_as_it_is(self, reply):
        result, requests, pauses = play([reply, done()])

        assert isinstance(result, ShopError)
        assert (len(requests), pauses) == (1, [])

    def test_ends_after_as_many_tries_as_allowed(self):
        result, requests, pauses = play([refused(503, "busy")], pace=Pace(retries=2))

        assert isinstance(result, ServerError)
        assert (len(requests), len(pauses)) == (3, 2)

    @pytest.mark.parametrize("reply", [*LOST, refused(429), refused(502), refused(503), refused(504)], ids=repr)
    def test_spares_what_cannot_be_repeated(self, reply):
        result, requests, _pauses = play([reply, done()], repeatable=False)

        assert isinstance(result, ShopError)
        assert len(requests) == 1

    @pytest.mark.parametrize("reply", UNSENT, ids=repr)
    def test_takes_what_cannot_be_repeated_while_nothing_was_sent(self, reply):
        result, requests, _pauses = play([reply, done()], repeatable=False)

        assert (result, len(requests)) == ("done", 2)


class TestPauses:
    def test_double_and_are_partly_random(self):
        pace = Pace(retries=8, patience=1_000)

        _result, _requests, pauses = play([refused(503)], pace=pace)

        full = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 8.0, 8.0]
        assert all(most / 2 <= pause <= most for pause, most in zip(pauses, full, strict=True))
        assert len({pause / most for pause, most in zip(pauses, full, strict=True)}) > 1

    def test_are_as_long_as_the_shop_asks_for(self):
        _result, _requests, pauses = play([refused(429, "rate_limited", **{"Retry-After": "7"}), done()])

        assert 7 < pauses[0] <= 7.2

    def test_last_until_the_time_that_the_shop_names(self):
        until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

        _result, _requests, pauses = play([refused(503, **{"Retry-After": until}), done()])

        assert 28 < pauses[0] <= 30.2

    @pytest.mark.parametrize("odd", ["soon", "-5", "", "Sat, 21 Nov 2015 07:28:00 GMT", "1e9"])
    def test_ignore_a_wish_that_is_none_or_past(self, odd):
        _result, _requests, pauses = play([refused(503, **{"Retry-After": odd}), done()])

        assert pauses[0] <= 0.2

    def test_are_not_begun_when_patience_would_end_in_them(self):
        result, requests, pauses = play([refused(429, "rate_limited", **{"Retry-After": "300"}), done()])

        assert isinstance(result, RateLimited)
        assert result.retry_after == 300
        assert (len(requests), pauses) == (1, [])

    def test_stay_within_patience_together_with_the_tries(self):
        result, requests, pauses = play([LOST[0]], pace=Pace(retries=99, patience=60), seconds_a_try=25)

        assert isinstance(result, Timeout)
        assert len(requests) == 3
        assert 25 * 2 + sum(pauses) < 60


class TestTimeouts:
    def test_are_set_for_each_part_of_a_try(self):
        _result, requests, _pauses = play([done()], pace=Pace(connect_timeout=3, timeout=12))

        assert requests == [{"connect": 3, "read": 12, "write": 12, "pool": 12}]

    def test_shrink_with_the_patience_that_is_left(self):
        _result, requests, _pauses = play([LOST[0]], pace=Pace(patience=40), seconds_a_try=30)

        assert requests[0]["read"] == 30
        assert 9 < requests[1]["read"] < 10


class TestRefusal:
    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (400, "malformed", BadRequest),
            (405, "method_not_allowed", BadRequest),
            (413, "too_large", BadRequest),
            (401, "invalid_token", NotAuthenticated),
            (403, "forbidden", NotPermitted),
            (404, "not_found", NotFound),
            (410, "gone", Gone),
            (409, "not_for_sale", Conflict),
            (409, "out_of_stock", OutOfStock),
            (409, "total_changed", TotalChanged),
            (409, "in_progress", InProgress),
            (422, "variant_required", Invalid),
            (429, "rate_limited", RateLimited),
            (500, "server_error", ServerError),
            (503, "busy", ServerError),
        ],
    )
    def test_is_the_error_that_says_so(self, status, code, kind):
        error, _requests, _pauses = play([refused(status, code)])

        assert type(error) is kind
        assert (error.code, error.detail, error.status, str(error)) == (code, "It is so.", status, "It is so.")
        assert error.fix

    def test_names_what_is_short(self):
        body = {"code": "out_of_stock", "detail": "Only 2 left.", "fields": {"sku": "SH-1", "available": 2}}

        error, _requests, _pauses = play([httpx.Response(409, json=body)])

        assert (error.sku, error.available, error.fields) == ("SH-1", 2, {"sku": "SH-1", "available": 2})

    def test_gives_the_key_so_that_the_call_can_be_made_again(self):
        error, _requests, _pauses = play([refused(503, "busy")])

        assert error.idempotency_key == "k1"

    @pytest.mark.parametrize(("status", "kind"), [(502, ServerError), (413, BadRequest), (429, RateLimited)])
    def test_of_a_proxy_is_understood_without_words(self, status, kind):
        error, _requests, _pauses = play([httpx.Response(status, html="<h1>Bad Gateway</h1>")])

        assert type(error) is kind
        assert str(status) in error.detail

    @pytest.mark.parametrize(
        "reply",
        [
            httpx.Response(404, html="<h1>Not here</h1>"),
            httpx.Response(403, json={"detail": "another API"}),
            httpx.Response(422, json=["another API"]),
            httpx.Response(200 + 104),
        ],
        ids=repr,
    )
    def test_in_other_words_than_the_shops_is_unexpected(self, reply):
        error, _requests, _pauses = play([reply])

        assert type(error) is UnexpectedAnswer
        assert "base_url" in str(error)

    def test_by_a_redirect_says_where_to(self):
        error, _requests, _pauses = play([httpx.Response(301, headers={"Location": "https://shop.test/"})])

        assert type(error) is UnexpectedAnswer
        assert "https://shop.test/" in str(error)

    def test_keeps_an_orders_token_out_of_its_words(self):
        request = httpx.Request("GET", "http://shop.test/api/v1/orders/7?token=s3cret")

        error, _requests, _pauses = play([httpx.Response(404)], request=request)

        assert "orders/7" in str(error)
        assert "s3cret" not in str(error)


class TestNoAnswer:
    def test_says_that_nothing_was_sent_and_asks_whether_the_shop_runs(self):
        error, _requests, _pauses = play([UNSENT[0]])

        assert type(error) is ConnectionFailed
        assert str(error) == (
            "The shop at http://shop.test does not answer (refused); nothing was sent. "
            "Is it running? Check base_url, then try again."
        )

    @pytest.mark.parametrize("lost", [*LOST, *UNSENT], ids=lambda error: type(error).__name__)
    def test_says_what_happened_and_what_to_do_apart_and_both_when_printed(self, lost):
        error, _requests, _pauses = play([lost])

        assert error.fix not in error.detail
        assert str(error) == f"{error.detail} {error.fix}"

    def test_in_time_is_a_timeout_with_the_key_to_go_on_with(self):
        error, _requests, _pauses = play([LOST[0]])

        assert type(error) is Timeout
        assert error.idempotency_key == "k1"
        assert "not known" in str(error)

    def test_after_a_break_is_told_as_such(self):
        error, _requests, _pauses = play([LOST[3]])

        assert type(error) is ConnectionFailed
        assert "broke off (gone); whether it did what was asked is not known" in str(error)

    def test_to_a_reading_request_leaves_nothing_unknown(self):
        error, _requests, _pauses = play([LOST[0]], request=httpx.Request("GET", URL))

        assert "known" not in str(error)

    def test_for_want_of_a_connection_blames_nobody_else(self):
        error, _requests, _pauses = play([UNSENT[2]])

        assert type(error) is Timeout
        assert "busy" in str(error)
