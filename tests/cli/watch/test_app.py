import asyncio
import errno
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input, Static, TabbedContent

from context_sync.cli.watch.app import Watch
from context_sync.cli.watch.compose import Letter, Urgent
from context_sync.cli.watch.confirmation import Question
from context_sync.cli.watch.listing import Listing
from context_sync.conflicts import detection
from context_sync.domain import messages
from context_sync.domain.messages import USER
from context_sync.domain.records import Session
from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from context_sync.state import mailbox, sessions
from tests.rehearse import Client, state

MakeClient = Callable[..., Client]
Scene = Callable[["Seat"], Awaitable[None]]
SECONDS = 60.0


class Seat:
    """The user at the screen: presses keys, and reads what stands there."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.app = pilot.app

    async def press(self, *keys: str) -> None:
        """Press keys, each after what the one before brought about: the pilot sends all before anything is done."""
        for key in keys:
            await self.pilot.press(key)

    async def write(self, key: str, words: str) -> None:
        """Open the window of a message with a key, and write words there."""
        await self.press(key)
        await self.until(lambda: isinstance(self.app.focused, Input), "the window")
        await self.press(*words)
        await self.until(lambda: self.app.screen.query_one(Input).value == words, words)

    def text(self, selector: str) -> str:
        return str(self.app.screen_stack[0].query_one(selector, Static).render())

    def table(self, name: str) -> list[list[str]]:
        listing = self.app.screen_stack[0].query_one(f"#{name}", Listing)
        return [[str(cell) for cell in listing.get_row_at(number)] for number in range(listing.row_count)]

    def picture(self) -> str:
        """What the terminal shows."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def tab(self) -> str:
        return self.app.screen_stack[0].query_one(TabbedContent).active

    async def until(self, holds: Callable[[], object], what: str) -> None:
        end = asyncio.get_running_loop().time() + SECONDS
        while not holds():
            assert asyncio.get_running_loop().time() < end, f"not on the screen: {what}"
            await self.pilot.pause(0.02)


def play(scene: Scene, size: tuple[int, int] = (80, 24)) -> None:
    """Play a scene before the screen; an error inside the view is an error of the test."""

    async def evening() -> None:
        app = Watch()
        app.NOTIFICATION_TIMEOUT = 3600.0  # what was said is read however busy the machine is
        async with app.run_test(size=size) as pilot:
            await scene(Seat(pilot))
        if app.failure:
            raise app.failure

    asyncio.run(evening())


@pytest.fixture
def two(client: MakeClient, project: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Client, Client]:
    monkeypatch.chdir(project)
    one, other = client(), client()
    for each, title in ((one, "payments"), (other, "invoices")):
        each.start(session_title=title)
    return one, other


@pytest.fixture
def conflicting(two: tuple[Client, Client], project: Path) -> tuple[Client, Client]:
    two[0].edit(project / "calc.py", "a + b", "b + a")
    two[1].edit(project / "calc.py", "b + a", "a + b + 0")
    return two


def test_the_sessions_are_there_and_the_chosen_one_is_described(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        assert [row[1] for row in seat.table("sessions")] == ["payments", "invoices"]
        assert "2 live sessions · no conflicts" in seat.text("#headline")
        assert two[0].session in seat.text("#sessions-detail")
        await seat.press("j")
        await seat.until(lambda: two[1].session in seat.text("#sessions-detail"), "the second one")
        await seat.press("k")
        await seat.until(lambda: two[0].session in seat.text("#sessions-detail"), "the first one")

    play(scene)


def test_what_happens_is_on_the_screen_and_the_chosen_row_stays_chosen(client: MakeClient, two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        await seat.press("down")
        await asyncio.to_thread(client().start)
        await seat.until(lambda: len(seat.table("sessions")) == 3, "three sessions")
        await asyncio.to_thread(two[0].end)
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions again")
        assert two[1].session in seat.text("#sessions-detail")

    play(scene)


@pytest.mark.usefixtures("two")
def test_what_is_in_the_way_is_said_until_it_is_gone():
    mail = state("mail")
    mail.mkdir(exist_ok=True)

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: f"{mail} cannot be used (" in seat.text("#headline"), "what is wrong")
        mail.rmdir()
        await seat.until(lambda: "2 live sessions" in seat.text("#headline"), "two sessions")
        assert len(seat.table("sessions")) == 2

    real = os.listdir

    def listdir(path: str) -> list[str]:
        if path == str(mail) and mail.exists():
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "listdir", listdir)
        play(scene, size=(200, 24))


