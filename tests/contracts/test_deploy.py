"""What is deployed agrees with the table of roles, with the settings, and with what the application itself says."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dispatch.foundation.settings import Settings
from dispatch.wiring import app, serving, sockets
from dispatch.wiring.cli import main
from dispatch.wiring.roles import ROLES
from tests.conftest import missing
from tests.contracts import deployed
from tests.contracts.deployed import (
    DEPLOY,
    WAYS,
    Started,
    compose,
    proxy,
    services,
    setting,
    units,
    upstreams,
)
from tests.house.tree import ROOT

SMALL_CITY = "web"
"""Core and display in one process, which no city runs that has more than one."""
CITY = {name: role for name, role in ROLES.items() if name != SMALL_CITY}
LISTENING = {name for name, role in CITY.items() if role.listens}
NOT_SETTINGS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def started(way: str) -> list[Started]:
    return list(WAYS[way]())


# --- roles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_every_role_of_a_city_is_started_by_every_way(way: str) -> None:
    assert Counter(each.role for each in started(way) if each.role) == dict.fromkeys(CITY, 1)


@pytest.mark.parametrize("way", WAYS)
def test_every_command_is_one_that_the_command_line_takes(way: str) -> None:
    for each in started(way):
        with main.make_context("tongban", list(each.arguments)) as context:
            name, command, rest = main.resolve_command(context, list(each.arguments))
            assert command is not None
            command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("way", WAYS)
def test_what_listens_is_given_a_port_and_may_be_several(way: str) -> None:
    for each in started(way):
        if each.role:
            assert ("--port" in each.arguments) is CITY[each.role].listens, each
            assert each.many or not CITY[each.role].many, each


@pytest.mark.parametrize("way", WAYS)
def test_what_has_no_pages_tells_its_figures_at_a_port(way: str) -> None:
    for each in started(way):
        if each.role:
            assert ("--metrics-port" in each.arguments) is not CITY[each.role].listens, each


def test_the_proxy_leads_to_every_role_that_listens() -> None:
    asked = set(re.findall(r"proxy_pass http://(\w+);", proxy("city.conf")))
    assert asked == LISTENING
    for name in ("upstreams.conf", "upstreams.compose.conf"):
        assert set(upstreams(name)) == LISTENING


# --- ports ----------------------------------------------------------------------------------------------


def test_the_proxy_knows_where_the_containers_listen() -> None:
    ports = {
        each.role: each.arguments[each.arguments.index("--port") + 1]
        for each in started("compose")
        if each.role in LISTENING
    }
    assert upstreams("upstreams.compose.conf") == {role: [f"{role}:{port}"] for role, port in ports.items()}
    asked = {
        name: service["healthcheck"]["test"][-1] for name, service in services().items() if name in ports
    }
    assert all(f"127.0.0.1:{ports[name]}/readyz" in test for name, test in asked.items())
    assert set(asked) == LISTENING


def test_a_container_without_pages_is_well_while_it_tells_its_figures() -> None:
    for name, service in services().items():
        if name in CITY and name not in LISTENING:
            port = service["command"][service["command"].index("--metrics-port") + 1]
            assert f"127.0.0.1:{port}/metrics" in service["healthcheck"]["test"][-1], name


def test_the_proxy_of_one_machine_is_the_one_that_its_script_writes() -> None:
    script = (DEPLOY / "one-machine").read_text(encoding="utf-8")
    defaults = dict(re.findall(r"\b(inner|cores|displays)=(\d+)", script))
    inner, cores, displays = (int(defaults[name]) for name in ("inner", "cores", "displays"))
    assert upstreams("upstreams.conf") == {
        "core": [f"127.0.0.1:{inner + n}" for n in range(1, cores + 1)],
        "display": [f"127.0.0.1:{inner + 50 + n}" for n in range(1, displays + 1)],
    }


def test_only_the_proxy_is_reached_from_outside() -> None:
    published = {name: each["ports"] for name, each in compose()["services"].items() if "ports" in each}
    assert set(published) == {"proxy"}
    inside = [port.rpartition(":")[2] for port in published["proxy"]]
    listening = re.findall(r"listen (\d+)", proxy("plain.conf") + proxy("tls.conf"))
    assert set(inside) == set(listening)
    assert compose()["networks"]["inside"]["internal"] is True


# --- settings ---------------------------------------------------------------------------------------------


def test_every_variable_is_a_setting() -> None:
    image = re.findall(r"^ENV (.*)$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {
        *(name for service in services().values() for name in service["environment"]),
        *re.findall(r"(\w+)=", image[-1]),
    }
    known = {f"TONGBAN_{name.upper()}" for name in Settings.model_fields}
    assert named - NOT_SETTINGS <= known
    script = (DEPLOY / "one-machine").read_text(encoding="utf-8")
    assert set(re.findall(r"\bTONGBAN_[A-Z_]*[A-Z]\b", script)) <= known


def test_the_script_sets_every_variable_that_supervisord_asks_for() -> None:
    script = (DEPLOY / "one-machine").read_text(encoding="utf-8")
    asked = set(re.findall(r"%\(ENV_(\w+)\)s", (DEPLOY / "supervisord.conf").read_text(encoding="utf-8")))
    exported = " ".join(re.findall(r"^  export (.*)$", script, re.MULTILINE))
    assert [name for name in asked if not re.search(rf"\b{name}\b", exported)] == []


def test_no_secret_stands_in_a_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    secrets = [line for line in text.splitlines() if "PASSWORD" in line and not line.lstrip().startswith("#")]
    assert secrets
    assert all("${TONGBAN_DATABASE_PASSWORD:?" in line for line in secrets)
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


# --- what the application says of itself ------------------------------------------------------------------


def test_bodies_are_as_large_as_the_application_takes_them(tmp_path: Path) -> None:
    web = app.create_core(Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'city.db'}"))
    web.stop()
    for_a_city = {str(rule) for rule in web.app.url_map.iter_rules() if rule.endpoint in app.TAKE_A_CITY}
    blocks = re.findall(r"location = (\S+) \{\s+client_max_body_size (\w+);", proxy("city.conf"))
    assert {path for path, _ in blocks} == for_a_city
    assert {_bytes(size) for _, size in blocks} == {app.LARGEST_CITY}
    assert (
        _bytes(re.findall(r"^client_max_body_size (\w+);", proxy("city.conf"), re.MULTILINE)[0])
        == app.LARGEST_BODY
    )


def _bytes(size: str) -> int:
    return int(size[:-1]) * {"k": 1024, "m": 1024 * 1024}[size[-1]]


def test_the_proxy_lets_go_of_a_line_before_the_process_does() -> None:
    for name in ("upstreams.conf", "upstreams.compose.conf"):
        (seconds,) = re.findall(r"keepalive_timeout (\d+)s;", proxy(name))
        assert int(seconds) < serving.KEEP_ALIVE_S


def test_a_wire_that_lives_is_never_cut_by_the_proxy() -> None:
    (seconds,) = re.findall(r"proxy_read_timeout (\d+)s;", proxy("nginx.conf"))
    assert int(seconds) > 2 * (sockets.PING_EVERY_S + sockets.PATIENCE_S)


def test_a_display_may_open_a_file_for_every_wire() -> None:
    needed = serving.WIRES + serving.OTHER_FILES
    assert services()["display"]["ulimits"]["nofile"] >= needed
    assert int(setting(units()["tongban-display@.service"], "LimitNOFILE") or 0) >= needed
    assert deployed.supervised().getint("supervisord", "minfds") >= needed


# --- care -------------------------------------------------------------------------------------------------


def test_every_container_is_kept_within_bounds() -> None:
    for name, service in compose()["services"].items():
        assert "mem_limit" in service, name
        assert service["logging"]["options"]["max-size"], name
        assert "stop_grace_period" in service, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
        assert name in services() or ":" in service["image"], f"{name}: of which version?"


def test_our_containers_may_do_nothing_but_their_work() -> None:
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert image.index("USER tongban") < image.index("ENTRYPOINT")
    for name in (*services(), "proxy"):
        service = compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_everybody_has_the_same_keys() -> None:
    folder = re.findall(r"TONGBAN_VAR=(\S+)", (DEPLOY / "Containerfile").read_text(encoding="utf-8"))[0]
    assert {tuple(service["volumes"]) for service in services().values()} == {(f"city:{folder}",)}


def test_nothing_starts_before_what_it_needs() -> None:
    conditions = {
        name: {on: each["condition"] for on, each in service.get("depends_on", {}).items()}
        for name, service in compose()["services"].items()
    }
    assert conditions["migrate"] == {"postgres": "service_healthy"}
    assert conditions["proxy"] == dict.fromkeys(LISTENING, "service_healthy")
    for role in CITY:
        assert conditions[role]["migrate"] == "service_completed_successfully"
    for name, unit in units().items():
        if name not in ("tongban-migrate.service", "tongban-proxy.service"):
            assert "tongban-migrate.service" in (setting(unit, "After") or ""), name


def test_the_image_holds_every_package() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = {
        word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for word in line.split()
    }
    packages = set(
        re.findall(r"^    (\w+)\*$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {*packages, "migrations"} <= copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    admitted = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[:1] == "!"
    }
    assert copied == admitted


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        missing("no systemd-analyze")
    program = tmp_path / "tongban"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for path in sorted((DEPLOY / "systemd").glob("tongban*")):
        # Where a unit's program is not installed, systemd has nothing to say of the rest.
        unit = re.sub(
            r"^(Exec\w+)=\S+", rf"\1={program}", path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        (tmp_path / path.name).write_text(unit)
    for path in sorted(tmp_path.glob("tongban*.*")):
        name = path.name.replace("@.", "@8101.")
        verify = ["systemd-analyze", "verify", "--man=no", name]
        done = subprocess.run(verify, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.stderr.strip(), done.returncode) == ("", 0), name
