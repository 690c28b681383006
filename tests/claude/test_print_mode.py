import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from context_sync.claude import print_mode
from context_sync.claude.print_mode import Outcome, Question

TIMEOUT = 600.0  # seconds for what takes a fraction of one
QUESTION = Question("You answer.", "What is it?", {"type": "object"})


def client(folder: Path, script: str) -> str:
    """Make an executable in place of Claude Code; tests/end_to_end/test_summaries.py runs the real one."""
    file = folder / "client"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def printing(result: object) -> str:
    return f"cat >/dev/null; cat <<'EOF'\n{json.dumps(result)}\nEOF"


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(
            printing({"is_error": False, "structured_output": {"task": "x"}}), Outcome({"task": "x"}), id="an answer"
        ),
        pytest.param(
            printing({"is_error": True, "stop_reason": "refusal", "result": "API Error: no"}),
            Outcome(None, "the model refused: API Error: no"),
            id="a refusal",
        ),
        pytest.param(
            printing({"is_error": True, "errors": ["5 attempts"], "structured_output": None}),
            Outcome(None, "Claude Code failed: 5 attempts"),
            id="no valid answer after all attempts",
        ),
        pytest.param(
            printing({"is_error": False, "result": "no thanks"}),
            Outcome(None, "the model gave no answer in the form that was asked for"),
            id="an answer in prose",
        ),
        pytest.param(printing([]), Outcome(None, "Claude Code printed something else than a result"), id="a list"),
        pytest.param(
            "echo '{'", Outcome(None, "Claude Code ended with status 0 and without an answer: {"), id="half JSON"
        ),
        pytest.param(
            "echo \"error: unknown option '--safe-mode'\" >&2; exit 1",
            Outcome(None, "Claude Code ended with status 1 and without an answer: error: unknown option '--safe-mode'"),
            id="an old client",
        ),
        pytest.param(
            "kill -9 $$", Outcome(None, "Claude Code ended with status -9 and without an answer"), id="a crash"
        ),
    ],
)
def test_what_comes_of_it(tmp_path: Path, script: str, outcome: Outcome) -> None:
    assert print_mode.ask(QUESTION, client(tmp_path, script), "", TIMEOUT) == outcome


def test_without_a_client_the_reason_says_so(tmp_path: Path) -> None:
    outcome = print_mode.ask(QUESTION, str(tmp_path / "none"), "", 1.0)
    assert outcome == Outcome(None, f"Claude Code '{tmp_path}/none' cannot be run (No such file or directory)")
    assert not print_mode.command_found(str(tmp_path / "none"))


def test_after_the_time_limit_nothing_of_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Begun(subprocess.Popen[bytes]):
        """A command whose time limit starts once it has started a child, however long the machine takes for that."""

        def communicate(self, text: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:
            while timeout and not (tmp_path / "child").exists():
                time.sleep(0.01)
            return super().communicate(text, timeout)

    monkeypatch.setattr(subprocess, "Popen", Begun)
    script = f"sleep 3600 & echo $! >{tmp_path}/made; mv {tmp_path}/made {tmp_path}/child; wait"
    began = time.monotonic()
    assert (
        print_mode.ask(QUESTION, client(tmp_path, script), "", 1.0).failure == "Claude Code took longer than 1 seconds"
    )
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "cmdline")
    while is_there(child):
        assert time.monotonic() - began < TIMEOUT, "what it started lives on"
        time.sleep(0.01)
    assert time.monotonic() - began < TIMEOUT


def is_there(command_line: Path) -> bool:
    try:
        return command_line.read_bytes() != b""
    except OSError:
        return False


def test_it_runs_alone_in_an_empty_folder_and_speaks_for_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in print_mode.PARENT_VARIABLES:
        monkeypatch.setenv(name, "the parent's")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    script = (
        f'env >{tmp_path}/env; ls -A >{tmp_path}/files; pwd >{tmp_path}/folder; printf "%s\\n" "$@" >{tmp_path}/options'
    )

    print_mode.ask(QUESTION, client(tmp_path, f"cat >{tmp_path}/text; {script}"), "haiku", TIMEOUT)

    environment = (tmp_path / "env").read_text().splitlines()
    assert [line for line in environment if line.endswith("the parent's")] == []
    assert {"CONTEXT_SYNC=0", "ANTHROPIC_BASE_URL=http://127.0.0.1:9"} <= set(environment)
    assert (tmp_path / "files").read_text() == ""
    assert not os.path.exists((tmp_path / "folder").read_text().strip())
    options = (tmp_path / "options").read_text().splitlines()
    assert options[options.index("--model") + 1] == "haiku"
    assert options[options.index("--tools") + 1] == ""
    assert {"--safe-mode", "--no-session-persistence", "--strict-mcp-config"} <= set(options)
    assert (tmp_path / "text").read_text() == "What is it?"
