"""A table on the screen that follows its rows and keeps the selected one selected."""

from rich.text import Text
from textual.widgets import DataTable

from context_sync.cli.watch import rows
from context_sync.cli.watch.rows import Cell, Row, Table
from context_sync.cli.watch.snapshot import Snapshot

PADDING = 1  # columns on each side of a cell


class Listing(DataTable[Text]):
    """The rows of one of `rows.TABLES`."""

    def __init__(self, kind: Table) -> None:
        super().__init__(id=kind.name.lower(), cursor_type="row", cell_padding=PADDING)
        self._kind = kind
        self._rows: list[Row] = []
        self._width = 0
        self._was_visited = False

    def on_focus(self) -> None:
        """Keep the selected row from now on; before, the first row is selected, whichever it is."""
        self._was_visited = True

    @property
    def chosen(self) -> str:
        """The key of the row that the cursor is on, "" when there is none."""
        return self._rows[self.cursor_row].key if 0 <= self.cursor_row < len(self._rows) else ""

    def show(self, seen: Snapshot, now: float) -> None:
        """Show the rows of a snapshot, updating only what changed."""
        width = self.app.size.width
        found = self._kind.rows(seen, width, now)
        if width == self._width and [row.key for row in found] == [row.key for row in self._rows]:
            self._correct(found)
        else:
            self._refill(found, width)

    def _refill(self, found: list[Row], width: int) -> None:
        chosen, top = self.chosen if self._was_visited else "", self.scroll_y
        if width != self._width:
            self._width = width
            self._lay_out(width)
        else:
            self.clear()
        self._rows = found
        for row in found:
            self.add_row(*map(_text, row.cells), key=row.key)
        keys = [row.key for row in found]
        self.move_cursor(row=keys.index(chosen) if chosen in keys else 0, scroll=False)
        self.scroll_to(y=top, animate=False)

    def _lay_out(self, width: int) -> None:
        self.clear(columns=True)
        columns = self._kind.columns(width)
        room = width - 1  # for the scroll bar
        for column, measure in zip(columns, rows.widths(columns, room, 2 * PADDING), strict=True):
            self.add_column(column.heading, width=measure, key=column.heading)

    def _correct(self, found: list[Row]) -> None:
        for before, row in zip(self._rows, found, strict=True):
            for old, new, column in zip(before.cells, row.cells, self.columns, strict=True):
                if old != new:
                    self.update_cell(row.key, column, _text(new))
        self._rows = found


def _text(cell: Cell) -> Text:
    style = {"faint": "dim"}.get(cell.colour, cell.colour)
    return Text(cell.text, style, no_wrap=True, overflow="ellipsis")
