"""The source tree as the house tests read it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("dispatch", "hall_display", "adapters")


def python_files(*folders: str) -> Iterator[Path]:
    """Every Python file below these folders of the root."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path, node: ast.expr | ast.stmt | None = None) -> str:
    """How a finding is named: file:line."""
    name = path.relative_to(ROOT).as_posix()
    return name if node is None else f"{name}:{node.lineno}"


def module_name(path: Path) -> str:
    """dispatch/halls/__init__.py → dispatch.halls"""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """dispatch.halls.windows → dispatch.halls; hall_display.voice → hall_display"""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "dispatch" else parts[0]


def rooms() -> list[Path]:
    """The folders that are rooms."""
    inside = [each for each in (ROOT / "dispatch").glob("*") if any(each.glob("*.py"))]
    beside = [ROOT / name for name in PACKAGES if any((ROOT / name).glob("*.py"))]
    return sorted([*inside, *beside])


def called(node: ast.Call) -> str:
    """The dotted name of what is called, as written; empty for anything that is not a name."""
    return dotted(node.func)


def dotted(node: ast.expr) -> str:
    """`a.b.c` as written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else f"?.{node.attr}"
    return ""


def tracked_files() -> list[Path]:
    """What git holds or would add; without git, nothing can be said."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    paths = (ROOT / name for name in done.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]
