"""The clean surroundings of Claude Code: its environment and its temporary home folder."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

API_KEY = "sk-ant-scripted-00000000000000000000000000000000"
MCP_TIMEOUT = "120000"  # milliseconds that a server may take to start: the machine may be busy
END_TIMEOUT = "60000"  # milliseconds that the hooks of a session's end may take, instead of 1,500


def identity(session: str, options: Sequence[str]) -> list[str]:
    """Return the options that give a client the id `session`; none when `options` resume one as it is."""
    resumes = {"--resume", "--continue"} & set(options) and "--fork-session" not in options
    return [] if resumes else ["--session-id", session]


@dataclass(frozen=True)
class Home:
    """A temporary home folder whose clients talk to the scripted API at `url`."""

    folder: Path
    url: str

    @property
    def claude(self) -> Path:
        """Claude Code's configuration folder; may not exist yet."""
        return self.folder / ".claude"

    @property
    def transcripts(self) -> list[Path]:
        """Every transcript of a main conversation, oldest name first."""
        return sorted((self.claude / "projects").glob("*/*.jsonl"))

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the whole environment of a client: nothing of the caller's but PATH."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": API_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "MCP_TIMEOUT": MCP_TIMEOUT,
            "CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS": END_TIMEOUT,
            **extra,
        }

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write the user's settings.json."""
        self.claude.mkdir(parents=True, exist_ok=True)
        (self.claude / "settings.json").write_text(json.dumps(settings, indent=2))

    def trust(self, *projects: Path) -> None:
        """Write ~/.claude.json so that an interactive client opens at its prompt in `projects`."""
        state = {
            "hasCompletedOnboarding": True,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [API_KEY[-20:]], "rejected": []},
            "projects": {str(each.resolve()): {"hasTrustDialogAccepted": True} for each in projects},
        }
        (self.folder / ".claude.json").write_text(json.dumps(state))
