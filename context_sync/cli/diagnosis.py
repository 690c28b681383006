"""Owns the checks of `context-sync doctor`: what is wrong with this installation, and what to do about it."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from context_sync import config, git, log, wording
from context_sync.claude import registrations, rehearsal, settings
from context_sync.claude.registrations import Installation, Source
from context_sync.cli import output
from context_sync.log import Crash
from context_sync.state import inspection, markers

STATUSES = ("ok", "note", "warning", "problem")  # only a problem keeps context-sync from doing its work

OLDEST_PYTHON = (3, 11)
PATIENCE = 10.0  # seconds for a start of Python, which takes a hundredth of a second
SETTLING_IN = 600.0  # seconds after which an event that should have fired with another is missed
LATELY = 7 * 86400.0  # seconds
RARE = ("PostToolUseFailure",)  # events that need not ever happen
MOST_NAMED = 3  # files or crashes named in one go

INIT = "Run `context-sync init`."


class Finding(NamedTuple):
    """What one check found, in one sentence, and the `remedy` in another, "" where none is needed.

    `status` is one of `STATUSES`.
    """

    check: str
    status: str
    message: str
    remedy: str = ""


def examine(folder: str, crashes: list[Crash]) -> list[Finding]:
    """Return what every check finds for a client that works in `folder`; `crashes` are those to be shown."""
    sources = registrations.sources(folder)
    return [
        *_hooks(sources),
        *_events(time.time()),
        *_installations(sources),
        *_config(),
        *_git(),
        *_grammars(),
        *_state(),
        *_log(),
        *_crashes(crashes, time.time()),
    ]


def _hooks(sources: list[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.error:
            yield Finding("hooks", "problem", f"{source.file} cannot be used: {source.error}.", "Mend that file.")
        if source.switch:
            yield Finding(
                "hooks",
                "problem",
                f"`{source.switch}` in {source.file} turns our hooks off.",
                "Take it out of that file, or ask whoever put it in.",
            )
    if os.environ.get("CONTEXT_SYNC") == "0":
        message = "CONTEXT_SYNC=0 switches context-sync off for every session started from this shell."
        yield Finding("hooks", "warning", message, "Unset CONTEXT_SYNC.")
    files = [source.file for source in sources if source.commands]
    missing = [hook.event for hook in settings.EVENTS if not _commands(sources, hook.event)]
    if not files:
        yield Finding("hooks", "problem", "No hook is registered, so nothing is noticed.", INIT)
    elif missing:
        yield Finding("hooks", "problem", f"No hook is registered for {', '.join(missing)}.", INIT)
    else:
        where = " and ".join(map(output.tilde, files))
        yield Finding("hooks", "ok", f"All {len(settings.EVENTS)} events are registered in {where}.")
    yield from _versions(sources)


def _versions(sources: list[Source]) -> Iterator[Finding]:
    """Find hooks that are registered twice, or otherwise than this installation would."""
    here = registrations.commands_of(registrations.here())
    twice = [hook.event for hook in settings.EVENTS if len(_commands(sources, hook.event)) > 1]
    if twice:
        message = f"{', '.join(twice)}: registered more than once, so things are said more than once."
        yield Finding("hooks", "warning", message, "Run `context-sync uninstall`, then `context-sync init`.")
    elif any(_commands(sources, event) - {command} for event, command in here.items()):
        message = "The registered hooks are those of another installation or version of context-sync."
        yield Finding("hooks", "warning", message, "Run `context-sync init` to register this one.")


def _commands(sources: list[Source], event: str) -> set[str]:
    return {command for source in sources for command in source.commands.get(event, [])}


def _events(now: float) -> Iterator[Finding]:
    fired = {hook.event: markers.receipt(hook.event) for hook in settings.EVENTS}
    never = [event for event, at in fired.items() if not at and event not in RARE]
    last = sorted(fired, key=lambda event: fired[event])[-1]  # of two in one tick of the clock the later in a turn
    if not fired[last]:
        remedy = "Send a prompt in a Claude Code session, then look again."
        yield Finding("events", "note", "No hook has run yet.", remedy)
        return
    latest = f"the last one was {last}, {output.ago(fired[last], now)}."
    if "PostToolBatch" in never and 0 < fired["PostToolUse"] < now - SETTLING_IN:
        message = "PostToolUse runs and PostToolBatch never did: nothing is told in the middle of a turn."
        yield Finding("events", "warning", message, "Update Claude Code: this one is too old to have that event.")
    elif never:
        yield Finding("events", "note", f"Hooks run; not yet for {', '.join(never)}; {latest}")
    else:
        status = "ok" if now - fired[last] < LATELY else "note"
        yield Finding("events", status, f"Hooks run for every event; {latest}")


def _installations(sources: list[Source]) -> Iterator[Finding]:
    commands = {command for source in sources for each in source.commands.values() for command in each}
    found = {registrations.installation_of(command) for command in commands}
    for each in sorted(filter(None, found)) or [registrations.here()]:
        yield from _installation(each)


def _installation(found: Installation) -> Iterator[Finding]:
    unreadable = [name for name in ("gate", "run.py") if not os.access(os.path.join(found.hooks, name), os.R_OK)]
    if unreadable:
        message = f"{' and '.join(unreadable)} cannot be read in {found.hooks}: the hooks do nothing."
        remedy = "Install context-sync again, then run `context-sync init`."
        yield Finding("gate", "problem", message, remedy)
    else:
        yield Finding("gate", "ok", f"The gate is in place in {output.tilde(found.hooks)}.")
    if not os.access(found.python, os.X_OK):
        yield Finding("python", "problem", f"{found.python} is gone: the hooks do nothing.", INIT)
        return
    version = _output_of([found.python, "-I", "-S", "-c", "import sys; print(*sys.version_info[:3])"])
    numbers = tuple(int(each) for each in version.split() if each.isdecimal())
    if numbers < OLDEST_PYTHON:
        shown = ".".join(map(str, numbers)) or "something that does not start"
        message = f"{found.python} is {shown}; Python 3.11 or newer is needed."
        yield Finding("python", "problem", message, "Install context-sync with a newer Python.")
    elif not unreadable and not _does_anything(found):
        message = f"The hooks do nothing with {found.python}."
        yield Finding("python", "problem", message, "Install context-sync again, then run `context-sync init`.")
    else:
        yield Finding("python", "ok", f"Python {'.'.join(map(str, numbers))} is {output.tilde(found.python)}.")


def _output_of(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


def _does_anything(found: Installation) -> bool:
    """Start a session in an empty home folder of its own; say whether the hook noted anything there."""
    with tempfile.TemporaryDirectory(prefix="context-sync-doctor-") as home:
        try:
            with rehearsal.player(
                "doctor", home, registrations.commands_of(found), rehearsal.surroundings(home)
            ) as one:
                rehearsal.play(one, "SessionStart", source="startup")
        except subprocess.TimeoutExpired:
            return False
        return os.path.isdir(os.path.join(home, ".claude"))


def _config() -> Iterator[Finding]:
    found = config.read()
    for problem in found.problems:
        yield Finding("config", "warning", problem, "Correct it there; until then the default holds.")
    if not found.problems:
        yield Finding("config", "ok", f"The guard before an edit is in the mode {found.guard}.")


def _git() -> Iterator[Finding]:
    version = git.run("/", "version").decode("utf-8", "replace").strip()
    if version:
        yield Finding("git", "ok", f"{version[:1].upper()}{version[1:]} is on PATH.")
    else:
        message = "git cannot be run: commits and worktrees are not seen."
        yield Finding("git", "problem", message, "Install git, or put it on PATH.")


def _grammars() -> Iterator[Finding]:
    remedy = "Install context-sync again: its dependencies are not complete."
    try:
        from context_sync.symbols import grammars, languages
    except ImportError as error:
        message = f"tree-sitter does not load ({error}): edits are told by file, not by function."
        yield Finding("grammars", "problem", message, remedy)
        return
    names = tuple(sorted({language.grammar for language in languages.LANGUAGES}))
    missing = grammars.missing(names)
    if missing:
        message = f"No grammar loads for {', '.join(missing)}: edits there are told by file, not by function."
        yield Finding("grammars", "problem", message, remedy)
    else:
        yield Finding("grammars", "ok", f"All {len(names)} grammars load.")


def _state() -> Iterator[Finding]:
    obstacle = inspection.obstacle()
    if obstacle:
        remedy = "Make it a folder that you may write to."
        yield Finding("state", "problem", f"{obstacle}: nothing can be noted.", remedy)
        return
    if not inspection.exists():
        folder = output.tilde(inspection.folder())
        yield Finding("state", "ok", f"{folder} is not there yet: the first session makes it.")
        return
    found = list(_trouble_in_state())
    yield from found or [Finding("state", "ok", f"{output.tilde(inspection.folder())} is in order, yours alone.")]


def _trouble_in_state() -> Iterator[Finding]:
    folder = inspection.folder()
    link = inspection.link()
    if link:
        message = f"{folder} is a link to {link}."
        yield Finding("state", "warning", message, "Put the folder itself there, unless you made the link.")
    foreign = inspection.foreign()
    if foreign:
        message = f"Another user owns {_named(foreign)}."
        yield Finding("state", "problem", message, f"Run `sudo chown -R $(id -u) {folder}`, or delete it.")
    exposed = inspection.exposed()
    if exposed:
        message = f"Other users may read or write {_named(exposed)}."
        yield Finding("state", "problem", message, f"Run `chmod -R go= {folder}`.")
    broken = inspection.set_aside()
    if broken:
        message = f"{output.count(len(broken), 'file')} made no sense and was set aside: {_named(broken)}."
        yield Finding("state", "warning", message, "Nothing is lost that was needed: delete it.")


def _log() -> Iterator[Finding]:
    where = log.file()
    while not os.path.lexists(where):
        where = os.path.dirname(where)
    message = f"{log.file()} cannot be written: crashes are not recorded."
    if os.path.isdir(where) == (where == log.file()):
        yield Finding("log", "problem", message, f"Delete {where}, which is in the way.")
    elif not os.access(where, os.W_OK):
        yield Finding("log", "problem", message, f"Make {where} writable.")
    else:
        yield Finding("log", "ok", f"Crashes are recorded in {output.tilde(log.file())}.")


def _crashes(crashes: list[Crash], now: float) -> Iterator[Finding]:
    alike = sorted(crashes, key=lambda crash: (crash.where, crash.error, crash.at))
    groups = [list(group) for _, group in groupby(alike, key=lambda crash: (crash.where, crash.error))]
    groups.sort(key=lambda group: group[-1].at, reverse=True)
    for group in groups[:MOST_NAMED]:
        last = group[-1]
        times = "once" if len(group) == 1 else f"{len(group)} times, last"
        message = (
            f"{wording.plain(last.where, 60)} failed {times} {output.ago(last.at, now)}: "
            f"{wording.plain(last.error, 300)}"
        )
        yield Finding("crashes", "problem", message, f"Report it with the last lines of {log.file()}.")
    if len(groups) > MOST_NAMED:
        message = f"{output.count(len(groups) - MOST_NAMED, 'other kind')} of crash since the last look."
        yield Finding("crashes", "problem", message, f"They are in {log.file()}.")
    if not groups:
        yield Finding("crashes", "ok", "Nothing has crashed since the last look.")


def _named(found: Iterable[str]) -> str:
    first = [wording.plain(output.tilde(path), wording.LONGEST_PATH) for path in found]
    rest = f" and {len(first) - MOST_NAMED} more" if len(first) > MOST_NAMED else ""
    return ", ".join(first[:MOST_NAMED]) + rest
