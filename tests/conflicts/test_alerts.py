import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.domain import messages
from context_sync.state import alert_memory, gate
from tests.rehearse import CALC, CHECKOUT, HOOKS, Client, commands, encoded, git, log, state
from tests.scenes import attempt

MakeClient = Callable[..., Client]
ADD = "`add` in calc.py"
OTHER_PARTS = "calc.py: session"


def make_conflict(first: Client, second: Client, last: str = "sum((a, b))") -> None:
    calc = first.folder / "calc.py"
    first.edit(calc, "a + b", "b + a")
    second.edit(second.folder / "calc.py", "b + a" if first.folder == second.folder else "a + b", last)


def everything(client: Client) -> str:
    """What the session is notified of until there is nothing more."""
    return "\n".join((client.batch().context, client.stop().context, client.prompt().context))


def test_both_sides_of_a_new_conflict_are_reported_once(two: tuple[Client, Client]):
    make_conflict(*two)
    first, second = two
    context = first.batch().context
    assert ADD in context
    assert '"second"' in context
    assert "branch main, in the same checkout" in context
    context = second.batch().context
    assert ADD in context
    assert '"first"' in context
    for each in two:
        for _ in range(2):
            assert everything(each) == "\n\n"


@pytest.mark.parametrize("event", ["batch", "prompt", "stop"])
def test_a_conflict_is_reported_at_the_next_event_whichever_it_is(two: tuple[Client, Client], event: str):
    make_conflict(*two)
    assert getattr(two[0], event)().context.count(ADD) == 1


def test_one_who_edits_alone_is_notified_of_nothing(two: tuple[Client, Client], project: Path):
    two[0].edit(project / "calc.py", "a + b", "b + a")
    two[0].edit(project / "calc.py", "b + a", "a + b + 0")
    assert everything(two[0]) + everything(two[1]) == "\n\n\n\n"


def test_different_files_do_not_conflict(two: tuple[Client, Client], project: Path):
    (project / "other").mkdir()
    (project / "other" / "calc.py").write_text(CALC.replace("add", "plus"))
    two[0].edit(project / "calc.py", "a + b", "b + a")
    two[1].edit(project / "other" / "calc.py", "a + b", "b + a")
    assert everything(two[0]) + everything(two[1]) == "\n\n\n\n"


def test_different_repositories_do_not_conflict(client: MakeClient, project: Path, tmp_path: Path):
    git(tmp_path, "clone", "--quiet", str(project), "clone")
    first, second = client(), client(tmp_path / "clone")
    first.start()
    second.start()
    make_conflict(first, second)
    assert everything(first) + everything(second) == "\n\n\n\n"


def test_different_parts_of_a_file_are_reported_in_passing_and_cost_no_step(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "a - b", "b - a")
    assert first.stop().quiet
    context = first.prompt().context
    assert "calc.py: session" in context
    assert "other parts" in context
    assert "`" not in context
    assert "other parts" in second.batch().context
    assert everything(first) + everything(second) == "\n\n\n\n"


