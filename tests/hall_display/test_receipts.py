"""A board's word on a call is kept, and told to all who watch the hall, whichever process they hang on."""

from adapters.bus.inprocess import InProcessBus
from dispatch.foundation.database import Database
from dispatch.foundation.log import head_of
from dispatch.halls import finding, receipts
from dispatch.halls.devices import pairing
from dispatch.halls.receipts import Heard
from tests.hall_display.place import Place, boards, serving_at
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
