"""Compares the symbols with two oracles, line by line: Python's own `ast`, and Universal Ctags.

`python -m benchmarks.symbols [--tree DIR ...] [--limit FILES]` prints Markdown tables; nothing leaves the machine.

What is compared: for each line of code, the innermost function, method, class or other type around it. Constants,
fields and keys are left out on our side, for neither oracle ends them reliably. Blank lines and lines that hold
only a comment, a decorator or an attribute are left out too: we give them to the definition below, ctags to the one
around. `ast` is asked for qualified names; ctags only for the last part of a name, for its scopes are spelt otherwise
in each language. A function that only we see inside one that both see (a method of an anonymous class) counts as
agreed. Lines that ctags gives to nobody are counted apart, for it misses whole constructs.
"""

import argparse
import ast
import json
import subprocess
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from context_sync.symbols.languages import CALLABLES, TYPES, language_of
from context_sync.symbols.resolver import definitions

Owners = list[str]

CTAGS_KINDS = frozenset(
    {"function", "func", "method", "singletonMethod", "constructor", "getter", "setter", "generator", "subroutine"}
    | {"class", "struct", "interface", "enum", "union", "trait", "protocol", "record", "annotation", "object"}
    | {"impl", "implementation", "category"}
)
IGNORED = ("#", "//", "/*", "*", "--", "@", "[", "template", "export default {")
BATCH = 200


class Tally(NamedTuple):
    """Lines and files compared, and the disagreements by class."""

    files: int
    lines: int
    agreed: int
    classes: Counter[str]

    def plus(self, other: "Tally") -> "Tally":
        """Return both tallies together."""
        return Tally(
            self.files + other.files,
            self.lines + other.lines,
            self.agreed + other.agreed,
            self.classes + other.classes,
        )


NOTHING = Tally(0, 0, 0, Counter())


def ours(path: str, text: bytes) -> Owners:
    """Return the qualified name of the innermost callable or type around each line, "" for none; line 1 is at 1."""
    owners = [""] * (text.count(b"\n") + 2)
    for symbol in definitions(path, text):
        if symbol.kind in CALLABLES | TYPES:
            owners[symbol.start : symbol.end + 1] = [symbol.name] * (symbol.end + 1 - symbol.start)
    return owners


