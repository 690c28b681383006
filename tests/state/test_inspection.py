import os
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from context_sync.state import inspection
from tests.rehearse import Client, client, project, state

__all__ = ["client", "project"]

MakeClient = Callable[..., Client]


@pytest.fixture
def played(client: MakeClient, project: Path) -> Client:
    """A state folder in which everything has happened."""
    one, other = client(), client()
    for each, title in ((one, "one"), (other, "other")):
        each.start(session_title=title)
    one.edit(project / "calc.py", "a + b", "b + a")
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    one.event("PreToolUse", tool_name="Bash", tool_input={"command": "echo x > file.broken"})
    one.bash("echo x > file.broken")
    sending.send("other", "hello", SendOptions(), sender=one.session)
    for each in (one, other):
        each.prompt()
        each.stop()
    return one


def in_repository(*parts: str) -> Path:
    [found] = state("repositories").iterdir()
    return found.joinpath(*parts)


FILES = {
    "where all sessions are": lambda _: state("summaries"),
    "where a mailbox is": lambda _: state("mail", "user"),
    "where a mailbox has what is new": lambda _: state("mail", "user", "new"),
    "where the gate of a session is": lambda _: state("gate", "somebody"),
    "where a repository is": lambda _: state("repositories", "other-0123"),
    "where files of one name are held": lambda _: in_repository("held", "a.py"),
    "called as no session": lambda _: in_repository("members", "a b"),
    "called as no session, among those that hold a file": lambda _: in_repository("held", "calc.py", "a.b"),
}
FOLDERS = {
    "where a presence is": lambda _: state("sessions", "somebody.json"),
    "where edits are": lambda _: state("touches", "somebody.jsonl"),
    "where a call is": lambda one: state("gate", one.session, "pending", "call"),
    "where a member is": lambda _: in_repository("members", "somebody"),
    "where a holder is": lambda _: in_repository("held", "calc.py", "somebody"),
}
LINKS = {"where all sessions are, and it leads to a folder": lambda _: state("summaries")}


@pytest.mark.usefixtures("played")
def test_nothing_of_what_hooks_make_is_misplaced():
    assert (inspection.misplaced(), inspection.broken()) == ([], [])
    assert in_repository("held", "file.broken").is_dir()


@pytest.mark.parametrize(
    ("make", "place"),
    [
        *(pytest.param(Path.touch, place, id=f"a file {name}") for name, place in FILES.items()),
        *(pytest.param(Path.mkdir, place, id=f"a folder {name}") for name, place in FOLDERS.items()),
        *(pytest.param(lambda path: path.symlink_to("/"), place, id=f"a link {name}") for name, place in LINKS.items()),
    ],
)
def test_what_is_in_the_way_is_found_and_deleted_alone(
    played: Client, make: Callable[[Path], None], place: Callable[[Client], Path]
):
    where = place(played)
    where.parent.mkdir(exist_ok=True)
    if where.is_dir():
        where.rename(where.with_name("moved"))
    before = sorted(state().rglob("*"))
    make(where)

    assert inspection.misplaced() == [str(where)]
    assert inspection.drop_misplaced() == [str(where)]
    assert sorted(state().rglob("*")) == before
    assert inspection.misplaced() == []


@pytest.mark.usefixtures("played")
def test_a_folder_in_the_way_that_holds_anything_is_left():
    folder = in_repository("members", "a b")
    folder.mkdir()
    (folder / "kept").touch()
    with pytest.raises(OSError, match="not empty"):
        inspection.drop_misplaced()
    assert os.listdir(folder) == ["kept"]
