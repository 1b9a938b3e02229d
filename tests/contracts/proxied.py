"""The proxy as it is deployed, a real nginx, in front of processes that tell what reached them."""

import json
import random
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dispatch.foundation import clock
from tests import servers
from tests.contracts.deployed import DEPLOY
from tests.patience import PATIENCE_S, wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Echo(socketserver.ThreadingTCPServer):
    """Answers each request with its name and what it was sent; or, `dying`, reads one and hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.name = name
        self.dying = False
        self.heard: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.server_address[1]
        return port


class _Conversation(socketserver.StreamRequestHandler):
    server: Echo

    def handle(self) -> None:
        while line := self.rfile.readline().decode():
            headers = {}
            while (header := self.rfile.readline().decode().strip()) != "":
                name, _, said = header.partition(":")
                headers[name.lower()] = said.strip()
            self.rfile.read(int(headers.get("content-length", 0)))
            self.server.heard.append(line.strip())
            if self.server.dying:
                return
            self.wfile.write(_answer(self.server.name, line.strip(), headers))
            if headers.get("upgrade"):
                self.wfile.write(self.rfile.readline())
                return


def _answer(name: str, line: str, headers: dict[str, str]) -> bytes:
    if headers.get("upgrade"):
        return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    body = json.dumps({"by": name, "line": line, "headers": headers}).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


@dataclass(frozen=True)
class Proxied:
    """The proxy's addresses, with and without TLS, and who stands behind it."""

    plain: str
    tls: str
    core: list[Echo] = field(default_factory=lambda: [Echo("core 1"), Echo("core 2")])
    display: list[Echo] = field(default_factory=lambda: [Echo("display 1"), Echo("display 2")])


@contextmanager
def proxied() -> Iterator[Proxied]:
    """The deployed settings at free ports, with a certificate of their own, until the block ends."""
    ports = [servers.free_port() for _ in range(3)]
    proxy = Proxied(f"http://127.0.0.1:{ports[0]}", f"https://127.0.0.1:{ports[1]}")
    folder = Path(tempfile.mkdtemp(prefix="tongban-proxy-"))
    try:
        _settings(folder, proxy, ports)
        with _running(folder, ports[0]):
            yield proxy
    finally:
        for echo in (*proxy.core, *proxy.display):
            echo.shutdown()
            echo.server_close()
        shutil.rmtree(folder)


def _settings(folder: Path, proxy: Proxied, ports: list[int]) -> None:
    for name in ("nginx.conf", "city.conf"):
        shutil.copy(DEPLOY / "nginx" / name, folder)
    upstreams = (DEPLOY / "nginx/upstreams.conf").read_text(encoding="utf-8")
    for role, stands in (("core", proxy.core), ("display", proxy.display)):
        lines = "".join(f"    server 127.0.0.1:{echo.port} max_fails=3 fail_timeout=1s;\n" for echo in stands)
        upstreams = re.sub(
            rf"(upstream {role} {{.*?)(?:    server [^\n]+\n)+", rf"\g<1>{lines}", upstreams, flags=re.DOTALL
        )
    (folder / "upstreams.conf").write_text(upstreams)
    texts = [(DEPLOY / "nginx" / name).read_text(encoding="utf-8") for name in ("plain.conf", "tls.conf")]
    plain, tls = (text.replace("8443", str(ports[1])) for text in texts)
    (folder / "servers.conf").write_text(
        plain.replace("8080", str(ports[0])) + tls.replace("8080", str(ports[2]))
    )
    _certificate(folder / "tls")


def _certificate(folder: Path) -> None:
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.real_now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    key_format = serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, key_format, no_password))


@contextmanager
def _running(folder: Path, port: int) -> Iterator[None]:
    # Run by root, nginx would become somebody who may not write in this folder.
    options = ["-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", "daemon off; user root;"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(NGINX), *options], stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, (folder / "log").read_text()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_hundred() -> int:
    """A number with a hundred ports after it on which nobody listens, for a city's processes."""
    while True:
        base = random.randrange(20_000, 60_000, 100)
        if not any(_answers(base + n) for n in range(1, 100)):
            return base
