"""The key that signs heads: the private half in the city's keyring, the public half beside it for everybody."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from dispatch.foundation.heads import KEY
from dispatch.foundation.ids import Keyring

END_OF_KEY = "-----END PUBLIC KEY-----"


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key that signs now, made at the first need; its public half is then in the folder too."""
    ring = Keyring(folder)
    version = ring.current(KEY)
    key = Ed25519PrivateKey.from_private_bytes(ring.key(KEY, version))
    _publish(folder / (f"{KEY}.{version}.pub" if version else f"{KEY}.pub"), key.public_key())
    return key


def public_keys(folder: Path) -> list[Ed25519PublicKey]:
    """The public halves of all keys that ever signed: they stay when a private half is destroyed."""
    return [key for path in sorted(folder.glob(f"{KEY}*.pub")) for key in read_public(path)]


def read_public(path: Path) -> list[Ed25519PublicKey]:
    """The keys of a PEM file; ValueError when it holds none, or one of another kind."""
    blocks = path.read_text(encoding="utf-8").split(END_OF_KEY)[:-1]
    keys = [load_pem_public_key(f"{block}{END_OF_KEY}\n".lstrip().encode()) for block in blocks]
    ours = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not ours or len(ours) != len(keys):
        raise ValueError(f"{path}: no Ed25519 public key in PEM")
    return ours


def pem(keys: Sequence[Ed25519PublicKey]) -> str:
    """The keys as a PEM file."""
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    return "".join(key.public_bytes(*form).decode() for key in keys)


def _publish(path: Path, key: Ed25519PublicKey) -> None:
    text = pem([key])
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # two may publish at once
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
