import os
from pathlib import Path

import pytest

from context_sync.claude.transcripts import reader
from context_sync.errors import ContextSyncError
from context_sync.summaries import cache, changed_files
from context_sync.views import documents, roster
from tests.cli.stage import Stage
from tests.summaries.records import Conversation


@pytest.fixture
def projects(isolated_home: Path) -> Path:
    """Where Claude Code keeps transcripts, with one of a session that no hook ever ran for."""
    folder = isolated_home / ".claude" / "projects" / "-home-dev-proj"
    Conversation().prompt("Sort the invoices").reply("I sort them.").write(folder / "8f3e2c1a-quiet.jsonl")
    return folder


def test_a_session_without_hooks_is_listed_with_its_task_and_marked(projects: Path) -> None:
    Conversation().prompt("no session").write(projects / "not a session.jsonl")
    (projects / "notes.txt").write_text("no transcript")
    [entry] = roster.live()
    assert (entry.session.id, entry.hooked, entry.session.branch) == ("8f3e2c1a-quiet", False, "main")
    [row] = documents.session_list([entry], "")["sessions"]
    assert (row["task"], row["hooks"], row["status"]) == ("Sort the invoices", False, "idle")
    assert roster.live("/elsewhere/.git") == []


@pytest.mark.usefixtures("projects")
@pytest.mark.parametrize("target", ["8f3e2c1a-quiet", "8f3e", "proj-8f3e"])
def test_it_is_found_by_its_id_or_its_name(target: str) -> None:
    assert roster.called(target).id == "8f3e2c1a-quiet"


def test_one_that_ended_long_ago_is_found_by_its_whole_id(projects: Path) -> None:
    os.utime(projects / "8f3e2c1a-quiet.jsonl", (1.0, 1.0))
    assert roster.live() == []
    assert roster.called("8f3e2c1a-quiet").transcript == str(projects / "8f3e2c1a-quiet.jsonl")
    for target in ("8f3e", "../x", ""):
        with pytest.raises(ContextSyncError, match="no session is called"):
            roster.called(target)


def test_a_session_that_the_hooks_know_is_listed_once(the_stage: Stage, shop: Path, projects: Path) -> None:
    known = the_stage.enter("known", shop)
    Conversation().prompt("hooked").write(projects / f"{known.session}.jsonl")
    assert sorted((entry.session.id, entry.hooked) for entry in roster.live()) == sorted(
        [("8f3e2c1a-quiet", False), (known.session, True)]
    )


def test_what_the_client_writes_for_itself_is_no_change(projects: Path, isolated_home: Path) -> None:
    context = Conversation().prompt("plan it").edit(str(isolated_home / ".claude" / "plans" / "plan.md"), "+1. write")
    context.edit("/srv/shop/new.py", "+a", "+b").write(projects / "8f3e2c1a-quiet.jsonl")
    found = changed_files.of_session("8f3e2c1a-quiet", cache.extract("8f3e2c1a-quiet", ""))
    assert [(change.worktree, change.path, change.lines) for change in found] == [("/srv/shop", "new.py", (2, 0))]


def test_a_transcript_that_goes_while_it_is_read_leaves_what_is_known(
    projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = cache.keep("8f3e2c1a-quiet", "")
    assert known.first_request == "Sort the invoices"
    monkeypatch.setattr(reader, "all_of", lambda _: [str(projects / "moved.jsonl")])
    assert cache.extract("8f3e2c1a-quiet", "") == known
