import os
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from context_sync.domain.masking import MASK
from context_sync.summaries import extraction, summary
from context_sync.summaries.extraction import HEAD, LARGE, MIDDLE, TAIL, Gathered
from tests.summaries.records import Conversation

KEY = "sk-ant-api03-" + "aB3dE6gH9jK2" * 3


def gathered(dialogue: Conversation, folder: Path, before: Gathered | None = None) -> Gathered:
    return extraction.read(before or Gathered(), [str(dialogue.write(folder / "s.jsonl"))])


def stored(found: Gathered) -> Gathered:
    """What is read back from the state folder."""
    return extraction.from_json(orjson.loads(orjson.dumps(found.to_json())))


def test_a_whole_conversation(tmp_path: Path) -> None:
    dialogue = Conversation().prompt("write the parser").ask("Which library?", "Beta").reply("I take Beta.")
    dialogue.call("ExitPlanMode").result("ok", {"plan": "# Parser\n1. write"})
    dialogue.call("TaskCreate").result("ok", {"task": {"id": "1", "subject": "write it"}})
    dialogue.call("TaskCreate").result("ok", {"task": {"id": "2", "subject": "test it"}})
    dialogue.call("TaskUpdate").result("ok", {"taskId": "1", "statusChange": {"from": "pending", "to": "completed"}})
    dialogue.edit("/p/parser.py", "+a", "-b").edit("/p/parser.py", "+c").edit("/p/other.py", "-d")
    dialogue.run("pytest -q", "F\n1 failed\n", 1).run("ls").prompt("and the docs").reply("Shall I go on? I can.")

    found = gathered(dialogue, tmp_path)

    assert found.first_request == "write the parser"
    assert found.requests == ["write the parser", "and the docs"]
    assert [(question, answer) for question, answer, _ in found.answers] == [("Which library?", "Beta")]
    assert found.plan == "# Parser 1. write"
    assert found.tasks == {"1": ("write it", "completed"), "2": ("test it", "pending")}
    assert {path: counts[:2] for path, counts in found.files.items()} == {"/p/parser.py": (2, 1), "/p/other.py": (0, 1)}
    assert {run: result[:2] for run, result in found.runs.items()} == {"pytest -q": (1, "1 failed")}
    assert found.last_reply == "Shall I go on? I can."
    assert [(role, text) for _, role, text in found.kept] == [
        ("user", "write the parser"),
        ("assistant", "I take Beta."),
        ("user", "and the docs"),
        ("assistant", "Shall I go on? I can."),
    ]
    assert summary.questions_of(found) == ["Shall I go on?"]


def test_of_a_subagent_only_what_it_did_counts(tmp_path: Path) -> None:
    main = Conversation().prompt("delegate it").reply("It is done.").write(tmp_path / "s.jsonl")
    aside = (
        Conversation(sidechain=True).prompt("look around").edit("/p/a.py", "+x").run("pytest", "1 passed").reply("Done")
    )
    agent = aside.write(tmp_path / "s" / "subagents" / "agent-1.jsonl")

    found = extraction.read(Gathered(), [str(main), str(agent)])

    assert found.requests == ["delegate it"]
    assert found.last_reply == "It is done."
    assert list(found.files) == ["/p/a.py"]
    assert list(found.runs) == ["pytest"]


