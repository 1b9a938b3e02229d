"""Random names, and secrets that can be made again from them."""

import hashlib
import hmac
import secrets
from pathlib import Path


def new_id() -> str:
    """A random reference of 128 bits, 32 hex digits."""
    return secrets.token_hex(16)


def digest(secret: str) -> str:
    """What is stored of a token, so that a stolen table opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Keyring:
    """The city's secret keys, files under `var/keys`, made at the first need and readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def key(self, name: str) -> bytes:
        """32 secret bytes kept under this name."""
        if name not in self._keys:
            self._keys[name] = self._read_or_make(self._folder / name)
        return self._keys[name]

    def secret_of(self, kind: str, ident: str) -> str:
        """The holder's secret of a ticket or booking: an HMAC of its id, so that a repeated call repeats it."""
        return hmac.new(self.key(kind), ident.encode(), hashlib.sha256).hexdigest()

    def holds(self, kind: str, ident: str, secret: str) -> bool:
        """Whether this is the secret of that id, compared in constant time."""
        return hmac.compare_digest(self.secret_of(kind, ident).encode(), secret.encode())

    @staticmethod
    def _read_or_make(path: Path) -> bytes:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(32))
            try:
                path.hardlink_to(fresh)  # atomic: of two processes that start together one key wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_bytes()
