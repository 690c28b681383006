"""The markers in `gate/<id>/`, by which the shell gate knows without Python that there is nothing to do.

The folder itself means that the session is registered. `seen` carries the time of its last event, `began` and `ended`
those at which the last tool that may change files began and ended, `turn` and `idle` those at which the last turn began
and its end was reached. The others hold small files: `pending/` one per reason to speak at the next event, `later/` one
per reason to speak at the next prompt, `recording/` one per recorder at work, named by its pid, `repositories/` one per
repository that the session works in, named by its key, and `client/` one for the process of Claude Code, named
`<pid>.<space>`, where it is known. `conflicts/` belongs to `state/conflict_counts.py`; `elsewhere` shuts the plugin's
gate where the settings hold the hooks, too. Next to them `receipts/<event>` carries the time at which the gate last ran
for an event, and `swept` that of the last sweep.
"""

from __future__ import annotations

import os
import time

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.state import files

if TYPE_CHECKING:
    from typing import Any

DAY = 86_400.0  # seconds
MAX_NOTICES = 100  # of a session that is not listening; from then on those about one session are merged
MAX_NOTICES_OF_ONE = 8  # about one session; more are merged

FOLDERS = ("pending", "later", "recording", "repositories", "conflicts", "client")
MARKS = ("seen", "began", "ended", "turn", "idle", "elsewhere")


def register(session_id: str) -> None:
    """Let the gate know the session."""
    for name in FOLDERS:
        files.make_folder(_of(session_id, name))
    files.make_folder(files.path("receipts"))
    files.mark(_of(session_id, "seen"))


def mark_client(session_id: str, pid: int, space: str) -> None:
    """Note which process runs Claude Code for a registered session, and in which `processes.space`."""
    files.mark(_of(session_id, "client", f"{pid}.{''.join(filter(str.isalnum, space))}"))


def unmark_client(session_id: str) -> None:
    """Note that it is not known which process runs Claude Code for the session."""
    for name in files.names(_of(session_id, "client")):
        files.remove(_of(session_id, "client", name))


def is_registered(session_id: str) -> bool:
    """Return whether the session's gate lets quiet events pass."""
    return os.path.isdir(_of(session_id))


def registered() -> list[str]:
    """Return the ids of the sessions that are registered: all that are live, and those whose end went unnoticed."""
    return files.names(files.path("gate"))


def turn(session_id: str) -> tuple[float, float]:
    """Return when the session's last turn began or went on, and when an end was reached; 0 when it was not."""
    return turn_began(session_id), files.time_of(_of(session_id, "idle"))


def turn_began(session_id: str) -> float:
    """Return when the session's last turn began or went on, in seconds since the epoch, 0 when none did."""
    return files.time_of(_of(session_id, "turn"))


def go_on(session_id: str) -> None:
    """Note that the turn whose end was reached goes on."""
    files.mark(_of(session_id, "turn"))


def last_seen(session_id: str) -> float:
    """Return the time of the session's last event, in seconds since the epoch, 0 when unknown."""
    return files.time_of(_of(session_id, "seen"))


def receipt(event: str) -> float:
    """Return when the gate last ran for an event, in seconds since the epoch, 0 when it never did."""
    return files.time_of(files.path("receipts", event))


def is_sweep_due() -> bool:
    """Return whether the last sweep was a day ago, or is in the future because the clock was set back."""
    return not 0 <= time.time() - files.time_of(files.path("swept")) < DAY


def swept() -> None:
    """Note that a sweep begins, see `state/retention.py`."""
    files.mark(files.path("swept"))


class PendingNotice(NamedTuple):
    """A reason to speak: `about` is the id of another session, or another word, `paths` the files that it is about.

    No paths: it may be about any file. `marker` names the file that it is made of.
    """

    marker: str
    about: str
    paths: tuple[str, ...]


def notify(session_id: str, about: str, paths: tuple[str, ...] = ()) -> None:
    """Have the session's gate start Python at its next event.

    Every reason is a file of its own: one that comes while an earlier one is answered is not lost with it.
    """
    name = _new_name(about)
    folder = _of(session_id, "pending")
    if os.path.isdir(folder):
        try:
            files.append_lines(os.path.join(folder, name), [{"paths": paths}])
            _make_one(folder, about)
        except FileNotFoundError:
            pass  # it ended this moment


