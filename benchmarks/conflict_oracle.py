"""Says which definitions a change lies in, by Python's own parser or by Universal Ctags: never by our resolver."""

import ast
import json
import subprocess
import tempfile
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath
from typing import NamedTuple

CTAGS_SUFFIXES = frozenset({".go", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".rs", ".c", ".h", ".java", ".rb", ".php"})
_SKIPPED_KINDS = frozenset({"package", "parameter", "local", "label", "anonMember", "packageName", "unknown"})
_OPENING, _CLOSING = ("{", "(", "["), ("}", ")", "]")


class Span(NamedTuple):
    name: str
    start: int
    end: int


def definitions_changed(path: str, before: bytes, after: bytes) -> frozenset[str] | None:
    """Return the innermost definitions around the changed lines of both texts, or None when no oracle reads them."""
    try:
        old, new = before.decode(), after.decode()
    except UnicodeDecodeError:
        return None
    old_spans, new_spans = _spans(path, old), _spans(path, new)
    if old_spans is None or new_spans is None:
        return None
    names: set[str] = set()
    old_lines, new_lines = old.split("\n"), new.split("\n")
    for tag, a, a_end, b, b_end in SequenceMatcher(None, old_lines, new_lines, False).get_opcodes():
        if tag != "equal":
            names.update(_around(old_spans, old_lines, a, a_end))
            names.update(_around(new_spans, new_lines, b, b_end))
    return frozenset(names)


def _around(spans: list[Span], lines: list[str], start: int, end: int) -> Iterator[str]:
    for row in range(start, end):
        holding = [span for span in spans if span.start <= row + 1 <= span.end] if lines[row].strip() else []
        if holding:
            yield min(holding, key=lambda span: (span.end - span.start, -len(span.name))).name


def _spans(path: str, text: str) -> list[Span] | None:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in (".py", ".pyi"):
        try:
            return list(_python(ast.parse(text), ""))
        except (SyntaxError, ValueError):
            return None
    return _ctags(suffix, text) if suffix in CTAGS_SUFFIXES else None


def _python(node: ast.AST, outer: str, within_function: bool = False) -> Iterator[Span]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            start = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield Span(outer + child.name, start, child.end_lineno or start)
            function = not isinstance(child, ast.ClassDef)
            yield from _python(child, f"{outer}{child.name}.", function)
        elif isinstance(child, ast.Assign | ast.AnnAssign) and not within_function:
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield Span(outer + target.id, child.lineno, child.end_lineno or child.lineno)
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            yield from _python(child, outer, within_function)


def _ctags(suffix: str, text: str) -> list[Span]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"source{suffix}")
        file.write_text(text, newline="")
        command = ["ctags", "--output-format=json", "--fields=+neKS", "-f", "-", file.name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines = text.split("\n")
    spans = []
    for tag in map(json.loads, done.stdout.splitlines()):
        if tag.get("kind") not in _SKIPPED_KINDS:
            name = f"{tag['scope']}.{tag['name']}" if "scope" in tag else tag["name"]
            spans.append(Span(name, tag["line"], tag.get("end") or _end(lines, tag["line"])))
    return spans


def _end(lines: list[str], start: int) -> int:
    """Return where a definition ends by its indentation: this version of Ctags does not tell for every language."""
    column = _indentation(lines[start - 1])
    for row in range(start, len(lines)):
        line = lines[row].strip()
        if not line or _indentation(lines[row]) > column:
            continue
        if _indentation(lines[row]) < column or not line.startswith(_CLOSING):
            return start if row == start else row
        if not line.endswith(_OPENING):
            return row + 1
    return len(lines)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
