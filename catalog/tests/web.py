"""Web servers on the loopback that answer as a test says, byte by byte where it matters."""

import datetime
import ipaddress
import socket
import socketserver
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from catalog.download import Rules

HOST = "pictures.test"
LARGEST = 1024 * 1024

Answer = bytes | Callable[["Visit"], None]


class Visit:
    """One request: what was asked, and a way to answer."""

    def __init__(self, sock: socket.socket, path: str, head: str, is_over: Event) -> None:
        self.sock = sock
        self.path = path
        self.head = head
        self.is_over = is_over

    def send(self, content: bytes) -> None:
        self.sock.sendall(content)

    def drip(self, content: bytes, *, gap: float = 0.02) -> None:
        """Send a byte at a time, over and over, until the visitor or the test has gone."""
        while not self.is_over.wait(gap):
            for byte in content:
                self.send(bytes([byte]))
                if self.is_over.wait(gap):
                    return


class Website:
    """A server that is up; `asked` has the path of each request, `heads` the whole of it."""

    def __init__(self, server: socketserver.TCPServer, scheme: str, answers: dict[str, Answer | list[Answer]]) -> None:
        self.answers = answers
        self.host, self.port = server.server_address[:2]
        self.scheme = scheme
        self.asked: list[str] = []
        self.heads: list[str] = []

    def at(self, path: str, host: str = "") -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"


@contextmanager
def website(
    answers: dict[str, Answer | list[Answer]], *, host: str = "127.0.0.1", tls: bool = False
) -> Iterator[Website]:
    """Serve `answers` by path; a list is served one by one, its last for good."""
    is_over = Event()
    context = server_context() if tls else None

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                sock = context.wrap_socket(self.request, server_side=True) if context else self.request
                with sock:
                    self.answer(sock)
            except OSError:
                return  # the visitor went away, which many of these tests are about

        def answer(self, sock: socket.socket) -> None:
            head = b""
            while b"\r\n\r\n" not in head and (piece := sock.recv(4096)):
                head += piece
            path = head.split(b" ")[1].decode()
            site.asked.append(path)
            site.heads.append(head.decode())
            answer = site.answers.get(path, reply(404))
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if isinstance(answer, bytes):
                sock.sendall(answer)
            else:
                answer(Visit(sock, path, head.decode(), is_over))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((host, 0), Handler) as server:
        site = Website(server, "https" if tls else "http", answers)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            is_over.set()
            server.shutdown()
            thread.join()


def rules(site: Website, **changes) -> Rules:
    """Rules under which this site alone is outside, and every name is its."""
    home = ipaddress.ip_address(site.host)
    return Rules(
        **{
            "largest": LARGEST,
            "may_connect": lambda address: address == home,
            "ports": {site.port},
            "resolve": lambda host, port: [host if is_numeric(host) else site.host],
            "trust": client_context,
        }
        | changes
    )


def is_numeric(host: str) -> bool:
    return host.replace(".", "").isdigit()


def reply(status: int = 200, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer; its length is said unless `headers` say something of it."""
    said = " ".join(headers).lower()
    length = [] if "content-length" in said or "transfer-encoding" in said else [f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {status} Any", *headers, *length, "", ""]).encode() + body


def picture_file(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@cache
def _identity() -> tuple[bytes, bytes]:
    """A key and a certificate for HOST that nobody knows, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


@cache
def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(b"".join(_identity()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def client_context() -> ssl.SSLContext:
    """One that checks as in earnest and trusts our certificate alone."""
    return ssl.create_default_context(cadata=_identity()[1].decode())
