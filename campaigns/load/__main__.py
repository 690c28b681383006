"""Lets many sessions work at once: `python -m campaigns.load [--sessions N] [--seconds N]`; 1 when anything went wrong.

Linux only: what is left running and what a process holds is read from /proc.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row, show
from campaigns.load.rush import Outcome, rush

MOST_GROWTH = 0.1  # of memory, of a process that has warmed up


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m campaigns.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="context-sync-load-") as folder:
        found = rush(Path(folder), arguments.sessions, arguments.seconds)
    missed = show(rows(found))
    print(*dict.fromkeys((*found.wrong, *found.crashes, *found.left_running)), sep="\n", end="\n" * bool(missed))
    return missed


def rows(found: Outcome) -> Iterator[Row]:
    """Yield what was measured, each with what it must be."""
    yield Row(f"{found.sessions} sessions at once", f"{found.seconds:.0f} s")
    yield Row("hooks run, of these killed", f"{found.done['hooks']:,}, {found.done['hooks killed']}")
    yield Row("clients killed", str(found.done["clients killed"]))
    yield Row("edits", f"{found.edits:,}", "1 or more", found.edits > 0)
    yield Row("attempts denied", str(found.done["denied"]))
    yield nothing("edits not recorded", found.lost_edits)
    yield nothing("edits not read exactly once", found.read_twice)
    yield Row("edits written by two recorders", str(found.written_twice))
    yield nothing("lines that two writers mixed", found.broken_lines)
    yield Row("messages", f"{found.messages:,}", "1 or more", found.messages > 0)
    yield nothing("messages lost", found.lost_messages)
    yield nothing("messages read twice", found.double_messages)
    yield nothing("answers that were wrong", len(found.wrong))
    yield nothing("crashes in the log", len(found.crashes))
    yield nothing("files set aside as broken", found.set_aside)
    yield Row("hooks that gave up, as their time was over", str(found.given_up))
    yield nothing("processes left running", len(found.left_running))
    for each in found.kept:
        yield Row(
            f"{each.name}: growth of its memory, of {each.warm.memory / 1e6:.0f} MB",
            f"{each.growth:.1%}",
            f"at most {MOST_GROWTH:.0%}",
            each.growth <= MOST_GROWTH,
        )
        more = each.last.files - each.warm.files
        yield Row(f"{each.name}: open files more after {each.times} rounds", str(more), "0", more <= 0)
        yield nothing(f"{each.name}: dead children that it did not wait for", each.last.zombies)
    yield Row("the state folder", f"{found.size / 1e6:.1f} MB")


def nothing(what: str, number: int) -> Row:
    return Row(what, f"{number:,}", "0", not number)


if __name__ == "__main__":
    sys.exit(main())