def test_a_conflict_shows_the_two_sides_side_by_side(conflicting: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: seat.table("conflicts"), "a conflict")
        await seat.press("2")
        await seat.until(lambda: "+return b + a" in seat.text("#mine"), "the first side")
        assert seat.tab == "conflicts-pane"
        assert seat.table("conflicts")[0][:3] == ["symbol", "add in calc.py", "payments ↔ invoices"]
        assert "payments" in seat.text("#mine")
        assert "-return b + a\n+return a + b + 0" in seat.text("#theirs")
        assert "in the same checkout, not committed" in seat.text("#conflicts-facts")
        mine, theirs = (each.region for each in seat.app.query(".side"))
        assert mine.y == theirs.y
        assert mine.right <= theirs.x
        assert "symbol with invoices: add in calc.py" in seat.text("#sessions-detail")
        await asyncio.to_thread(conflicting[0].bash, "git commit --quiet --all --message=both")
        await seat.until(lambda: not seat.table("conflicts"), "no conflict")
        assert "No conflicts." in seat.text("#conflicts-facts")

    play(scene)


@pytest.mark.parametrize("key", ["y", "enter"])
def test_a_conflict_is_resolved_on_the_users_word(conflicting: tuple[Client, Client], key: str):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: seat.table("conflicts"), "a conflict")
        await seat.press("2")
        await seat.until(lambda: shown(seat) == ["1", "2", "3", "a", "q", "r"], "the key")
        await seat.press("r")
        await seat.until(lambda: "Resolve the conflict in calc.py?" in seat.picture(), "the question")
        await seat.press(key)
        await seat.until(lambda: not seat.table("conflicts"), "no conflict")
        await seat.until(lambda: [each.message for each in seat.app._notifications] == ["Resolved calc.py."], "that")

    play(scene)
    assert detection.between(*map(known, conflicting)) == []


def test_a_conflict_is_not_resolved_without_it(conflicting: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: seat.table("conflicts"), "a conflict")
        await seat.press("2")
        for keys in (("n",), ("escape",), ("tab", "enter")):
            await seat.press("r")
            await seat.until(lambda: isinstance(seat.app.screen, Question), "the question")
            await seat.press(*keys)
            await seat.until(lambda: not isinstance(seat.app.screen, Question), "no question")

    play(scene)
    assert detection.between(*map(known, conflicting))


def known(client: Client) -> Session:
    session = sessions.load(client.session)
    assert session
    return session


def test_there_is_nothing_to_resolve_without_a_conflict(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        await seat.press("2", "r")
        await seat.pilot.pause(0.2)
        assert not isinstance(seat.app.screen, Question)

    play(scene)
    assert two


def test_the_worst_conflict_is_chosen_until_somebody_has_looked(two: tuple[Client, Client], project: Path):
    one, other = two
    one.edit(project / "calc.py", "a - b", "a - b - 0")
    other.edit(project / "calc.py", "a + b", "b + a")

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: [row[0] for row in seat.table("conflicts")] == ["file"], "a conflict")
        (project / "more.py").write_text("def more():\n    return 1\n")
        await asyncio.to_thread(one.edit, project / "more.py", "return 1", "return 2")
        await asyncio.to_thread(other.edit, project / "more.py", "return 2", "return 3")
        await seat.until(lambda: [row[0] for row in seat.table("conflicts")] == ["symbol", "file"], "a worse one")
        await seat.press("2")
        await seat.until(lambda: "symbol more in more.py" in seat.text("#conflicts-facts"), "the worse one")

    play(scene)


def test_in_a_narrow_terminal_the_sides_are_one_above_the_other_and_back(conflicting: tuple[Client, Client]):
    assert conflicting

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: seat.table("conflicts"), "a conflict")
        await seat.press("2")
        await seat.pilot.resize_terminal(50, 20)
        await seat.until(lambda: len(seat.table("conflicts")[0]) == 3, "fewer columns")
        mine, theirs = seat.app.query(".side")
        await seat.until(lambda: mine.region.bottom == theirs.region.y > 0, "one above the other")
        assert mine.region.x == theirs.region.x
        await seat.pilot.resize_terminal(120, 40)
        await seat.until(lambda: len(seat.table("sessions")[0]) == 6, "more columns")

    play(scene)


