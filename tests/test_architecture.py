import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rehearse import CHECKOUT

PACKAGE = CHECKOUT / "context_sync"

# The house from the top down: a part imports only from floors below its own.
FLOORS = (
    {"cli", "mcp_server"},
    {"events"},
    {"edits", "reconcile", "views"},
    {"conflicts", "mail", "summaries"},
    {"analysis", "presence", "touches"},
    {"references", "state"},
    {"claude", "symbols"},
    {"config", "crash_log", "domain", "git"},
    {"hotpath", "paths"},
    {"errors"},
)
BELOW = {part: set[str]().union(*FLOORS[floor + 1 :]) for floor, parts in enumerate(FLOORS) for part in parts}
# What no hook may reach, however far down; some of it is yet to be built.
BEYOND_HOOKS = {"account", "ci", "cli", "index", "proofs", "remote", "server", "views", "wire", "workspaces"}
SAME_IN_TWO_LAYERS = {
    "changes",  # of one side, and the command that shows them
    "check",  # what it finds, and the command
    "edits",  # of Claude Code's tools, and what is shown of them
    "snapshot",  # of the sessions, and what the live view shows of it
}


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
    return found - {name(path).split(".")[0]}


def arrows() -> dict[str, set[str]]:
    """Return what each module imports of the others, at its top or when it is called."""
    known = {name(path): path for path in modules()}
    return {
        each: {one.removeprefix("context_sync.") for one in imported(path)} & known.keys() - {each}
        for each, path in known.items()
    }


def test_every_part_has_its_floor():
    assert {name(path).split(".")[0] for path in modules()} == BELOW.keys()


@pytest.mark.parametrize("part", sorted(BELOW))
def test_arrows_point_down(part: str):
    wrong = {name(path): parts(path) - BELOW[part] for path in modules() if name(path).split(".")[0] == part}
    assert {module: found for module, found in wrong.items() if found} == {}


def test_no_module_reaches_itself_through_others():
    left = arrows()
    while leaves := {each for each, reached in left.items() if not reached & left.keys()}:
        left = {each: reached for each, reached in left.items() if each not in leaves}
    assert left == {}


def test_hooks_reach_only_what_is_theirs():
    found = arrows()
    reached: set[str] = set()
    waiting = {each for each in found if each.startswith("events.")}
    while waiting:
        reached |= waiting
        waiting = set().union(*(found[each] for each in waiting)) - reached
    assert {each.split(".")[0] for each in reached} & BEYOND_HOOKS == set()


def test_a_file_name_stands_for_one_thing():
    names = Counter(path.stem for path in modules())
    assert {each: number for each, number in names.items() if number > 2} == {}
    assert {each for each, number in names.items() if number == 2} <= SAME_IN_TWO_LAYERS


@pytest.mark.parametrize(
    "part", ["domain/records", "domain/conflicts", "domain/messages", "domain/masking", "domain/verdicts", "errors"]
)
def test_the_domain_knows_no_files_no_processes_and_no_clock(part: str):
    outside = {"os", "sys", "time", "pathlib", "subprocess", "io", "socket", "tempfile", "shutil", "datetime"}
    assert outside.isdisjoint(imported(PACKAGE / f"{part}.py"))


def test_the_package_has_one_init_file_and_that_is_empty():
    """Each in a folder would be one more module for a hook to load."""
    assert list(PACKAGE.rglob("__init__.py")) == [PACKAGE / "__init__.py"]
    assert (PACKAGE / "__init__.py").read_text() == ""


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


# Who uses `json` itself, and why; hooks use `hotpath.json_codec`, everything else orjson.
JSON = {
    "hotpath.json_codec": "what its compiled half does not read alone",
    "claude.hooks.edits": "a notebook, on the path of a hook, indented by 1: orjson indents by 2 alone",
    "claude.install.json_text": "settings keep their layout, integers of any length and halves of surrogate pairs",
    "cli.output": "ASCII, which orjson does not write, also for a path that is not UTF-8, which orjson refuses",
}


def test_the_codec_of_whatever_is_no_hook_is_orjson():
    assert {name(path) for path in modules() if "json" in imported(path)} == JSON.keys()


def test_only_the_paths_of_a_hook_read_the_variables_of_xdg():
    """Every other folder of the specification is that of `xdg-base-dirs`."""
    reading = {
        name(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and str(node.value).startswith("XDG_")
    }
    assert reading == {"paths"}


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
    says = {name(path): ast.get_docstring(tree(path)) or "" for path in modules()}
    assert [module for module, docstring in says.items() if not docstring or docstring.startswith("Owns ")] == []


def test_each_event_that_is_registered_has_a_handler():
    from context_sync.claude.install import hooks_entry
    from context_sync.events import dispatch

    assert {hook.event for hook in hooks_entry.EVENTS} <= dispatch.HANDLERS.keys()
    for module, _ in dispatch.HANDLERS.values():
        assert any(isinstance(node, ast.FunctionDef) and node.name == "handle" for node in handlers(module))


def handlers(module: str) -> list[ast.stmt]:
    return tree(PACKAGE / "events" / f"{module}.py").body
