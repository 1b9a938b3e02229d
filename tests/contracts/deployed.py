"""What is deployed, read from the files that deploy it: which commands of ours each starts, and how often."""

import configparser
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
OURS = "tongban"


@dataclass(frozen=True)
class Started:
    """One command of ours as a deployment starts it. `many` says whether the deployment may start several."""

    name: str
    arguments: tuple[str, ...]
    many: bool

    @property
    def role(self) -> str | None:
        """The role, of a command that is `serve`."""
        return self.arguments[self.arguments.index("--role") + 1] if "--role" in self.arguments else None


@cache
def compose() -> dict[str, Any]:
    """docker-compose.yml as it is written, its variables not filled in."""
    told: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return told


def services() -> dict[str, dict[str, Any]]:
    """The services of docker-compose.yml that run our image."""
    image = compose()["x-city"]["image"]
    return {name: each for name, each in compose()["services"].items() if each["image"] == image}


@cache
def supervised() -> configparser.RawConfigParser:
    """supervisord.conf."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=(" ;",))
    parser.read_string((DEPLOY / "supervisord.conf").read_text(encoding="utf-8"))
    return parser


def units() -> dict[str, str]:
    """The texts of the systemd units, by name."""
    return {
        path.name: path.read_text(encoding="utf-8") for path in sorted((DEPLOY / "systemd").glob("*.service"))
    }


def setting(unit: str, name: str) -> str | None:
    """What a unit says of this, at its last place."""
    found = re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)
    return found[-1] if found else None


def in_containers() -> Iterator[Started]:
    """What docker-compose.yml starts."""
    for name, service in services().items():
        yield Started(name, tuple(service["command"]), "replicas" in service.get("deploy", {}))


def on_one_machine() -> Iterator[Started]:
    """What deploy/one-machine starts."""
    for section in supervised().sections():
        if section.startswith("program:"):
            program = supervised()[section]
            # Each of several processes is named by its number, which is its port.
            _, ours, arguments = re.sub(
                r"%\((process_num|ENV_CITY_\w+_PORT)\)[ds]", "8101", program["command"]
            ).partition("tongban ")
            if ours:
                yield Started(section, tuple(shlex.split(arguments)), "numprocs" in program)


def by_systemd() -> Iterator[Started]:
    """What the units start."""
    for name, unit in units().items():
        program, *arguments = shlex.split((setting(unit, "ExecStart") or "").replace("%i", "8101"))
        if program.endswith(f"/{OURS}"):
            yield Started(name, tuple(arguments), "@" in name)


WAYS = {"compose": in_containers, "one-machine": on_one_machine, "systemd": by_systemd}


def proxy(name: str) -> str:
    """One file of the proxy's settings, without its comments."""
    text = (DEPLOY / "nginx" / name).read_text(encoding="utf-8")
    return re.sub(r"(^|\s)#.*", "", text)


def upstreams(name: str) -> dict[str, list[str]]:
    """The addresses of every upstream in one file."""
    blocks = re.findall(r"upstream (\w+) \{(.*?)\n\}", proxy(name), re.DOTALL)
    return {upstream: re.findall(r"server ([\w.:]+)", block) for upstream, block in blocks}
