"""The guard before an edit: its modes, what counts as held, and what each tool is about to change."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rehearse import Client, encoded, git, log, state

WHOLE = "def add(a, b):\n    return 0\n\n\ndef sub(a, b):\n    return a - b\n"


def attempt(client: Client, tool: str, **tool_input: object) -> tuple[str, str]:
    """Return what the guard says to an attempt: the permission decision and its text, both "" when nothing."""
    heard = client.event("PreToolUse", tool_name=tool, tool_use_id="toolu_1", tool_input=tool_input)
    assert (heard.code, heard.errors) == (0, b"")
    if not heard.output:
        return "", ""
    said = json.loads(heard.output)["hookSpecificOutput"]
    assert said["hookEventName"] == "PreToolUse"
    return said.get("permissionDecision", ""), said.get("permissionDecisionReason") or said.get("additionalContext")


@pytest.fixture
def held(project: Path, client) -> tuple[Path, Client, Client]:
    """The file, the session that changed `add` in it, and the one that is about to."""
    first, second = client(), client()
    first.start()
    second.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    return project / "calc.py", first, second


def edit(path: Path, old: str = "b + a", new: str = "sum((a, b))") -> dict[str, object]:
    return {"file_path": str(path), "old_string": old, "new_string": new, "replace_all": False}


@pytest.mark.parametrize(
    ("mode", "decisions"),
    [
        pytest.param(None, ["deny", "", ""], id="default"),
        pytest.param("deny-once", ["deny", "", ""], id="deny-once"),
        pytest.param("deny", ["deny", "deny", "deny"], id="deny"),
        pytest.param("notify", ["", "", ""], id="notify"),
        pytest.param("off", ["", "", ""], id="off"),
    ],
)
def test_each_mode(held: tuple[Path, Client, Client], mode: str | None, decisions: list[str]):
    path, _, second = held
    if mode:
        config = Path(os.environ["XDG_CONFIG_HOME"], "context-sync", "config.toml")
        config.parent.mkdir(parents=True)
        config.write_text(f'guard = "{mode}"\n')
    said = [attempt(second, "Edit", **edit(path)) for _ in decisions]
    assert [decision for decision, _ in said] == decisions
    texts = [text for _, text in said if text]
    assert len(texts) == (1 if mode == "notify" else decisions.count("deny"))
    assert all("`add` in calc.py" in text and "+    return b + a" in text for text in texts)


@pytest.mark.parametrize(
    ("tool", "tool_input", "decision"),
    [
        pytest.param("Edit", {"old_string": "b + a", "new_string": "0"}, "deny", id="Edit in the held function"),
        pytest.param("Edit", {"old_string": "a - b", "new_string": "0"}, "", id="Edit in another function"),
        pytest.param("Edit", {"old_string": "nowhere", "new_string": "0"}, "", id="Edit that will fail"),
        pytest.param("Write", {"content": WHOLE}, "deny", id="Write that changes the held function"),
        pytest.param("Write", {"content": WHOLE.replace("0", "b + a")}, "", id="Write that leaves it as it is"),
        pytest.param(
            "MultiEdit",
            {"edits": [{"old_string": "a - b", "new_string": "1"}, {"old_string": "b + a", "new_string": "2"}]},
            "deny",
            id="MultiEdit with the held function among others",
        ),
        pytest.param("Edit", {}, "", id="Edit without its fields"),
    ],
)
def test_what_is_about_to_change_is_read_from_the_tools_input(
    held: tuple[Path, Client, Client], tool: str, tool_input: dict[str, object], decision: str
):
    path, _, second = held
    assert attempt(second, tool, file_path=str(path), **tool_input)[0] == decision


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"outline": []}, id="without an outline"),
        pytest.param({"text": "0" * 64, "outline": [["wrong", "function", 1, 6, -1]]}, id="of another text"),
        pytest.param({"outline": [["wrong", "function", 1, 600, -1]]}, id="of another length"),
        pytest.param({"outline": "broken"}, id="that makes no sense"),
    ],
)
def test_what_is_known_of_the_file_changes_nothing(held: tuple[Path, Client, Client], known: dict[str, object]):
    path, _, second = held
    (file,) = state("fingerprints").glob("*/[!h]*.json")
    before = json.loads(file.read_text())
    assert [entry[:4] for entry in before["outline"]] == [["add", "function", 1, 2], ["sub", "function", 5, 6]]
    file.write_text(json.dumps(before | known))
    assert attempt(second, "Edit", **edit(path, "a - b", "0")) == ("", "")
    decision, reason = attempt(second, "Edit", **edit(path))
    assert decision == "deny"
    assert "`add` in calc.py" in reason


def test_a_new_edit_of_the_holder_counts_again(held: tuple[Path, Client, Client]):
    path, first, second = held
    assert [attempt(second, "Edit", **edit(path))[0] for _ in range(2)] == ["deny", ""]
    first.edit(path, "b + a", "b + a + 0")
    again = edit(path, "b + a + 0")
    assert [attempt(second, "Edit", **again)[0] for _ in range(2)] == ["deny", ""]


@pytest.mark.parametrize("ending", ["committed", "reverted", "ended", "killed"])
def test_what_is_settled_is_not_held(held: tuple[Path, Client, Client], ending: str):
    path, first, second = held
    match ending:
        case "committed":
            git(path.parent, "commit", "--all", "--message=turned")
        case "reverted":
            git(path.parent, "checkout", "--", "calc.py")
        case "ended":
            first.end()
        case "killed":
            first.kill()
    old = "a + b" if ending == "reverted" else "b + a"
    assert attempt(second, "Edit", **edit(path, old)) == ("", "")


def test_between_worktrees_the_merge_is_foreseen(held: tuple[Path, Client, Client], client, tmp_path: Path):
    path, _, _ = held
    other = tmp_path / "other"
    git(path.parent, "worktree", "add", "-b", "other", str(other))
    third: Client = client(folder=other)
    third.start()
    decision, reason = attempt(third, "Edit", **edit(other / "calc.py", "a + b"))
    assert decision == "deny"
    assert "Merging the two now would conflict: line 2 here, line 2 there." in reason
    assert attempt(third, "Edit", **edit(other / "calc.py", "a + b", "b + a")) == ("", ""), "the same change"


def test_git_is_asked_as_often_whatever_the_number_of_edits(
    held: tuple[Path, Client, Client], client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, first, _ = held
    other = tmp_path / "other"
    git(path.parent, "worktree", "add", "-b", "other", str(other))
    runs, real = tmp_path / "runs", shutil.which("git")
    (tmp_path / "bin").mkdir()
    counting = tmp_path / "bin" / "git"
    counting.write_text(f'#!/bin/sh\necho "$*" >>{runs}\nexec {real} "$@"\n')
    counting.chmod(0o755)
    asked = []
    for edits in (0, 20):
        for number in range(edits):
            first.edit(path, "b + a", f"b + a + {number}")
        runs.write_text("")
        with monkeypatch.context() as patched:
            patched.setenv("PATH", f"{counting.parent}:{os.environ['PATH']}")
            third: Client = client(folder=other)
            third.start()
            runs.write_text("")
            assert attempt(third, "Edit", **edit(other / "calc.py", "a + b"))[0] == "deny"
        asked.append(len(runs.read_text().splitlines()))
    assert asked[0] == asked[1] > 0


def test_a_secret_in_the_holders_change_is_not_passed_on(held: tuple[Path, Client, Client]):
    path, first, second = held
    first.edit(path, "b + a", "b + a  # token = 'a8f5f167f44f4964e6c998dee827110c1'")
    decision, reason = attempt(second, "Edit", **edit(path, "b + a"))
    assert decision == "deny"
    assert "a8f5f167" not in reason
    assert "[masked]" in reason


def test_where_no_denial_can_be_noted_the_edit_passes(held: tuple[Path, Client, Client]):
    path, _, second = held
    alerted = state("alerts", f"{second.session}.jsonl")
    alerted.mkdir(parents=True)  # as on a full disk
    assert [attempt(second, "Edit", **edit(path))[0] for _ in range(3)] == ["", "", ""]
    alerted.rmdir()
    assert [attempt(second, "Edit", **edit(path))[0] for _ in range(2)] == ["deny", ""]


def test_a_denial_that_nobody_could_read_is_not_repeated_and_is_reported_later(held: tuple[Path, Client, Client]):
    path, _, second = held
    payload = encoded(second.payload("PreToolUse", tool_name="Edit", tool_input=edit(path)))
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        ["/bin/sh", "-c", second.hooks["PreToolUse"]],
        stdin=subprocess.PIPE,
        stdout=writer,
        env=second.environment(),
        cwd=second.folder,
    ) as hook:
        os.close(writer)
        hook.communicate(payload)
    assert "BrokenPipeError" in log()
    assert attempt(second, "Edit", **edit(path)) == ("", "")
    second.edit(path, "b + a", "sum((a, b))")
    assert "`add`" in second.batch().context


def test_a_link_is_no_way_around_the_guard(two: tuple[Client, Client], project: Path):
    first, second = two
    alias = project / "alias.py"
    alias.symlink_to("calc.py")
    first.edit(project / "calc.py", "a + b", "b + a")
    decision, _ = attempt(second, "Edit", file_path=str(alias), old_string="b + a", new_string="0")
    assert decision == "deny"
