"""The screen of `context-sync watch`: its contents and its keys."""

import asyncio
import os
import signal
import threading
import time
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Footer, Static, TabbedContent, TabPane
from textual.worker import WorkerFailed

from context_sync.cli.commands import resolve
from context_sync.cli.watch import details, refresh, rows
from context_sync.cli.watch.compose import Draft, Letter
from context_sync.cli.watch.confirmation import Question
from context_sync.cli.watch.listing import Listing
from context_sync.cli.watch.snapshot import Snapshot
from context_sync.conflicts import side_by_side
from context_sync.conflicts.side_by_side import Side
from context_sync.domain import wording
from context_sync.domain.conflicts import Conflict
from context_sync.domain.messages import RECEIPTS, USER
from context_sync.errors import ContextSyncError
from context_sync.mail import deliveries, recipients, sending
from context_sync.mail.sending import SendOptions
from context_sync.state.mailbox import Delivery

AGEING = 15.0  # seconds until the ages on the screen are refreshed


class Tables(TabbedContent):
    """The tabs; the last selected one is shown even while the focus still moves to another."""

    def on_tab_pane_focused(self, event: TabPane.Focused) -> None:
        """Keep the tab: the event comes late, and would bring back the previous tab."""
        event.prevent_default()


class Looked(Message):
    """There is a new snapshot, or a new obstacle to taking one."""

    def __init__(self, seen: Snapshot, hindered: str) -> None:
        self.seen, self.hindered = seen, hindered
        super().__init__()


class Compared(Message):
    """The sides of a conflict are known."""

    def __init__(self, conflict: Conflict, sides: tuple[Side, Side]) -> None:
        self.conflict, self.sides = conflict, sides
        super().__init__()


