"""Discovery of transcripts: `projects/<folder>/<session>.jsonl`, with those of subagents next to them."""

import os

from context_sync import paths


def find(session_id: str) -> str:
    """Return the path of a session's transcript, wherever it moved with the session, "" when there is none."""
    for folder in _folders():
        path = os.path.join(folder, session_id + ".jsonl")
        if os.path.isfile(path):
            return path
    return ""


def recent(since: float) -> list[str]:
    """Return the main transcripts written after the time `since`, latest first."""
    found = []
    for folder in _folders():
        for entry in os.scandir(folder):
            if entry.name.endswith(".jsonl") and entry.is_file() and entry.stat().st_mtime > since:
                found.append((entry.stat().st_mtime, entry.path))
    return [path for _, path in sorted(found, reverse=True)]


def session_of(path: str) -> str:
    """Return the id of the session that a main transcript belongs to."""
    return os.path.basename(path).removesuffix(".jsonl")


def _folders() -> list[str]:
    projects = os.path.join(paths.claude_folder(), "projects")
    return [entry.path for entry in os.scandir(projects) if entry.is_dir()] if os.path.isdir(projects) else []
