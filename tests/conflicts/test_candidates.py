import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from context_sync.claude.hooks.edits import FileEdit, RecordedEdit
from context_sync.conflicts import candidates, mentions
from context_sync.domain.records import Session
from context_sync.edits import recorder
from context_sync.git import checkouts, runner
from context_sync.hotpath import regular_files
from context_sync.state import gate, processes, sessions, touches
from context_sync.touches import settlement
from tests.rehearse import git

ORDER = """\
class Order:
    def __init__(self, items):
        self.items = items


def total(items):
    return sum(items)


def totals(orders):
    return [total(each) for each in orders]
"""
USER = """\
from order import Order, total, totals


def show(items):
    return str(items)


def subtotal(items):
    return items[0]
"""
CALLING, SIGNED = (
    ("str(items)", "str(total(items))"),
    ("total(items):\n    return sum(", "total(items, tax):\n    return sum("),
)
BOTH = ("order.py", "user.py")


class Editor:
    """A session in this process: what it edits is recorded as the recorder does it."""

    def __init__(self, folder: Path, name: str) -> None:
        place = checkouts.checkout_of(str(folder))
        assert place
        now = time.time()
        self.folder = folder
        self.session = Session(
            id=name,
            name=name,
            named_by="title",
            pid=os.getpid(),
            pid_start=processes.start_of(os.getpid()),
            cwd=str(folder),
            repository=place.repository,
            worktree=place.worktree,
            branch="main",
            transcript="",
            entrypoint="cli",
            started=now,
            last_seen=now,
            ended=0.0,
        )
        sessions.save(self.session)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        before = file.read_text()
        assert old in before
        file.write_text(before.replace(old, new, 1))
        edit = FileEdit(str(file), before.encode(), file.read_bytes(), ())
        recorder.record(self.session, [RecordedEdit(time.time(), "Edit", f"toolu_{uuid.uuid4().hex}", "", edit)])

    @property
    def called(self) -> dict[str, tuple[str, ...]]:
        """Whom this session was called about, and the files."""
        return {notice.about: notice.paths for notice in gate.notices(self.session.id, at_prompt=True)}


MakeEditor = Callable[..., Editor]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    git(made, "init", "--quiet")
    commit(made, {"order.py": ORDER, "user.py": USER, "notes.md": "# Notes\n"})
    return made


@pytest.fixture
def editor(folder: Path) -> MakeEditor:
    def make(name: str, where: Path = folder) -> Editor:
        return Editor(where, name)

    return make


