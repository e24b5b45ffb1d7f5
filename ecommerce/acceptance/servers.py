"""Servers of a proof's own: PostgreSQL and Redis on free ports, gone afterwards with all they kept."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis as redis_client

from ecommerce.acceptance.starts import descendants
from ecommerce.acceptance.throwaway import free_port
from ecommerce.supervisor import end_with_parent

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class Server:
    """A server of our own at `url`, that can be stopped, killed, frozen and started again."""

    def __init__(
        self,
        url: str,
        command: Sequence[str],
        home: Path,
        user: str | None,
        is_up: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.command = command
        self.user = user
        self.home = home
        self.is_up = is_up
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers. Raises TimeoutError with the end of its log."""
        log = self.home / "server.log"
        with log.open("ab") as written:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.home,
                env=self.environment,
                stdout=written,
                stderr=written,
                user=self.user,
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"{self.command[0]} does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order: its clients are cut off, and connections are refused from now on."""
        send(signal.SIGINT, self.family()[:1])
        if self.process is not None:
            self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it and all that it has started at once, as a crash would; also while it is frozen."""
        self.pause()
        send(signal.SIGKILL, self.family())
        if self.process is not None:
            self.process.wait(STOP_SECONDS)

    def pause(self) -> None:
        """Freeze it: the kernel goes on accepting connections for it, but nothing is answered."""
        send(signal.SIGSTOP, self.family()[:1])  # first, as it then starts no other
        send(signal.SIGSTOP, self.family())

    def resume(self) -> None:
        send(signal.SIGCONT, self.family())

    def family(self) -> list[int]:
        """Its process and those that this one has started; none when it does not run."""
        if self.process is None or self.process.poll() is not None:
            return []
        return [self.process.pid, *(pid for pid, _ in descendants(self.process.pid))]


def send(number: signal.Signals, processes: Iterable[int]) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run `server`; whatever state the block leaves it in, nothing of it is left."""
    try:
        server.start()
        yield server
    finally:
        server.resume()
        try:
            server.stop()
        finally:
            server.kill()
            shutil.rmtree(server.home, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server with an empty database, which writes to the disk as a shop's would (fsync on)."""
    home = Path(tempfile.mkdtemp(prefix="shop-postgresql-"))
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to be run by root
    if user is not None:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    port, data = free_port(), str(home / "data")
    made = [postgresql_program("initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"]
    subprocess.run([*made, "--encoding", "UTF8"], cwd=home, user=user, check=True, capture_output=True)
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "on"}
    options["dynamic_shared_memory_type"] = "mmap"  # in its folder, so that a killed one leaves none behind
    command = [postgresql_program("postgres"), "-D", data]
    command += [f"--{name}={value}" for name, value in options.items()]
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    with running(Server(url, command, home, user, is_up=lambda: postgresql_answers(url))) as server:
        yield server


def postgresql_program(name: str) -> str:
    """The newest one installed. Raises FileNotFoundError."""
    # Debian keeps the server's programs of each version aside.
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: install PostgreSQL")
    return found


def postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis server that keeps nothing on disk."""
    home, port = Path(tempfile.mkdtemp(prefix="shop-redis-")), free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    url = f"redis://127.0.0.1:{port}/0"
    with running(Server(url, command, home, None, is_up=lambda: redis_answers(url))) as server:
        yield server


def redis_answers(url: str) -> bool:
    try:
        with redis_client.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis_client.RedisError:
        return False
