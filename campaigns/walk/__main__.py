"""Walks at random and holds what each session hears against an oracle: `python -m campaigns.walk [--steps N]`.

Prints each violation with the shortest walk that shows it, and what it was. Exits 1 when there is one.
"""

import argparse
import gc
import sys
import time
from pathlib import Path

from campaigns.faults.__main__ import _settle_in
from campaigns.walk.ground import Ground
from campaigns.walk.walking import LENGTH, play, shortest, steps_of
from tests import memory


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.walk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=5_000, help="of all walks (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the first walk (%(default)s)")
    parser.add_argument("--keep-going", action="store_true", help="after a violation")
    parser.add_argument("--long", action="store_true", help="show walks as they were")
    arguments = parser.parse_args()
    done = violations = walks = 0
    began = time.monotonic()
    with memory.folder("walk") as folder:
        _settle_in(Path(folder), Path(folder, "home"))
        gc.freeze()
        while done < arguments.steps:
            seed = arguments.seed + walks
            ground = Ground(Path(folder), 1 + seed % 3)
            steps = steps_of(seed)
            outcome = play(ground, steps)
            walks, done = walks + 1, done + outcome.steps
            if outcome.wrong:
                violations += 1
                print(f"\nseed {seed}, {1 + seed % 3} worktrees: {outcome.wrong}", flush=True)
                steps = steps[: outcome.steps]
                if not arguments.long:
                    steps = shortest(ground, steps, outcome.wrong)
                outcome = play(ground, steps)
                print("  " + outcome.wrong)
                print(
                    *(f"  {each!r}," for each in steps),
                    *(f"    {line}" for line in outcome.trace),
                    sep="\n",
                    flush=True,
                )
                if not arguments.keep_going:
                    ground.close()
                    break
            ground.close()
    print(f"\n{done} steps in {walks} walks of {LENGTH}, {violations} violations, {time.monotonic() - began:.0f} s.")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
