"""Owns which Claude Code is installed, and which one knows the hooks that are registered."""

import os
import re
import shutil

from context_sync.hotpath import subprocesses

PATIENCE = 10.0  # seconds for `claude --version`, which takes a fortieth of one

Version = tuple[int, ...]

# The first one that leaves out of a settings file only what it does not know, and not the whole file (reported for
# the npm package @anthropic-ai/claude-code).
LENIENT: Version = (2, 1, 101)
# The first one with the event PostToolBatch: the SDK of that version lists it, and the one before does not.
COMPLETE: Version = (2, 1, 118)


def command() -> str:
    """Return the path of the client, "" when none is on PATH or where its installers put it."""
    for name in ("claude", os.path.expanduser("~/.local/bin/claude"), os.path.expanduser("~/.claude/local/claude")):
        found = shutil.which(name)
        if found:
            return found
    return ""


def version_of(client: str) -> Version:
    """Return the version of the client, empty when it does not tell."""
    environment = {**os.environ, "CONTEXT_SYNC": "0", "DISABLE_AUTOUPDATER": "1"}
    done = subprocesses.run((client, "--version"), environment, PATIENCE)
    found = re.match(rb"\s*(\d+)\.(\d+)\.(\d+)", done.output) if done else None
    return tuple(map(int, found.groups())) if found else ()


def text_of(version: Version) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))
