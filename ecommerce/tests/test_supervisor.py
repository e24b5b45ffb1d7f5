import http.client
import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from ecommerce.acceptance.throwaway import prepared
from ecommerce.management.commands.serve import NICENESS, WEB_THREADS
from ecommerce.supervisor import Service

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads processes from Linux's /proc")

BACK_WITHIN_SECONDS = 5


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def descendants(pid):
    found = children(pid)
    return found + [further for child in found for further in descendants(child)]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_alive(pid):
    return bool(command_line(pid))  # a zombie has none


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    pytest.fail(f"{what} within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Shop:
    """A shop of its own, served on a free port as `make start` serves it."""

    def __init__(self, var_dir):
        self.port = free_port()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {"VAR_DIR": str(var_dir), "PORT": str(self.port), "WORKERS": "2"}
        shutil.copytree(prepared(), var_dir, dirs_exist_ok=True)
        self.log = Path(var_dir, "serve.log").open("w")  # noqa: SIM115  (closed by `stop`)
        self.start()

    def manage(self, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        wait_until(self.answers, 20, "the shop answers")
        wait_until(lambda: len(self.find("db_worker")) == 2, 5, "both task workers run")

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def send_half_a_body(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(
            b'POST /api/v1/webhooks/test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"id": "e'
        )
        return connection

    def find(self, words):
        return [pid for pid in children(self.process.pid) if words in command_line(pid)]

    def is_free(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                return False
            return True

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)
        self.log.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    running = Shop(tmp_path_factory.mktemp("var"))
    yield running
    running.stop()


@pytest.mark.race
class TestServe:
    def test_a_killed_server_is_back_and_leaves_no_orphan(self, shop):
        (server,) = shop.find("granian")
        workers = descendants(server)

        os.kill(server, signal.SIGKILL)

        wait_until(lambda: not any(map(is_alive, workers)), 2, "its workers end")
        wait_until(lambda: shop.answers() and shop.find("granian"), BACK_WITHIN_SECONDS, "the server is back")

    def test_a_killed_web_worker_is_back(self, shop):
        (server,) = shop.find("granian")
        workers = wait_until(lambda: len(found := descendants(server)) == 2 and found, 5, "both workers run")

        os.kill(workers[0], signal.SIGKILL)

        wait_until(
            lambda: len(found := set(descendants(server)) - {workers[0]}) == 2 and found and shop.answers(),
            BACK_WITHIN_SECONDS,
            "the worker is back",
        )

    @pytest.mark.parametrize("queue", ["default", "slow"])
    def test_a_killed_task_worker_is_back(self, shop, queue):
        (worker,) = shop.find(f"--queue-name {queue}")

        os.kill(worker, signal.SIGKILL)

        wait_until(lambda: set(shop.find(f"--queue-name {queue}")) - {worker}, BACK_WITHIN_SECONDS, "it is back")

    def test_slow_tasks_yield_to_everything_else(self, shop):
        (mail,) = shop.find("--queue-name default")
        (slow,) = shop.find("--queue-name slow")

        assert os.getpriority(os.PRIO_PROCESS, slow) == os.getpriority(os.PRIO_PROCESS, mail) + NICENESS

    def test_a_taken_port_is_told_in_a_sentence(self, shop):
        second = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env=shop.environment,
            capture_output=True,
            text=True,
            timeout=30,
        )

        assert second.returncode == 1
        assert f"PORT: 127.0.0.1:{shop.port} cannot be used" in second.stderr
        assert "Traceback" not in second.stderr

    def test_log_in_limits_hold_across_web_workers(self, shop):
        address = f"http://127.0.0.1:{shop.port}/accounts/login/"
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        page = opener.open(address).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        body = {"csrfmiddlewaretoken": token, "login": "x@example.org", "password": "wrong"}
        stopped = []

        for number in range(12):
            request = urllib.request.Request(
                address, urllib.parse.urlencode(body).encode(), {"X-Forwarded-For": f"198.51.100.{number}"}
            )
            try:
                stopped.append("Too many" in opener.open(request).read().decode())
            except urllib.error.HTTPError as error:
                stopped.append(error.code == 429)

        assert stopped == [False] * 5 + [True] * 7

    def test_bodies_that_never_come_leave_the_shop_open(self, shop):
        """All may meet at one worker, which then still has a thread left."""
        with ExitStack() as waiting:
            for _ in range(WEB_THREADS - 1):
                waiting.enter_context(shop.send_half_a_body())
            time.sleep(0.2)

            assert [shop.answers() for _ in range(20)] == [True] * 20

    def test_bodies_that_never_come_do_not_delay_the_end(self, shop):
        with ExitStack() as waiting:
            for _ in range(4 * WEB_THREADS):
                waiting.enter_context(shop.send_half_a_body())
            family = descendants(shop.process.pid)

            shop.process.terminate()

            assert shop.process.wait(timeout=5) == 0
            assert not any(map(is_alive, family))
        shop.start()

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_it_ends_whole_and_soon(self, shop, number):
        family = descendants(shop.process.pid)

        shop.process.send_signal(number)
        status = shop.process.wait(timeout=5)

        assert status == 0
        assert not any(map(is_alive, family))
        assert shop.is_free()
        shop.start()

    def test_nothing_outlives_a_killed_supervisor(self, shop):
        family = descendants(shop.process.pid)

        shop.process.kill()
        shop.process.wait()

        wait_until(lambda: not any(map(is_alive, family)), 5, "its processes end")
        shop.start()


class TestService:
    def test_one_that_ends_at_once_waits_longer_each_time(self):
        service = Service("broken", ["false"])
        pauses = []

        for _ in range(12):
            service.started_at = 100.0
            service.note_end(100.5)
            pauses.append(service.due_at - 100.5)

        assert pauses[0] < 1
        assert pauses == sorted(pauses)
        assert pauses[-1] == 30

    def test_one_that_had_settled_is_back_at_once(self):
        service = Service("web", ["true"])
        service.quick_ends = 6
        service.started_at = 100.0

        service.note_end(200.0)

        assert service.due_at - 200.0 < 1

    def test_a_repeated_one_keeps_its_rhythm(self):
        service = Service("ticker", ["true"], every=60)
        service.started_at = 100.0

        service.note_end(103.0)

        assert service.due_at == 160.0
