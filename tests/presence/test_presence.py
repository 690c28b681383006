import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.claude.hooks import payloads
from context_sync.domain.records import Session
from context_sync.edits import recorder
from context_sync.events import session_end
from context_sync.hotpath import deadlines
from context_sync.presence import lifecycle
from context_sync.state import gate, processes, repositories, seats, sessions
from tests.rehearse import Client, encoded, git, log, result, stamp, state, tool_use

MakeClient = Callable[..., Client]


def presence(client: Client) -> Session:
    found = sessions.load(client.session)
    assert found
    return found


def alive(*clients: Client) -> bool:
    live = {session.id for session in sessions.live(client.session for client in clients)}
    return live == {client.session for client in clients}


def test_a_start_says_who_is_where(client: MakeClient, project: Path):
    someone = client()
    before = time.time()
    assert someone.start().quiet
    found = presence(someone)
    assert before <= found.started <= time.time()
    assert found._replace(started=0, last_seen=0) == Session(
        id=someone.session,
        name=f"project-{someone.session[:4]}",
        named_by="place",
        pid=someone.pid,
        pid_start=processes.start_of(someone.pid),
        cwd=str(project),
        repository=str(project / ".git"),
        worktree=str(project),
        branch="main",
        transcript=str(someone.transcript),
        entrypoint="cli",
        started=0,
        last_seen=0,
        ended=0.0,
        pid_space=processes.space(),
    )
    assert repositories.members(str(project / ".git")) == [someone.session]


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param("src/deep", id="a folder inside"),
        pytest.param("link", id="a symbolic link to a folder inside"),
        pytest.param(".", id="the root itself"),
    ],
)
def test_the_worktree_is_found_from_any_folder_in_it(client: MakeClient, project: Path, folder: str):
    (project / "src" / "deep").mkdir(parents=True)
    (project / "link").symlink_to("src/deep")
    someone = client(project / folder)
    someone.start()
    assert (presence(someone).repository, presence(someone).worktree) == (str(project / ".git"), str(project))


def test_a_worktree_inside_the_checkout_is_its_own(client: MakeClient, project: Path):
    inner = project / ".claude" / "worktrees" / "feat"
    git(project, "worktree", "add", "--quiet", "-b", "worktree-feat", str(inner))
    someone = client(inner)
    someone.start()
    found = presence(someone)
    assert (found.repository, found.worktree, found.branch) == (str(project / ".git"), str(inner), "worktree-feat")
    assert found.name == f"worktree-feat-{someone.session[:4]}"


def test_without_git_the_project_folder_is_the_place(client: MakeClient, tmp_path: Path):
    plain = tmp_path / "plain"
    (plain / "sub").mkdir(parents=True)
    someone = client(plain)
    someone.start(cwd=str(plain / "sub"))
    found = presence(someone)
    assert (found.repository, found.worktree, found.branch) == (str(plain), str(plain), "")


def test_a_resumed_session_is_alive_again_in_its_new_process(client: MakeClient, project: Path):
    first = client()
    first.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    started = presence(first).started
    first.end()
    first.kill()
    assert not alive(first)
    again = client(session=first.session)
    again.start("resume")
    assert alive(again)
    assert (presence(again).pid, presence(again).started, presence(again).ended) == (again.pid, started, 0.0)
    assert repositories.holders(str(project / ".git"), "calc.py") == [again.session]
    assert len(again.touches) == 1


def test_a_fork_does_not_take_its_parents_edits_for_its_own(client: MakeClient, project: Path):
    parent, fork = client(), client()
    parent.start()
    parent.edit(project / "calc.py", "a + b", "b + a")
    moment = time.time()
    records = parent.transcript.read_bytes().replace(stamp(moment)[:10].encode(), stamp(moment - 86400)[:10].encode())
    fork.transcript.write_bytes(records)
    fork.start("fork")
    assert fork.touches == []
    fork.edit(project / "calc.py", "a - b", "b - a")
    fork.stop()
    fork.end()
    assert [touch.symbols[0].name for touch in fork.touches] == ["sub"]


def test_a_cleared_conversation_is_another_session_of_the_same_process(client: MakeClient, project: Path):
    before = client()
    before.start()
    before.end("clear")
    after = client(process=before.process)
    after.start("clear")
    assert not alive(before)
    assert alive(after)
    assert presence(after).pid == before.pid
    assert repositories.members(str(project / ".git")) == [after.session]


