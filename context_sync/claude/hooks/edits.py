"""Edits, read from what a tool was asked and what it answered, in a hook's payload or a transcript."""

from __future__ import annotations

import os

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

MOST_WORK = 1 << 31  # bytes that are gone through to make the replacements of one edit: 0.6 s

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


class RecordedEdit(NamedTuple):
    """An edit as a hook or the transcript tells it: when (seconds since the epoch), by which tool and tool use."""

    at: float
    tool: str
    tool_use: str
    agent: str
    edit: FileEdit


def read(tool_input: dict[str, Any], response: dict[str, Any]) -> FileEdit | None:
    """Return the edit that a tool's result describes, or None when it describes none."""
    path = path_of({**tool_input, **response})
    if not path or response.get("error"):
        return None
    before, after = _texts(response)
    return FileEdit(path, before, after, tuple(_hunks(response.get("structuredPatch"))))


class CommandDiff(NamedTuple):
    """Which files changed while a command ran, as Claude Code saw it, which may include what another process changed.

    It is `exact` when Claude Code looked at everything, and nothing else of the session ran meanwhile.
    """

    paths: frozenset[str]
    exact: bool


def command_diff(response: dict[str, Any]) -> CommandDiff:
    """Return what the result of a command says that it changed (`bashEditDiff`, seen in 2.1.328 and 2.1.332)."""
    diff = response.get("bashEditDiff")
    if not isinstance(diff, dict):
        return CommandDiff(frozenset(), exact=False)
    files, changed = diff.get("files"), diff.get("changedFiles")
    named = [path_of(file) for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    more = [path for path in changed if isinstance(path, str)] if isinstance(changed, list) else []
    paths = frozenset(path for path in (*named, *more) if os.path.isabs(path) and can_exist(path))
    return CommandDiff(paths, not any(diff.get(name) for name in ("shared", "skipped", "unavailable")))


def intended(tool_input: dict[str, Any], text: bytes) -> FileEdit | None:
    """Return the edit that a tool is about to make of the file that holds `text`, or None when it would fail."""
    path = path_of(tool_input)
    before = text.replace(b"\r\n", b"\n")  # as Claude Code sees it
    if isinstance(tool_input.get("content"), str):
        after = _bytes(tool_input["content"])
    elif "new_source" in tool_input:
        before, after = _with_cell(before, tool_input)
    else:
        after = _apply(before, tool_input)
    return FileEdit(path, before, after, ()) if path and after is not None else None


def path_of(fields: dict[str, Any]) -> str:
    """Return the path of the file that a tool's input or result names, "" when it names none that can exist."""
    for name in ("filePath", "file_path", "notebook_path"):
        path = fields.get(name)
        if isinstance(path, str) and path and can_exist(path):
            return path
    return ""


def can_exist(path: str) -> bool:
    """Return whether there can be a file of this name: none has a NUL or half of a letter in it."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _with_cell(before: bytes, tool_input: dict[str, Any]) -> tuple[bytes, bytes | None]:
    """Return a notebook's text before and after the edit of one cell, both written in the same way."""
    import json  # 5 ms, for notebooks alone

    try:
        notebook = json.loads(before)
        before = json.dumps(notebook, indent=1).encode()
        cells = [cell for cell in notebook["cells"] if cell.get("id") == tool_input.get("cell_id")]
        for cell in cells:
            cell["source"] = tool_input["new_source"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return before, None
    return before, json.dumps(notebook, indent=1).encode()


def _texts(response: dict[str, Any]) -> tuple[bytes | None, bytes | None]:
    created = response.get("type") == "create"
    before = b"" if created else _bytes(_first(response, "originalFile", "originalFileContents", "original_file"))
    after = _bytes(_first(response, "content", "updated_file"))
    if after is None and before is not None:
        after = _apply(before, response)
    return before, after


def _apply(before: bytes, fields: dict[str, Any]) -> bytes | None:
    """Return the text after the replacements that a tool's input (`old_string`) or result (`oldString`) names.

    None when one of them cannot be made, and when they are too many in too long a text, see `MOST_WORK`.
    """
    edits = fields.get("edits")
    if not isinstance(edits, list):
        names = (("old_string", "oldString"), ("new_string", "newString"), ("replace_all", "replaceAll"))
        edits = [{name: fields.get(name, fields.get(other)) for name, other in names}]
    if len(edits) * len(before) > MOST_WORK:
        return None
    for edit in edits:
        old, new = (_bytes(edit.get(name)) if isinstance(edit, dict) else None for name in ("old_string", "new_string"))
        if old is None or new is None or (old and old not in before):
            return None
        if not new and not old.endswith(b"\n") and old + b"\n" in before:
            old += b"\n"  # as Claude Code does (seen in 2.1.328): no blank line is left
        before = before.replace(old, new, -1 if edit.get("replace_all") else 1) if old else new
    return before


def _hunks(patch: object) -> list[Hunk]:
    """Return the changed ranges of a structured patch, without the lines that it shows around them."""
    found: list[Hunk] = []
    for hunk in patch if isinstance(patch, list) else []:
        try:
            found.extend(_changes(int(hunk["oldStart"]), int(hunk["newStart"]), hunk["lines"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return []
    return found if all(min(hunk) >= 0 for hunk in found) else []


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


def _first(fields: dict[str, Any], *names: str) -> object:
    return next((fields[name] for name in names if name in fields), None)


def _bytes(value: object) -> bytes | None:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else None
