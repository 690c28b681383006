from pathlib import Path

import pytest

from context_sync.domain import wording
from context_sync.domain.records import Session
from context_sync.state import sessions, summaries
from context_sync.summaries import introduction, work
from tests.cli import stage
from tests.cli.stage import Stage
from tests.summaries.records import Conversation

KEY = "sk-ant-api03-" + "aB3dE6gH9jK2" * 3


def known(session_id: str) -> Session:
    found = sessions.load(session_id)
    assert found
    return found


@pytest.mark.parametrize("others", [1, 2, 4, 9, 40])
@pytest.mark.parametrize("task", ["", "short", "<b>long</b> " * 100, f"use {KEY} " * 50, "日本語 " * 200])
def test_the_note_is_bounded_and_names_everyone_or_says_how_many_more(
    the_stage: Stage, shop: Path, isolated_home: Path, others: int, task: str
) -> None:
    base = known(the_stage.enter("base", shop).session)
    mine = base._replace(id="mine", name="mine")
    sessions.end(base, 1.0)
    sessions.save(mine)
    for number in range(others):
        each = base._replace(id=f"other-{number}", name=f"session {number}", ended=0.0, last_seen=float(number))
        if task:
            Conversation().prompt(task).write(isolated_home / f"{each.id}.jsonl")
        sessions.save(each._replace(transcript=str(isolated_home / f"{each.id}.jsonl")))

    note = introduction.note(mine)

    assert len(note) <= wording.LONGEST_COMPANY
    named = [number for number in range(others) if f'"session {number}"' in note]
    assert len(named) == min(others, introduction.MAX_SESSIONS)
    assert (f"- and {others - introduction.MAX_SESSIONS} more" in note) == (others > introduction.MAX_SESSIONS)
    assert KEY not in note
    assert "<b>" not in note


def test_alone_there_is_nothing_to_say(the_stage: Stage, shop: Path, tmp_path: Path) -> None:
    mine = known(the_stage.enter("mine", shop).session)
    the_stage.enter("elsewhere", stage.repository(tmp_path / "other"))
    assert introduction.note(mine) == ""


@pytest.mark.parametrize(
    ("dialogue", "task"),
    [
        pytest.param(Conversation(), "", id="nothing yet"),
        pytest.param(Conversation().prompt("write the parser"), "write the parser", id="one request"),
        pytest.param(
            Conversation().prompt("write the parser").reply("Done.").prompt("and the docs"),
            "write the parser – latest request: and the docs",
            id="a later one",
        ),
        pytest.param(Conversation().prompt(f"use {KEY}"), "use [masked]", id="a secret"),
    ],
)
def test_the_task_is_in_the_users_words(
    the_stage: Stage, shop: Path, isolated_home: Path, dialogue: Conversation, task: str
) -> None:
    player = the_stage.enter("mine", shop)
    dialogue.write(isolated_home / f"{player.session}.jsonl")
    assert work.of(known(player.session)).task == task


def test_the_summary_counts_until_there_is_another_request(the_stage: Stage, shop: Path, isolated_home: Path) -> None:
    player = the_stage.enter("mine", shop)
    dialogue = Conversation().prompt("write the parser")
    dialogue.write(isolated_home / f"{player.session}.jsonl")
    summaries.save(player.session, {"task": "Writes a parser in Beta", "request": "write the parser"})
    assert work.of(known(player.session)).task == "Writes a parser in Beta"
    dialogue.prompt("and the docs").write(isolated_home / f"{player.session}.jsonl")
    assert work.of(known(player.session)).task == "write the parser – latest request: and the docs"
