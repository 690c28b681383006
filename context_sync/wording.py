"""Owns every sentence that Claude or a person reads about sessions and their collisions."""

import time
from collections.abc import Sequence

from context_sync.conflicts import Conflict
from context_sync.records import Session

LONGEST_NAME = 60  # characters of a session's name
LONGEST_PATH = 200  # characters of a path, a branch or a symbol
MOST_LINES = 12  # collisions told at once; the rest is announced
SHARED_BRANCHES = ("", "main", "master", "trunk", "develop")


def plain(text: str, limit: int) -> str:
    """Return foreign text on one line of at most `limit` characters.

    Nothing that a terminal or a model could take for more than text is left: control and format characters
    become spaces, angle brackets become single quotation marks, so that no tag of the client is imitated.
    """
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * limit])
    shown = " ".join(shown.replace("<", "‹").replace(">", "›").split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def name_from_place(branch: str, worktree: str, session_id: str) -> str:
    """Return a readable name for a session without a title: its branch or folder, and four letters."""
    shared = branch in SHARED_BRANCHES or branch.startswith("detached ")
    place = worktree.rstrip("/").rpartition("/")[2] or "root" if shared else branch
    return plain(f"{plain(place, LONGEST_NAME - 5)}-{session_id[:4]}", LONGEST_NAME)


def clock(at: float) -> str:
    """Return a time as a person writes it, in local time: what is told is read again days later."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def alert(told: Sequence[tuple[Conflict, Session, str]]) -> str:
    """Return what Claude is told of collisions: each with the other session and the branch it is on."""
    lines = [_collision(*each) for each in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        lines.append(f"- and {len(told) - MOST_LINES} more files: `context-sync status` lists them.")
    return "\n".join(["context-sync: another live Claude Code session works on the same code.", *lines])


def _collision(conflict: Conflict, other: Session, branch: str) -> str:
    who = f'session "{plain(other.name, LONGEST_NAME)}" ({whereabouts(conflict, branch)})'
    path = plain(conflict.path, LONGEST_PATH)
    when = clock(conflict.theirs_at)
    if conflict.level == "file":
        return f"- {path}: {who} changed other parts of this file, last at {when}."
    symbols = ", ".join(f"`{plain(name, LONGEST_PATH)}`" for name in conflict.symbols[:MOST_LINES])
    return (
        f"- {symbols} in {path}: {who} changed it at {when}, this session at {clock(conflict.mine_at)}. "
        f"{_state(conflict)}"
    )


def whereabouts(conflict: Conflict, branch: str) -> str:
    """Return where the other session works, as seen from this one."""
    place = (
        "in the same checkout"
        if conflict.mine_worktree == conflict.theirs_worktree
        else f"in the worktree {plain(conflict.theirs_worktree, LONGEST_PATH)}"
    )
    return f"branch {plain(branch, LONGEST_PATH)}, {place}" if branch else place


def _state(conflict: Conflict) -> str:
    if conflict.mine_worktree == conflict.theirs_worktree:
        return "Neither change is committed: both are in the same file on disk."
    return "The two changes are not merged."
