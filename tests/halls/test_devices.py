"""A hall's machines: paired by a code, known by a token, heard every few seconds, found out when copied."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.foundation.errors import BadInput, NotSignedIn, Refusal
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from dispatch.halls.devices.models import Device, Pairing
from dispatch.halls.devices.pairing import About
from dispatch.halls.devices.refusals import (
    AccessDenied,
    AuthorizationPending,
    Cloned,
    ExpiredToken,
    TooManyWrongCodes,
    UnknownCode,
    WindowNeeded,
)
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, TOWN_PATH, Town

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
SUPERVISOR = Actor("staff", "s" * 32, "supervisor", TOWN_PATH)
DAY = timedelta(days=1)


@pytest.fixture
def city(town: Town) -> Database:
    """The standing city."""
    return town.database


def paired(city: Database, kind: str = "kiosk", *, now: datetime = NOW, **about: object) -> str:
    """The token of a machine of the town's hall."""
    with city.work() as session:
        said = About(**about)  # type: ignore[arg-type]
        return pairing.pair(session, halls.hall(session, TOWN_HALL), kind, now=now, about=said)


def device(city: Database, token: str) -> Device:
    """The machine as it stands."""
    with city.reading() as session:
        found = tokens.known(session, token)
        assert found is not None
        session.expunge_all()
        return found


def opens(city: Database, token: str, now: datetime = NOW) -> bool:
    """Whether the token is good for anything."""
    with city.reading() as session:
        try:
            tokens.actor_of(session, token, real_now=now)
        except NotSignedIn:
            return False
        return True


def beat(city: Database, token: str, now: datetime = NOW, **said: object) -> hearing.Heard:
    """A sign of life."""
    with city.work() as session:
        return hearing.hear(session, token, Said(**said), now=MORNING, real_now=now)  # type: ignore[arg-type]


# --- pairing ------------------------------------------------------------------------------------------


def ask(city: Database, kind: str = "board", now: datetime = NOW) -> pairing.Asked:
    with city.work() as session:
        return pairing.ask(session, kind, real_now=now)


def approve(city: Database, user_code: str, now: datetime = NOW, **about: object) -> Device:
    with city.work() as session:
        found = pairing.waiting(session, user_code, real_now=now)
        place = halls.hall(session, TOWN_HALL)
        told = About(**about)  # type: ignore[arg-type]
        return pairing.approve(session, found, place, told, now=MORNING, real_now=now, actor=SUPERVISOR)


def collect(city: Database, device_code: str, now: datetime = NOW) -> str:
    with city.work() as session:
        return pairing.collect(session, device_code, real_now=now).token


def test_a_machine_is_paired_by_the_code_it_shows(city: Database, town: Town) -> None:
    asked = ask(city)
    with pytest.raises(AuthorizationPending):
        collect(city, asked.device_code)
    made = approve(city, asked.user_code, name="东墙大屏")
    token = collect(city, asked.device_code)
    with city.reading() as session:
        actor = tokens.actor_of(session, token, real_now=NOW)
    assert (actor.kind, actor.id, actor.role, actor.scope) == ("device", made.id, "board", TOWN_PATH)
    assert device(city, token).name == "东墙大屏"
    assert town.kinds()[-1] == "DevicePaired"


def test_the_token_is_given_once(city: Database) -> None:
    asked = ask(city)
    approve(city, asked.user_code)
    collect(city, asked.device_code)
    with pytest.raises(ExpiredToken):
        collect(city, asked.device_code)


@pytest.mark.parametrize("typed", ["{0}{1}", "{0}-{1}", "{0} {1}", " {0} — {1} "])
def test_the_code_counts_however_it_is_typed(city: Database, typed: str) -> None:
    first, second = ask(city).user_code.lower().split("-")
    assert approve(city, typed.format(first, second)).kind == "board"


