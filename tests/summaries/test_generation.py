import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from context_sync.state import files, summaries
from context_sync.summaries import cache, generation
from context_sync.summaries.summary import Summary
from tests.summaries.records import Conversation

ANSWER = {"task": "Parser", "decisions": ["Beta"], "progress": ["a.py"], "next": ["tests"], "blockers": []}


class Client:
    """An executable in place of Claude Code, which records the question and answers with the content of a file."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.asked = folder / "asked"
        self.answer = folder / "answer"
        self._script = folder / "client"
        self._script.write_text(
            f"#!/bin/sh\ncat >>{self.asked}\nprintf '\\036' >>{self.asked}\nsleep ${{SLEEP:-0}}\ncat {self.answer}\n"
        )
        self._script.chmod(stat.S_IRWXU)
        self._config = config
        self.gives(ANSWER)
        self.configure()

    def configure(self, **keys: str) -> None:
        values = {"summary_command": str(self._script), **keys}
        self._config.parent.mkdir(parents=True, exist_ok=True)
        self._config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))

    def gives(self, answer: object) -> None:
        self.answer.write_text(json.dumps({"is_error": False, "structured_output": answer}))

    @property
    def questions(self) -> list[str]:
        return self.asked.read_text().split("\036")[:-1] if self.asked.exists() else []


@pytest.fixture
def client(tmp_path: Path, isolated_home: Path) -> Client:
    return Client(tmp_path, isolated_home / ".config" / "context-sync" / "config.toml")


@pytest.fixture
def dialogue() -> Conversation:
    return Conversation().prompt("write the parser").reply("I have begun.")


def summarise(dialogue: Conversation, folder: Path) -> Summary:
    return generation.summarise("s", str(dialogue.write(folder / "s.jsonl")))[1]


def test_a_summary_is_made_once_and_kept_private(client: Client, dialogue: Conversation, tmp_path: Path) -> None:
    made = summarise(dialogue, tmp_path)
    assert (made.task, made.decisions, made.source, made.failure) == ("Parser", ("Beta",), "claude", "")
    assert summarise(dialogue, tmp_path) == made
    dialogue.raw('{"type":"api-request","sessionId":"s"}').title("Parser")
    dialogue.lines.pop()
    assert summarise(dialogue, tmp_path) == made
    (question,) = client.questions
    assert question.startswith("Summarise this session.")
    assert "- user: write the parser\n- assistant: I have begun." in question
    stored = Path(files.path("summaries"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in stored.iterdir()} == {0o600}
    assert stat.S_IMODE(stored.stat().st_mode) == 0o700


def test_what_is_new_is_added_and_everything_is_summarised_again_after_four_updates(
    client: Client, dialogue: Conversation, tmp_path: Path
) -> None:
    for number in range(7):
        summarise(dialogue.prompt(f"request {number}"), tmp_path)
    kinds = ["full" if question.startswith("Summarise this session.") else "update" for question in client.questions]
    assert kinds == ["full", "update", "update", "update", "update", "full", "update"]
    update = client.questions[1]
    assert "## Summary so far\n- Parser\n- decided: Beta\n- done: a.py\n- next: tests" in update
    assert "- user: request 1" in update
    assert "- user: write the parser" not in update
    assert "- user: write the parser" in client.questions[5]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        pytest.param("", "Claude Code ended with status 0 and without an answer", id="nothing"),
        pytest.param(
            json.dumps({"is_error": True, "stop_reason": "refusal", "result": "API Error: no"}),
            "the model refused: API Error: no",
            id="a refusal",
        ),
        pytest.param(
            json.dumps({"is_error": False, "structured_output": {"task": " ", "decisions": []}}),
            "the model's answer is empty",
            id="an empty answer",
        ),
    ],
)
def test_a_failure_gives_the_extraction_and_is_named_and_not_repeated_at_once(
    client: Client, dialogue: Conversation, tmp_path: Path, answer: str, failure: str
) -> None:
    client.answer.write_text(answer)
    made = summarise(dialogue, tmp_path)
    assert (made.task, made.source, made.failure) == ("write the parser", "transcript", failure)
    assert summarise(dialogue, tmp_path) == made
    assert len(client.questions) == 1

    client.gives(ANSWER)
    assert summarise(dialogue.prompt("and the docs"), tmp_path).task == "Parser"


def test_a_failed_update_keeps_the_summary_for_the_next_one(
    client: Client, dialogue: Conversation, tmp_path: Path
) -> None:
    summarise(dialogue, tmp_path)
    client.answer.write_text("")
    assert summarise(dialogue.prompt("more"), tmp_path).source == "transcript"
    client.gives(ANSWER)
    assert summarise(dialogue.prompt("even more"), tmp_path).source == "claude"
    assert "- user: more\n- user: even more" in client.questions[-1]


@pytest.mark.parametrize("keys", [{"summary": "off"}, {"summary_command": "/nowhere/claude"}], ids=["off", "not found"])
def test_without_a_model_the_extraction_speaks(
    client: Client, dialogue: Conversation, tmp_path: Path, keys: dict[str, str]
) -> None:
    client.configure(**keys)
    made = summarise(dialogue.ask("Which library?", "Beta").run("pytest", "1 failed", 1), tmp_path)
    assert (made.source, made.failure, made.task) == ("transcript", "", "write the parser")
    assert made.decisions == ("Which library? Beta",)
    assert made.blockers == ("`pytest` ended with 1: 1 failed",)
    assert client.questions == []


def test_nothing_is_asked_about_a_session_that_said_nothing(client: Client, tmp_path: Path) -> None:
    assert summarise(Conversation(), tmp_path).task == ""
    assert client.questions == []


def test_two_at_once_make_it_once(
    client: Client, dialogue: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLEEP", "1")
    path = str(dialogue.write(tmp_path / "s.jsonl"))
    made: list[Summary] = []
    threads = [threading.Thread(target=lambda: made.append(generation.summarise("s", path)[1])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.task for each in made] == ["Parser"] * 3
    assert len(client.questions) == 1


def test_one_that_waits_in_vain_says_so(
    client: Client, dialogue: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "TIME_LIMIT", 0.2)
    with summaries.GenerationLock("s", 1.0) as is_mine:
        assert is_mine
        made = summarise(dialogue, tmp_path)
    assert (made.source, made.failure) == ("transcript", "another process is making it, and is not done yet")
    assert client.questions == []


@pytest.mark.usefixtures("client")
def test_a_summary_dies_with_its_session(dialogue: Conversation, tmp_path: Path) -> None:
    summarise(dialogue, tmp_path)
    other = Conversation().prompt("else").write(tmp_path / "other.jsonl")
    cache.keep("other", str(other))
    assert summaries.load("s") != {}

    (tmp_path / "s.jsonl").unlink()
    cache.keep("other", str(Conversation().prompt("else").prompt("more").write(other)))

    assert summaries.load("s") == {}
    assert sorted(os.listdir(files.path("summaries"))) == ["other.gathered"]


@pytest.mark.parametrize("content", ["{", "[]", '{"at": "x"}', '{"task": 7}'])
def test_a_broken_file_is_made_again(client: Client, dialogue: Conversation, tmp_path: Path, content: str) -> None:
    summarise(dialogue, tmp_path)
    for name in ("s.json", "s.gathered"):
        Path(files.path("summaries", name)).write_text(content)
    assert summarise(dialogue, tmp_path).task == "Parser"
    assert len(client.questions) == 2


def test_a_long_answer_is_cut_and_a_secret_in_it_masked(client: Client, dialogue: Conversation, tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "aB3dE6gH9jK2" * 3
    client.gives(ANSWER | {"task": f"Uses {key} <b>", "next": ["x" * 1000] * 50})
    began = time.time()
    made = summarise(dialogue, tmp_path)
    assert made.task == "Uses [masked] ‹b›"
    assert (len(made.next), len(made.next[0])) == (12, 300)
    assert began <= made.at <= time.time()
