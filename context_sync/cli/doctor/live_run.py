"""`context-sync doctor --live`: runs each registered hook as Claude Code would, and shows its receipt."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby, zip_longest
from typing import NamedTuple

import click

from context_sync.claude.hooks import simulation
from context_sync.claude.hooks.simulation import Answer, Player
from context_sync.claude.install import hooks_entry, installed_plugin, registrations
from context_sync.claude.install.installed_plugin import Plugin
from context_sync.cli import output, sandbox
from context_sync.cli.doctor.findings import Finding, find
from context_sync.domain import wording

SLOW = 1500  # milliseconds; the hooks that Claude Code waits for give up after 2 seconds
BACKGROUND = tuple(hook.event for hook in hooks_entry.EVENTS if hook.background)
NOTHING = ":"  # stands for a hook that is not registered
PATH = "/usr/bin:/bin"  # that of a Claude Code started from a desktop

FILE = "invoice.py"
SOURCE = "def total(lines):\n    return sum(lines)\n"
OLD = "return sum(lines)"
PLACES = {"a checkout": "round(sum(lines))", "a worktree": "return sum(lines) * 2", "a folder without git": "return 0"}
CONFLICT = "a worktree"  # where the guard must deny an edit of what the session in the checkout has changed


class Receipt(NamedTuple):
    """What one hook did: `exit` is None when it was killed, `python` when it is not known whether Python was started.

    `source` is the file in which the hook is registered, `place` one of `PLACES`, `context` what Claude would
    have read.
    """

    source: str
    place: str
    event: str
    exit: int | None
    milliseconds: int
    python: bool | None
    context: str


class _Script(NamedTuple):
    """One set of registered hooks: a command for each event, and the environment that only they get."""

    source: str
    commands: Mapping[str, str]
    environment: dict[str, str]


def rehearse(folder: str) -> tuple[list[Receipt], list[Finding]]:
    """Run every hook that is registered for Claude Code in `folder`; return the receipts and the findings from them.

    Everything happens in a temporary folder, which is also the home folder; nothing is left of it.
    """
    receipts: list[Receipt] = []
    found: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="context-sync-doctor-", ignore_cleanup_errors=True) as top:
        for number, script in enumerate(_scripts(folder, os.path.realpath(top))):
            stage = os.path.join(os.path.realpath(top), str(number))
            played = list(_play(script, stage))
            receipts += [receipt for receipt, _ in played]
            found += [finding for receipt, what in played for finding in _trouble(receipt, what)]
            if not any(receipt.place == CONFLICT and receipt.context for receipt, _ in played):
                found.append(find("live-silent", place=CONFLICT))
    if receipts and not found:
        found.append(find("live", count=output.count(len(receipts), "hook")))
    return receipts, found


def page(receipts: list[Receipt]) -> list[str]:
    """Return the lines that show the receipts."""
    lines: list[str] = []
    places = list(PLACES)
    ordered = sorted(receipts, key=lambda each: (each.source, places.index(each.place)))
    for (source, place), group in groupby(ordered, key=lambda each: (each.source, each.place)):
        lines += [output.bold(f"{output.tilde(source)}, in {place}")]
        lines += [output.faint(f"  {'event':<19}exit      ms  Python  what Claude reads")]
        lines += [*map(_row, group), ""]
    return [*lines, f"Claude Code does not wait for {' and '.join(BACKGROUND)}.", ""] if lines else []


def _row(receipt: Receipt) -> str:
    code = "-" if receipt.exit is None else str(receipt.exit)
    python = {True: "yes", False: "no", None: "?"}[receipt.python]
    text = wording.plain(receipt.context.partition("\n")[0].removeprefix("context-sync: "), 200)
    width = output.WIDTH - 43
    color = "red" if receipt.exit else None
    return click.style(
        f"  {receipt.event:<19}{code:>4}{receipt.milliseconds:>8}  {python:<6}  {output.cut(text, width)}".rstrip(),
        fg=color,
    )


def _trouble(receipt: Receipt, what: str) -> Iterator[Finding]:
    if what:
        yield find("live-failed", event=receipt.event, place=receipt.place, what=what)
    elif receipt.milliseconds > SLOW and receipt.event not in BACKGROUND:
        yield find("live-slow", event=receipt.event, place=receipt.place, ms=receipt.milliseconds)


def _scripts(folder: str, top: str) -> Iterator[_Script]:
    for source in registrations.sources(folder):
        yield from _variants(source.file, source.commands, {})
    plugin = installed_plugin.find(folder)
    if plugin and plugin.is_on and os.access(plugin.python, os.X_OK):
        places = {"CLAUDE_PLUGIN_ROOT": plugin.root, "CLAUDE_PLUGIN_DATA": _data_for(plugin, top)}
        file = os.path.join(plugin.hooks, "hooks.json")
        yield from _variants(file, installed_plugin.commands(plugin), places)


def _variants(file: str, commands: dict[str, list[str]], environment: dict[str, str]) -> Iterator[_Script]:
    """Yield one script, or more if context-sync has several hooks for an event."""
    for row in zip_longest(*commands.values()):
        known = {event: command for event, command in zip(commands, row, strict=True) if command}
        yield _Script(file, known, environment)


def _data_for(plugin: Plugin, top: str) -> str:
    """Return a data folder for the plugin, so that it creates no environment in the real one."""
    data = os.path.join(top, "data")
    real, copy = (os.path.join(each, installed_plugin.ENVIRONMENT) for each in (plugin.data, data))
    os.makedirs(copy)
    for name in os.listdir(real):
        if name != "made-for":
            os.symlink(os.path.join(real, name), os.path.join(copy, name))
    shutil.copy(os.path.join(plugin.root, "pyproject.toml"), os.path.join(copy, "made-for"))
    return data


def _play(script: _Script, stage: str) -> Iterator[tuple[Receipt, str]]:
    """Yield the receipt of each hook and, in a few words, what was wrong, "" if nothing was."""
    home = os.path.join(stage, "home")
    os.makedirs(home)
    environment = _environment(home) | script.environment
    commands = {event: script.commands.get(event, NOTHING) for event in _events()}
    with ExitStack() as stack:
        folders = _folders(stage)
        players = {
            place: stack.enter_context(simulation.player(place, folder, commands, environment))
            for place, folder in zip(PLACES, folders, strict=True)
        }
        for place, player in players.items():
            for event, answer in _session(player, PLACES[place]):
                if event in script.commands:
                    yield _receipt(script.source, place, event, answer)
        for place, player in players.items():
            for event, answer in _end(player):
                if event in script.commands:
                    yield _receipt(script.source, place, event, answer)


def _events() -> list[str]:
    """Return the events that are simulated."""
    return [hook.event for hook in hooks_entry.EVENTS]


def _environment(home: str) -> dict[str, str]:
    path = PATH if shutil.which("git", path=PATH) else os.environ.get("PATH", os.defpath)
    return {"HOME": home, "PATH": path, "USER": os.environ.get("USER", "doctor")}


def _folders(stage: str) -> list[str]:
    """Create the folders of the sessions, each with the same file, and return them."""
    checkout, worktree, elsewhere = (os.path.join(stage, name) for name in ("shop", "shop-worktree", "elsewhere"))
    sandbox.make_repository(checkout, worktree, "other", FILE, SOURCE)
    sandbox.write(elsewhere, FILE, SOURCE)
    return [checkout, worktree, elsewhere]


def _session(player: Player, new: str) -> Iterator[tuple[str, Answer | None]]:
    yield from _one(player, "SessionStart", source="startup", session_title=player.title)
    yield from _one(player, "UserPromptSubmit", prompt="Change the sum.", session_title=player.title)
    if os.path.isfile(os.path.join(player.folder, FILE)):
        try:
            yield from simulation.edit(player, FILE, OLD, new)
        except subprocess.TimeoutExpired:
            yield "PreToolUse", None
    yield from _one(player, "PostToolUseFailure", tool_name="Bash", tool_input={"command": "false"}, error="Exit 1")
    yield from _one(player, "Stop", stop_hook_active=False)


def _end(player: Player) -> Iterator[tuple[str, Answer | None]]:
    yield from _one(player, "SessionEnd", reason="other")


def _one(player: Player, event: str, **fields: object) -> Iterator[tuple[str, Answer | None]]:
    try:
        yield event, simulation.play(player, event, **fields)
    except subprocess.TimeoutExpired:
        yield event, None


def _receipt(source: str, place: str, event: str, answer: Answer | None) -> tuple[Receipt, str]:
    if answer is None:
        limit = simulation.TIME_LIMIT
        return Receipt(source, place, event, None, round(limit * 1000), None, ""), f"took over {limit:.0f} seconds"
    context, what = "", ""
    try:
        context = answer.context
    except (ValueError, AttributeError):
        what = "printed something that is not an answer"
    if answer.code:
        what = f"exited with status {answer.code}"
    return Receipt(source, place, event, answer.code, round(answer.seconds * 1000), answer.python, context), what
