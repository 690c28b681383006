"""`context-sync demo`: two sessions simulated with the real hooks, to show what each would read."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack

import click
import orjson

from context_sync import paths
from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Player
from context_sync.claude.install import installed_plugin, registrations
from context_sync.cli import output, sandbox
from context_sync.domain import wording
from context_sync.errors import ContextSyncError

FILE = "billing/invoice.py"
SYMBOL = "Invoice.total"
SOURCE = """class Invoice:
    def __init__(self, lines, discount=0):
        self.lines = lines
        self.discount = discount

    def total(self):
        return sum(line.amount for line in self.lines)
"""
OLD = "        return sum(line.amount for line in self.lines)\n"
DISCOUNTED = "        gross = sum(line.amount for line in self.lines)\n        return gross * (1 - self.discount)\n"
ROUNDED = "        return round(sum(line.amount for line in self.lines), 2)\n"

# What Claude reads at each event.
MOMENTS = {
    "PreToolUse": "The first attempt is denied, and Claude reads why; the second goes through:",
    "PostToolBatch": "Before its next step, Claude reads:",
    "Stop": "At the end of its turn, Claude reads:",
    "UserPromptSubmit": "With the prompt, Claude reads:",
}
BORDER = "   │ "


@click.command("demo")
def command() -> None:
    """Simulate two Claude Code sessions with conflicting edits, and show what each one reads.

    Runs the hooks that `context-sync init` registers, on a real git repository in a temporary folder. Takes a
    second or two, needs neither an account nor a network, does not start Claude Code, and leaves nothing behind.
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
    output.say(output.faint(f"Finished in {time.monotonic() - began:.1f} seconds; the temporary folder was deleted."))


class _UnexpectedError(Exception):
    """A session reads something other than it should."""


def scenes(folder: str) -> Iterator[str]:
    """Yield the lines of the demo, which writes only below `folder`.

    Raises ContextSyncError when a session does not read what it should.
    """
    try:
        yield from _play(folder)
    except _UnexpectedError as error:
        crash = _last_crash(os.path.join(folder, "home"))
        raise ContextSyncError(f"the hooks did not answer as they should{crash}: run `context-sync doctor`.") from error


def _play(folder: str) -> Iterator[str]:
    checkout, worktree = _stage(folder)
    commands = registrations.commands_of(registrations.here())
    environment = simulation.surroundings(os.path.join(folder, "home"))
    with ExitStack() as stack:
        discounts = stack.enter_context(simulation.player("discounts", checkout, commands, environment))
        rounding = stack.enter_context(simulation.player("rounding", worktree, commands, environment))
        yield from _opening()
        yield from _scene(1, "discounts", f"edits {SYMBOL} in {FILE}", DISCOUNTED)
        if any((*_enter(discounts), *_edit(discounts, DISCOUNTED).values())):
            raise _UnexpectedError
        yield "   No other session is live, so context-sync stays silent."
        yield from _scene(2, "rounding", f"is about to edit {SYMBOL}, too, on another branch", ROUNDED)
        shown = {"UserPromptSubmit": _enter(rounding)[-1], **_edit(rounding, ROUNDED)}
        yield from _read({event: text for event, text in shown.items() if text})
        yield ""
        yield f"{output.bold('3. Session “discounts”')} continues with its next prompt."
        yield ""
        yield from _read({"UserPromptSubmit": _prompt(discounts, "Go on.")})
    yield from _closing()


def _stage(folder: str) -> tuple[str, str]:
    """Create the repository with its two worktrees, and return their folders."""
    checkout, worktree = os.path.join(folder, "shop"), os.path.join(folder, "shop-rounding")
    os.makedirs(os.path.join(folder, "home"))
    sandbox.make_repository(checkout, worktree, "rounding", FILE, SOURCE)
    return checkout, worktree


def _enter(player: Player) -> list[str]:
    started = simulation.play(player, "SessionStart", source="startup", session_title=player.title)
    return [started.context, _prompt(player, "Work on the invoices.")]


def _prompt(player: Player, prompt: str) -> str:
    return simulation.play(player, "UserPromptSubmit", prompt=prompt, session_title=player.title).context


def _edit(player: Player, new: str) -> dict[str, str]:
    """Make the edit and end the turn; return what Claude reads at each event."""
    shown: dict[str, str] = {}
    for event, answer in simulation.edit(player, FILE, OLD, new):
        shown[event] = shown.get(event) or answer.context
    return {**shown, "Stop": simulation.play(player, "Stop", stop_hook_active=False).context}


def _opening() -> Iterator[str]:
    yield output.bold("Two Claude Code sessions share one repository, each in its own worktree.")
    yield "Neither knows about the other. context-sync runs in the hooks of both."


def _scene(number: int, title: str, action: str, new: str) -> Iterator[str]:
    yield ""
    yield f"{output.bold(f'{number}. Session “{title}”')} {action}:"
    yield ""
    yield click.style(f"     - {OLD.strip()}", fg="red")
    for line in new.splitlines():
        yield click.style(f"     + {line.strip()}", fg="green")
    yield ""


def _read(by_event: dict[str, str]) -> Iterator[str]:
    if not any(SYMBOL in text for text in by_event.values()):
        raise _UnexpectedError
    for event, text in by_event.items():
        yield f"   {MOMENTS[event]}"
        yield ""
        for line in text.splitlines():
            kept = line if line.startswith(" ") else output.paragraph(line, BORDER, BORDER).removeprefix(BORDER)
            yield click.style(BORDER + kept, fg="yellow")


def _closing() -> Iterator[str]:
    yield ""
    yield "Both know before anyone merges, and nobody had to ask."
    yield ""
    if installed_plugin.are_hooks_registered(paths.any_folder()):
        yield f"Next: open two sessions as usual, and {output.bold('context-sync status')} shows them."
        return
    yield f"Next: {output.bold('context-sync init')} adds the hooks to your Claude Code settings. Open two"
    yield f"sessions as usual, and {output.bold('context-sync status')} shows them."


def _last_crash(home: str) -> str:
    """Return the crash that a hook of the demo recorded, in parentheses, "" when none crashed."""
    try:
        with open(os.path.join(home, ".local", "state", "context-sync", "context-sync.log"), "rb") as stream:
            last = orjson.loads(stream.readlines()[-1])
    except (OSError, ValueError, IndexError):
        return ""
    return f" ({last['where']}: {wording.plain(last['error'], 200)})"