def notices(session_id: str, at_prompt: bool) -> list[PendingNotice]:
    """Return the reasons to speak that are not answered yet; at a prompt also those that were deferred to it."""
    where, found = _of(session_id), []
    for folder in ("pending", "later") if at_prompt else ("pending",):
        for name in sorted(files.names(f"{where}/{folder}")):
            found.append((f"{folder}/{name}", files.read_lines(f"{where}/{folder}/{name}")))
    return [PendingNotice(marker, _about(marker), _paths(lines)) for marker, lines in found]


def _make_one(folder: str, about: str) -> None:
    """Merge the reasons about a session when there are too many: the shell looks at every file in the folder."""
    markers = [os.path.join(folder, name) for name in files.names(folder)]
    same = [each for each in markers if _about(each) == about]
    if len(same) <= (MAX_NOTICES_OF_ONE if len(markers) <= MAX_NOTICES else 1):
        return
    found = [_paths(files.read_lines(each)) for each in same]
    known = {path for paths in found for path in paths} if all(found) else set()
    made = os.path.join(folder, _new_name(about))
    files.append_lines(made, [{"paths": sorted(known)}])
    for each in same:
        if each != made:
            files.remove(each)


def _new_name(about: str) -> str:
    """Return the name of the marker for a new reason, which on a coarse clock may be that of another one, too."""
    return f"{about}.{time.time_ns():x}"


def _about(marker: str) -> str:
    return os.path.basename(marker).partition(".")[0]


def _paths(lines: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the files that all reasons in a marker are about, none when one of them may be about any file."""
    found = [line.get("paths") for line in lines]
    return tuple(str(path) for paths in found if isinstance(paths, list) for path in paths) if all(found) else ()


def discard(session_id: str, notices: list[PendingNotice]) -> None:
    """Remove these reasons, and only these: others may have come in the meantime."""
    for each in notices:
        files.remove(_of(session_id, each.marker))


def defer(session_id: str, notices: list[PendingNotice]) -> None:
    """Have the session's gate start Python for these reasons at its next prompt, and not before."""
    for each in notices:
        files.move(_of(session_id, each.marker), _of(session_id, "later", os.path.basename(each.marker)))
    for about in sorted({each.about for each in notices}):
        _make_one(_of(session_id, "later"), about)


def has_mail(session_id: str) -> bool:
    """Return whether there is mail for the session that is still to be shown, see `state/mailbox.py`."""
    return any(not name.startswith(".") for name in files.names(files.path("mail", session_id, "new")))


def recorders(session_id: str) -> list[int]:
    """Return the pids of the recorders that began for this session and did not finish."""
    return [int(name) for name in files.names(_of(session_id, "recording")) if name.isdecimal()]


def recording_since(session_id: str, pid: int) -> float:
    """Return when the recorder `pid` was started, in seconds since the epoch, 0 when no gate started it."""
    return files.time_of(_recording(session_id, pid))


def recorded(session_id: str, pid: int) -> None:
    """Note that the recorder `pid` finished, or is not needed any more."""
    files.remove(_recording(session_id, pid))


def _recording(session_id: str, pid: int) -> str:
    return _of(session_id, "recording", str(pid))


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


def mark_elsewhere(session_id: str, is_elsewhere: bool) -> None:
    """Note whether the settings hold the hooks, so that the plugin's gate stays shut for this session."""
    if is_elsewhere:
        files.mark(_of(session_id, "elsewhere"))
    else:
        files.remove(_of(session_id, "elsewhere"))


def clear(session_id: str) -> None:
    """Remove every marker of the session; its next event finds it unknown."""
    for name in FOLDERS:
        for each in files.names(_of(session_id, name)):
            files.remove(_of(session_id, name, each))
        files.remove_folder(_of(session_id, name))
    for name in MARKS:
        files.remove(_of(session_id, name))
    files.remove_folder(_of(session_id))


def _of(session_id: str, *parts: str) -> str:
    return files.path("gate", session_id, *parts)
