"""Owns looking on and on: what there is to see, as often as it changes, and what keeps one from seeing it."""

import threading
from collections.abc import Iterator
from typing import NamedTuple

from context_sync.cli import output
from context_sync.cli.watch.observer import Observer
from context_sync.cli.watch.snapshot import Snapshot

PULSE = 0.6  # seconds between two looks
NOTHING_YET = Snapshot()


class Look(NamedTuple):
    """What was seen last, and why there is no more to see than that, "" where nothing is in the way."""

    seen: Snapshot
    hindered: str


def looks(over: threading.Event) -> Iterator[Look]:
    """Yield a look whenever it is another than the one before, until it is over.

    What fails once is what was there a moment ago: the next look finds it, or finds it gone. What fails again the same
    way is in the way.
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
