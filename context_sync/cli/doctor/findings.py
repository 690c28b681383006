"""Findings of the doctor: rows of its table with the details of this machine."""

from typing import NamedTuple

from context_sync.cli.doctor.table import ROWS, STATUSES

__all__ = ["ROWS", "STATUSES", "Finding", "find", "is_well"]


class Finding(NamedTuple):
    """A finding: a row with its texts filled in, one or two sentences each."""

    id: str
    check: str
    status: str
    message: str
    remedy: str


_BY_ID = {row.id: row for row in ROWS}


def find(row_id: str, **details: object) -> Finding:
    """Return the finding for a row, with these details in its texts."""
    row = _BY_ID[row_id]
    return Finding(row.id, row.check, row.status, row.message.format(**details), row.remedy.format(**details))


def is_well(found: list[Finding]) -> bool:
    """Return whether none of the findings is a problem."""
    return all(each.status != "problem" for each in found)
