"""The installed version of Claude Code, and those that support the registered hooks."""

import os
import re
import shutil

from context_sync.hotpath import subprocesses

TIMEOUT = 10.0  # seconds for `claude --version`, which takes 0.025

Version = tuple[int, ...]

# The first version that ignores only the unknown parts of a settings file, and not the whole file (reported for the
# npm package @anthropic-ai/claude-code).
LENIENT: Version = (2, 1, 101)
# The first version with the event PostToolBatch: the SDK of that version lists it, and the one before does not.
COMPLETE: Version = (2, 1, 118)
# The version that the tests run.
TESTED: Version = (2, 1, 332)


def command() -> str:
    """Return the path of Claude Code, "" when it is neither on PATH nor where its installers put it."""
    for name in ("claude", os.path.expanduser("~/.local/bin/claude"), os.path.expanduser("~/.claude/local/claude")):
        found = shutil.which(name)
        if found:
            return found
    return ""


def version_of(client: str) -> Version:
    """Return the version of the Claude Code at path `client`, empty when it does not print one."""
    environment = {**os.environ, "CONTEXT_SYNC": "0", "DISABLE_AUTOUPDATER": "1"}
    done = subprocesses.run((client, "--version"), environment, TIMEOUT)
    found = re.match(rb"\s*(\d+)\.(\d+)\.(\d+)", done.output) if done else None
    return tuple(map(int, found.groups())) if found else ()


def text_of(version: Version) -> str:
    """Return a version in the usual notation."""
    return ".".join(map(str, version))
