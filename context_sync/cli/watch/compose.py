"""The dialog for writing a message."""

from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static


class Draft(NamedTuple):
    """A message being written: its receiver (see `sending.send`), the name of that, and its text."""

    to: str
    name: str
    reply_to: str = ""
    text: str = ""
    urgent: bool = False


class Urgent(Static, can_focus=True):
    """A check box for an urgent message, toggled by the space bar, Enter and the mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space,enter", "turn", "Toggle urgent")]
    is_on: reactive[bool] = reactive(False)

    def render(self) -> Text:
        """Return the check box with its label."""
        return Text(f"[{'x' if self.is_on else ' '}] urgent: wakes the session if it is idle")

    def action_turn(self) -> None:
        """Toggle it."""
        self.is_on = not self.is_on

    def on_click(self) -> None:
        """Toggle it by the mouse."""
        self.action_turn()


class Letter(ModalScreen[Draft | None]):
    """Asks for the text; returns the draft with it, None when cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel")]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        heading = f"{'Reply' if self._draft.reply_to else 'Message'} to {self._draft.name}"
        with Vertical(id="letter"):
            yield Static(Text(heading, "bold"))
            yield Input(placeholder="Message")
            yield Urgent()
            with Horizontal(classes="buttons"):
                yield Button("Send (Enter)", id="send", compact=True)
                yield Button("Cancel (Esc)", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Focus the input."""
        self.query_one(Input).focus()

    def on_input_submitted(self) -> None:
        """Send with Enter."""
        self._finish()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send, or cancel."""
        if event.button.id == "send":
            self._finish()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Cancel without sending."""
        self.dismiss(None)

    def _finish(self) -> None:
        text = self.query_one(Input).value.strip()
        if text:
            self.dismiss(self._draft._replace(text=text, urgent=self.query_one(Urgent).is_on))
