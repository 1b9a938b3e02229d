"""The command line itself: what it knows without loading it."""

import subprocess
import sys

import click
import pytest

from dispatch.wiring.cli import ELSEWHERE, main


@pytest.mark.parametrize("name", list(ELSEWHERE))
def test_a_command_elsewhere_is_found_by_its_own_name(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name


def test_help_lists_them_all() -> None:
    listed = main.list_commands(click.Context(main))
    assert listed == sorted({*main.commands, *ELSEWHERE})


def test_nothing_is_loaded_before_it_is_known_what_is_wanted() -> None:
    """A display process begins anew on greenlets: what it had loaded until then would be loaded twice."""
    look = "import sys, dispatch.wiring.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert not {"flask", "alembic", "psycopg", "pypinyin", "numpy", "redis"} & set(loaded.split())
