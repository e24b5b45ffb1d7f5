import gzip
import socket
import ssl
from threading import Event

import pytest

from catalog.download import DownloadFailed, Rules, download
from catalog.tests.web import HOST, LARGEST, reply, rules, website

INTERNET = Rules(largest=LARGEST)
CHUNKED = "Transfer-Encoding: chunked"


def refused(address, rules=INTERNET):
    """How the download failed."""
    with pytest.raises(DownloadFailed) as failure:
        download(address, rules)
    return failure.value


class TestDownload:
    def test_fetches_what_is_there(self):
        with website({"/a%20b.png?size=1": reply(200, b"content")}) as site:
            assert download(site.at("/a b.png?size=1"), rules(site)) == b"content"

        assert site.asked == ["/a%20b.png?size=1"]

    def test_asks_the_host_by_its_name_and_for_the_file_as_it_is(self):
        with website({"/": reply(200, b"content")}) as site:
            download(site.at("", HOST), rules(site))

        assert f"Host: {HOST}:{site.port}\r\n" in site.heads[0]
        assert "Accept-Encoding: identity\r\n" in site.heads[0]

    def test_fetches_over_tls(self):
        with website({"/a.png": reply(200, b"content")}, tls=True) as site:
            assert download(site.at("/a.png", HOST), rules(site)) == b"content"

    @pytest.mark.parametrize("body", [b"7\r\ncontent\r\n0\r\n\r\n", b"3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n"])
    def test_puts_chunks_together(self, body):
        with website({"/": reply(200, body, CHUNKED)}) as site:
            assert download(site.at("/"), rules(site)) == b"content"

    def test_takes_a_file_without_a_length(self):
        with website({"/": b"HTTP/1.0 200 OK\r\n\r\ncontent"}) as site:
            assert download(site.at("/"), rules(site)) == b"content"

    def test_uses_no_proxy_of_the_environment(self, monkeypatch):
        with website({}) as proxy, website({"/": reply(200, b"content")}) as site:
            monkeypatch.setenv("http_proxy", proxy.at(""))
            monkeypatch.setenv("all_proxy", proxy.at(""))

            assert download(site.at("/"), rules(site)) == b"content"

        assert proxy.asked == []


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["ftp://example.org/a.png", "file:///etc/passwd", "data:image/png;base64,AA", "gopher://example.org/"]
        + ["//example.org/a.png", "example.org/a.png", "javascript:alert(1)", ""],
    )
    def test_refuses_what_is_not_of_the_web(self, address):
        assert "http" in str(refused(address))

    @pytest.mark.parametrize(
        "address",
        ["http:///a.png", "http://[::1/a.png", "http://[nonsense]/", "http://exa mple.org/", f"http://{'a' * 64}.org/"]
        + ["http://1.1.1.1/\ud800", "http://1.1.1.1/?\ud800", "http://\ud800/"]
        + ["http://example.org:99999/", "http://example.org:x/", "http://example.org\\@127.0.0.1/", "http://a%00b/"],
    )
    def test_refuses_what_is_no_address(self, address):
        assert not refused(address).may_pass

    @pytest.mark.parametrize("port", [22, 81, 6379, 8080])
    def test_refuses_ports_that_are_not_of_the_web(self, port):
        assert f"{port}" in str(refused(f"http://1.1.1.1:{port}/"))

    @pytest.mark.parametrize("address", ["http://user@1.1.1.1/", "http://user:word@1.1.1.1/", "https://@1.1.1.1/"])
    def test_refuses_credentials(self, address):
        assert "password" in str(refused(address))

    @pytest.mark.parametrize(
        "address",
        ["http://127.0.0.1/", "https://127.0.0.1/", "http://localhost/", "http://LOCALHOST./", "http://[::1]/"]
        + ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/", "http://0/"]
        + ["http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data/", "http://10.1.2.3:443/"]
        + ["http://１２７.0.0.1/", "http://127。0。0。1/"],
    )
    def test_refuses_to_look_inside(self, address):
        failure = refused(address)

        assert "inside" in str(failure)
        assert not failure.may_pass

    def test_refuses_a_name_that_is_outside_and_inside(self):
        with website({"/": reply(200, b"content")}) as site:
            both = rules(site, resolve=lambda host, port: [site.host, "10.0.0.1"])

            assert "inside" in str(refused(site.at("/", HOST), both))

        assert site.asked == []

    def test_looks_a_name_up_once_and_connects_to_what_was_checked(self):
        lookups = []

        def rebinding(host, port):
            lookups.append(host)
            return [site.host] if len(lookups) == 1 else ["127.0.0.66"]

        with website({"/": reply(200, b"content")}) as site:
            assert download(site.at("/", HOST), rules(site, resolve=rebinding)) == b"content"

        assert lookups == [HOST]

    def test_looks_up_and_asks_for_a_name_of_any_letters_as_the_internet_writes_it(self):
        lookups = []

        def resolve(host, port):
            lookups.append(host)
            return [site.host]

        with website({"/": reply(200, b"content")}) as site:
            download(site.at("/", "bücher.test."), rules(site, resolve=resolve))

        assert lookups == ["xn--bcher-kva.test"]
        assert f"Host: xn--bcher-kva.test:{site.port}\r\n" in site.heads[0]

    def test_tries_the_next_address_where_nobody_listens(self):
        with website({"/": reply(200, b"content")}) as site:
            two = rules(
                site,
                resolve=lambda host, port: ["127.0.0.9", site.host],
                may_connect=lambda address: address.is_loopback,
            )

            assert download(site.at("/", HOST), two) == b"content"

    def test_a_name_that_is_not_known_may_be_later(self):
        def unknown(host, port):
            raise socket.gaierror(-2, "Name or service not known")

        failure = refused("http://nowhere.test/", Rules(largest=LARGEST, resolve=unknown))

        assert (str(failure), failure.may_pass) == ("The host nowhere.test is not known.", True)

    def test_a_lookup_that_takes_too_long_is_given_up(self):
        is_over = Event()
        slow = Rules(largest=LARGEST, seconds=0.2, resolve=lambda host, port: is_over.wait(60) and [])

        failure = refused("http://slow.test/", slow)
        is_over.set()

        assert (str(failure), failure.may_pass) == ("The server did not answer, or not in time.", True)

    def test_nobody_listening_may_pass(self):
        with website({}) as site:
            gone = rules(site)

        assert refused(site.at("/"), gone).may_pass


