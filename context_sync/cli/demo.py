"""Owns `context-sync demo`: two sessions played through the real hooks, to show what each would be told."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack

import click

from context_sync import git
from context_sync.claude import registrations, rehearsal
from context_sync.claude.rehearsal import Player
from context_sync.cli import output
from context_sync.errors import ContextSyncError

FILE = "billing/invoice.py"
SYMBOL = "Invoice.total"
SOURCE = '''class Invoice:
    def __init__(self, lines, discount=0):
        self.lines = lines
        self.discount = discount

    def total(self):
        return sum(line.amount for line in self.lines)
'''
OLD = "        return sum(line.amount for line in self.lines)\n"
DISCOUNTED = "        gross = sum(line.amount for line in self.lines)\n        return gross * (1 - self.discount)\n"
ROUNDED = "        return round(sum(line.amount for line in self.lines), 2)\n"

BORDER = "   │ "


@click.command("demo")
def command() -> None:
    """Play two colliding Claude Code sessions and show what each is told.

    Runs the hooks that `context-sync init` registers, on a real git repository in a temporary folder. Takes a
    second or two, needs no account and no network, starts no Claude Code, and leaves nothing behind.
    """
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-demo-") as folder:
            for line in scenes(os.path.realpath(folder)):
                output.say(line)
    except subprocess.TimeoutExpired as error:
        raise ContextSyncError(
            f"a hook took more than {error.timeout:.0f} seconds: run `context-sync doctor`."
        ) from error
    output.say(output.faint(f"Played in {time.monotonic() - began:.1f} seconds; the temporary folder is gone."))


def scenes(folder: str) -> Iterator[str]:
    """Yield the lines of the play, which takes place in `folder` alone.

    Raises ContextSyncError when a session is not told what it should be.
    """
    checkout, worktree = _stage(folder)
    commands = registrations.here()
    environment = rehearsal.surroundings(os.path.join(folder, "home"))
    with ExitStack() as cast:
        discounts = cast.enter_context(rehearsal.player("discounts", checkout, commands, environment))
        rounding = cast.enter_context(rehearsal.player("rounding", worktree, commands, environment))
        yield from _opening()
        yield from _scene(1, discounts, f"edits {SYMBOL} in {FILE}", DISCOUNTED)
        yield from _silence(_enter(discounts, "Let invoices have a discount.") + _edit(discounts, DISCOUNTED))
        yield from _scene(2, rounding, f"edits {SYMBOL} too, on another branch", ROUNDED)
        told = _enter(rounding, "Round totals to cents.") + _edit(rounding, ROUNDED)
        yield from _alert("Claude is told at once, before its next step in this session:", told)
        yield ""
        yield f"{output.bold('3. Session “discounts”')} goes on with its next prompt."
        yield from _alert("Claude is told with it:", [_prompt(discounts, "Go on.")])
    yield from _closing()


def _stage(folder: str) -> tuple[str, str]:
    """Make the repository with its two worktrees, and return them."""
    checkout, worktree = os.path.join(folder, "shop"), os.path.join(folder, "shop-rounding")
    for needed in (os.path.join(folder, "home"), os.path.join(checkout, os.path.dirname(FILE))):
        os.makedirs(needed)
    with open(os.path.join(checkout, FILE), "w", encoding="utf-8") as stream:
        stream.write(SOURCE)
    person = ("-c", "user.name=demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")
    git.run(checkout, "init", "--initial-branch=main", "--template=")
    git.run(checkout, "add", ".")
    git.run(checkout, *person, "commit", "--message=Add invoices")
    git.run(checkout, "worktree", "add", "-b", "rounding", worktree)
    if not os.path.isfile(os.path.join(worktree, FILE)):
        raise ContextSyncError("git could not make a repository for the demo: is git 2.28 or newer on PATH?")
    return checkout, worktree


def _enter(player: Player, prompt: str) -> list[str]:
    started = rehearsal.play(player, "SessionStart", source="startup", session_title=player.title)
    return [started.told, _prompt(player, prompt)]


def _prompt(player: Player, prompt: str) -> str:
    return rehearsal.play(player, "UserPromptSubmit", prompt=prompt, session_title=player.title).told


def _edit(player: Player, new: str) -> list[str]:
    told = [answer.told for _, answer in rehearsal.edit(player, FILE, OLD, new)]
    return [*told, rehearsal.play(player, "Stop", stop_hook_active=False).told]


def _opening() -> Iterator[str]:
    yield output.bold("Two Claude Code sessions work on one repository, each in its own worktree.")
    yield "Neither knows of the other; context-sync runs in the hooks of both."


def _scene(number: int, player: Player, action: str, new: str) -> Iterator[str]:
    yield ""
    yield f"{output.bold(f'{number}. Session “{player.title}”')} {action}:"
    yield ""
    yield click.style(f"     - {OLD.strip()}", fg="red")
    for line in new.splitlines():
        yield click.style(f"     + {line.strip()}", fg="green")
    yield ""


def _silence(told: list[str]) -> Iterator[str]:
    if any(told):
        raise _unexpected()
    yield "   Nobody else has touched it: context-sync says nothing."


def _alert(introduction: str, told: list[str]) -> Iterator[str]:
    if not any(SYMBOL in each for each in told):
        raise _unexpected()
    yield f"   {introduction}"
    yield ""
    for each in filter(None, told):
        for line in each.splitlines():
            yield click.style(output.paragraph(line, BORDER, BORDER), fg="yellow")


def _closing() -> Iterator[str]:
    yield ""
    yield "Both know before anyone has merged, and nobody had to ask."
    yield ""
    yield f"Next: {output.bold('context-sync init')} puts the hooks into your Claude Code settings. Open two"
    yield f"sessions as usual, and {output.bold('context-sync status')} shows them."


def _unexpected() -> ContextSyncError:
    return ContextSyncError("the hooks did not answer as they should: `context-sync doctor` finds out why.")
