"""Conflict counts for the status line: `gate/<id>/conflicts/<other>`, how many two live sessions have.

Everything else in the line is counted from the files that are there anyway, by the executable `hooks/statusline`, which
writes nothing. A session that vanished is left out by the pid alone, in the name of the marker in `gate/<id>/client/`:
one whose pid another process of the same user has by now is counted until its end is noted, and so is one whose
pid means nothing where the line is shown. The number of conflicts is that of the last edit, settlement or end that was
noticed.
"""

import os

from context_sync.state import files


def counted(session_id: str) -> list[str]:
    """Return the ids of the sessions with which the session has conflicts, as far as they were counted."""
    return files.names(files.path("gate", session_id, "conflicts"))


def count(one: str, other: str, number: int) -> None:
    """Note for the status lines of both sessions that they have this many conflicts with each other."""
    for mine, theirs in ((one, other), (other, one)):
        where = files.path("gate", mine, "conflicts", theirs)
        if not number:
            files.remove(where)
        elif os.path.isdir(files.path("gate", mine)):
            files.write_json(where, number)
