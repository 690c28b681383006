"""The situations in which the contenders are compared, and what is noted of each."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.comparison.contenders import Nothing, Started
from tests.client.api import MessagesAPI, Step, step, text, tool
from tests.client.environment import Home
from tests.end_to_end.stage import CALC, edits, git

PATIENCE = 8.0  # seconds in which an idle session may be woken


class Place(NamedTuple):
    """A repository with a worktree beside it, and a home whose clients talk to `api`."""

    contender: Nothing
    api: MessagesAPI
    checkout: Path
    worktree: Path


class Seen(NamedTuple):
    """What came of a situation, in a few words each."""

    second: str
    first: str


@contextmanager
def place(kind: type[Nothing], client: Path, folder: Path) -> Iterator[Place]:
    """Make a place for one situation, with the contender set up."""
    with MessagesAPI() as api:
        home = Home(folder / "home", api.url)
        home.folder.mkdir()
        checkout, worktree = folder / "shop", folder / "shop-rounding"
        checkout.mkdir()
        git(checkout, "init", "--quiet", "--initial-branch=main")
        (checkout / "calc.py").write_text(CALC)
        git(checkout, "add", "--all")
        git(checkout, "commit", "--quiet", "--message=calc")
        git(checkout, "worktree", "add", "--quiet", "-b", "rounding", str(worktree))
        home.trust(checkout, worktree)
        contender = kind(client, home)
        contender.set_up()
        yield Place(contender, api, checkout, worktree)


def same_function(at: Place) -> Seen:
    """The second session edits, seconds later, the function that the first one just edited."""
    return _two(at, at.checkout, _by_edit("b + a", "sum((a, b))"))


def same_function_later(at: Place) -> Seen:
    """As `same_function`, 40 seconds later."""
    return _two(at, at.checkout, _by_edit("b + a", "sum((a, b))"), pause=40)


def another_function(at: Place) -> Seen:
    """The second session edits another function of the same file."""
    return _two(at, at.checkout, _by_edit("a - b", "-b + a"), attempts=1)


def by_a_command(at: Place) -> Seen:
    """The second session changes the same function with sed."""
    return _two(
        at, at.checkout, lambda file, _: (step(tool("Bash", command=f"sed -i 's/b + a/a + b + 0/' {file.name}")),)
    )


def two_worktrees(at: Place) -> Seen:
    """The second session edits the same function in another worktree."""
    return _two(at, at.worktree, _by_edit("a + b", "sum((a, b))"))


def message_to_an_idle_session(at: Place) -> str:
    """A message is sent from a terminal to a session that waits for its person."""
    if at.contender.send is None:
        return "no such thing from a terminal"
    with at.contender.start(at.checkout, "idle") as session:
        session.ask("hello")
        session.wait_for("Done.")
        time.sleep(2)
        before = len(at.api.requests(session.id))
        at.contender.send(session, "The schema landed on main.")
        waited = _until(lambda: len(at.api.requests(session.id)) > before)
        if waited is None or "schema landed" not in at.api.context(session.id):
            return "not woken"
        return f"woken after {waited:.1f} s"


SITUATIONS = (same_function, same_function_later, another_function, by_a_command, two_worktrees)


def _by_edit(old: str, new: str) -> Callable[[Path, int], tuple[Step, ...]]:
    return lambda file, attempts: edits(file, old, new, attempts)[:-1]


def _two(
    at: Place, folder: Path, change: Callable[[Path, int], tuple[Step, ...]], pause: float = 1, attempts: int = 0
) -> Seen:
    with ExitStack() as stack:
        first = stack.enter_context(at.contender.start(at.checkout, "first"))
        second = stack.enter_context(at.contender.start(folder, "second"))
        at.api.script(first.id, *edits(at.checkout / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        first.wait_for("Changed.")
        time.sleep(pause)
        quiet = len(at.api.requests(first.id))
        file = folder / "calc.py"
        at.api.script(second.id, *change(file, attempts or at.contender.attempts), step(text("Changed.")))
        second.ask("use sum")
        second.wait_for("Changed.")
        _until(lambda: len(at.api.requests(first.id)) > quiet)
        return Seen(_notified(at, second, 1), _notified(at, first, quiet))


def _notified(at: Place, session: Started, since: int) -> str:
    """Return when the session was alerted, in requests from `since` on."""
    requests = at.api.requests(session.id)
    for number in range(since, len(requests)):
        context = at.api.context(session.id, number)
        if at.contender.sign not in context:
            continue
        if "hook error" in context:
            return "before the edit, which is held back once"
        return "in its turn" if since == 1 else "woken"
    return _with_next_prompt(at, session)


def _with_next_prompt(at: Place, session: Started) -> str:
    before = len(at.api.requests(session.id))
    session.ask("and now")
    _until(lambda: len(at.api.requests(session.id)) > before)
    return "with the next prompt" if at.contender.sign in at.api.context(session.id) else "not alerted"


def _until(holds: Callable[[], bool]) -> float | None:
    """Return after how many seconds it held, None when it did not within `PATIENCE`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE:
            return None
        time.sleep(0.05)
    return time.monotonic() - began
