"""The play that is pictured: two sessions in two worktrees of a shop change how an invoice is summed up."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from context_sync.cli.commands import demo
from tests.client.api import MessagesAPI, Step, step, text
from tests.client.environment import Home
from tests.end_to_end.stage import context_sync, edit, git, read, recorded, until
from tests.pictures.panes import Pane, View

TOP = Path("/tmp/ada")  # paths are seen in the pictures, and this one says nothing of the machine
AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost", "-c", "commit.gpgsign=false")
STILL = 0.7  # seconds without a change after which a pane is at rest

# What the scripted model says; everything else in the pictures is Claude Code's and ours.
WAITED = "The total now subtracts the discount."
HEEDED = (
    "Session “rounding” rounds the same sum on its branch, and merging the two would conflict in Invoice.total. "
    "I keep the discount on its own line and tell “rounding” to round its result."
)
RETRIED = (
    "Session “discounts” is changing this sum, too. I round what is there now; both changes belong together: "
    "round(gross * (1 - self.discount), 2)."
)
MESSAGE = "Invoice.total is yours; discounts go into Invoice.discounted."


class Picture(NamedTuple):
    """What a terminal shows, with the codes of its colours; `name` is that of its file."""

    name: str
    title: str
    pane: str


def pictures(client: Path, top: Path = TOP) -> Iterator[Picture]:
    """Yield the pictures, each as soon as its pane shows it; `top` must not be there, and is not there afterwards."""
    with _home(top) as folder, MessagesAPI() as api:
        home = Home(folder, api.url)
        checkout, worktree = _shop(folder)
        context_sync(home, "init", "--statusline")
        home.trust(checkout, worktree)
        with (
            Pane(client, home, checkout, options=("--name", "discounts")) as discounts,
            Pane(client, home, worktree, options=("--name", "rounding")) as rounding,
        ):
            _script(api, home, (discounts, checkout), (rounding, worktree))
            yield from _played(home, discounts, rounding)
            context_sync(home, "send", "rounding", MESSAGE)
            with View(home, checkout, "watch", "Invoice.total") as view:
                view.press_until("2", lambda screen: "return round(" in screen, "the conflict")
                yield Picture("watch", "context-sync watch", _at_rest(view))


def _script(api: MessagesAPI, home: Home, one: tuple[Pane, Path], other: tuple[Pane, Path]) -> None:
    discounts, rounding = one[0], other[0]
    waiting = home.claude / "context-sync" / "gate" / discounts.id / "pending"
    heard = step(text(WAITED), before=lambda: until(lambda: any(waiting.glob("*")), "the other's edit"))
    api.script(discounts.id, *_change(one[1], demo.DISCOUNTED), heard, step(text(HEEDED)))
    api.script(rounding.id, *_change(other[1], demo.ROUNDED, attempts=2), step(text(RETRIED)))


def _change(worktree: Path, new: str, attempts: int = 1) -> list[Step]:
    file = worktree / demo.FILE
    return [step(read(file)), *[step(edit(file, demo.OLD, new))] * attempts]


def _played(home: Home, discounts: Pane, rounding: Pane) -> Iterator[Picture]:
    discounts.ask("subtract the discount from the total")
    recorded(home, discounts.id)
    rounding.ask("round the total to cents")
    rounding.wait_for(RETRIED[:40])
    discounts.wait_for(HEEDED[:40])
    yield Picture("guard", "claude, session “rounding”", _at_rest(rounding))
    yield Picture("alert", "claude, session “discounts”", _at_rest(discounts))


def _at_rest(pane: Pane) -> str:
    """Return what the pane shows once it shows the same for a while."""
    shown, since = pane.coloured(), time.monotonic()
    while time.monotonic() - since < STILL:
        time.sleep(0.05)
        if (now := pane.coloured()) != shown:
            shown, since = now, time.monotonic()
    return shown


@contextmanager
def _home(top: Path) -> Iterator[Path]:
    top.mkdir(mode=0o700)
    try:
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)  # a client that just ended may still write


def _shop(folder: Path) -> tuple[Path, Path]:
    checkout, worktree = folder / "shop", folder / "shop-rounding"
    file = checkout / demo.FILE
    file.parent.mkdir(parents=True)
    file.write_text(demo.SOURCE)
    git(checkout, "init", "--quiet", "--initial-branch=main")
    git(checkout, "add", "--all")
    git(checkout, *AUTHOR, "commit", "--quiet", "--message=Add invoices")
    git(checkout, "worktree", "add", "--quiet", "-b", "rounding", str(worktree))
    return checkout, worktree
