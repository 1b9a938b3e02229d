"""What we depend on is locked, explained, and names no machine."""

import json
import re
from pathlib import Path

import pytest

from tests.house import tree

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")
LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-node.txt")

# Put together here so that this file does not find itself.
HOSTS = ["files.python" + "hosted.org", "pypi" + ".org", "registry.npm" + "js.org", "npm" + "mirror.com"]
MACHINE_PATHS = ["/opt/" + "wheels", "/opt/" + "pypi", "file:" + "///opt"]
BINARY = {".png", ".jpg", ".ico", ".gz", ".mp3", ".ogg", ".woff2", ".db"}


def direct(path: Path) -> list[str]:
    """The names in a .in file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [match[1].lower() for match in map(NAME.match, lines) if match]


def packages() -> list[str]:
    """Every package that we ask for by name."""
    python = [name for path in sorted(tree.ROOT.glob("requirements*.in")) for name in direct(path)]
    browser = json.loads((tree.ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return sorted({*python, *browser})


@pytest.mark.parametrize("name", packages())
def test_every_dependency_is_explained(name: str) -> None:
    explained = (tree.ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert f"| `{name}` |" in explained


def test_nothing_is_explained_that_we_do_not_use() -> None:
    explained = (tree.ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"^\| `([^`]+)` \|", explained, re.MULTILINE)) - set(packages())) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes(name: str) -> None:
    text = (tree.ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_locks_hold_what_is_asked_for() -> None:
    for wanted in sorted(tree.ROOT.glob("requirements*.in")):
        locked = wanted.with_suffix(".txt").read_text(encoding="utf-8").lower()
        held = set(re.findall(r"^([a-z0-9._-]+)==", locked, re.MULTILINE))
        assert set(direct(wanted)) <= held


def test_browser_packages_are_exact() -> None:
    wanted = json.loads((tree.ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((tree.ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_no_file_names_a_registry_or_a_machine() -> None:
    found = [
        f"{tree.place(path)}: {word}"
        for path in tree.tracked_files()
        if path.suffix not in BINARY
        for word in [*HOSTS, *MACHINE_PATHS]
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []
