"""Transcript positions: how far each of a session's transcripts was read, in `positions/<id>.json`."""

from context_sync.state import files


def read(session_id: str) -> dict[str, int]:
    """Return the byte position after the last line that was read, by the transcript's path."""
    found = files.read_json(_file(session_id)) or {}
    return {path: position for path, position in found.items() if isinstance(position, int) and position >= 0}


def write(session_id: str, positions: dict[str, int]) -> None:
    """Replace the positions of a session."""
    files.write_json(_file(session_id), positions)


def _file(session_id: str) -> str:
    return files.path("positions", session_id + ".json")
