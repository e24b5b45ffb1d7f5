import socket
import sys
from http.client import HTTPConnection, HTTPException
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ecommerce.supervisor import Service, Supervisor

MINUTE = 60
DAY = 24 * 60 * MINUTE
# Of each web worker. A body that comes slowly holds a thread, and each thread holds a database connection.
WEB_THREADS = 4
NICENESS = 10
DEMO_LOGINS = "buyer buyer2 seller seller2 orders staff"


class Command(BaseCommand):
    help = "Serve the shop: web workers, task workers and the minute's tickers, restarted when they die."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_taken_port(settings.HOST, settings.PORT)
        Supervisor(services(), is_ready=is_answering, announce=self.announce).run()

    def announce(self) -> None:
        # The address that was set may be a wildcard, which no browser can open.
        address = settings.SHOP_URL
        self.stdout.write(f"{settings.SHOP_NAME} is open: {address}/  staff: {address}/admin/  Ctrl-C stops it.")
        if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
            self.stdout.write(f"Mail is written to {settings.EMAIL_FILE_PATH}")
        password = settings.VAR_DIR / "demo-password"
        if password.exists():
            logins = ", ".join(f"{name}@demo.test" for name in DEMO_LOGINS.split())
            self.stdout.write(f"Demo log-ins: {logins}; password: {password.read_text().strip()}")
        self.stdout.flush()


def services() -> list[Service]:
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--working-dir", str(settings.BASE_DIR)]
    web += ["--http", "1"]  # HTTP/2 needs no Content-Length, without which Django reads no body
    web += ["--host", settings.HOST, "--port", str(settings.PORT), "--no-ws"]
    web += ["--workers", str(settings.WORKERS), "--blocking-threads", str(WEB_THREADS)]
    web += ["--blocking-threads-idle-timeout", "600"]
    web += ["--workers-kill-timeout", "3", "--respawn-failed-workers", "--respawn-interval", "0.2"]
    web += ["--log-level", "warning"]
    worker = [*manage, "db_worker", "--interval", "1", "--no-reload"]
    return [
        Service("web", [*web, "ecommerce.wsgi:application"]),
        Service("task worker", [*worker, "--queue-name", "default"]),
        # Pictures and imports take what processor time nobody else wants.
        Service("slow task worker", ["nice", "-n", str(NICENESS), *worker, "--queue-name", "slow"]),
        Service("ticker", [*manage, "reconcile_payments", "--verbosity", "0"], every=MINUTE),
        Service("catalogue ticker", [*manage, "resume_catalogue", "--verbosity", "0"], every=MINUTE),
        Service("picture clean-up", [*manage, "remove_unused_pictures", "--verbosity", "0"], every=DAY),
        Service("session clean-up", [*manage, "clearsessions"], every=DAY),
        Service("answer clean-up", [*manage, "forget_old_answers", "--verbosity", "0"], every=DAY),
        Service("task clean-up", [*manage, "prune_db_task_results", "--verbosity", "0"], every=DAY),
    ]


def refuse_taken_port(host: str, port: int) -> None:
    """Raise CommandError when nothing could listen there; granian alone would share a taken port."""
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CommandError(f"HOST: “{host}” is no address of this machine. Set it to one, such as 127.0.0.1.") from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise CommandError(f"PORT: {port} needs root. Set PORT to 1024 or above.") from None
        except OSError as error:
            raise CommandError(
                f"PORT: {host}:{port} cannot be used ({error.strerror}). "
                "Stop what listens there, or set PORT to another."
            ) from None


def is_answering() -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)
    connection = HTTPConnection(host, settings.PORT, timeout=0.5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
