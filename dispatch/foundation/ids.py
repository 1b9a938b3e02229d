"""Random names, and secrets that can be made again from them."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from pathlib import Path


def new_id() -> str:
    """A random reference of 128 bits, 32 hex digits."""
    return secrets.token_hex(16)


def digest(secret: str) -> str:
    """What is stored of a token, so that a stolen table opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyLost(RuntimeError):
    """Something was sealed with a key that is no longer there: whoever runs the city must bring it back."""


class Keyring:
    """The city's secret keys, files under `var/keys`, made at the first need and readable by the owner only.

    A key that rotates has versions: the file `persons` is version 0, `persons.1` the one after. The folder is the
    truth, so that every process sees a new version at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def key(self, name: str, version: int = 0) -> bytes:
        """32 secret bytes kept under this name; KeyLost for a later version that is not there."""
        file = _file(name, version)
        if file not in self._keys:
            path = self._folder / file
            if version and not path.exists():
                raise KeyLost(file)
            self._keys[file] = self._read_or_make(path)
        return self._keys[file]

    def versions(self, name: str) -> list[int]:
        """The versions that are there, the oldest first; none before the first need."""
        found = [path.name.removeprefix(name) for path in self._folder.glob(f"{name}*")]
        numbers = (0 if rest == "" else int(rest[1:]) for rest in found if rest == "" or _numbered(rest))
        return sorted(numbers)

    def current(self, name: str) -> int:
        """The version that is used for what is written now."""
        return max(self.versions(name), default=0)

    def renew(self, name: str) -> int:
        """Make the next version, from now on the current one."""
        self.key(name, self.current(name))
        version = self.current(name) + 1
        self._keys[_file(name, version)] = self._read_or_make(self._folder / _file(name, version))
        return version

    def made_at(self, name: str, version: int) -> datetime:
        """When this version was made."""
        return datetime.fromtimestamp((self._folder / _file(name, version)).stat().st_mtime, UTC)

    def forget(self, name: str, version: int) -> None:
        """Destroy a version that nothing is sealed with any more; never the current one."""
        if version == self.current(name):
            raise ValueError("the current key stays")
        self._keys.pop(_file(name, version), None)
        (self._folder / _file(name, version)).unlink(missing_ok=True)

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


def _file(name: str, version: int) -> str:
    return f"{name}.{version}" if version else name


def _numbered(rest: str) -> bool:
    return rest[0] == "." and rest[1:].isdecimal()
