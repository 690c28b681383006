"""The dialog that asks whether to resolve a conflict."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

MEANING = (
    "All edits of this file so far count as settled: no alert and no denial names it until somebody edits it again. "
    "The file itself is not changed."
)


class Question(ModalScreen[bool]):
    """Asks whether to resolve the conflicts in a file; returns the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Resolve"),
        Binding("escape,n", "answer(False)", "Cancel"),
    ]

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="question"):
            yield Static(Text(f"Resolve the conflict in {self._path}?", "bold"))
            yield Static(Text(MEANING))
            with Horizontal(classes="buttons"):
                yield Button("Resolve (y)", id="yes", compact=True)
                yield Button("Cancel (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Let Enter resolve."""
        self.query_one("#yes").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, resolve: bool) -> None:
        """Answer by a key."""
        self.dismiss(resolve)
