"""Random names, and the city's keys."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from dispatch.foundation.ids import Keyring, digest, new_id
from tests.patience import PATIENCE_S

RACERS = 6


def fetch_key(
    folder: str, gate: "multiprocessing.synchronize.Barrier", told: "multiprocessing.Queue[str]"
) -> None:
    """One process that starts together with others and needs the key."""
    ring = Keyring(Path(folder))
    gate.wait(PATIENCE_S)
    told.put(ring.key("ticket").hex())


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    gate, told = context.Barrier(RACERS), context.Queue()
    processes = [
        context.Process(target=fetch_key, args=(str(tmp_path / "keys"), gate, told)) for _ in range(RACERS)
    ]
    for process in processes:
        process.start()
    keys = {told.get(timeout=PATIENCE_S) for _ in processes}
    for process in processes:
        process.join(PATIENCE_S)
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["ticket"]


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    key = Keyring(tmp_path / "keys").key("ticket")
    assert len(key) == 32
    assert Keyring(tmp_path / "keys").key("ticket") == key


def test_each_purpose_has_its_own_key(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys")
    assert ring.key("ticket") != ring.key("form")


def test_keys_are_for_the_owners_eyes_only(tmp_path: Path) -> None:
    Keyring(tmp_path / "keys").key("ticket")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "ticket").stat().st_mode) == 0o600


def test_a_secret_can_be_made_again_and_opens_one_thing_only(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys")
    secret = ring.secret_of("ticket", "a1")
    assert secret == ring.secret_of("ticket", "a1")
    assert ring.holds("ticket", "a1", secret)
    assert not ring.holds("ticket", "a2", secret)
    assert not ring.holds("booking", "a1", secret)


@pytest.mark.parametrize("wrong", ["", "0" * 64, "票", "a" * 10_000])
def test_anything_else_is_not_the_secret(tmp_path: Path, wrong: str) -> None:
    assert not Keyring(tmp_path / "keys").holds("ticket", "a1", wrong)


def test_another_citys_secret_opens_nothing(tmp_path: Path) -> None:
    here, there = Keyring(tmp_path / "here"), Keyring(tmp_path / "there")
    assert not here.holds("ticket", "a1", there.secret_of("ticket", "a1"))


def test_names_are_128_random_bits() -> None:
    names = {new_id() for _ in range(1000)}
    assert len(names) == 1000
    assert {len(bytes.fromhex(name)) for name in names} == {16}


def test_a_digest_does_not_tell_the_secret() -> None:
    assert digest("device-abc") != "device-abc"
    assert digest("device-abc") == digest("device-abc")