def test_a_code_has_eight_plain_consonants(city: Database) -> None:
    for _ in range(20):
        code = ask(city).user_code
        assert len(code) == 9
        assert code[4] == "-"
        assert set(code.replace("-", "")) <= set(pairing.LETTERS)
    assert len(pairing.LETTERS) ** 8 > 2**32
    assert not set(pairing.LETTERS) & set("AEIOUYLQ015")


def test_neither_code_is_stored(city: Database) -> None:
    asked = ask(city)
    with city.reading() as session:
        row = session.scalars(select(Pairing)).one()
        assert asked.device_code not in (row.device_digest, row.user_digest)
        assert asked.user_code.replace("-", "") not in (row.device_digest, row.user_digest)


def test_a_code_is_over_after_ten_minutes(city: Database) -> None:
    asked = ask(city)
    late = NOW + pairing.CODE_LASTS
    with pytest.raises(UnknownCode):
        approve(city, asked.user_code, late)
    with pytest.raises(ExpiredToken):
        collect(city, asked.device_code, late)
    assert approve(city, asked.user_code, late - timedelta(seconds=1)).active


def test_a_machine_that_was_refused_is_told(city: Database) -> None:
    asked = ask(city)
    with city.work() as session:
        pairing.deny(session, pairing.waiting(session, asked.user_code, real_now=NOW))
    with pytest.raises(AccessDenied):
        collect(city, asked.device_code)
    with pytest.raises(UnknownCode):
        approve(city, asked.user_code)


def test_one_approval_makes_one_machine(city: Database) -> None:
    asked = ask(city)
    approve(city, asked.user_code)
    with pytest.raises(UnknownCode):
        approve(city, asked.user_code)


def test_whoever_asks_too_often_is_slowed_down(city: Database) -> None:
    asked = ask(city)

    def poll(after_s: float) -> int | None:
        with city.work() as session:
            now = NOW + timedelta(seconds=after_s)
            return pairing.too_soon(session, asked.device_code, real_now=now)

    assert [poll(0), poll(5), poll(7), poll(13), poll(33)] == [None, None, 10, 15, None]


def test_guessing_codes_ends_at_the_fifth(city: Database) -> None:
    for _ in range(pairing.CODES_ALLOWED):
        with city.work() as session:
            pairing.refuse_guessing(session, SUPERVISOR.name, real_now=NOW)
            pairing.note_wrong_code(session, SUPERVISOR.name, real_now=NOW)
    with city.reading() as session:
        with pytest.raises(TooManyWrongCodes):
            pairing.refuse_guessing(session, SUPERVISOR.name, real_now=NOW + timedelta(minutes=14))
        pairing.refuse_guessing(session, SUPERVISOR.name, real_now=NOW + timedelta(minutes=15))
        pairing.refuse_guessing(session, "staff:other", real_now=NOW)


def test_a_caller_belongs_to_a_window_of_its_own_hall(city: Database) -> None:
    window = f"{TOWN_HALL}-1"
    assert device(city, paired(city, "caller", window=window)).window == window
    with pytest.raises(WindowNeeded):
        paired(city, "pad")
    with pytest.raises(BadInput):
        paired(city, "pad", window=f"{DISTRICT_HALL}-1")


def test_machines_are_numbered_when_nobody_names_them(city: Database) -> None:
    assert [device(city, paired(city)).name for _ in range(2)] == ["自助机 1", "自助机 2"]


