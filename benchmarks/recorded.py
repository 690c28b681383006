"""The long transcript of the benchmarks: recorded by the real Claude Code against the scripted API, then repeated."""

import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.client.api import MessagesAPI, Step, step, text, tool
from tests.client.environment import Home
from tests.client.session import Session

SOURCES = ("argparse", "ast", "calendar", "csv", "dis", "doctest", "enum", "fractions", "heapq", "inspect")
BLOCK = 15  # lines
ALLOWED = ("--allowedTools", "Bash", "--settings", '{"env": {"CLAUDE_CODE_ENABLE_TODO_TOOLS": "1"}}')


def record(client: Path, folder: Path) -> Path:
    """Play a session that reads, edits, tests and plans in `folder`, which is empty, and return its transcript."""
    home, project = folder / "home", folder / "project"
    home.mkdir()
    project.mkdir()
    files = [_copied(name, project) for name in SOURCES]
    with MessagesAPI() as api:
        surroundings = Home(home, api.url)
        with Session(client, surroundings, project, options=ALLOWED) as session:
            for number, file in enumerate(files):
                api.script(session.id, *_turn(number, file))
                session.ask(f"Please make {file.name} say where it is used, and see that its tests pass.")
        (transcript,) = surroundings.transcripts
    return transcript


def repeat(transcript: Path, target: Path, size: int) -> None:
    """Write to `target` what `transcript` holds, its body again and again, until it has `size` bytes."""
    head, *body = transcript.read_bytes().splitlines(keepends=True)
    with target.open("wb") as stream:
        stream.write(head)
        while stream.tell() < size:
            stream.writelines(body)


def _copied(name: str, project: Path) -> Path:
    target = project / f"{name}.py"
    shutil.copy(Path(sysconfig.get_paths()["stdlib"], f"{name}.py"), target)
    return target


def _turn(number: int, file: Path) -> Iterator[Step]:
    yield step(text(f"I will look at {file.name} first."), tool("Read", file_path=str(file)))
    yield step(tool("TaskCreate", subject=f"Say where {file.stem} is used", description="In comments."))
    yield step(tool("TaskUpdate", taskId=str(number + 1), status="in_progress"))
    yield step(tool("Bash", command=f"grep -n def {file.name}", description="Find the functions"))
    for block in _blocks(file):
        first, _, rest = block.partition("\n")
        edit = tool("Edit", file_path=str(file), old_string=block, new_string=f"{first}  # used by its module\n{rest}")
        yield step(text(f"Now `{first.strip()}`, which is only called from within {file.name} itself."), edit)
        yield step(tool("Read", file_path=str(file), offset=1, limit=200))
    yield step(tool("Bash", command=f"python3 -m unittest -q {file.name}", description="Run the tests"))
    yield step(tool("TaskUpdate", taskId=str(number + 1), status="completed"))
    yield step(text(f"{file.name} now says where it is used, and its tests pass. Shall I go on with the next one?"))


def _blocks(file: Path) -> list[str]:
    """Return functions of the file as far as their first fifteen lines, which is what an edit usually takes in."""
    text = file.read_text(encoding="utf-8")
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith("def ") and line.endswith(":")]
    blocks = ["\n".join(lines[start : start + BLOCK]) for start in starts[:: len(starts) // 8 or 1]]
    return [block for block in blocks if text.count(block) == 1][:6]
