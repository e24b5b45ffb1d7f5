"""nginx as the shop's documentation sets it up, before a throw-away shop."""

import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from ecommerce.acceptance.servers import Server, running
from ecommerce.acceptance.throwaway import ROOT, Shop, free_port

NAME = "shop.example.org"
SHIPPED = ROOT / "docs/how-to/nginx.conf"
# What Debian's main file sets, as far as it matters here.
MAIN = """
user {user};
daemon off;
pid {home}/nginx.pid;
error_log {home}/server.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {home}/bodies;
    proxy_temp_path {home}/answers;
    include {home}/shop.conf;
}}
"""


@dataclass(frozen=True)
class Door:
    """Where a shop is reached: by nginx with TLS, or directly."""

    port: int
    certificate: Path | None = None
    host: str = NAME

    def get(self, path: str, *, timeout: float = 30) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of one page. Raises OSError, HTTPException."""
        made = HTTPSConnection if self.certificate else HTTPConnection
        options = {"context": self.context()} if self.certificate else {}
        connection = made("localhost", self.port, timeout=timeout, **options)
        try:
            # Nobody who comes directly is asked to use HTTPS instead; nginx sets the header itself.
            connection.request("GET", path, headers={"Host": self.host, "X-Forwarded-Proto": "https"})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.check_hostname = False  # it is asked for as localhost
        return context


@contextmanager
def nginx(shop: Shop) -> Iterator[Door]:
    """Run nginx on a free port with the shipped configuration: only names, ports and places are replaced."""
    home, port, plain = Path(tempfile.mkdtemp(prefix="shop-nginx-")), free_port(), free_port()
    certify(home)
    replaced = {
        r"127\.0\.0\.1:8000": f"127.0.0.1:{shop.port}",
        r"listen \[::\]:\d+[^;]*;": "",  # a machine without IPv6 has no such port
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen 443 ": f"listen 127.0.0.1:{port} ",
        r"/etc/letsencrypt/live/[^/]+": str(home),
        r"/srv/shop/var": shop.environment["VAR_DIR"],
    }
    written = SHIPPED.read_text(encoding="utf-8")
    for shipped, here in replaced.items():
        written, count = re.subn(shipped, here, written)
        assert count, f"{SHIPPED.name} has no {shipped} any more"
    (home / "shop.conf").write_text(written, encoding="utf-8")
    (home / "nginx.conf").write_text(MAIN.format(home=home, user=home.owner()), encoding="utf-8")
    door = Door(port, home / "fullchain.pem")
    command = [
        shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "nginx",
        "-c",
        str(home / "nginx.conf"),
    ]
    with running(Server(f"https://{NAME}", command, home, None, is_up=lambda: answers(door))):
        yield door


def certify(home: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"]
    made += ["-keyout", str(home / "privkey.pem"), "-out", str(home / "fullchain.pem")]
    subprocess.run(made, check=True, capture_output=True)


def answers(door: Door) -> bool:
    try:
        return door.get("/healthz", timeout=2)[0] < 500
    except (OSError, HTTPException):
        return False