def test_a_compacted_session_stays_what_it_was(client: MakeClient, project: Path):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    before = presence(someone)
    someone.append({"type": "system", "subtype": "compact_boundary"}, {"type": "user", "message": {"content": "sum"}})
    assert someone.start("compact").calm
    assert presence(someone)._replace(last_seen=0) == before._replace(last_seen=0)
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add`" in someone.batch().context


@pytest.mark.parametrize("event", ["UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolBatch", "Stop"])
def test_a_session_begun_before_the_installation_is_picked_up_at_any_event(
    client: MakeClient, project: Path, event: str
):
    someone = client()
    began = time.time() - 3600
    someone.append(result(tool_use(), {"stdout": ""}, at=began))
    assert someone.event(event).quiet
    assert alive(someone)
    assert presence(someone).started == pytest.approx(began, abs=0.01)
    assert presence(someone).worktree == str(project)


def test_what_it_edited_before_is_caught_up(client: MakeClient, project: Path):
    early, other = client(), client()
    early.edit(project / "calc.py", "a + b", "b + a", hook=False)
    other.start()
    early.prompt()
    early.bash("true")
    assert [touch.path for touch in early.touches] == ["calc.py"]
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add`" in early.prompt().context
    assert "`add`" in other.prompt().context


@pytest.mark.parametrize("reap", [pytest.param(False, id="a zombie"), pytest.param(True, id="gone")])
def test_a_killed_client_is_not_alive(client: MakeClient, project: Path, reap: bool):
    killed, other = client(), client()
    for each in (killed, other):
        each.start()
    killed.edit(project / "calc.py", "a + b", "b + a")
    killed.kill(reap=reap)
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert other.prompt().quiet
    assert [each.id for each in sessions.others("", str(project / ".git"))] == [other.session]
    assert presence(killed).ended


def test_another_process_with_the_pid_of_a_killed_client_is_not_taken_for_it(client: MakeClient, project: Path):
    killed, other = client(), client()
    killed.extra = {"CLAUDE_PID": str(other.pid)}
    killed.start()
    other.start()
    sessions.save(presence(killed)._replace(pid_start="1@earlier"))
    killed.edit(project / "calc.py", "a + b", "b + a")
    sessions.save(presence(killed)._replace(pid_start="1@earlier"))
    assert not alive(killed)
    assert other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert other.prompt().quiet


def test_a_hook_that_outlives_its_client_leaves_no_immortal_session(client: MakeClient, project: Path):
    killed = client()
    killed.kill()
    killed.edit(project / "calc.py", "a + b", "b + a")
    found = presence(killed)
    assert found.pid_start == ""
    late = found.last_seen + sessions.TRUSTED_WITHOUT_PID + 1
    os.utime(state("gate", killed.session, "seen"), (late - 86400, late - 86400))
    assert not sessions.is_alive(found._replace(last_seen=found.last_seen - 86400))


def test_a_session_that_ended_and_speaks_again_is_alive_again(client: MakeClient):
    someone = client()
    someone.start()
    someone.end()
    assert not alive(someone)
    assert someone.prompt().quiet
    assert alive(someone)


def test_a_session_whose_markers_were_deleted_is_registered_again(client: MakeClient, project: Path):
    someone, other = client(), client()
    for each in (someone, other):
        each.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    gate.clear(someone.session)
    repositories.leave(someone.session, str(project / ".git"))
    assert someone.batch().quiet
    assert repositories.holders(str(project / ".git"), "calc.py") == [someone.session]
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    assert "`add`" in someone.batch().context


def test_a_session_that_moves_into_a_worktree_is_there(client: MakeClient, project: Path, tmp_path: Path):
    worktree = tmp_path / "feature"
    git(project, "worktree", "add", "--quiet", "-b", "feature", str(worktree))
    someone = client()
    someone.start()
    name = presence(someone).name
    someone.folder = worktree
    someone.transcript = someone.transcript_of("moved")
    someone.edit(worktree / "calc.py", "a + b", "b + a", hook=False)
    someone.bash("true")
    found = presence(someone)
    assert (found.worktree, found.branch, found.cwd) == (str(worktree), "feature", str(worktree))
    assert (found.repository, found.name) == (str(project / ".git"), name)
    assert [(touch.worktree, touch.path) for touch in someone.touches] == [(str(worktree), "calc.py")]
    someone.folder = project
    someone.transcript = someone.transcript_of(someone.session)
    someone.bash("true")
    assert presence(someone).worktree == str(project)
    assert len(someone.touches) == 1