class TestRedirects:
    def test_follows_three(self):
        answers = {f"/{n}": reply(302, b"", f"Location: /{n - 1}") for n in (3, 2, 1)}
        with website(answers | {"/0": reply(200, b"content")}) as site:
            assert download(site.at("/3"), rules(site)) == b"content"

    def test_follows_no_fourth(self):
        answers = {f"/{n}": reply(301, b"", f"Location: /{n - 1}") for n in (4, 3, 2, 1)}
        with website(answers | {"/0": reply(200, b"content")}) as site:
            failure = refused(site.at("/4"), rules(site))

        assert site.asked == ["/4", "/3", "/2", "/1"]
        assert not failure.may_pass

    def test_follows_none_to_the_inside(self):
        with website({"/": reply(200, b"secret")}, host="127.0.0.2") as inside, website({}) as site:
            site.answers["/"] = reply(307, b"", f"Location: {inside.at('/')}")

            failure = refused(site.at("/"), rules(site, ports={site.port, inside.port}))

        assert "inside" in str(failure)

        assert (len(site.asked), inside.asked) == (1, [])

    def test_looks_up_each_target(self):
        lookups = []

        def resolve(host, port):
            lookups.append(host)
            return ["10.0.0.1"] if host == "inside.test" else [site.host]

        with website({"/": reply(308, b"", "Location: //inside.test/")}) as site:
            assert "of the web" in str(refused(site.at("/", HOST), rules(site, resolve=resolve)))

            both_ports = rules(site, resolve=resolve, ports={site.port, 80})
            assert "inside" in str(refused(site.at("/", HOST), both_ports))

        assert lookups == [HOST, HOST, "inside.test"]

    @pytest.mark.parametrize(
        "location",
        ["file:///etc/passwd", "ftp://1.1.1.1/", "http://user:word@1.1.1.1/", "http://1.1.1.1:22/", "http://[bad"],
    )
    def test_checks_each_target_like_the_first(self, location):
        with website({"/": reply(302, b"", f"Location: {location}")}) as site:
            assert not refused(site.at("/"), rules(site)).may_pass

        assert site.asked == ["/"]

    def test_one_that_leads_nowhere_ends(self):
        with website({"/": reply(302)}) as site:
            assert "redirects" in str(refused(site.at("/"), rules(site)))


