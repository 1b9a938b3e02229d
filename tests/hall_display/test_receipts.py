"""A board's word on a call is kept, and told to all who watch the hall, whichever process they hang on."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from adapters.bus.inprocess import InProcessBus
from dispatch.foundation.database import Database
from dispatch.foundation.log import head_of
from dispatch.halls import finding, receipts
from dispatch.halls.devices import pairing
from dispatch.halls.receipts import Heard
from tests.hall_display.place import ELSEWHERE, Place, boards, serving_at
from tests.hall_display.test_wire import Client


def listening(address: str) -> Client:
    client = Client(address)
    client.watch()
    client.waits_for("snapshot")
    return client


def heard(database: Database, seq: int) -> Heard:
    with database.reading() as session:
        return receipts.of_call(session, "H-1", 1, seq)


def call(place: Place) -> int:
    """The seq of a fresh call."""
    place.window("3")
    place.issue("A")
    place.call("3")
    with place.database.reading() as session:
        head = head_of(session, "H-1")
    assert head is not None
    return head.seq


def test_what_a_board_did_is_kept_and_told(place: Place, database: Database, bus: InProcessBus) -> None:
    seq = call(place)
    with boards(database, bus) as room, serving_at(room.app, room.socketio) as address:
        board, console = listening(address), listening(address)
        board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": False})
        (shown,) = console.waits_for("spoken")
        assert (shown["hall"], shown["seq"], shown["shown"], shown["spoken"]) == ("H-1", seq, True, False)
        board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": True})
        assert console.waits_for("spoken", 2)[1]["spoken"] is True
        board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": True})
        board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": False})
        board.hang_up()
        console.hang_up()
    assert heard(database, seq) == Heard(seq, shown=True, spoken=True)


def test_only_a_call_can_be_answered(place: Place, database: Database, bus: InProcessBus) -> None:
    seq = call(place)
    with boards(database, bus) as room, serving_at(room.app, room.socketio) as address:
        board = listening(address)
        board.say("receipt", {"hall": "H-1", "seq": seq - 1, "shown": True, "spoken": True})
        board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": False})
        board.waits_for("spoken")
        board.hang_up()
    assert heard(database, seq - 1) == Heard(seq - 1, shown=False, spoken=False)


def test_who_hangs_on_another_process_hears_of_it(
    place: Place, database: Database, bus: InProcessBus
) -> None:
    seq = call(place)
    with boards(database, bus) as here, boards(database, bus) as there:
        with (
            serving_at(here.app, here.socketio) as one,
            serving_at(there.app, there.socketio) as other,
        ):
            board, console = listening(one), listening(other)
            board.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": True})
            assert console.waits_for("spoken")[0]["spoken"] is True
            board.hang_up()
            console.hang_up()


def test_where_boards_are_paired_only_theirs_counts(
    place: Place, database: Database, bus: InProcessBus
) -> None:
    seq = call(place)
    with database.work() as session:
        pairing.pair(session, finding.hall(session, "H-1"), "board", now=place.now)
    with boards(database, bus) as room, serving_at(room.app, room.socketio) as address:
        stranger = listening(address)
        stranger.say("receipt", {"hall": "H-1", "seq": seq, "shown": True, "spoken": True})
        stranger.say("receipt", {"hall": "H-1", "seq": seq + 99, "shown": True})
        stranger.waits_for("problem")
        stranger.hang_up()
    assert heard(database, seq) == Heard(seq, shown=False, spoken=False)


def test_only_news_comes_back_and_the_first_to_speak_stays(place: Place, database: Database) -> None:
    def keep(board: str, *, shown: bool, spoken: bool) -> Heard | None:
        with database.work() as session:
            return receipts.keep(session, "H-1", 1, 7, shown=shown, spoken=spoken, board=board, now=place.now)

    assert keep("a", shown=False, spoken=False) is None
    assert keep("a", shown=True, spoken=False) == Heard(7, shown=True, spoken=False)
    assert keep("b", shown=True, spoken=False) is None
    assert keep("b", shown=True, spoken=True) == Heard(7, shown=True, spoken=True)
    assert keep("c", shown=True, spoken=True) is None
    with database.reading() as session:
        kept = session.get_one(receipts.CallReceipt, ("H-1", 1, 7))
        assert kept.board == "b"
        assert receipts.latest(session, {"H-1": 1, ELSEWHERE: 1}) == {
            "H-1": Heard(7, shown=True, spoken=True)
        }
        assert receipts.latest(session, {"H-1": 2}) == {}


def test_boards_of_two_processes_may_answer_at_once(place: Place, database: Database) -> None:
    begun = Barrier(6)

    def keep(board: str) -> Heard | None:
        begun.wait()
        with database.work() as session:
            return receipts.keep(session, "H-1", 1, 7, shown=True, spoken=False, board=board, now=place.now)

    with ThreadPoolExecutor(6) as together:
        found = list(together.map(keep, "abcdef"))
    assert [heard for heard in found if heard] == [Heard(7, shown=True, spoken=False)]