def test_a_message_is_written_to_the_chosen_session(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        await seat.press("down")
        await seat.until(lambda: two[1].session in seat.text("#sessions-detail"), "the second one")
        await seat.write("m", "hello")
        await seat.press("tab")
        await seat.until(lambda: isinstance(seat.app.focused, Urgent), "the mark")
        await seat.press("space")
        await seat.until(lambda: seat.app.screen.query_one(Urgent).is_on, "that it is urgent")
        await seat.press("shift+tab")
        await seat.until(lambda: isinstance(seat.app.focused, Input), "the text")
        await seat.press("enter")
        await seat.until(lambda: seat.table("messages"), "the message")
        assert seat.table("messages")[0][1:] == ["you", "invoices", "stored", "hello"]
        assert "1 unread message" in seat.text("#headline")

    play(scene)
    (sent,) = mailbox.everything(two[1].session)
    assert (sent.message.sender, sent.message.text, sent.message.urgent) == (USER, "hello", True)


def test_nothing_is_sent_that_was_not_meant_to_be(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        for words, keys in (("x", ("escape",)), ("x", ("tab", "tab", "tab", "enter")), ("", ("enter", "escape"))):
            await seat.write("m", words)
            await seat.press(*keys)
            await seat.until(lambda: not isinstance(seat.app.screen, Letter), "no window")

    play(scene)
    assert mailbox.everything(two[0].session) == []


def test_a_message_to_the_user_is_read_by_being_shown_and_can_be_answered(
    two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", two[0].session)
    sending.send("@user", "net or gross?\n[red]both[/red]", SendOptions())
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID")

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: seat.table("messages"), "the message")
        assert mailbox.unread_names(USER)
        await seat.press("3")
        await seat.until(lambda: "net or gross?" in seat.text("#messages-detail"), "its text")
        assert "[red]both[/red]" in seat.text("#messages-detail")
        await seat.until(lambda: not mailbox.unread_names(USER), "that it is read")
        await seat.write("r", "gross")
        await seat.press("enter")
        await seat.until(lambda: len(seat.table("messages")) == 2, "the answer")

    play(scene)
    (answer,) = mailbox.everything(two[0].session)
    assert answer.message.text == "gross"
    assert answer.message.reply_to == mailbox.everything(USER)[0].message.id


def test_everyone_is_written_to_at_once(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        await seat.write("a", "stop")
        await seat.press("enter")
        await seat.until(lambda: len(seat.table("messages")) == 2, "two messages")

    play(scene)
    assert [mailbox.everything(each.session)[0].message.everyone for each in two] == [True, True]


def test_why_a_message_is_not_sent_is_said(two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(messages, "REPEATED", 3600.0)

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        for _ in range(2):
            await seat.write("m", "hi")
            await seat.press("enter")
            await seat.until(lambda: not isinstance(seat.app.screen, Letter), "no window")
        await seat.until(lambda: any("the same text" in each.message for each in seat.app._notifications), "why")

    play(scene)
    assert len(mailbox.everything(two[0].session)) == 1


def test_the_mouse_chooses_tabs_rows_and_buttons(two: tuple[Client, Client]):
    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        await seat.until(lambda: "invoices" in seat.picture(), "the rows")
        await seat.pilot.click("#sessions", offset=Offset(10, 2))
        await seat.until(lambda: two[1].session in seat.text("#sessions-detail"), "the second one")
        await seat.pilot.click("#--content-tab-messages-pane")
        await seat.until(lambda: seat.tab == "messages-pane", "the messages")
        await seat.write("a", "clicked")
        await seat.until(lambda: "[ ] urgent" in seat.picture(), "the window")
        await seat.pilot.click(Urgent)
        await seat.until(lambda: "[x] urgent" in seat.picture(), "that it is urgent")
        await seat.pilot.click("#send")
        await seat.until(lambda: len(seat.table("messages")) == 2, "two messages")

    play(scene)
    assert [mailbox.everything(each.session)[0].message.urgent for each in two] == [True, True]


def test_only_the_keys_that_do_something_are_shown(two: tuple[Client, Client]):
    assert two

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")
        assert shown(seat) == ["1", "2", "3", "a", "m", "q"]
        await seat.press("3")
        await seat.until(lambda: shown(seat) == ["1", "2", "3", "a", "q", "r"], "the keys of the messages")

    play(scene)


def shown(seat: Seat) -> list[str]:
    active = seat.app.screen.active_bindings.values()
    return sorted(
        each.binding.key for each in active if each.binding.show and each.enabled and len(each.binding.key) == 1
    )


def test_many_sessions_can_be_scrolled_through(client: MakeClient, two: tuple[Client, Client]):
    for number in range(20):
        client(process=two[0].process).start(session_title=f"number {number}")

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: len(seat.table("sessions")) == 22, "all of them")
        await seat.press("ctrl+end")
        await seat.until(lambda: "number 19" in seat.text("#sessions-detail"), "the last one")
        await asyncio.to_thread(two[1].prompt)
        await seat.pilot.pause(1.5)
        assert "number 19" in seat.text("#sessions-detail")
        await seat.until(lambda: seat.app.query_one("#sessions", Listing).scroll_y > 0, "the end of the list")

    play(scene)


def test_a_folder_that_nobody_may_read_does_not_end_the_view(
    two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
):
    from context_sync.state import gate

    registered, broken = gate.registered, [True]

    def sometimes() -> list[str]:
        if broken:
            raise PermissionError
        return registered()

    monkeypatch.setattr(gate, "registered", sometimes)

    async def scene(seat: Seat) -> None:
        await seat.pilot.pause(1.0)
        assert seat.table("sessions") == []
        broken.clear()
        await seat.until(lambda: len(seat.table("sessions")) == 2, "two sessions")

    play(scene)
    assert two


def test_a_bug_ends_the_view_and_is_not_swallowed(two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch):
    from context_sync.cli.watch import rows

    def fails(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(rows, "headline", fails)

    async def scene(seat: Seat) -> None:
        await seat.until(lambda: not seat.app.is_running, "the end")

    with pytest.raises(ZeroDivisionError):
        play(scene)
    assert two