def test_a_level_that_rises_is_reported(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    second.edit(project / "calc.py", "a - b", "b - a")
    assert "other parts" in first.batch().context
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert ADD in first.stop().context
    assert everything(first) == "\n\n"


def test_one_more_symbol_is_reported(two: tuple[Client, Client], project: Path):
    make_conflict(*two)
    first, second = two
    assert ADD in first.batch().context
    first.edit(project / "calc.py", "a - b", "b - a")
    second.edit(project / "calc.py", "b - a", "a - b - 0")
    assert "`add`, `sub` in calc.py" in first.batch().context


def test_a_renewed_edit_is_reported_at_the_next_prompt_and_no_earlier(two: tuple[Client, Client], project: Path):
    make_conflict(*two)
    first, second = two
    assert ADD in first.batch().context
    assert ADD in second.batch().context
    second.edit(project / "calc.py", "sum((a, b))", "sum([a, b])")
    assert first.batch().quiet
    assert first.stop().quiet
    assert ADD in first.prompt().context
    assert everything(first) + everything(second) == "\n\n\n\n"


def test_an_edit_of_ones_own_is_not_reported_to_oneself(two: tuple[Client, Client], project: Path):
    make_conflict(*two)
    first, second = two
    assert ADD in first.batch().context
    first.edit(project / "calc.py", "sum((a, b))", "sum([a, b])")
    assert everything(first) == "\n\n"
    assert ADD in second.prompt().context


@pytest.mark.parametrize("leave", [lambda each: each.kill(), lambda each: each.end()], ids=["killed", "ended"])
def test_one_who_is_gone_does_not_conflict(two: tuple[Client, Client], leave: Callable[[Client], object]):
    make_conflict(*two)
    leave(two[1])
    assert everything(two[0]) == "\n\n"


def test_one_who_comes_back_conflicts_again(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a")
    first.end()
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert second.prompt().quiet
    first.start("resume")
    second.edit(project / "calc.py", "a + b + 0", "a + b + 0 + 0")
    assert ADD in second.prompt().context
    assert ADD in first.prompt().context


SETTLINGS = [
    pytest.param(lambda project: git(project, "commit", "--quiet", "--all", "--message=both"), id="committed"),
    pytest.param(lambda project: git(project, "checkout", "--quiet", "--", "calc.py"), id="reverted"),
    pytest.param(lambda project: git(project, "stash", "--quiet"), id="put away"),
    pytest.param(lambda project: (project / "calc.py").write_text(CALC), id="undone by hand"),
]


@pytest.mark.parametrize("settle", SETTLINGS)
def test_what_is_settled_is_not_reported_and_reported_again_when_it_conflicts_again(
    two: tuple[Client, Client], project: Path, settle: Callable[[Path], object]
):
    first, second = two
    make_conflict(first, second)
    settle(project)
    assert everything(first) == "\n\n"
    (project / "calc.py").write_text(CALC)
    first.edit(project / "calc.py", "a + b", "b + a")
    assert everything(second) == "\n\n"
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert ADD in first.batch().context
    assert ADD in second.batch().context


@pytest.mark.parametrize("settle", SETTLINGS)
def test_a_conflict_that_was_reported_and_settled_is_new_the_next_time(
    two: tuple[Client, Client], project: Path, settle: Callable[[Path], object]
):
    first, second = two
    make_conflict(first, second)
    assert ADD in first.batch().context
    settle(project)
    second.bash("true")  # whoever is next sees that it is settled
    first.bash("true")
    (project / "calc.py").write_text(CALC)
    make_conflict(first, second, "sum([a, b])")
    assert ADD in first.batch().context


def test_without_git_what_was_edited_stays_unsettled(client: MakeClient, tmp_path: Path):
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "calc.py").write_text(CALC)
    first, second = client(plain), client(plain)
    first.start()
    second.start()
    make_conflict(first, second)
    assert ADD in first.batch().context
    assert "branch" not in second.batch().context


def test_two_worktrees_conflict_and_each_is_shown_where_the_other_is(apart: tuple[Client, Client], tmp_path: Path):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    there.edit(there.folder / "calc.py", "a + b", "a + b + 0")
    context = here.batch().context
    assert ADD in context
    assert f'"there" (branch feature, in the worktree {tmp_path / "feature"})' in context
    assert f'"here" (branch main, in the worktree {here.folder})' in there.batch().context
    assert everything(here) + everything(there) == "\n\n\n\n"


def test_a_commit_does_not_settle_what_is_not_merged(apart: tuple[Client, Client]):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    git(here.folder, "commit", "--quiet", "--all", "--message=here")
    there.edit(there.folder / "calc.py", "a + b", "a + b + 0")
    assert ADD in there.batch().context


def test_a_merge_settles(apart: tuple[Client, Client]):
    here, there = apart
    here.edit(here.folder / "calc.py", "a + b", "b + a")
    git(here.folder, "commit", "--quiet", "--all", "--message=here")
    git(there.folder, "merge", "--quiet", "main")
    there.edit(there.folder / "calc.py", "b + a", "b + a + 0")
    assert everything(here) + everything(there) == "\n\n\n\n"


def test_a_subagent_is_notified_of_nothing_and_the_main_one_afterwards(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "a + b", "b + a", agent="ae8c61cb")
    second.edit(project / "calc.py", "b + a", "a + b + 0")
    assert first.batch(agent_id="ae8c61cb", agent_type="general-purpose").quiet
    assert ADD in first.batch().context
    assert ADD in second.batch().context


def test_three_sessions_are_notified_of_each_other(client: MakeClient, project: Path):
    everyone = [client() for _ in range(3)]
    for number, each in enumerate(everyone):
        each.start(session_title=f"number {number}")
    text = "a + b"
    for number, each in enumerate(everyone):
        each.edit(project / "calc.py", text, text := f"a + b + {number}")
    for number, each in enumerate(everyone):
        context = each.batch().context
        assert [f'"number {other}"' in context for other in range(3)] == [other != number for other in range(3)]


def test_what_was_printed_but_not_noted_is_reported_again(two: tuple[Client, Client]):
    """A hook that is killed between the two: Claude Code may not have read the answer."""
    make_conflict(*two)
    first, _ = two
    alerted = state("alerts", f"{first.session}.jsonl")
    alerted.parent.mkdir(exist_ok=True)
    alerted.mkdir()  # the note fails
    assert ADD in first.batch().context
    assert "IsADirectoryError" in log()
    alerted.rmdir()
    assert ADD in first.batch().context
    assert first.batch().quiet


def test_an_answer_that_nobody_could_read_is_given_again(two: tuple[Client, Client], project: Path):
    make_conflict(*two)
    first, _ = two
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(HOOKS / "run.py"), "PostToolBatch"],
        stdin=subprocess.PIPE,
        stdout=writer,
        env=first.environment(),
        cwd=project,
    ) as hook:
        os.close(writer)
        hook.communicate(encoded(first.payload("PostToolBatch")))
    assert hook.returncode == 0
    assert "BrokenPipeError" in log()
    assert ADD in first.batch().context