class Watch(App[None]):
    """The live view: three tables, each with the details of the selected row below."""

    CSS_PATH = "watch.tcss"
    TITLE = "context-sync"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (rows.NARROW, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"show('{table.name.lower()}')", table.name)
            for number, table in enumerate(rows.TABLES, 1)
        ),
        Binding("m", "write", "Message"),
        Binding("a", "write_to_all", "To all"),
        Binding("r", "reply", "Reply"),
        Binding("r", "resolve", "Resolve"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("q,ctrl+c", "quit", "Quit"),
    ]

    def __init__(self) -> None:
        if not os.environ.get("NO_COLOR"):
            os.environ.pop("NO_COLOR", None)  # empty is not set (https://no-color.org), which Textual does not know
        super().__init__()
        self.theme = "ansi-dark"  # the colours of the terminal
        self.animation_level = "none"
        self._seen = refresh.NOTHING_YET
        self._sides: tuple[Conflict, tuple[Side, Side]] | None = None
        self._hindered = ""
        self._over = threading.Event()
        self.failure: BaseException | None = None

    def _handle_exception(self, error: Exception) -> None:
        """Leave the terminal in order: a bug is reported as in every command, not on a screen of its own."""
        self.failure = self.failure or (error.error if isinstance(error, WorkerFailed) else error)
        self.exit()

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static("context-sync", id="headline")
        with Tables():
            for table in rows.TABLES:
                name = table.name.lower()
                with TabPane(table.name, id=f"{name}-pane"):
                    yield Listing(table)
                    yield from _sides() if name == "conflicts" else _detail(name)
        yield Footer()

    def on_mount(self) -> None:
        """Start observing, and refresh the ages from time to time."""
        for number in (signal.SIGTERM, signal.SIGHUP):  # otherwise the terminal would not be restored
            asyncio.get_running_loop().add_signal_handler(number, self.exit, None, 128 + number)
        self.set_interval(AGEING, self._show)
        self.query_one("#sessions").focus()
        self._observe()

    def on_unmount(self) -> None:
        """Stop observing."""
        self._over.set()

    def on_resize(self) -> None:
        """Give the tables their new width."""
        self.call_after_refresh(self._show)

    def on_tabbed_content_tab_activated(self) -> None:
        """Let the keys move in the table that is shown now."""
        self._listing.focus()
        self.refresh_bindings()
        self._show_detail()

    def on_data_table_row_highlighted(self) -> None:
        """Show the details of the row."""
        self._show_detail()

    def action_show(self, name: str) -> None:
        """Show one of the tables."""
        self.query_one(TabbedContent).active = f"{name}-pane"

    def action_move(self, step: int) -> None:
        """Move to the next or the previous row."""
        listing = self._listing
        listing.move_cursor(row=listing.cursor_row + step)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Return whether a key does anything now; only those that do are shown."""
        shown = self._listing.id if self.query(Listing) else ""
        place = {"write": "sessions", "resolve": "conflicts", "reply": "messages"}.get(action)
        return place in (None, shown)

    def action_write(self) -> None:
        """Write to the selected session."""
        member = next((each for each in self._seen.members if each.session.id == self._listing.chosen), None)
        if member:
            self._write(Draft(member.session.id, self._seen.name(member.session.id)))

    def action_write_to_all(self) -> None:
        """Write to every live session of the repository around the current folder."""
        self._write(Draft(recipients.EVERYONE, "every live session of this repository"))

    def action_reply(self) -> None:
        """Reply to the selected message."""
        delivery = self._delivery()
        if delivery and delivery.message.sender != RECEIPTS:
            message = delivery.message
            to = message.to if message.sender == USER else message.sender
            name = self._seen.receiver(message) if message.sender == USER else self._seen.sender(message)
            self._write(Draft(to, name, reply_to=message.id))

    def action_resolve(self) -> None:
        """Ask whether to resolve the selected conflict, and do so."""
        chosen = self._conflict()
        if chosen:
            self._ask(chosen)

    @property
    def _has_something_to_show(self) -> bool:
        # On exit the widgets are removed before their last messages arrive.
        return bool(self._hindered or self._seen is not refresh.NOTHING_YET) and bool(self.query(Tables))

    @property
    def _listing(self) -> Listing:
        name = self.query_one(TabbedContent).active.removesuffix("-pane") or "sessions"
        return self.query_one(f"#{name}", Listing)

    @work(thread=True, exclusive=True, group="observer")
    def _observe(self) -> None:
        for seen, hindered in refresh.looks(self._over):
            self.post_message(Looked(seen, hindered))

    @on(Looked)
    def _take(self, event: Looked) -> None:
        self._seen, self._hindered = event.seen, event.hindered
        self._show()

    def _show(self) -> None:
        if not self._has_something_to_show:
            return
        now = time.time()
        said = self._hindered or rows.headline(self._seen)
        self.query_one("#headline", Static).update(Text(f"context-sync  {said}", no_wrap=True))
        for listing in self.query(Listing):
            listing.show(self._seen, now)
        self._show_detail()

    def _show_detail(self) -> None:
        if not self._has_something_to_show:
            return
        listing = self._listing
        show = {"sessions": self._show_session, "conflicts": self._show_conflict, "messages": self._show_message}
        show[listing.id or "sessions"]()

    def _show_session(self) -> None:
        chosen = self._listing.chosen
        member = next((each for each in self._seen.members if each.session.id == chosen), None)
        said = details.session(member, self._seen, time.time()) if member else Text(rows.TABLES[0].empty, "dim")
        self.query_one("#sessions-detail", Static).update(said)

    def _conflict(self) -> Conflict | None:
        chosen = self.query_one("#conflicts", Listing).chosen
        return next((each for each in self._seen.conflicts if rows.key(each) == chosen), None)

    def _show_conflict(self) -> None:
        chosen = self._conflict()
        facts = self.query_one("#conflicts-facts", Static)
        if chosen is None:
            facts.update(Text(rows.TABLES[1].empty, "dim"))
            for name in ("mine", "theirs"):
                self.query_one(f"#{name}", Static).update("")
            return
        facts.update(details.conflict(chosen, self._seen, time.time()))
        if self._sides is None or self._sides[0] != chosen:
            self._compare(chosen)
        else:
            self._show_sides(*self._sides)

    @work(thread=True, exclusive=True, group="sides")
    def _compare(self, chosen: Conflict) -> None:
        sessions = {each.session.id: each.session for each in self._seen.members}
        if chosen.mine not in sessions or chosen.theirs not in sessions:
            return  # the session ended just now
        try:
            found = side_by_side.sides_of(chosen, sessions[chosen.mine], sessions[chosen.theirs])
        except OSError:
            return  # a transcript was moved just now: the next event of its session triggers another try
        self.post_message(Compared(chosen, found))

    @on(Compared)
    def _take_sides(self, event: Compared) -> None:
        if event.conflict == self._conflict():  # otherwise another row was selected meanwhile
            self._sides = event.conflict, event.sides
            self._show_sides(*self._sides)

    def _show_sides(self, chosen: Conflict, found: tuple[Side, Side]) -> None:
        worktrees = chosen.mine_worktree, chosen.theirs_worktree
        for name, side, worktree in zip(("mine", "theirs"), found, worktrees, strict=True):
            shown = details.side(side, self._seen.name(side.session), worktree)
            self.query_one(f"#{name}", Static).update(shown)

    def _delivery(self) -> Delivery | None:
        chosen = self.query_one("#messages", Listing).chosen
        return next((each for each in self._seen.messages if each.message.id == chosen), None)

    def _show_message(self) -> None:
        delivery = self._delivery()
        said = details.message(delivery, self._seen) if delivery else Text(rows.TABLES[2].empty, "dim")
        self.query_one("#messages-detail", Static).update(said)
        if delivery and delivery.box == USER and delivery.is_unread:
            deliveries.shown_to_user([delivery])

    @work
    async def _write(self, draft: Draft) -> None:
        written = await self.push_screen_wait(Letter(draft))
        if written:
            self._send(written)

    @work(thread=True, group="post")
    def _send(self, written: Draft) -> None:
        try:
            sent = sending.send(written.to, written.text, SendOptions(reply_to=written.reply_to, urgent=written.urgent))
        except ContextSyncError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        names = wording.listed([each.message.to_name for each in sent])
        self.notify(f"Stored for {names}.", markup=False)

    @work
    async def _ask(self, chosen: Conflict) -> None:
        if await self.push_screen_wait(Question(wording.plain(chosen.path, wording.LONGEST_PATH))):
            self._resolve(chosen)

    @work(thread=True, group="post")
    def _resolve(self, chosen: Conflict) -> None:
        resolve.resolve(chosen.repository, {chosen.path})
        self.notify(f"Resolved {wording.plain(chosen.path, wording.LONGEST_PATH)}.", markup=False)


def _detail(name: str) -> ComposeResult:
    with VerticalScroll(classes="detail"):
        yield Static(id=f"{name}-detail")


def _sides() -> ComposeResult:
    yield Static(id="conflicts-facts", classes="facts")
    with Horizontal(classes="opposed"):
        for side in ("mine", "theirs"):
            with VerticalScroll(classes="side"):
                yield Static(id=side)