def test_a_session_that_moves_into_another_repository_stands_in_both(client: MakeClient, project: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    git(tmp_path, "clone", "--quiet", str(project), str(elsewhere))
    someone = client()
    someone.start()
    someone.bash("true")
    someone.folder = elsewhere
    someone.bash("true")
    assert presence(someone).repository == str(elsewhere / ".git")
    assert repositories.members(str(project / ".git")) == [someone.session]
    assert repositories.members(str(elsewhere / ".git")) == [someone.session]
    someone.end()
    assert repositories.members(str(project / ".git")) == []
    assert repositories.members(str(elsewhere / ".git")) == []


def test_names_come_from_the_user_then_from_the_task_then_from_the_place(client: MakeClient):
    someone = client()
    someone.start()
    assert presence(someone).named_by == "place"
    someone.append({"type": "ai-title", "aiTitle": "Fix the sums", "sessionId": someone.session})
    someone.bash("true")
    assert (presence(someone).name, presence(someone).named_by) == ("Fix the sums", "summary")
    someone.append({"type": "custom-title", "customTitle": "sums", "sessionId": someone.session})
    someone.bash("true")
    assert (presence(someone).name, presence(someone).named_by) == ("sums", "title")
    someone.append({"type": "ai-title", "aiTitle": "Fix the sums again", "sessionId": someone.session})
    someone.bash("true")
    assert presence(someone).name == "sums"
    someone.append({"type": "custom-title", "customTitle": "additions", "sessionId": someone.session})
    someone.bash("true")
    assert presence(someone).name == "additions"


def test_a_title_in_the_payload_renames(client: MakeClient):
    someone = client()
    someone.start(session_title="My Title")
    assert presence(someone).name == "My Title"
    gate.notify(someone.session, "someone")
    someone.prompt(session_title="New\x1b[31m <b>Title</b>\u202e" + "x" * 200)
    name = presence(someone).name
    assert name.startswith("New [31m ‹b›Title‹/b› xxx")
    assert len(name) == 60


def test_the_end_is_the_end(client: MakeClient, project: Path):
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a")
    assert someone.end().quiet
    assert not alive(someone)
    assert not state("gate", someone.session).exists()
    assert repositories.members(str(project / ".git")) == []
    assert len(someone.touches) == 1
    assert log() == ""


def test_a_session_whose_end_nobody_noted_ends_when_its_client_begins_another(client: MakeClient):
    before = client()
    before.start()
    after = client(process=before.process)
    after.start("clear")
    assert alive(after)
    assert not alive(before)


@pytest.fixture
def cleared(client: MakeClient) -> tuple[Client, Client]:
    """A session that was cleared, and the one that began in its place."""
    before = client()
    before.start()
    before.end("clear")
    after = client(process=before.process)
    after.start("clear")
    return before, after


@pytest.mark.parametrize("event", ["PreToolUse", "PostToolUse", "PostToolBatch", "Stop", "SessionEnd"])
def test_a_hook_that_outlives_its_session_does_not_bring_it_back(
    cleared: tuple[Client, Client], project: Path, event: str
):
    before, after = cleared
    ended = presence(before).ended
    assert before.event(event, cwd=str(project.parent), session_title="late").quiet
    assert presence(before).ended == ended
    assert gate.registered() == [after.session]


def test_an_edit_that_is_known_after_the_end_of_its_session_is_recorded(cleared: tuple[Client, Client], project: Path):
    before, _ = cleared
    before.edit(project / "calc.py", "a + b", "b + a")
    assert [touch.path for touch in before.touches] == ["calc.py"]
    assert not alive(before)
    assert repositories.holders(str(project / ".git"), "calc.py") == []


def test_a_name_that_a_recorder_learns_after_the_end_names_one_that_ended(cleared: tuple[Client, Client]):
    before, _ = cleared
    late = presence(before)._replace(ended=0.0)  # as it was when the recorder began
    renamed = lifecycle.rename(late, "from the transcript", "summary")
    assert (renamed.name, presence(before).name) == ("from the transcript", "from the transcript")
    assert not alive(before)
    assert not state("gate", before.session).exists()


def test_a_title_that_came_meanwhile_is_not_replaced_by_what_a_recorder_learns(client: MakeClient):
    someone = client()
    someone.start()
    early = presence(someone)
    someone.start("compact", session_title="mine")
    assert lifecycle.rename(early, "from the transcript", "summary").name == "mine"
    assert presence(someone).name == "mine"


def test_the_end_comes_before_what_is_left_in_the_transcript(
    client: MakeClient, project: Path, monkeypatch: pytest.MonkeyPatch
):
    """Claude Code gives the end 1.5 s for all hooks."""
    someone = client()
    someone.start()
    someone.edit(project / "calc.py", "a + b", "b + a", hook=False)
    payload = encoded(someone.payload("SessionEnd", reason="clear"))
    event = payloads.read("SessionEnd", payload)
    assert event

    def run_out(*_: object) -> None:
        raise deadlines.OutOfTimeError

    monkeypatch.setattr(recorder, "catch_up", run_out)
    with pytest.raises(deadlines.OutOfTimeError):
        session_end.handle(event)
    assert not alive(someone)
    assert seats.sit(presence(someone)._replace(id="next")) == [someone.session]
