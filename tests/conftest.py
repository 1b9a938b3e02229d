"""What every test may ask for: a fresh migrated city on each database, a Redis, a browser."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import redis
from hypothesis import settings

from tests import servers
from tests.patience import PATIENCE_S, be_patient

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from dispatch.foundation.database import Database
    from tests.pages.api.office import Office
    from tests.standing_city import Standing, Town

# The same examples each time, however slow the machine; `make soak` looks for others.
settings.register_profile("settled", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None, print_blob=True)
settings.load_profile("searching" if os.environ.get("TONGBAN_TEST_SEARCH") else "settled")

# Fits are small here, and threads that wait for each other on busy cores take twenty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TESTS = Path(__file__).parent
SLOW = ("visits", "faults", "races", "browser", "contracts", "hall_display", "wiring", "demo")
"""Folders whose tests take longer than those of others, the longest first."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENT_PAGES = f"""{{
  const timeout = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, Math.max(ms, {PATIENCE_S * 1000:.0f}));
  Object.defineProperty(XMLHttpRequest.prototype, "timeout", {{ set() {{}} }});
}}"""
"""A page gives up an answer that does not come for seconds, which a slow machine must not bring about."""


def missing(reason: str) -> NoReturn:
    """Skip and say why; fail where every service is promised (TONGBAN_TEST_STRICT)."""
    if os.environ.get("TONGBAN_TEST_STRICT"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_report_header() -> list[str]:
    """Say at the top on what the tests will run."""
    given = "the one of TONGBAN_TEST_DATABASE_URL" if os.environ.get("TONGBAN_TEST_DATABASE_URL") else None
    found = {
        "PostgreSQL": given or servers.postgres_binaries(),
        "Redis": servers.redis_binary(),
        "browser": chromium_path(),
    }
    return [f"{name}: {where or 'none, its tests are skipped'}" for name, where in found.items()]


def pytest_configure(config: pytest.Config) -> None:
    """Side by side, files begin in the order that is made below; by itself it would be by how many tests they have."""
    config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, a file stays in one process; so does all that visits the one demo.

    What waits for processes and browsers begins first, so that at the end nobody waits for one of them.
    """
    for item in items:
        group = "demo" if _visits_demo(item) else _file(item)
        item.add_marker(pytest.mark.xdist_group(group))
    sizes = Counter(map(_file, items))
    items.sort(key=lambda item: (_turn(item), not _visits_demo(item), -sizes[_file(item)], _file(item)))


def _visits_demo(item: pytest.Item) -> bool:
    return "demo_city" in getattr(item, "fixturenames", ()) and _file(item).startswith("visits")


def _file(item: pytest.Item) -> str:
    return str(item.path.relative_to(TESTS))


def _turn(item: pytest.Item) -> int:
    folder = _file(item).partition("/")[0]
    return SLOW.index(folder) if folder in SLOW else len(SLOW)


# --- databases ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _patient() -> None:
    be_patient()


@pytest.fixture(scope="session", autouse=True)
def _quick_to_hash() -> None:
    """Passwords are slow to hash on purpose, which hundreds of tests would only pay for."""
    from dispatch.people import accounts
    from tests.passwords import QUICK

    accounts._hasher = QUICK


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL, for tests that need the server itself."""
    try:
        with servers.postgres() as url:
            yield url
    except servers.MissingServer as reason:
        missing(str(reason))


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[servers.Databases]:
    """Copies of a migrated template."""
    databases = servers.Databases(postgres_server)
    try:
        databases.make_template()
        yield databases
    finally:
        databases.drop_template()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file."""
    return servers.migrated_file(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty city in a SQLite file of this test's own; in memory where there is room for files."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else tmp_path) as folder:
        path = Path(folder) / "city.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


@pytest.fixture(scope="module")
def opened(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Callable[[], Office]"]:
    """The standing city behind its pages on SQLite, put together once for a file; each call has it as furnished."""
    from tests.pages.api.office import office

    var = tmp_path_factory.mktemp("var")
    path = shutil.copyfile(sqlite_template, var / "city.db")
    with office(f"sqlite:///{path}", var) as opening:
        yield opening


@pytest.fixture
def postgresql_url(postgres_databases: servers.Databases) -> Iterator[str]:
    """A migrated, empty city in a PostgreSQL database of this test's own."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty city: the test runs once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator["Database"]:
    """The same, opened."""
    from dispatch.foundation.database import Database

    opened = Database(database_url)
    try:
        yield opened
    finally:
        opened.dispose()


# --- the standing city -----------------------------------------------------------------------------------


@contextmanager
def furnished(
    request: pytest.FixtureRequest,
    folders: pytest.TempPathFactory,
    furnish: "Callable[[Database], object] | None" = None,
) -> "Iterator[Standing]":
    """A city on the database that the fixture's parameter names, furnished once: the standing city, or another."""
    from tests import standing_city

    furnish = furnish or standing_city.build
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, folders.mktemp("standing") / "city.db")
        with standing_city.standing(f"sqlite:///{path}", furnish) as city:
            yield city
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, standing_city.standing(url, furnish) as city:
            yield city


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Standing]":
    """The standing city, furnished once for all tests."""
    with furnished(request, tmp_path_factory) as city:
        yield city


@pytest.fixture
def town(standing: "Standing") -> "Town":
    """The town's hall of the standing city, its windows closed, at half past nine."""
    from tests.standing_city import Town

    return Town(standing.restore())


# --- Redis --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a running Redis."""
    try:
        with servers.redis_server() as url:
            yield url
    except servers.MissingServer as reason:
        missing(str(reason))


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis with nothing in it."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


# --- the browser --------------------------------------------------------------------------------------


def chromium_path() -> str | None:
    """The installed browser; none is ever downloaded."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A real browser; each test opens its own context in it."""
    path = chromium_path()
    if path is None:
        missing(f"no browser: none of {', '.join(CHROMIUM_NAMES)} is installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_S * 1000)  # how soon a page follows is measured elsewhere
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=list(CHROMIUM_OPTIONS), timeout=PATIENCE_S * 1000
        )
        try:
            yield _patient_with(browser)
        finally:
            browser.close()


def _patient_with(browser: "Browser") -> "Browser":
    """The same browser; whatever is asked of a page in it is waited for as long as anything else."""
    opens = browser.new_context

    def new_context(**options: Any) -> "BrowserContext":  # noqa: ANN401 - Playwright's own
        context = opens(**options)
        context.set_default_timeout(PATIENCE_S * 1000)
        context.add_init_script(PATIENT_PAGES)
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    return browser