def asts(text: bytes) -> Owners:
    """Return the same from the `ast` module, decorators included; raises SyntaxError or ValueError."""
    owners = [""] * (text.count(b"\n") + 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, name = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{name}.{node.name}" if name else node.name
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            owners[first : node.end_lineno + 1] = [name] * (node.end_lineno + 1 - first)
        waiting.extend((child, name) for child in ast.iter_child_nodes(node))
    return owners


def code_lines(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield the number and text of each line that the oracles are asked about."""
    for number, line in enumerate(text.decode("utf-8", "replace").split("\n"), 1):
        if (stripped := line.strip()) and not stripped.startswith("#"):
            yield number, stripped


def compare_python(path: Path) -> Tally | None:
    """Compare one Python file with `ast`; None when Python itself cannot read it."""
    text = path.read_bytes()
    try:
        theirs = asts(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    mine = ours(str(path), text)
    classes: Counter[str] = Counter()
    lines = agreed = 0
    for number, line in code_lines(text):
        lines += 1
        if mine[number] == theirs[number]:
            agreed += 1
        else:
            classes[_class(theirs[number], mine[number], line)] += 1
    return Tally(1, lines, agreed, classes)


def _class(theirs: str, mine: str, line: str) -> str:
    if not mine:
        return "we have none"
    if not theirs:
        return "they have none"
    if line.startswith("@"):
        return "decorator"
    if theirs.startswith(f"{mine}."):
        return "we miss the inner one"
    if mine.startswith(f"{theirs}."):
        return "they miss the inner one"
    return "another one"


def ctags(paths: Iterable[Path]) -> dict[str, list[tuple[int, int, str]]]:
    """Return what ctags says of each file: first line, last line and name of its functions and types."""
    command = ["ctags", "--output-format=json", "--fields=+neKS", "--sort=no", "-f", "-", *map(str, paths)]
    said: dict[str, list[tuple[int, int, str]]] = {}
    for line in subprocess.run(command, capture_output=True, check=True, text=True, errors="replace").stdout.split(
        "\n"
    ):
        tag = json.loads(line) if line.startswith("{") else {}
        kinds = CTAGS_KINDS | {"member"} if tag.get("path", "").endswith(".py") else CTAGS_KINDS
        if "end" in tag and tag.get("kind") in kinds and not tag["name"].startswith("__anon"):
            said.setdefault(tag["path"], []).append((tag["line"], tag["end"], tag["name"]))
    return said


def compare_with_ctags(path: Path, tags: list[tuple[int, int, str]]) -> Tally:
    """Compare one file with the tags of it, by the last part of the names."""
    text = path.read_bytes()
    mine = ours(str(path), text)
    theirs = [""] * len(mine)
    for first, last, name in sorted(tags, key=lambda tag: (tag[0], -tag[1])):
        theirs[first : last + 1] = [name] * len(theirs[first : last + 1])
    classes: Counter[str] = Counter()
    lines = agreed = 0
    for number, line in code_lines(text):
        if line.startswith(IGNORED):
            continue
        if theirs[number].startswith(("TEST", "TYPED_TEST")):
            classes["they name every test TEST (not counted)"] += 1
            continue
        if not theirs[number]:
            classes["they have none (not counted)"] += bool(mine[number])
            continue
        lines += 1
        if _last(mine[number]) == _last(theirs[number]):
            agreed += 1
        elif _last(theirs[number]) in mine[number].split("."):
            agreed += 1
            classes["they miss the inner one (agreed)"] += 1
        else:
            classes["we have none" if not mine[number] else "another one"] += 1
    return Tally(1, lines, agreed, classes)


def _last(name: str) -> str:
    name = name.partition(" as ")[0].lstrip("<") if name.startswith("<") and ">." not in name else name
    return (
        name.replace("::", ".").rpartition(".")[2].split("(")[0].split("<")[0].split(":")[0].replace(" ", "").strip("~")
    )


def files_below(trees: Iterable[Path], limit: int) -> Iterator[tuple[str, Path]]:
    """Yield the readable source files below the folders with the names of their languages, a number per language."""
    seen: Counter[str] = Counter()
    for tree in trees:
        for path in sorted(tree.rglob("*")):
            language = language_of(str(path))
            if language and language.reader == "code" and path.is_file() and seen[language.name] < limit:
                seen[language.name] += 1
                yield language.name, path


def table(title: str, tallies: dict[str, Tally]) -> str:
    """Return a Markdown table of the tallies."""
    rows = [
        f"## {title}",
        "",
        "| language | files | lines | agree | disagreements |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, tally in sorted(tallies.items()):
        if tally.lines:
            classes = ", ".join(f"{kind}: {count}" for kind, count in tally.classes.most_common())
            rows.append(f"| {name} | {tally.files} | {tally.lines} | {tally.agreed / tally.lines:.2%} | {classes} |")
    return "\n".join([*rows, ""])


def main() -> None:
    """Print both tables for the trees named, or for the Python installation and the system's headers."""
    parser = argparse.ArgumentParser(description="Compare the symbols with ast and ctags.")
    parser.add_argument("--tree", action="append", type=Path, default=[])
    parser.add_argument("--limit", type=int, default=1_000, help="files per language")
    arguments = parser.parse_args()
    paths = sysconfig.get_paths()
    trees = arguments.tree or [Path(paths["stdlib"]), Path(paths["purelib"]), Path("/usr/include")]
    found = list(files_below(trees, arguments.limit))
    by_ast: dict[str, Tally] = {}
    for name, path in found:
        if name == "Python" and (tally := compare_python(path)):
            by_ast[name] = by_ast.get(name, NOTHING).plus(tally)
    print(table("Python's ast", by_ast))
    by_ctags: dict[str, Tally] = {}
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        tags = ctags(path for _, path in batch)
        for name, path in batch:
            if str(path) in tags:
                by_ctags[name] = by_ctags.get(name, NOTHING).plus(compare_with_ctags(path, tags[str(path)]))
    print(table("Universal Ctags", by_ctags))


if __name__ == "__main__":
    main()
