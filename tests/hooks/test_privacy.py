import os
import stat
from collections.abc import Callable
from pathlib import Path

from tests.rehearse import Client, encoded, log, state

MakeClient = Callable[..., Client]
SECRETS = ("PROMPTSECRET", "TEXTSECRET", "OLDSECRET", "NEWSECRET", "COMMANDSECRET", "OUTPUTSECRET", "ANSWERSECRET")


def play(client: MakeClient, project: Path) -> None:
    """Two sessions that conflict, crash, and speak of secrets in every field."""
    calc = project / "calc.py"
    calc.write_text("# TEXTSECRET\ndef add(a, b):\n    return a + b  # OLDSECRET\n")
    first, second = client(), client()
    for each in (first, second):
        each.start()
        each.append({"type": "user", "message": {"role": "user", "content": "PROMPTSECRET"}})
        each.prompt("PROMPTSECRET")
    first.edit(calc, "a + b  # OLDSECRET", "b + a  # NEWSECRET")
    edit = {"file_path": str(calc), "old_string": "b + a  # NEWSECRET", "new_string": "0  # NEWSECRET"}
    second.event("PreToolUse", tool_name="Edit", tool_use_id="toolu_1", tool_input=edit)
    second.edit(calc, "b + a  # NEWSECRET", "a + b + 0  # NEWSECRET")
    for each in (first, second):
        command = {"command": "echo COMMANDSECRET"}
        each.event("PostToolUse", tool_name="Bash", tool_input=command, tool_response={"stdout": "OUTPUTSECRET"})
        each.bash("echo '# TEXTSECRET' >> calc.py")
        each.batch(tool_response="OUTPUTSECRET")
        each.stop(last_assistant_message="ANSWERSECRET")
        each.send("PostToolUse", encoded(each.payload("PostToolUse", tool_input={"a": "TEXTSECRET"}))[:-20])
        each.event("PostToolUse", tool_name="Edit", cwd="/lone\ud800", tool_response={"originalFile": "TEXTSECRET"})
    first.end()


def files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_nothing_of_prompts_transcripts_and_files_is_kept(client: MakeClient, project: Path):
    play(client, project)
    kept = files(state(), Path(os.environ["XDG_STATE_HOME"]))
    assert len(kept) > 10
    assert log()
    for path in kept:
        text = path.read_bytes().decode("utf-8", "replace") + str(path)
        assert [secret for secret in SECRETS if secret in text] == []


def test_everything_is_private_whatever_the_mask(client: MakeClient, project: Path):
    before = os.umask(0)
    try:
        play(client, project)
    finally:
        os.umask(before)
    log_folder = Path(os.environ["XDG_STATE_HOME"], "context-sync")
    for path in (state(), log_folder, *state().rglob("*"), *log_folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert (path, mode) == (path, 0o700 if path.is_dir() else 0o600)
