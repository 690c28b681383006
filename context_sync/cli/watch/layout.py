"""The layout of the screen of `context-sync watch`."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Static, TabbedContent, TabPane

from context_sync.cli.watch import rows
from context_sync.cli.watch.listing import Listing


class Tables(TabbedContent):
    """The tabs; the last selected one is shown even while the focus still moves to another."""

    def on_tab_pane_focused(self, event: TabPane.Focused) -> None:
        """Keep the tab: the event comes late, and would bring back the previous tab."""
        event.prevent_default()


def compose() -> ComposeResult:
    """Yield the parts of the screen: a summary line, a tab for each table, and the keys."""
    yield Static("context-sync", id="headline")
    with Tables():
        for table in rows.TABLES:
            name = table.name.lower()
            with TabPane(table.name, id=f"{name}-pane"):
                yield Listing(table)
                yield from _sides() if name == "conflicts" else _detail(name)
    yield Footer()


def _detail(name: str) -> ComposeResult:
    with VerticalScroll(classes="detail"):
        yield Static(id=f"{name}-detail")


def _sides() -> ComposeResult:
    yield Static(id="conflicts-facts", classes="facts")
    with Horizontal(classes="opposed"):
        for side in ("mine", "theirs"):
            with VerticalScroll(classes="side"):
                yield Static(id=side)
