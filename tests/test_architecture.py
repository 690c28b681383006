import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rehearse import CHECKOUT

PACKAGE = CHECKOUT / "context_sync"

# What each part may import, beside itself: the arrows of the house, from the ground up.
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "hotpath": set(),
    "obstacles": set(),
    "domain": {"hotpath"},
    "git": {"hotpath"},
    "paths": {"errors"},
    "claude": {"domain", "errors", "git", "hotpath", "paths"},
    "config": {"hotpath", "paths"},
    "crash_log": {"paths"},
    "state": {"domain", "hotpath", "paths"},
    "symbols": {"domain", "hotpath"},
    "presence": {"claude", "domain", "errors", "git", "hotpath", "state"},
    "references": {"domain", "hotpath", "symbols"},
    "summaries": {"claude", "config", "domain", "git", "paths", "state"},
    "touches": {"claude", "domain", "git", "hotpath", "paths", "state", "symbols"},
    "analysis": {"domain", "git", "hotpath", "references", "symbols"},
    "mail": {"claude", "config", "domain", "errors", "git", "hotpath", "paths", "presence", "state"},
    "conflicts": {
        "analysis",
        "claude",
        "domain",
        "errors",
        "git",
        "hotpath",
        "presence",
        "state",
        "symbols",
        "touches",
    },
    "edits": {"claude", "conflicts", "domain", "git", "hotpath", "mail", "presence", "state", "symbols", "touches"},
    "views": {
        "claude",
        "conflicts",
        "domain",
        "errors",
        "git",
        "mail",
        "paths",
        "presence",
        "state",
        "summaries",
        "touches",
    },
    "cli": {
        "claude",
        "config",
        "conflicts",
        "crash_log",
        "domain",
        "errors",
        "git",
        "hotpath",
        "mail",
        "obstacles",
        "paths",
        "presence",
        "reconcile",
        "state",
        "summaries",
        "symbols",
        "touches",
        "views",
    },
    "events": {
        "claude",
        "config",
        "conflicts",
        "crash_log",
        "domain",
        "edits",
        "hotpath",
        "mail",
        "presence",
        "reconcile",
        "state",
        "summaries",
        "touches",
    },
    "reconcile": {"mail", "presence", "state", "touches"},
    "mcp_server": {"claude", "crash_log", "domain", "errors", "obstacles", "paths", "presence", "state", "views"},
}
ANYWHERE: set[str] = set()


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    """Yield what a module imports anywhere in it, by full names; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts(path: Path) -> set[str]:
    """Return the parts of the package that a module imports."""
    found = {each.split(".")[1] for each in imported(path) if each.startswith("context_sync.")}
    return found - {name(path).split(".")[0]} - ANYWHERE


def test_every_part_has_its_place():
    assert {name(path).split(".")[0] for path in modules()} <= ARROWS.keys()


@pytest.mark.parametrize("part", sorted(ARROWS))
def test_arrows_point_one_way(part: str):
    wrong = {name(path): parts(path) - ARROWS[part] for path in modules() if name(path).split(".")[0] == part}
    assert {module: found for module, found in wrong.items() if found} == {}


def test_no_part_reaches_itself_through_others():
    def reached(part: str) -> set[str]:
        found: set[str] = set()
        waiting = {part}
        while waiting:
            new = ARROWS[waiting.pop()] - found
            found |= new
            waiting |= new
        return found

    assert [part for part in ARROWS if part in reached(part)] == []


@pytest.mark.parametrize(
    "part", ["domain/records", "domain/conflicts", "domain/messages", "domain/masking", "domain/verdicts", "errors"]
)
def test_the_domain_knows_no_files_no_processes_and_no_clock(part: str):
    outside = {"os", "sys", "time", "pathlib", "subprocess", "io", "socket", "tempfile", "shutil", "datetime"}
    assert outside.isdisjoint(imported(PACKAGE / f"{part}.py"))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_packages_are_empty(path: Path):
    assert path.read_text() == ""


def test_only_one_module_starts_git():
    def starts_git(node: ast.AST) -> bool:
        first = node.elts[0] if isinstance(node, ast.List | ast.Tuple) and node.elts else None
        return isinstance(first, ast.Constant) and first.value == "git"

    started = {name(path) for path in modules() if any(map(starts_git, ast.walk(tree(path))))}
    starting = {"subprocess", "context_sync.hotpath.subprocesses", "pty"}
    processes = {name(path) for path in modules() if starting & set(imported(path))}
    assert started & processes == {"git.runner"}


def test_only_the_state_reads_and_writes_the_state_folder():
    knowing = {
        name(path)
        for path in modules()
        if any(isinstance(node, ast.Attribute) and node.attr == "state_folder" for node in ast.walk(tree(path)))
    }
    assert {module for module in knowing if not module.startswith("state.")} <= {"paths", "cli.commands.uninstall"}
    opening = {name(path) for path in modules() if "context_sync.state.files" in imported(path)}
    assert {module for module in opening if not module.startswith("state.")} == set()


def test_a_module_with_tuples_of_ours_has_its_annotations_as_they_are_written():
    def begins(path: Path) -> bool:
        return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree(path).body)

    made = [path for path in modules() if "context_sync.hotpath.namedtuples.NamedTuple" in set(imported(path))]
    assert made
    assert [name(path) for path in made if not begins(path)] == []


def test_nothing_runs_on_import():
    def runs(node: ast.stmt) -> bool:
        allowed = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.ClassDef
        documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        door = isinstance(node, ast.If) and ast.unparse(node.test) in ("__name__ == '__main__'", "TYPE_CHECKING")
        return not (isinstance(node, allowed) or documentation or door)

    assert [f"{name(path)}: {ast.unparse(node)}" for path in modules() for node in tree(path).body if runs(node)] == []


def test_every_module_says_what_it_is():
    assert [name(path) for path in modules() if not ast.get_docstring(tree(path))] == []


def test_each_event_that_is_registered_has_a_handler():
    from context_sync.claude.install import hooks_entry
    from context_sync.events import dispatch

    assert {hook.event for hook in hooks_entry.EVENTS} <= dispatch.HANDLERS.keys()
    for module, _ in dispatch.HANDLERS.values():
        assert any(isinstance(node, ast.FunctionDef) and node.name == "handle" for node in handlers(module))


def handlers(module: str) -> list[ast.stmt]:
    return tree(PACKAGE / "events" / f"{module}.py").body