def test_reading_on_knows_what_was_read(tmp_path: Path) -> None:
    dialogue = Conversation().prompt("one").call("Bash", command="pytest")
    found = stored(gathered(dialogue, tmp_path))
    assert [call.about for call in summary.pending(found)] == ["pytest"]

    dialogue.result("2 passed", {"stdout": "2 passed"}).reply("All pass.")
    found = gathered(dialogue, tmp_path, found)

    assert (found.messages, found.last_reply) == (2, "All pass.")
    assert found.runs["pytest"][:2] == (0, "2 passed")
    assert found.positions == {"s.jsonl": os.path.getsize(tmp_path / "s.jsonl")}
    assert gathered(dialogue, tmp_path, stored(found)).messages == 2


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = Conversation().prompt("one").write(tmp_path / "s.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole + Conversation().prompt("two").lines[0].encode()[:40])
    found = extraction.read(Gathered(), [str(file)])
    assert found.requests == ["one"]
    Conversation().prompt("one").prompt("two").write(file)
    assert extraction.read(found, [str(file)]).requests == ["one", "two"]


def test_a_transcript_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    found = gathered(Conversation().prompt("a long first request, never to be seen again"), tmp_path)
    assert gathered(Conversation().prompt("short"), tmp_path, found).requests == ["short"]


def test_a_session_that_moved_into_a_worktree_is_read_on(tmp_path: Path) -> None:
    found = gathered(Conversation().prompt("one"), tmp_path / "proj")
    moved = Conversation().prompt("one").prompt("two").write(tmp_path / "proj-worktree" / "s.jsonl")
    assert extraction.read(found, [str(moved)]).requests == ["one", "two"]


@pytest.mark.parametrize("secret", [KEY, f"x {KEY} y", "-----BEGIN PRIVATE KEY-----\nMIIE" + "A" * 4000])
def test_no_secret_is_kept(tmp_path: Path, secret: str) -> None:
    dialogue = Conversation().prompt(f"use {secret}").reply(f"I use {secret}").ask(f"is it {secret}?", f"yes, {secret}")
    dialogue.call("ExitPlanMode").result("ok", {"plan": f"use {secret}"}).compact(f"the key is {secret}")
    dialogue.call("TaskCreate").result("ok", {"task": {"id": "1", "subject": secret}}).title(secret)
    dialogue.run(f"KEY={secret} pytest", f"no {secret}\n", 1).call("Bash", command=f"echo {secret}")
    dialogue.fail(f"API Error: {secret}")

    text = orjson.dumps(gathered(dialogue, tmp_path).to_json()).decode()

    assert KEY not in text
    assert "MIIE" not in text
    assert text.count(MASK) >= 10


def test_a_key_at_the_edge_of_what_is_kept_does_not_show(tmp_path: Path) -> None:
    found = gathered(Conversation().prompt("x" * (extraction.MAX_EXCERPT - 20) + " " + KEY), tmp_path)
    assert "sk-ant" not in orjson.dumps(found.to_json()).decode()


@pytest.mark.parametrize("messages", [LARGE - 1, LARGE, 3 * LARGE])
@pytest.mark.parametrize("steps", [1, 7])
def test_a_large_conversation_is_sampled_in_its_head_its_middle_and_its_tail(
    tmp_path: Path, messages: int, steps: int
) -> None:
    dialogue = Conversation()
    found = Gathered()
    for number in range(messages):
        dialogue.reply(f"message {number}")
        if number % (messages // steps) == 0 or number == messages - 1:
            found = stored(gathered(dialogue, tmp_path, found))
    numbers = [number for number, _, _ in found.kept]

    assert found.messages == messages
    assert [text for _, _, text in found.kept] == [f"message {number}" for number in numbers]
    if messages < LARGE:
        assert numbers == list(range(messages))
    else:
        assert len(numbers) <= HEAD + MIDDLE + TAIL
        assert numbers[:HEAD] == list(range(HEAD))
        assert numbers[-TAIL:] == list(range(messages - TAIL, messages))
        middle = numbers[HEAD:-TAIL]
        assert len(middle) >= MIDDLE // 4
        assert {after - before for before, after in pairwise(middle)} == {found.stride}


def test_every_list_is_bounded(tmp_path: Path) -> None:
    dialogue = Conversation()
    for number in range(300):
        dialogue.prompt(f"request {number} " + "long " * 1000).ask(f"q{number}", "a").edit(f"/p/{number}", "+x")
        dialogue.run(f"pytest {number}", "x" * 10_000)
    found = gathered(dialogue, tmp_path)
    assert len(orjson.dumps(found.to_json())) < 200_000
    assert found.first_request.startswith("request 0 ")
    assert list(found.files)[-1] == "/p/299"
    assert list(found.runs)[-1] == "pytest 299"


@pytest.mark.parametrize(
    "value", [None, [], {}, {"version": 0}, {"version": 1, "unknown": 1}, {"version": 1, "kept": 7}]
)
def test_what_is_invalid_is_extracted_again(value: object) -> None:
    assert extraction.from_json(value) == Gathered()


def test_a_list_of_tasks_replaces_the_one_before(tmp_path: Path) -> None:
    old = [{"content": "old", "status": "pending", "activeForm": "."}]
    new = [{"content": f"{KEY} {number}", "status": "completed", "activeForm": "."} for number in range(120)]
    dialogue = Conversation().call("TodoWrite").result("ok", {"oldTodos": [], "newTodos": old})
    dialogue.call("TodoWrite").result("ok", {"oldTodos": old, "newTodos": new})

    found = gathered(dialogue, tmp_path)

    assert list(found.tasks.values()) == [(f"{MASK} {number}", "completed") for number in range(20, 120)]


def test_of_many_tasks_the_latest_stay(tmp_path: Path) -> None:
    dialogue = Conversation()
    for number in range(103):
        dialogue.call("TaskCreate").result("ok", {"task": {"id": str(number), "subject": f"task {number}"}})
    assert list(gathered(dialogue, tmp_path).tasks) == [str(number) for number in range(3, 103)]


def test_an_accepted_plan_is_a_decision(tmp_path: Path) -> None:
    dialogue = Conversation().prompt("plan").call("ExitPlanMode").result("ok", {"plan": "1. write"})
    dialogue.ask("Which library?", "Beta")
    decided = summary.decisions_of(gathered(dialogue, tmp_path))
    assert [text for text, _ in decided] == ["Plan accepted: 1. write", "Which library? Beta"]
