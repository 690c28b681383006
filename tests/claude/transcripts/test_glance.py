from pathlib import Path

import pytest

from context_sync.claude.transcripts import glance
from tests.summaries.records import Conversation


@pytest.mark.parametrize(
    ("dialogue", "status"),
    [
        pytest.param(Conversation().prompt("fix it"), "working", id="asked"),
        pytest.param(Conversation().prompt("fix it").call("Bash", command="make"), "working", id="a tool runs"),
        pytest.param(Conversation().prompt("fix it").run("make"), "working", id="a tool ran"),
        pytest.param(Conversation().prompt("fix it").reply("Let me", stop="tool_use"), "working", id="in between"),
        pytest.param(Conversation().prompt("fix it").reply("Done."), "idle", id="the turn is over"),
        pytest.param(Conversation().prompt("fix it").ask("Which?"), "asks", id="a question waits"),
        pytest.param(Conversation().prompt("fix it").call("ExitPlanMode"), "asks", id="a plan waits"),
        pytest.param(Conversation().prompt("fix it").ask("Which?", "Beta"), "working", id="it was answered"),
        pytest.param(Conversation().prompt("fix it").prompt("[Request interrupted by user]"), "idle", id="interrupted"),
        pytest.param(
            Conversation().prompt("fix it").fail("API Error"),
            "failed",
            id="an error of the API",
        ),
        pytest.param(
            Conversation().prompt("fix it").reply("Done.").prompt("<local-command-stdout>x</local-command-stdout>"),
            "idle",
            id="a command of Claude Code",
        ),
    ],
)
def test_the_status_is_that_of_the_last_record(dialogue: Conversation, status: str, tmp_path: Path) -> None:
    seen = glance.take(str(dialogue.write(tmp_path / "s.jsonl")))
    assert (seen.status, seen.first, seen.latest) == (status, "fix it", "fix it")


def test_the_requests_and_the_title_are_found_in_a_long_transcript(tmp_path: Path) -> None:
    dialogue = (
        Conversation()
        .raw('{"type":"queue-operation","content":"x"}')
        .prompt("first")
        .title("Parser", "ai-title", "aiTitle")
    )
    for _ in range(200):
        dialogue.call("Read", file_path="/p").result("x" * 3000, {"type": "text"})
    dialogue.prompt("latest").reply("Done.")
    seen = glance.take(str(dialogue.write(tmp_path / "s.jsonl")))
    assert (seen.status, seen.first, seen.latest, seen.title) == ("idle", "first", "latest", "Parser")
    assert (seen.cwd, seen.branch, seen.began) == ("/home/dev/proj", "main", 1795161361.0)


def test_the_record_of_the_last_prompt_is_enough(tmp_path: Path) -> None:
    dialogue = Conversation().prompt("first")
    for _ in range(100):
        dialogue.call("Read", file_path="/p").result("x" * 3000, {"type": "text"})
    dialogue.raw('{"type":"last-prompt","lastPrompt":"latest","sessionId":"s"}')
    assert glance.take(str(dialogue.write(tmp_path / "s.jsonl"))).latest == "latest"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{", b'{"type":"user"', b'"role":"user"\n[]\n', b"\xff\x00\n"])
def test_senseless_files_tell_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(content)
    assert glance.take(str(file)) == glance.NOTHING
    assert glance.take(str(tmp_path / "none")) == glance.NOTHING
    assert glance.take("") == glance.NOTHING