class TestCertificates:
    def test_refuses_one_for_another_host(self):
        with website({"/": reply(200, b"content")}, tls=True) as site:
            failure = refused(site.at("/", "other.test"), rules(site))

        assert "certificate" in str(failure)
        assert not failure.may_pass
        assert site.asked == []

    def test_refuses_one_that_nobody_vouches_for(self):
        with website({"/": reply(200, b"content")}, tls=True) as site:
            strangers = rules(site, trust=ssl.create_default_context)

            assert "certificate" in str(refused(site.at("/", HOST), strangers))

        assert site.asked == []


class TestSize:
    @pytest.mark.parametrize("headers", [(), (CHUNKED,), ("Connection: close", "Content-Length: ")])
    def test_takes_exactly_the_largest(self, headers):
        content = b"x" * LARGEST
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (LARGEST, content) if CHUNKED in headers else content
        with website({"/": reply(200, body, *headers)}) as site:
            assert download(site.at("/"), rules(site)) == content

    @pytest.mark.parametrize("headers", [(), (CHUNKED,), ("Connection: close", "Content-Length: ")])
    def test_refuses_a_byte_more(self, headers):
        content = b"x" * (LARGEST + 1)
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (LARGEST + 1, content) if CHUNKED in headers else content
        with website({"/": reply(200, body, *headers)}) as site:
            failure = refused(site.at("/"), rules(site))

        assert (str(failure), failure.may_pass) == ("The file is larger than 1 MB.", False)

    def test_reads_nothing_of_a_file_that_says_it_is_too_large(self):
        with website({"/": reply(200, b"", f"Content-Length: {LARGEST + 1}")}) as site:
            assert "larger" in str(refused(site.at("/"), rules(site)))

    def test_reads_no_more_than_the_length_that_was_said(self):
        with website({"/": reply(200, b"content and more", "Content-Length: 7")}) as site:
            assert download(site.at("/"), rules(site)) == b"content"

    def test_a_file_that_ends_early_may_pass(self):
        with website({"/": reply(200, b"con", "Content-Length: 7")}) as site:
            assert refused(site.at("/"), rules(site)).may_pass

    @pytest.mark.parametrize("headers", [(CHUNKED,), ("Content-Length: ",), ("Content-Length: -1",)])
    def test_ends_a_flood(self, headers):
        def flood(visit):
            visit.send(reply(200, b"", *headers))
            while not visit.is_over.is_set():
                visit.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

        with website({"/": flood}) as site:
            assert "larger" in str(refused(site.at("/"), rules(site)))

    @pytest.mark.parametrize(
        "line", [b"X-Header: " + b"x" * 500 + b"\r\n", b"x" * 1000, b"HTTP/1.1 100 Continue\r\n\r\n"]
    )
    def test_ends_a_flood_of_headers(self, line):
        def flood(visit):
            if not line.startswith(b"HTTP"):
                visit.send(b"HTTP/1.1 200 OK\r\n")
            while not visit.is_over.is_set():
                visit.send(line)

        with website({"/": flood}) as site:
            assert refused(site.at("/"), rules(site))

    def test_ends_a_flood_behind_the_last_chunk(self):
        def flood(visit):
            visit.send(reply(200, b"7\r\ncontent\r\n0\r\n", CHUNKED))
            while not visit.is_over.is_set():
                visit.send(b"X-Trailer: " + b"x" * 1000 + b"\r\n")

        with website({"/": flood}) as site:
            assert "more than a picture" in str(refused(site.at("/"), rules(site)))

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-gzip", "gzip, identity"])
    def test_unpacks_nothing(self, encoding):
        bomb = gzip.compress(b"\x00" * 10_000_000)
        with website({"/": reply(200, bomb, f"Content-Encoding: {encoding}")}) as site:
            failure = refused(site.at("/"), rules(site))

        assert "compressed" in str(failure)
        assert not failure.may_pass


