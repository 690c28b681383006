"""Owns the markers in `gate/<id>/`, by which the shell gate knows without Python that there is nothing to do.

The folder itself means that the session is registered. `seen` carries the time of its last event,
`began` and `ended` those
at which the last tool that may change files began and ended. The others hold
empty files: `pending/` one per reason to speak at the next event, `later/` one per reason to speak at the next prompt,
`recording/` one per recorder at work, named by its pid, and `repositories/` one per repository that the session works
in, named by its key. Beside them `receipts/<event>` carries the time at which the gate last ran for an event.
"""

import os

from context_sync.state import files

FOLDERS = ("pending", "later", "recording", "repositories")


def register(session_id: str) -> None:
    """Tell the gate that the session is known."""
    for name in FOLDERS:
        files.make_folder(_of(session_id, name))
    files.make_folder(files.path("receipts"))
    files.mark(_of(session_id, "seen"))


def is_registered(session_id: str) -> bool:
    """Say whether the session's gate lets quiet events pass."""
    return os.path.isdir(_of(session_id))


def last_seen(session_id: str) -> float:
    """Return the time of the session's last event, in seconds since the epoch, 0 when unknown."""
    return files.time_of(_of(session_id, "seen"))


def receipt(event: str) -> float:
    """Return when the gate last ran for an event, in seconds since the epoch, 0 when it never did."""
    return files.time_of(files.path("receipts", event))


def call(session_id: str, reason: str) -> None:
    """Have the session's gate start Python at its next event; `reason` names the marker."""
    if is_registered(session_id):
        files.mark(_of(session_id, "pending", reason))


def calls(session_id: str) -> list[str]:
    """Return the reasons for which the session was called."""
    return files.names(_of(session_id, "pending"))


def postponed(session_id: str) -> list[str]:
    """Return the reasons that wait for the next prompt."""
    return files.names(_of(session_id, "later"))


def answered(session_id: str, reasons: list[str]) -> None:
    """Take back the calls for `reasons`, and only those: others may have come meanwhile."""
    for reason in reasons:
        files.remove(_of(session_id, "pending", reason))
        files.remove(_of(session_id, "later", reason))


def postpone(session_id: str, reason: str) -> None:
    """Have the session's gate start Python for `reason` at its next prompt, and not before."""
    files.mark(_of(session_id, "later", reason))
    files.remove(_of(session_id, "pending", reason))


def recorders(session_id: str) -> list[int]:
    """Return the pids of the recorders that began for this session and did not finish."""
    return [int(name) for name in files.names(_of(session_id, "recording")) if name.isdecimal()]


def recorded(session_id: str, pid: int) -> None:
    """Note that the recorder `pid` finished, or is not needed any more."""
    files.remove(_of(session_id, "recording", str(pid)))


def tool(session_id: str) -> tuple[float, float]:
    """Return when the session's last tool began and ended, in seconds since the epoch; 0 when it did not."""
    return files.time_of(_of(session_id, "began")), files.time_of(_of(session_id, "ended"))


def tool_ended(session_id: str) -> None:
    """Note that the session's last tool ended."""
    files.mark(_of(session_id, "ended"))


def repository(session_id: str, key: str) -> str:
    """Return the path of the marker that says that the session works in the repository `key`."""
    return _of(session_id, "repositories", key)


def repositories(session_id: str) -> list[str]:
    """Return the keys of the repositories that the session works in."""
    return files.names(_of(session_id, "repositories"))


def clear(session_id: str) -> None:
    """Remove every marker of the session; its next event finds it unknown."""
    for name in FOLDERS:
        for each in files.names(_of(session_id, name)):
            files.remove(_of(session_id, name, each))
        files.remove_folder(_of(session_id, name))
    for name in ("seen", "began", "ended"):
        files.remove(_of(session_id, name))
    files.remove_folder(_of(session_id))


def _of(session_id: str, *parts: str) -> str:
    return files.path("gate", session_id, *parts)
