"""`context-sync check`: what would conflict if this worktree were merged with the others."""

from typing import Any

import click

from context_sync.cli import file_arguments, output
from context_sync.conflicts import check
from context_sync.conflicts.check import Checked
from context_sync.domain import wording
from context_sync.errors import ContextSyncError
from context_sync.git import refs
from context_sync.git.checkouts import Checkout


@click.command("check")
@click.option(
    "--against",
    metavar="WORKTREE",
    multiple=True,
    help="Path of a worktree, or a branch. Default: every other worktree.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.pass_context
def command(context: click.Context, against: tuple[str, ...], as_json: bool) -> None:
    """Show what would conflict if this worktree were merged with the others now, including uncommitted work.

    Exits with 0 when nothing conflicts and with 1 when something does. A file that was changed in different places is
    not a conflict; it is listed in the JSON only.

    \b
    JSON:
      [{"against", "conflicts": [{"path", "level", "symbols",
        "places": [{"here": [first, last], "there": [first, last]}],
        "says"}]}]
    """
    place = file_arguments.place_here()
    if not place.git:
        raise ContextSyncError("not in a git repository: run it in one.")
    found = [check.check(place, each) for each in against or _others(place)]
    if as_json:
        output.say_json([_row(checked) for checked in found])
    else:
        _say(found)
    if any(_serious(checked) for checked in found):
        context.exit(1)


def _others(place: Checkout) -> list[str]:
    if not refs.worktrees(place.worktree):  # it lists this one, too
        raise ContextSyncError("git does not list the worktrees of this repository: run `context-sync doctor`.")
    return check.others(place)


def _say(found: list[Checked]) -> None:
    if not found:
        output.say("This is the only worktree of the repository: nothing to check.")
    for checked in found:
        serious = _serious(checked)
        against = output.tilde(checked.against)
        output.say(f"{against}: {output.count(len(serious), 'conflict') if serious else 'no conflicts'}")
        for verdict in serious:
            output.say(output.paragraph(f"{verdict.level}: {wording.verdict(verdict)}", indent="  ", hanging="    "))


def _serious(checked: Checked) -> list[Any]:
    return [verdict for verdict in checked.verdicts if verdict.level != "file"]


def _row(checked: Checked) -> dict[str, Any]:
    return {
        "against": checked.against,
        "conflicts": [
            {
                "path": verdict.path,
                "level": verdict.level,
                "symbols": list(verdict.symbols),
                "places": [{"here": list(place.mine), "there": list(place.theirs)} for place in verdict.places],
                "says": wording.verdict(verdict),
            }
            for verdict in checked.verdicts
        ],
    }
