"""Just enough of RFC 6455 to measure with: whole text messages, neither compressed nor split."""

import base64
import hashlib
import os
from collections.abc import Iterator

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE = 1, 8
NO_MASK = bytes(4)


def ask(path: str) -> bytes:
    """A client's first words."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(head: bytes) -> bytes:
    """A server's first words to those of a client."""
    key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    accepted = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest()).decode()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accepted}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def packed(text: bytes, *, masked: bool = False) -> bytes:
    """A text message; clients have to mask theirs, with zeros if they like."""
    size, mark = len(text), 0x80 if masked else 0
    if size < 126:
        head = bytes([0x80 | TEXT, mark | size])
    elif size < 65_536:
        head = bytes([0x80 | TEXT, mark | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | TEXT, mark | 127]) + size.to_bytes(8, "big")
    return head + (NO_MASK if masked else b"") + text


class Unpacker:
    """Bytes as they come, messages as they are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def take(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole by now; what is no text is left out."""
        self._buffer += data
        while len(self._buffer) >= 2:
            kind, size, at = self._buffer[0] & 0x0F, self._buffer[1] & 0x7F, 2
            if size >= 126:
                wide = 2 if size == 126 else 8
                size, at = int.from_bytes(self._buffer[2 : 2 + wide], "big"), 2 + wide
            at += 4 if self._buffer[1] & 0x80 else 0
            if len(self._buffer) < at + size:
                return
            message = bytes(self._buffer[at : at + size])
            del self._buffer[: at + size]
            if kind == TEXT:
                yield message
