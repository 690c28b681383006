"""Checks of the files of context-sync: the state folder, the log, and the crashes recorded in it."""

import os
import time
from collections.abc import Iterable, Iterator
from itertools import groupby

from context_sync import crash_log
from context_sync.claude import waiters
from context_sync.cli import output
from context_sync.cli.doctor.findings import Finding, find
from context_sync.crash_log import Crash
from context_sync.domain import wording
from context_sync.state import gate, inspection, sessions

MOST_NAMED = 3  # files or crashes named in one finding


def examine(crashes: list[Crash]) -> Iterator[Finding]:
    """Yield the findings; `crashes` are those to show."""
    yield from _state()
    yield from _sessions()
    yield _log()
    yield from _crashes(crashes, time.time())


def vanished() -> list[str]:
    """Return the ids of the sessions whose process is gone but whose end is not noted yet."""
    known = {session.id: session for session in sessions.everyone()}
    gone = [key for key, session in known.items() if not session.ended and not sessions.is_alive(session)]
    return gone + [key for key in gate.registered() if key not in known]


def _state() -> Iterator[Finding]:
    obstacle = inspection.obstacle()
    if obstacle:
        yield find("state-unusable", obstacle=obstacle)
    elif inspection.is_full():
        yield find("state-full", folder=inspection.folder())
    elif not inspection.exists():
        yield find("state-fresh", folder=output.tilde(inspection.folder()))
    else:
        found = list(_trouble_in_state())
        yield from found or [find("state", folder=output.tilde(inspection.folder()))]


def _trouble_in_state() -> Iterator[Finding]:
    folder = inspection.folder()
    link = inspection.link()
    if link:
        yield find("state-linked", folder=folder, target=link)
    foreign = inspection.foreign()
    if foreign:
        yield find("state-foreign", paths=_named(foreign), folder=folder)
    exposed = inspection.exposed()
    if exposed:
        yield find("state-exposed", paths=_named(exposed), folder=folder)
    misplaced = inspection.misplaced()
    if misplaced:
        count = "1 file or folder is" if len(misplaced) == 1 else f"{len(misplaced)} files or folders are"
        yield find("state-misplaced", count=count, paths=_named(misplaced))
    broken = inspection.broken()
    if broken:
        yield find("state-set-aside", count=output.count(len(broken), "file"), paths=_named(broken))


def _sessions() -> Iterator[Finding]:
    gone = vanished()
    if gone:
        yield find("sessions-vanished", count=output.count(len(gone), "session"))
    stuck = waiters.stuck()
    if stuck:
        count = "1 process waits" if len(stuck) == 1 else f"{len(stuck)} processes wait"
        yield find("waiters-stuck", count=count, pids=wording.listed([str(pid) for pid in stuck]))


def _log() -> Finding:
    where = crash_log.file()
    while not os.path.lexists(where):
        where = os.path.dirname(where)
    if os.path.isdir(where) == (where == crash_log.file()):
        return find("log-blocked", file=crash_log.file(), where=where)
    if not os.access(where, os.W_OK):
        return find("log-read-only", file=crash_log.file(), where=where)
    return find("log", file=output.tilde(crash_log.file()))


def _crashes(crashes: list[Crash], now: float) -> Iterator[Finding]:
    alike = sorted(crashes, key=lambda crash: (crash.where, crash.error, crash.at))
    groups = [list(group) for _, group in groupby(alike, key=lambda crash: (crash.where, crash.error))]
    groups.sort(key=lambda group: group[-1].at, reverse=True)
    for group in groups[:MOST_NAMED]:
        last = group[-1]
        times = "once" if len(group) == 1 else f"{len(group)} times, last"
        where, error = wording.plain(last.where, 60), wording.plain(last.error, 300)
        yield find(
            "crash", where=where, times=f"{times} {output.ago(last.at, now)}", error=error, file=crash_log.file()
        )
    if len(groups) > MOST_NAMED:
        yield find("crashes-more", count=output.count(len(groups) - MOST_NAMED, "other kind"), file=crash_log.file())
    if not groups:
        yield find("crashes")


def _named(found: Iterable[str]) -> str:
    return wording.listed([wording.plain(output.tilde(path), wording.LONGEST_PATH) for path in found], MOST_NAMED)
