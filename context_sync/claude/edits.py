"""Owns how an edit is read from a tool's structured result, as a hook or a transcript carries it."""

from typing import Any, NamedTuple

# Old start, old lines, new start, new lines: 1-based, no context lines; a side without lines names the line before.
Hunk = tuple[int, int, int, int]


class FileEdit(NamedTuple):
    """What one tool call did to one file.

    `before` and `after` are whole texts, None where the result does not carry them; a created file was empty before.
    `hunks` is empty where the result does not tell them.
    """

    path: str
    before: bytes | None
    after: bytes | None
    hunks: tuple[Hunk, ...]


def read(tool_input: dict[str, Any], response: dict[str, Any]) -> FileEdit | None:
    """Return the edit that a tool's result describes, or None when it describes none."""
    path = (
        response.get("filePath")
        or response.get("notebook_path")
        or tool_input.get("file_path")
        or tool_input.get("notebook_path")
    )
    if not isinstance(path, str) or not path or "\0" in path or response.get("error"):
        return None
    before, after = _texts(response)
    return FileEdit(path, before, after, tuple(_hunks(response.get("structuredPatch"))))


def _texts(response: dict[str, Any]) -> tuple[bytes | None, bytes | None]:
    created = response.get("type") == "create"
    before = b"" if created else _bytes(response.get("originalFile", response.get("original_file")))
    after = _bytes(response.get("content", response.get("updated_file")))
    if after is None and before is not None:
        after = _apply(before, response)
    return before, after


def _apply(before: bytes, response: dict[str, Any]) -> bytes | None:
    edits = response.get("edits")
    if not isinstance(edits, list):
        edits = [
            {
                "old_string": response.get("oldString"),
                "new_string": response.get("newString"),
                "replace_all": response.get("replaceAll"),
            }
        ]
    for edit in edits:
        old, new = (_bytes(edit.get(name)) if isinstance(edit, dict) else None for name in ("old_string", "new_string"))
        if old is None or new is None or (old and old not in before):
            return None
        before = before.replace(old, new, -1 if edit.get("replace_all") else 1) if old else new
    return before


def _hunks(patch: object) -> list[Hunk]:
    """Return the changed ranges of a structured patch, without the lines that it shows around them."""
    found: list[Hunk] = []
    for hunk in patch if isinstance(patch, list) else []:
        try:
            found.extend(_changes(int(hunk["oldStart"]), int(hunk["newStart"]), hunk["lines"]))
        except (KeyError, TypeError, ValueError):
            return []
    return found


def _changes(old: int, new: int, lines: list[str]) -> list[Hunk]:
    found: list[Hunk] = []
    removed = added = 0
    for line in [*lines, " "]:
        sign = line[:1]
        if sign == "-":
            removed += 1
        elif sign == "+":
            added += 1
        elif sign != "\\":
            if removed or added:
                found.append((old - (not removed), removed, new - (not added), added))
            old, new = old + removed + 1, new + added + 1
            removed = added = 0
    return found


def _bytes(value: object) -> bytes | None:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else None
