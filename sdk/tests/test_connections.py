"""Over a real socket: connections are kept, and silence ends."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecommerce_sdk import ConnectionFailed, EcommerceSDK, Timeout

CART = b'{"items": [], "subtotal": 0, "total": 0, "currency": "EUR"}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.callers.append(self.client_address)
        if self.path.endswith("/cart"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(CART)))
            self.end_headers()
            self.wfile.write(CART)
        else:
            self.server.may_answer.wait(10)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    """Answers for the cart; says nothing to other questions until the test is over."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.callers, server.may_answer = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        server.address = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()


class TestConnections:
    def test_are_used_again_also_for_other_shoppers(self, client, server):
        sdk = client(server.address)

        sdk.view_cart()
        sdk.view_cart()
        sdk.as_user("ben").view_cart()
        sdk.close()

        assert len(server.callers) == 3
        assert len(set(server.callers)) == 1

    def test_are_shared_by_threads(self, server):
        with EcommerceSDK(server.address) as sdk, ThreadPoolExecutor(4) as threads:
            carts = list(threads.map(lambda _number: sdk.view_cart(), range(40)))

        assert len({cart.currency for cart in carts}) == 1
        assert len(set(server.callers)) <= 4

    def test_that_nobody_takes_fail_with_the_address(self, client):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{taken.getsockname()[1]}"

            with pytest.raises(ConnectionFailed, match=f"{address} does not answer .* Is it running?"):
                client(address, retries=1).view_cart()


class TestTimeout:
    def test_ends_the_wait_for_an_answer(self, client, server):
        sdk = client(server.address, timeout=0.05, retries=0)

        with pytest.raises(Timeout, match="did not answer in time"):
            sdk.health_check()
        sdk.close()

    def test_ends_with_the_patience(self, client, server):
        sdk = client(server.address, patience=0.05)

        with pytest.raises(Timeout):
            sdk.health_check()
        sdk.close()

        assert len(server.callers) <= 2
