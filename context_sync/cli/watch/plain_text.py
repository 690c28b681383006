"""One snapshot of everything that `context-sync watch` shows, as plain lines or JSON."""

import time
from collections.abc import Iterator
from typing import Any

import click

from context_sync.cli import conflict_views, message_views, output
from context_sync.cli.watch import rows
from context_sync.cli.watch.observer import Observer
from context_sync.cli.watch.rows import Cell, Row, Table
from context_sync.cli.watch.snapshot import Member, Snapshot
from context_sync.views import documents

PATIENCE = 20.0  # seconds for the comparisons of all pairs
GAP = 2  # columns between two columns


def take() -> Snapshot:
    """Return a snapshot with every pair of sessions compared, as far as `PATIENCE` allows.

    Raises ContextSyncError when the state folder cannot be used.
    """
    try:
        return _take()
    except OSError as error:
        raise output.obstacle(error) from error


def _take() -> Snapshot:
    observer = Observer()
    seen = observer.look() or Snapshot()
    end = time.monotonic() + PATIENCE
    while seen.uncompared and time.monotonic() < end:
        seen = observer.look() or seen
    return seen


def page(seen: Snapshot, width: int, now: float) -> Iterator[str]:
    """Yield the lines of the snapshot, at most `width` columns wide."""
    yield output.bold(rows.headline(seen))
    for table in rows.TABLES:
        found = table.rows(seen, width, now)
        yield ""
        if found:
            yield from _table(table, found, width)
        else:
            yield table.empty


def document(seen: Snapshot) -> dict[str, Any]:
    """Return the snapshot as the JSON that `--help` describes."""
    return {
        "sessions": [_member(each) for each in seen.members],
        "conflicts": [conflict_views.row(each, settled=False) for each in seen.conflicts],
        "messages": message_views.document(list(seen.messages)),
        "uncompared": seen.uncompared,
    }


def _member(member: Member) -> dict[str, Any]:
    session = member.session
    return {
        "id": session.id,
        "name": session.name,
        "hooks": member.hooked,
        "status": documents.STATUSES[member.work.status],
        "task": member.work.task,
        "level": member.level or None,
        "repository": session.repository,
        "worktree": session.worktree,
        "branch": member.branch,
        "last_seen": output.timestamp(session.last_seen),
    }


def _table(table: Table, found: list[Row], width: int) -> Iterator[str]:
    columns = table.columns(width)
    measures = rows.widths(columns, width + GAP, GAP)
    yield output.faint(_line([Cell(column.heading) for column in columns], measures))
    for row in found:
        yield _line(row.cells, measures)


def _line(cells: list[Cell] | tuple[Cell, ...], measures: list[int]) -> str:
    shown = [_styled(cell, width) for cell, width in zip(cells, measures, strict=True)]
    return (" " * GAP).join(shown).rstrip()


def _styled(cell: Cell, width: int) -> str:
    text = output.column(cell.text, width)
    if cell.colour == "faint":
        return output.faint(text)
    return click.style(text, fg=cell.colour) if cell.colour else text