def test_no_machine_is_of_an_unknown_kind(city: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        paired(city, "toaster")


# --- tokens -------------------------------------------------------------------------------------------


def test_no_token_is_stored(city: Database) -> None:
    token = paired(city)
    assert token.startswith(tokens.TOKEN_MARK)
    assert device(city, token).digest not in token


def test_a_revoked_machine_is_a_stranger_at_once(city: Database, town: Town) -> None:
    token = paired(city)
    for _ in range(2):
        with city.work() as session:
            found = finding.device(session, device(city, token).id)
            tokens.revoke(session, found, reason="lost", now=MORNING, real_now=NOW, actor=SUPERVISOR)
    assert not opens(city, token)
    assert town.kinds().count("DeviceRevoked") == 1
    with pytest.raises(NotSignedIn):
        beat(city, token)


def test_a_token_is_turned_once_a_day_and_the_old_one_holds_a_minute_longer(city: Database) -> None:
    old = paired(city)
    first = beat(city, old)
    later = NOW + DAY
    turned = beat(city, old, later, nonce=first.nonce)
    assert turned.token is not None
    assert opens(city, old, later + DAY / 2)  # the answer may have been lost: nothing else opens there
    confirmed = later + timedelta(seconds=20)
    assert beat(city, turned.token, confirmed, nonce=turned.nonce).token is None
    assert opens(city, old, confirmed + timedelta(seconds=59))
    assert not opens(city, old, confirmed + timedelta(seconds=60))
    assert opens(city, turned.token, confirmed + timedelta(seconds=60))
    assert device(city, turned.token).generation == 2


# --- heartbeats ---------------------------------------------------------------------------------------


def test_a_lost_answer_is_given_again(city: Database) -> None:
    token = paired(city)
    first = beat(city, token, key="a-key-of-its-own")
    again = beat(city, token, key="a-key-of-its-own")
    assert (again.nonce, again.cloned) == (first.nonce, False)
    assert not beat(city, token, nonce=first.nonce, key="the-next-key").cloned


@pytest.mark.parametrize("nonce", ["first", "none", "made up"])
def test_a_second_machine_with_the_same_token_is_found(city: Database, town: Town, nonce: str) -> None:
    token = paired(city)
    first = beat(city, token, key="k1")
    second = beat(city, token, nonce=first.nonce, key="k2")
    brought = {"first": first.nonce, "none": None, "made up": "0" * 32}[nonce]
    assert beat(city, token, nonce=brought, key="of another machine").cloned
    assert town.kinds()[-1] == "DeviceCloned"
    for said in (second.nonce, brought):
        with pytest.raises(Cloned):
            beat(city, token, nonce=said, key="k3")
    assert not opens(city, token)


def test_a_change_for_the_worse_or_better_is_news_and_sameness_is_not(city: Database, town: Town) -> None:
    token = paired(city)
    nonce = None
    before = len(town.kinds())
    for paper, faults in [("ok", []), ("low", []), ("low", []), ("low", ["jam"]), ("ok", [])]:
        nonce = beat(city, token, nonce=nonce, paper=paper, faults=faults).nonce
    assert town.kinds()[before:] == ["DeviceFault"] * 3


def test_help_is_asked_for_once_a_minute(city: Database, town: Town) -> None:
    token = paired(city)
    found = device(city, token).id
    for seconds in (0, 30, 59, 60):
        with city.work() as session:
            kiosk = finding.device(session, found)
            now = NOW + timedelta(seconds=seconds)
            actor = tokens.actor_of(session, token, real_now=now)
            hearing.want_help(session, kiosk, now=MORNING, real_now=now, actor=actor)
    assert town.kinds().count("HelpWanted") == 2


@dataclass
class Machine:
    """A machine that keeps what it has to send until it was answered, as the documents ask for."""

    token: str
    nonce: str | None = None
    pending: str | None = None
    keys: int = 0
    name: str = "a"
    refused: bool = False

    def speak(self, city: Database, now: datetime, *, answered: bool) -> None:
        if self.pending is None:
            self.keys += 1
            self.pending = f"{self.name}-{self.keys}-of-its-own"
        try:
            heard = beat(city, self.token, now, nonce=self.nonce, key=self.pending)
        except Refusal:
            self.refused = True
            return
        self.refused = heard.cloned
        if answered and not heard.cloned:
            self.nonce, self.token, self.pending = heard.nonce, heard.token or self.token, None


HISTORY = st.lists(
    st.tuples(st.sampled_from([20, 61, 3600, 86_400, 200_000]), st.booleans()), min_size=1, max_size=12
)
AGAIN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@AGAIN
@given(history=HISTORY)
def test_no_lost_answer_ever_locks_a_machine_out(city: Database, history: list[tuple[int, bool]]) -> None:
    machine, now = Machine(paired(city)), NOW
    for seconds, answered in history:
        now += timedelta(seconds=seconds)
        machine.speak(city, now, answered=answered)
        assert not machine.refused
        assert opens(city, machine.token, now)


@AGAIN
@given(
    before=HISTORY,
    order=st.permutations(["original", "original", "copy", "copy"]),
    lost=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_a_copied_machine_is_found_once_both_have_been_answered_twice(
    city: Database, before: list[tuple[int, bool]], order: list[str], lost: list[bool]
) -> None:
    """Whoever copies a machine in the very moment of an unanswered call copies that call too: hence twice."""
    original, now = Machine(paired(city)), NOW
    ident = device(city, original.token).id
    for seconds, answered in before:
        now += timedelta(seconds=seconds)
        original.speak(city, now, answered=answered)
    copy = Machine(original.token, original.nonce, original.pending, name="copy")
    both = {"original": original, "copy": copy}
    for name, answer_lost in zip(order, lost, strict=True):
        both[name].speak(city, now, answered=not answer_lost)
    for name in order:
        both[name].speak(city, now, answered=True)
    with city.reading() as session:
        assert finding.device(session, ident).cloned_at is not None
    for machine in both.values():
        assert not opens(city, machine.token, now)


# --- how they are -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "after_s", "status"),
    [
        ({}, 59, "working"),
        ({}, 60, "offline"),
        ({"paper": "low"}, 1, "paper_low"),
        ({"paper": "out"}, 1, "paper_out"),
        ({"paper": "out", "faults": ["speaker"]}, 1, "fault"),
    ],
)
def test_a_machine_is_as_it_says_until_it_falls_silent(
    city: Database, said: dict[str, object], after_s: int, status: str
) -> None:
    token = paired(city)
    assert finding.status(device(city, token), real_now=NOW) == "never_heard"
    beat(city, token, NOW, **said)
    assert finding.status(device(city, token), real_now=NOW + timedelta(seconds=after_s)) == status


ABLE = ["print", "id_reader", "certificates"]


@pytest.mark.parametrize(
    ("said", "needs", "can"),
    [
        ({}, [], True),
        ({"paper": "low"}, ["print"], True),
        ({"paper": "out"}, [], False),
        ({"faults": ["jam"]}, [], False),
        ({"faults": ["touch"]}, [], False),
        ({"faults": ["id_reader"]}, [], True),
        ({"faults": ["id_reader"]}, ["id_reader"], False),
        ({}, ["certificates"], True),
        ({}, ["pay"], False),
    ],
)
def test_people_are_sent_only_to_kiosks_that_can(
    city: Database, said: dict[str, object], needs: list[str], can: bool
) -> None:
    token = paired(city, abilities=ABLE)
    beat(city, token, NOW, **said)
    with city.reading() as session:
        assert finding.kiosk_can(session, TOWN_HALL, "HR-CARD", NOW, needs=needs) is can
        assert not finding.kiosk_can(session, TOWN_HALL, "HR-CARD", NOW + timedelta(seconds=60))


def test_a_kiosk_may_be_for_some_items_only(city: Database) -> None:
    beat(city, paired(city, items=["HR-CARD"]))
    with city.reading() as session:
        assert finding.kiosk_can(session, TOWN_HALL, "HR-CARD", NOW)
        assert not finding.kiosk_can(session, TOWN_HALL, "MS-IND", NOW)
        assert not finding.kiosk_can(session, DISTRICT_HALL, "HR-CARD", NOW)


def test_a_hall_tells_how_many_of_its_kiosks_work(city: Database) -> None:
    beat(city, paired(city, abilities=["print", "pay"]))
    beat(city, paired(city, abilities=["print"]), paper="out")
    paired(city)
    with city.reading() as session:
        told = finding.kiosks(session, TOWN_HALL, real_now=NOW)
        assert (told.count, told.working, told.abilities) == (3, 1, ["pay", "print"])
        assert session.scalar(select(func.count()).select_from(Device)) == 3
