import json
import os
from pathlib import Path

import pytest

from context_sync.claude.hooks import edits, simulation
from context_sync.state import processes

RECORDER = """cat >>"$HOME/payloads"; env >"$HOME/environment"; pwd >"$HOME/folder" """
BEFORE = "".join(f"line {number}\n" for number in range(1, 21))


@pytest.fixture
def player(isolated_home: Path, tmp_path: Path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text(BEFORE)
    commands = dict.fromkeys(["PreToolUse", "PostToolUse", "PostToolBatch"], RECORDER)
    surroundings = simulation.surroundings(str(isolated_home))
    with simulation.player("title", str(tmp_path / "work"), commands, surroundings) as found:
        yield found


def payloads(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "payloads").read_text().splitlines()]


def test_a_hook_gets_what_claude_code_gives_it(player: simulation.Player, isolated_home: Path, monkeypatch):
    monkeypatch.setenv("A_SECRET_OF_THE_CALLER", "1")

    answer = simulation.play(player, "PreToolUse", tool_name="Edit")

    assert (answer.code, answer.output, answer.errors, answer.context) == (0, b"", b"", "")
    (payload,) = payloads(isolated_home)
    assert payload["session_id"] == player.session
    assert (payload["hook_event_name"], payload["cwd"], payload["tool_name"]) == ("PreToolUse", player.folder, "Edit")
    assert (isolated_home / "payloads").read_text().startswith('{"session_id":"')  # compact, as the gate reads it
    environment = dict(line.split("=", 1) for line in (isolated_home / "environment").read_text().splitlines())
    assert (environment["CLAUDE_CODE_SESSION_ID"], environment["CLAUDE_PID"]) == (player.session, str(player.pid))
    assert "A_SECRET_OF_THE_CALLER" not in environment
    assert "CLAUDE_CONFIG_DIR" not in environment
    assert (isolated_home / "folder").read_text().strip() == player.folder


def test_the_process_of_a_player_lives_as_long_as_the_simulation(isolated_home: Path):
    with simulation.player("title", "/", {}, simulation.surroundings(str(isolated_home))) as player:
        assert processes.start_of(player.pid)
    assert not processes.start_of(player.pid)


@pytest.mark.parametrize(
    ("old", "new", "hunks"),
    [
        pytest.param("line 3\n", "line three\n", [(3, 1, 3, 1)], id="a changed line"),
        pytest.param("line 3\n", "", [(3, 1, 2, 0)], id="a line taken out"),
        pytest.param("line 3\n", "line 3\nmore\n", [(3, 0, 4, 1)], id="a line put in"),
        pytest.param("line 3\nline 4\nline 5\n", "3\nline 4\n5\n", [(3, 1, 3, 1), (5, 1, 5, 1)], id="two places"),
    ],
)
def test_an_edit_is_made_and_reported_as_by_the_tool(
    player: simulation.Player, isolated_home: Path, old: str, new: str, hunks: list[edits.Hunk]
):
    events = [event for event, _ in simulation.edit(player, "notes.txt", old, new)]

    assert events == ["PreToolUse", "PostToolUse", "PostToolBatch"]
    after = Path(player.folder, "notes.txt").read_bytes()
    assert after == BEFORE.replace(old, new, 1).encode()
    payload = payloads(isolated_home)[1]
    assert edits.read(payload["tool_input"], payload["tool_response"]) == edits.FileEdit(
        os.path.join(player.folder, "notes.txt"), BEFORE.encode(), after, tuple(hunks)
    )


def test_an_edit_that_is_denied_is_tried_once_more_and_given_up(player: simulation.Player):
    denial = {"hookSpecificOutput": {"permissionDecision": "deny", "permissionDecisionReason": "held"}}
    stubborn = player._replace(commands={**player.commands, "PreToolUse": f"echo '{json.dumps(denial)}'"})

    found = list(simulation.edit(stubborn, "notes.txt", "line 3", "line three"))

    assert [event for event, _ in found] == ["PreToolUse", "PreToolUse", "PostToolBatch"]
    assert [answer.context for _, answer in found] == ["held", "held", ""]
    assert Path(player.folder, "notes.txt").read_text() == BEFORE