def test_an_edit_recorded_while_one_is_reported_is_reported_next(two: tuple[Client, Client], project: Path):
    from context_sync.conflicts import alerts
    from context_sync.state import sessions

    make_conflict(*two)
    first, second = two
    session = sessions.load(first.session)
    assert session
    news = alerts.in_turn(session)
    first.edit(project / "calc.py", "a - b", "b - a")
    second.edit(project / "calc.py", "b - a", "a - b - 0")
    alerts.mark_notified(news)
    assert "`sub`" in first.batch().context


def test_the_end_of_a_turn_waits_for_the_recorder_of_its_last_edit(two: tuple[Client, Client], project: Path):
    first, second = two
    second.edit(project / "calc.py", "a + b", "b + a")
    slow = subprocess.Popen(["sleep", "0.2"])
    marker = state("gate", first.session, "recording", str(slow.pid))
    marker.touch()
    first.edit(project / "calc.py", "b + a", "a + b + 0")
    with subprocess.Popen(["sh", "-c", f"sleep 0.15; rm '{marker}'"]):
        assert ADD in first.stop().context
    slow.wait()
    assert gate.recorders(first.session) == []


def test_what_another_program_wrote_on_top_does_not_silence_an_alert(two: tuple[Client, Client], project: Path):
    make_conflict(*two)
    (project / "calc.py").write_text((project / "calc.py").read_text() + "\n# formatted\n")
    assert ADD in two[0].batch().context


def test_many_files_are_reported_in_few_lines(two: tuple[Client, Client], project: Path):
    first, second = two
    for number in range(14):
        file = project / f"m{number:02}.py"
        file.write_text(CALC)
        first.edit(file, "a + b", "b + a")
        second.edit(file, "b + a", "a + b + 0")
    context = first.batch().context
    assert context.count("`add` in m") == 12
    assert "2 more" in context
    assert first.batch().quiet


def test_a_deleted_file_that_was_never_committed_is_over(two: tuple[Client, Client], project: Path):
    first, second = two
    file = project / "draft.py"
    file.write_text(CALC)
    first.edit(file, "a + b", "b + a")
    second.edit(file, "b + a", "a + b + 0")
    file.unlink()
    assert everything(first) == "\n\n"


def test_what_is_reported_is_remembered_for_the_session_alone(two: tuple[Client, Client]):
    make_conflict(*two)
    first, second = two
    first.batch()
    assert alert_memory.partners(first.session) == {second.session}
    assert alert_memory.partners(second.session) == set()


def test_more_than_the_client_passes_on_is_cut_at_a_line(two: tuple[Client, Client], project: Path):
    first, second = two
    names = [f"{letter}{'x' * 180}" for letter in "abcdefghijkl"]
    before, ours, theirs = ("".join(f"def {name}():\n    return {end}\n" for name in names) for end in range(3))
    long = [project / f"long{number}.py" for number in range(6)]
    for file in long:
        file.write_text(before)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=long")
    for file in long:
        first.edit(file, before, ours)
        second.edit(file, ours, theirs)
    context = first.prompt().context
    assert 5_000 < messages.length(context) <= messages.LONGEST_ANSWER
    assert context.endswith(
        "committed: both are in the same file on disk.\n- and more: `context-sync status` lists them all."
    )


