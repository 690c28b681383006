"""Owns the window that asks whether a conflict is over."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

MEANING = (
    "What sessions did to this file until now counts as settled: no alert and no denial names it until somebody "
    "edits it anew. The file itself is not changed."
)


class Question(ModalScreen[bool]):
    """Asks for the person's word on a file; gives back whether it was given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Resolve"),
        Binding("escape,n", "answer(False)", "Cancel"),
    ]

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def compose(self) -> ComposeResult:
        """Lay out the window."""
        with Vertical(id="question"):
            yield Static(Text(f"Is the conflict in {self._path} over?", "bold"))
            yield Static(Text(MEANING))
            with Horizontal(classes="buttons"):
                yield Button("Resolve (y)", id="yes", compact=True)
                yield Button("Cancel (Esc)", id="no", compact=True)

    def on_mount(self) -> None:
        """Have Enter resolve."""
        self.query_one("#yes").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, is_over: bool) -> None:
        """Answer by a key."""
        self.dismiss(is_over)
