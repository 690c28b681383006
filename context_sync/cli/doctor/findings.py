"""Owns what the doctor found: a row of its table with this machine's details in the texts."""

from typing import NamedTuple

from context_sync.cli.doctor.table import ROWS, STATUSES

__all__ = ["ROWS", "STATUSES", "Finding", "find", "is_well"]


class Finding(NamedTuple):
    """What was found: a row whose texts are filled in, one sentence or two each."""

    id: str
    check: str
    status: str
    message: str
    remedy: str


_BY_ID = {row.id: row for row in ROWS}


def find(row_id: str, **details: object) -> Finding:
    """Return the finding of a row, with these details in its texts."""
    row = _BY_ID[row_id]
    return Finding(row.id, row.check, row.status, row.message.format(**details), row.remedy.format(**details))


def is_well(found: list[Finding]) -> bool:
    """Say whether none of the findings is a problem."""
    return all(each.status != "problem" for each in found)
