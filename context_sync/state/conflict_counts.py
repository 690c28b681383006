"""Owns what only the status line shows: `gate/<id>/conflicts/<other>`, how many collisions two live sessions have.

Everything else in the line is counted from the files that are there anyway, by the executable `hooks/statusline`, which
marks `gate/<id>/statusline` whenever the client shows its line. Who is gone without a word is left out by the pid
alone, in the name of the marker in `gate/<id>/client/`: one whose pid another process of the same user has by now is
counted until somebody notes its end, and so is one whose pid means nothing where the line is shown. The number of
collisions is that of the last edit, settlement or end that was noticed.
"""

import os

from context_sync.state import files


def is_shown(session_id: str) -> bool:
    """Say whether the client of the session shows our status line."""
    return os.path.exists(files.path("gate", session_id, "statusline"))


def counted(session_id: str) -> list[str]:
    """Return the ids of the sessions with which the session has collisions, as far as that was counted."""
    return files.names(files.path("gate", session_id, "conflicts"))


def count(one: str, other: str, number: int) -> None:
    """Have the status lines of both sessions show that they have this many collisions with each other."""
    for mine, theirs in ((one, other), (other, one)):
        where = files.path("gate", mine, "conflicts", theirs)
        if not number:
            files.remove(where)
        elif os.path.isdir(files.path("gate", mine)):
            files.write_json(where, number)
