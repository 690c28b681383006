import time
from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.cli.watch import observer
from context_sync.cli.watch.observer import Observer
from context_sync.cli.watch.snapshot import Snapshot
from context_sync.mail import sending
from context_sync.mail.sending import SendOptions
from tests.rehearse import Client, git, state

MakeClient = Callable[..., Client]


def titles(seen: Snapshot | None) -> list[str]:
    assert seen, "nothing has changed"
    return [each.session.name for each in seen.members]


def places(seen: Snapshot | None) -> list[tuple[str, str]]:
    assert seen, "nothing has changed"
    return [(each.level, each.path) for each in seen.conflicts]


@pytest.fixture
def two(client: MakeClient) -> tuple[Client, Client]:
    one, other = client(), client()
    for each, title in ((one, "one"), (other, "other")):
        each.start(session_title=title)
    return one, other


def test_a_session_is_called_as_it_was_named_a_moment_ago(two: tuple[Client, Client]):
    watcher = Observer()
    watcher.look()
    two[0].append({"type": "custom-title", "customTitle": "renamed", "sessionId": two[0].session})
    assert titles(watcher.look()) == ["renamed", "other"]


def test_nothing_is_seen_twice(two: tuple[Client, Client]):
    watcher = Observer()
    assert titles(watcher.look()) == ["one", "other"]
    assert watcher.look() is None
    two[0].prompt()
    assert titles(watcher.look()) == ["one", "other"]
    assert watcher.look() is None


def test_who_comes_moves_and_goes_is_seen(client: MakeClient, two: tuple[Client, Client], project: Path):
    watcher = Observer()
    watcher.look()
    newcomer = client()
    newcomer.start(session_title="newcomer")
    assert titles(watcher.look()) == ["one", "other", "newcomer"]
    git(project, "switch", "--quiet", "--create", "topic")
    seen = watcher.look()
    assert seen
    assert {each.branch for each in seen.members} == {"topic"}
    newcomer.event("SessionStart", source="resume", session_title="renamed")
    assert titles(watcher.look()) == ["one", "other", "renamed"]
    two[0].end()
    assert titles(watcher.look()) == ["other", "renamed"]


def test_a_client_that_vanishes_is_noticed_without_any_event(
    two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(observer, "HEARTBEATS", 0.0)
    watcher = Observer()
    watcher.look()
    two[1].kill()
    assert titles(watcher.look()) == ["one"]
    assert watcher.look() is None
    assert state("gate", two[1].session).exists()


def test_a_conflict_comes_with_the_edit_and_goes_with_the_commit(two: tuple[Client, Client], project: Path):
    watcher = Observer()
    one, other = two
    one.edit(project / "calc.py", "a + b", "b + a")
    assert places(watcher.look()) == []
    other.edit(project / "calc.py", "b + a", "a + b + 0")
    seen = watcher.look()
    assert places(seen) == [("symbol", "calc.py")]
    assert seen
    assert [each.level for each in seen.members] == ["symbol", "symbol"]
    assert watcher.look() is None
    git(project, "commit", "--quiet", "--all", "--message=both")
    assert places(watcher.look()) == []


def test_a_file_that_is_written_by_hand_is_looked_at_again(client: MakeClient, project: Path, tmp_path: Path):
    git(project, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "topic"))
    one, other = client(), client(tmp_path / "topic")
    for each in (one, other):
        each.start()
        each.edit(each.folder / "calc.py", "a + b", f"b + a + {len(each.session)}" if each is one else "b + a")
    watcher = Observer()
    assert places(watcher.look()) == [("merge", "calc.py")]
    (project / "calc.py").write_text((tmp_path / "topic" / "calc.py").read_text())
    assert places(watcher.look()) == []


def test_comparisons_that_take_long_are_shown_as_they_come(
    client: MakeClient, two: tuple[Client, Client], project: Path, monkeypatch: pytest.MonkeyPatch
):
    clients = [*two, client()]
    clients[2].start()
    for each, old, new in zip(clients, ("a + b", "b + a", "a + b + 0"), ("b + a", "a + b + 0", "0"), strict=True):
        each.edit(project / "calc.py", old, new)
    monkeypatch.setattr(observer, "BUDGET", 0.0)
    watcher = Observer()
    left = []
    while seen := watcher.look():
        left.append((seen.uncompared, len(seen.conflicts)))
    assert left[-1] == (0, 3)
    assert left == sorted(left, key=lambda each: -each[0])
    assert left[0] == (2, 1)


def test_messages_and_what_becomes_of_them_are_seen(two: tuple[Client, Client]):
    watcher = Observer()
    watcher.look()
    sending.send(two[0].session, "hello there", SendOptions())
    seen = watcher.look()
    assert seen
    assert [(each.message.text, each.state) for each in seen.messages] == [("hello there", "stored")]
    two[0].prompt()
    seen = watcher.look()
    assert seen
    assert [each.state for each in seen.messages] == ["injected"]


def test_a_session_without_hooks_is_known_by_its_transcript(client: MakeClient, two: tuple[Client, Client]):
    stranger = client()
    stranger.append(
        {
            "type": "user",
            "message": {"role": "user", "content": "Write the docs"},
            "cwd": str(stranger.folder),
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        }
    )
    seen = Observer().look()
    assert seen
    assert {each.session.id: (each.hooked, each.work.task) for each in seen.members} == {
        two[0].session: (True, ""),
        two[1].session: (True, ""),
        stranger.session: (False, "Write the docs"),
    }