def test_one_who_edits_without_end_does_not_drown_another(client: MakeClient, project: Path):
    (project / "other.py").write_text(CALC)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=other")
    idle, busy, late = client(), client(), client()
    for each, name in ((idle, "idle"), (busy, "busy"), (late, "late")):
        each.start(session_title=name)
    idle.edit(project / "calc.py", "a - b", "-b + a")
    idle.edit(project / "other.py", "a + b", "b + a")
    for _ in range(200):  # what as many edits of the file that both changed do
        gate.notify(idle.session, busy.session, ("other.py",))
    late.edit(project / "calc.py", "-b + a", "a + -b")
    assert '"late"' in idle.prompt().context


def test_where_nothing_can_be_noted_no_turn_is_made_to_go_on(two: tuple[Client, Client]):
    make_conflict(*two)
    first, _ = two
    alerted = state("alerts", f"{first.session}.jsonl")
    alerted.mkdir(parents=True)  # as on a full disk
    assert [first.event("Stop", stop_hook_active=again).output for again in (False, True, True)] == [b""] * 3
    alerted.rmdir()
    assert ADD in first.stop().context


def test_what_a_killed_end_of_a_turn_may_have_reported_waits_for_the_prompt(two: tuple[Client, Client]):
    from context_sync.conflicts import alerts
    from context_sync.state import sessions

    make_conflict(*two)
    first, _ = two
    session = sessions.load(first.session)
    assert session
    assert ADD in alerts.at_end(session).text  # and nothing is noted as notified
    assert first.event("Stop", stop_hook_active=True).quiet
    assert first.stop().quiet
    assert ADD in first.prompt().context
    assert first.prompt().quiet


SLOW = """

def depending(*_):
    import os, time, _signal
    if os.path.exists({slow!r}):
        _signal.setitimer(_signal.ITIMER_REAL, 0.01)
        time.sleep(60)
    return iter(())
"""


def test_a_recorder_that_runs_out_of_its_time_tells_what_it_knew_and_is_not_attempted_for_ever(
    client: MakeClient, project: Path, tmp_path: Path
):
    slow = tmp_path / "slow"
    passing = shutil.ignore_patterns("*.pyc.*")  # what others compile at this moment has such a name until it is whole
    for part in ("hooks", "context_sync"):
        shutil.copytree(CHECKOUT / part, tmp_path / "installed" / part, ignore=passing)
    with (tmp_path / "installed" / "context_sync" / "conflicts" / "candidates.py").open("a") as stream:
        stream.write(SLOW.format(slow=str(slow)))
    first, second = (client(hooks=commands(tmp_path / "installed" / "hooks")) for _ in range(2))
    for each in (first, second):
        each.start()
    first.edit(project / "calc.py", "a + b", "b + a")
    slow.touch()
    second.edit(project / "calc.py", "b + a", "sum((a, b))")
    assert len(gate.recorders(second.session)) == 1
    assert ADD in second.stop().context
    assert ADD in first.batch().context
    assert gate.recorders(second.session) == []
    assert second.stop().quiet
    assert ["OutOfTimeError" in line for line in log().splitlines()] == [True]


def test_what_the_guard_said_is_not_said_again(apart: tuple[Client, Client], project: Path):
    here, there = apart
    calc = there.folder / "calc.py"
    there.edit(calc, "return a + b\n\n\ndef sub(a, b):\n", "return b + a\n\n\ndef sub(a, b):\n    pass\n")
    there.edit(calc, "    pass\n    return a - b", "    pass\n    return b - a")
    here.edit(project / "calc.py", "a - b", "a - b - 0")
    assert b"`add`, `sub`" in attempt(here, project / "calc.py", "a + b", "0").output
    here.edit(project / "calc.py", "a + b", "0")
    assert here.prompt().context == ""


def test_what_the_guard_said_is_not_said_again_as_something_weaker(apart: tuple[Client, Client], project: Path):
    here, there = apart
    here.edit(project / "calc.py", "def add", "def new(a):\n    return a\n\n\ndef add")
    there.edit(there.folder / "calc.py", "a - b", "b - a")
    there.edit(there.folder / "calc.py", "a + b", "b + a")
    here.edit(project / "calc.py", "return a\n", "return a + 0\n")
    assert b"`sub`" in attempt(here, project / "calc.py", "a - b", "0").output
    assert here.prompt().context == ""
