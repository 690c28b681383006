"""Checks of what the hooks run: the gate, the interpreter, and other installations."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import metadata

from context_sync.claude.hooks import simulation
from context_sync.claude.install import registrations
from context_sync.claude.install.installed_plugin import Plugin
from context_sync.claude.install.registrations import Installation, Source
from context_sync.cli import output
from context_sync.cli.doctor.findings import Finding, find
from context_sync.domain import wording
from context_sync.hotpath import subprocesses

OLDEST_PYTHON = (3, 11)
PATIENCE = 10.0  # seconds for starting Python, which takes a hundredth of a second

# Prints the version, then "whole" if what the hooks need is where `hooks/run.py` looks for it.
PROBE = """
import os, sys
print(*sys.version_info[:3])
environment = os.path.dirname(os.path.dirname(sys.executable))
sys.path.append("{}/lib/python{}.{}/site-packages".format(environment, *sys.version_info))
import tree_sitter
print("whole")
"""


def examine(sources: list[Source], plugin: Plugin | None) -> Iterator[Finding]:
    """Yield the findings about every installation whose hooks are registered, or about this one if none is."""
    for each in _registered(sources, plugin) or [registrations.here()]:
        yield from _gate(each)
        yield from _python(each)
    yield from _others()


def is_there(found: Installation) -> bool:
    """Return whether the files of an installation exist, which does not mean that it works."""
    return not _unreadable(found) and os.access(found.python, os.X_OK)


def works(found: Installation) -> bool:
    """Return whether nothing is wrong with an installation."""
    return all(each.status == "ok" for each in (*_gate(found), *_python(found)))


def _registered(sources: list[Source], plugin: Plugin | None) -> list[Installation]:
    found = {each for source in sources for each in registrations.installations_in(source.commands)}
    if plugin and plugin.is_on and os.access(plugin.python, os.X_OK):
        found.add(Installation(plugin.hooks, plugin.python))
    return sorted(found)


def _unreadable(found: Installation) -> list[str]:
    return [name for name in ("gate", "run.py") if not os.access(os.path.join(found.hooks, name), os.R_OK)]


def _gate(found: Installation) -> Iterator[Finding]:
    unreadable = _unreadable(found)
    if not unreadable:
        yield find("gate", folder=output.tilde(found.hooks))
        return
    row = "gate-broken" if found.hooks == registrations.here().hooks else "gate-gone"
    yield find(row, names=" and ".join(unreadable), folder=found.hooks)


def _python(found: Installation) -> Iterator[Finding]:
    if not os.access(found.python, os.X_OK):
        yield find("python-gone", python=found.python)
        return
    printed = _output_of(found.python, "-I", "-S", "-c", PROBE).split()
    numbers = tuple(int(each) for each in printed if each.isdecimal())
    version = ".".join(map(str, numbers))
    if not numbers:
        yield find("python-broken", python=found.python)
    elif numbers < OLDEST_PYTHON:
        yield find("python-old", python=found.python, version=version)
    elif "whole" not in printed and not registrations.is_here(found):
        yield find("python-upgraded", python=found.python, version=version)
    elif not _unreadable(found) and not _does_anything(found):
        row = "hooks-silent-here" if registrations.is_here(found) else "hooks-silent"
        yield find(row, python=found.python, folder=found.hooks)
    else:
        yield find("python", python=output.tilde(found.python), version=version)


def _output_of(*command: str) -> str:
    done = subprocesses.run(command, os.environ, PATIENCE)
    return done.output.decode("utf-8", "replace") if done else ""


def _does_anything(found: Installation) -> bool:
    """Start a session in an empty temporary home folder, and return whether the hook wrote anything there.

    If there is no room for such a folder, the hook is assumed to work.
    """
    commands = registrations.commands_of(found)
    try:
        with tempfile.TemporaryDirectory(prefix="context-sync-doctor-") as home:
            with simulation.player("doctor", home, commands, simulation.surroundings(home)) as one:
                simulation.play(one, "SessionStart", source="startup")
            return os.path.isdir(os.path.join(home, ".claude"))
    except subprocess.TimeoutExpired:
        return False
    except OSError:
        return True


def _others() -> Iterator[Finding]:
    """Find another installation on PATH that has another version or does not start."""
    own = _own_version()
    here = registrations.here()
    mine = {
        os.path.realpath(os.path.join(os.path.dirname(here.python), "context-sync")),
        os.path.realpath(os.path.join(os.path.dirname(here.hooks), "bin", "context-sync")),
    }
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, "context-sync")
        real = os.path.realpath(path)
        if os.path.isabs(folder) and real not in mine and os.path.isfile(real) and os.access(real, os.X_OK):
            mine.add(real)
            version = _output_of(path, "--version").strip().removeprefix("context-sync ")
            if not version or (own and version != own):
                shown = f"version {wording.plain(version, 40)}" if version else "which does not start"
                yield find("another-on-path", path=path, version=shown, own=own or "a checkout")


def _own_version() -> str:
    try:
        return metadata.version("context-sync")
    except metadata.PackageNotFoundError:
        return ""
