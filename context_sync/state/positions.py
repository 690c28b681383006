"""Owns how far each transcript of a session was read: `positions/<id>.json`, a byte position by path."""

from context_sync.state import files


def read(session_id: str) -> dict[str, int]:
    """Return the byte position behind the last line that was read, by the transcript's path."""
    found = files.read_json(_file(session_id)) or {}
    return {path: position for path, position in found.items() if isinstance(position, int) and position >= 0}


def write(session_id: str, positions: dict[str, int]) -> None:
    """Replace the positions of a session."""
    files.write_json(_file(session_id), positions)


def _file(session_id: str) -> str:
    return files.path("positions", session_id + ".json")
