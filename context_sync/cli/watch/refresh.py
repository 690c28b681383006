"""The refresh loop of `context-sync watch`: a snapshot whenever something changes, and what is in its way."""

import threading
from collections.abc import Iterator
from typing import NamedTuple

from context_sync.cli import output
from context_sync.cli.watch.observer import Observer
from context_sync.cli.watch.snapshot import Snapshot

PULSE = 0.6  # seconds between two snapshots
NOTHING_YET = Snapshot()


class Look(NamedTuple):
    """The last snapshot, and why there is no newer one, "" if nothing is in the way."""

    seen: Snapshot
    hindered: str


def looks(over: threading.Event) -> Iterator[Look]:
    """Yield a look whenever it differs from the one before, until `over` is set.

    A file that fails once may have been replaced just then, and the next look finds it again or finds it gone. A
    failure that repeats is reported.
    """
    observer, last, failure = Observer(), Look(NOTHING_YET, ""), ""
    while not over.is_set():
        before, failure = failure, ""
        seen = None
        try:
            seen = observer.look()
        except OSError as error:
            failure = str(output.obstacle(error))
        hindered = failure if failure == before else ""
        if seen or hindered != last.hindered:
            last = Look(seen or last.seen, hindered)
            yield last
        if not (seen and seen.uncompared):
            over.wait(PULSE)
