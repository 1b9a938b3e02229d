"""Whoever starts a server of the city does not pay for what a backtest needs."""

import subprocess
import sys


def test_the_command_line_loads_no_learning_libraries() -> None:
    code = "import sys; import dispatch.wiring.cli; print({'sklearn', 'numba', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