class TestTime:
    @pytest.mark.parametrize(
        ("sent", "dripped"),
        [
            (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\n", b"X-Header: x\r\n"),
            (reply(200, b"", "Content-Length: 99999"), b"content"),
            (reply(200, b"", CHUNKED), b"1\r\nx\r\n"),
        ],
    )
    def test_gives_up_on_a_server_that_drips(self, sent, dripped):
        def drip(visit):
            visit.send(sent)
            visit.drip(dripped)

        with website({"/": drip}) as site:
            failure = refused(site.at("/"), rules(site, seconds=0.3))

        assert (str(failure), failure.may_pass) == ("The server did not answer, or not in time.", True)

    @pytest.mark.parametrize("tls", [False, True])
    def test_gives_up_on_a_server_that_falls_silent(self, tls):
        with website({"/": lambda visit: visit.is_over.wait(60)}, tls=tls) as site:
            assert refused(site.at("/", HOST), rules(site, seconds=0.3)).may_pass

    def test_redirects_share_the_time_of_one(self):
        def slow(visit):
            visit.is_over.wait(0.2)
            visit.send(reply(302, b"", "Location: /"))

        with website({"/": slow}) as site:
            assert "in time" in str(refused(site.at("/"), rules(site, seconds=0.5)))

        assert len(site.asked) < 4


class TestAnswers:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 204, 206, 304])
    def test_most_refusals_are_final(self, status):
        with website({"/": reply(status)}) as site:
            failure = refused(site.at("/"), rules(site))

        assert (str(failure), failure.may_pass) == (f"The server answered {status}.", False)

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_trouble_of_the_server_may_pass(self, status):
        with website({"/": reply(status)}) as site:
            assert refused(site.at("/"), rules(site)).may_pass

    @pytest.mark.parametrize(
        ("said", "seconds"),
        [
            ("120", 120),
            ("0", 0),
            ("-5", 0),
            ("soon", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Mon, 01 Jan 99999999999999999999 00:00:00 +0000", 0),
            ("9" * 400, 999_999_999),
        ],
    )
    def test_hears_how_long_to_wait(self, said, seconds):
        with website({"/": reply(429, b"", f"Retry-After: {said}")}) as site:
            assert refused(site.at("/"), rules(site)).retry_after == seconds

    def test_hears_until_when_to_wait(self, time_machine):
        time_machine.move_to("2026-03-01 12:00:00+00:00", tick=False)
        with website({"/": reply(503, b"", "Retry-After: Sun, 01 Mar 2026 12:05:00 GMT")}) as site:
            assert refused(site.at("/"), rules(site)).retry_after == 300

    @pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/9.9 abc\r\n\r\n", b"\x00" * 100])
    def test_survives_what_is_no_answer(self, answer):
        with website({"/": answer}) as site:
            assert refused(site.at("/"), rules(site))

    @pytest.mark.parametrize("size", [b"nonsense", b"-5"])
    def test_survives_chunks_without_a_size(self, size):
        with website({"/": reply(200, size + b"\r\ncontent\r\n", CHUNKED)}) as site:
            assert refused(site.at("/"), rules(site)).may_pass