def commit(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=more")


Edits = tuple[tuple[str, str, str], ...]

SCENES = [
    pytest.param((("user.py", *CALLING),), ("order.py", *SIGNED), BOTH, id="the other calls what is altered now"),
    pytest.param((("order.py", *SIGNED),), ("user.py", *CALLING), BOTH, id="what is called now was altered"),
    pytest.param(
        (("user.py", "str(items)", "str(Order(items))"),),
        ("order.py", "__init__(self, items)", "__init__(self, items, at)"),
        BOTH,
        id="a constructor, which is called by the name of its class",
    ),
    pytest.param(
        (("user.py", "str(items)", "str(totals([items]))"),),
        ("order.py", "sum(items)", "sum(items) * 2"),
        BOTH,
        id="a call of what calls it, whose name is longer",
    ),
    pytest.param(
        (("order.py", "sum(items)", "sum(items) * 2"),),
        ("user.py", "str(items)", "str(totals([items]))"),
        BOTH,
        id="a call now of what calls the altered, whose name is longer",
    ),
    pytest.param(
        (("user.py", "items[0]", "items[1]"),),
        ("order.py", *SIGNED),
        (),
        id="the other touched what uses nothing",
    ),
    pytest.param(
        (("user.py", "str(items)", "str(subtotal(items))"), ("user.py", ", total, totals", "")),
        ("order.py", *SIGNED),
        (),
        id="the name is only a part of a word of the other",
    ),
    pytest.param(
        (("order.py", "items = items", "items = list(items)"),), ("order.py", *SIGNED), ("order.py",), id="same file"
    ),
    pytest.param((("user.py", *CALLING),), ("notes.md", "Notes", "total"), (), id="a heading of the same name"),
    pytest.param((("notes.md", "Notes", "Words"),), ("user.py", *CALLING), (), id="nothing in common"),
]


@pytest.mark.parametrize("whole", [candidates.READ_WHOLE, 0], ids=["by their files", "by their indexes"])
@pytest.mark.parametrize(("before", "now", "met"), SCENES)
def test_a_fresh_edit_calls_those_whom_it_concerns(
    editor: MakeEditor,
    monkeypatch: pytest.MonkeyPatch,
    whole: int,
    before: Edits,
    now: tuple[str, str, str],
    met: tuple[str, ...],
):
    monkeypatch.setattr(candidates, "READ_WHOLE", whole)
    me, other = editor("me"), editor("other")
    for each in before:
        other.edit(*each)
    me.edit(*now)
    expected = {"other": met} if met else {}
    assert me.called == expected
    assert other.called == {about: paths for about, paths in {"me": met}.items() if met}


def test_every_session_that_holds_the_file_is_called(editor: MakeEditor):
    me, *others = [editor(name) for name in ("me", "one", "two", "three")]
    for number, other in enumerate(others):
        other.edit("user.py", f"items[{number}]", f"items[{number + 1}]")
    others[1].edit("user.py", *CALLING)
    me.edit("order.py", *SIGNED)
    assert me.called.keys() == {"one", "two", "three"}


HAND = [
    pytest.param("user.py", USER.replace(*CALLING), BOTH, id="it calls what is altered"),
    pytest.param("user.py", USER, (), id="it was taken back"),
    pytest.param("user.py", None, (), id="it is gone"),
    pytest.param("user.py", Path, (), id="it is a folder"),
    pytest.param("user.py", os.mkfifo, (), id="it is a pipe, which is not waited for"),
    pytest.param("user.py", os.symlink, (), id="it is a link"),
]


@pytest.mark.parametrize(("name", "now", "met"), HAND)
def test_what_is_in_a_file_now_counts_whoever_wrote_it(
    editor: MakeEditor, folder: Path, name: str, now: object, met: tuple[str, ...]
):
    me, other = editor("me"), editor("other")
    other.edit(name, "str(items)", "repr(items)")
    me.edit("order.py", "sum(items)", "sum(items) + 0")
    assert not me.called
    (folder / name).unlink()
    if isinstance(now, str):
        (folder / name).write_text(now)
    elif now is Path:
        (folder / name).mkdir()
    elif now is os.symlink:
        (folder / name).symlink_to("total")
    elif now is os.mkfifo:
        os.mkfifo(folder / name)
    me.edit("order.py", *SIGNED)
    assert me.called == ({"other": met} if met else {})


def test_what_the_other_committed_is_over(editor: MakeEditor, folder: Path):
    me, other = editor("me"), editor("other")
    other.edit("user.py", *CALLING)
    git(folder, "commit", "--quiet", "--all", "--message=calling")
    me.edit("order.py", *SIGNED)
    assert not me.called


def test_what_the_user_resolved_is_over(editor: MakeEditor):
    me, other = editor("me"), editor("other")
    other.edit("user.py", *CALLING)
    settlement.resolve(me.session.repository, {"user.py"}, time.time())
    me.edit("order.py", *SIGNED)
    assert not me.called


@pytest.mark.parametrize("is_committed", [False, True], ids=["uncommitted", "committed"])
def test_what_is_in_another_worktree_counts_until_it_is_merged(
    editor: MakeEditor, folder: Path, tmp_path: Path, is_committed: bool
):
    apart = tmp_path / "apart"
    git(folder, "worktree", "add", "--quiet", "-b", "apart", str(apart))
    me, other = editor("me"), editor("other", apart)
    other.edit("user.py", *CALLING)
    if is_committed:
        git(apart, "commit", "--quiet", "--all", "--message=calling")
    me.edit("order.py", *SIGNED)
    assert me.called == {"other": BOTH}


def test_what_is_in_another_repository_does_not_count(editor: MakeEditor, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    git(elsewhere, "init", "--quiet")
    commit(elsewhere, {"user.py": USER})
    me, other = editor("me"), editor("other")
    other.folder = elsewhere
    other.edit("user.py", *CALLING)
    me.edit("order.py", *SIGNED)
    assert not me.called


def test_a_file_is_read_once_and_git_started_once_for_all_who_hold_it(
    editor: MakeEditor, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    me, *others = [editor(name) for name in ("me", "one", "two", "three")]
    commit(folder, {f"user{number}.py": USER for number in range(4)})
    for number, other in enumerate(others):
        other.edit("user.py", f"items[{number}]", f"items[{number + 1}]")
        other.edit(f"user{number}.py", "items[0]", "items[9]")
    me.edit("order.py", "items = items", "items = list(items)")
    read, asked = [], []
    real_text, real_begin = mentions._text, runner.begin
    monkeypatch.setattr(mentions, "_text", lambda place: read.append(place[1]) or real_text(place))
    monkeypatch.setattr(runner, "begin", lambda *words, **more: asked.append(words) or real_begin(*words, **more))
    me.edit("order.py", *SIGNED)
    assert sorted(set(read) - {"order.py"}) == ["user.py", "user0.py", "user1.py", "user2.py"]
    assert len([path for path in read if path != "order.py"]) == 4
    assert len(asked) <= 1


def test_a_large_file_is_read_as_far_as_names_are_looked_for(tmp_path: Path):
    file = tmp_path / "large"
    file.write_bytes(b"x" * (mentions.SEARCHED + 10))
    assert mentions._text((str(tmp_path), "large")) == regular_files.read(str(file), mentions.SEARCHED)


def test_nobody_is_met_where_nobody_is(editor: MakeEditor):
    me = editor("me")
    me.edit("order.py", *SIGNED)
    assert list(candidates.depending(me.session, [], {"order.py"})) == []
    assert len(touches.read("me").touches) == 1
