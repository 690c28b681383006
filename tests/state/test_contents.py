import re
from fnmatch import fnmatchcase

import pytest

from context_sync.state import contents, gate
from tests.rehearse import CHECKOUT, HOOKS, Client, client, project, state
from tests.state.test_inspection import played

__all__ = ["client", "played", "project"]

PATHS = {entry.path for entry in contents.ENTRIES}
VARIABLES = {"$state/": "", "$mine/": "gate/*/", "$mine": "gate/*", "$mail": "mail/*/new"}
WORD = re.compile(r"\$(?:state|mine|mail)\b[^\s;)<>\]]*")


def fits(path: str) -> bool:
    return any(fnmatchcase(path, each) and path.count("/") == each.count("/") for each in PATHS)


def test_everything_that_hooks_make_is_in_the_table(played: Client):
    assert played.touches
    for path in state().rglob("*"):
        name = str(path.relative_to(state()))
        in_folders = any(fnmatchcase(name, each) and name.count("/") == each.count("/") for each in contents.folders())
        assert in_folders if path.is_dir() else fits(name), name


def test_each_path_has_one_owner_that_exists_and_a_time():
    assert len(PATHS) == len(contents.ENTRIES)
    for entry in contents.ENTRIES:
        assert (CHECKOUT / "context_sync" / "state" / f"{entry.owner}.py").is_file()
    assert {entry.kept for entry in contents.ENTRIES} == contents.KEPT.keys()


def test_the_gate_knows_the_folders_and_marks_of_the_table():
    folders = {path.split("/")[2] for path in contents.folders() if path.startswith("gate/*/")}
    marks = {path.split("/")[2] for path in PATHS if path.startswith("gate/*/") and path.count("/") == 2}
    assert (set(gate.FOLDERS), set(gate.MARKS)) == (folders, marks)


@pytest.mark.parametrize("script", ["gate", "statusline"])
def test_the_scripts_name_no_path_that_is_not_in_the_table(script: str):
    named = set()
    for word in WORD.findall((HOOKS / script).read_text()):
        path = word.replace('"', "")
        for variable, meant in VARIABLES.items():
            path = path.replace(variable, meant) if path.startswith(variable) else path
        named.add(re.sub(r"\$\{[^}]*\}|\$\w+|\$\$", "*", path).replace("*.*", "*"))
    assert len(named) > 5
    assert {path for path in named if path != "$state" and path not in PATHS | contents.folders()} <= {"*"}


def test_the_documentation_has_the_same_table():
    text = (CHECKOUT / "docs" / "files.md").read_text()
    rows = {f"| `{entry.path}` | {entry.holds} | {contents.KEPT[entry.kept]} |" for entry in contents.ENTRIES}
    found = set(re.findall(r"^\| `[^`~]+` \| .* \| .* \|$", text, re.MULTILINE))
    assert found == rows
