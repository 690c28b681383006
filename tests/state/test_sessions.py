import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from context_sync.domain.records import Session
from context_sync.state import files, gate, processes, repositories, sessions
from tests.state.waiting import TELLING


@pytest.fixture
def client() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def session(client: subprocess.Popen[bytes] | None = None, **fields: object) -> Session:
    pid = client.pid if client else 0
    known = Session(
        id="one",
        name="one",
        named_by="place",
        pid=pid,
        pid_start=processes.start_of(pid),
        cwd="/project",
        repository="/project/.git",
        worktree="/project",
        branch="main",
        transcript="/transcript.jsonl",
        entrypoint="cli",
        started=1000.0,
        last_seen=time.time(),
        ended=0.0,
    )
    return known._replace(**fields)  # type: ignore[arg-type]


def test_a_saved_session_is_known_everywhere(client: subprocess.Popen[bytes]):
    one = session(client)
    sessions.save(one)
    loaded = sessions.load("one")
    assert loaded
    assert loaded._replace(last_seen=one.last_seen) == one
    assert gate.is_registered("one")
    assert repositories.members("/project/.git") == ["one"]
    assert [each.id for each in sessions.everyone()] == ["one"]
    assert sessions.others("one", "/project/.git") == []
    assert [each.id for each in sessions.others("two", "/project/.git")] == ["one"]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        pytest.param({"pid_space": "0123abcd/pid:[42]"}, ["4711.0123abcdpid42"], id="known, and the container"),
        pytest.param({"pid_space": ""}, ["4711."], id="known, where there are no containers"),
        pytest.param({"pid_start": ""}, [], id="never seen running"),
        pytest.param({"pid": 0}, [], id="no pid"),
    ],
)
def test_a_marker_is_named_by_the_last_process_if_it_is_known(
    client: subprocess.Popen[bytes], fields: dict[str, object], names: list[str]
):
    sessions.save(session(client))
    sessions.save(session(**({"pid": 4711, "pid_start": "1@someboot"} | fields)))
    assert files.names(files.path("gate", "one", "client")) == names


def test_a_running_client_is_alive(client: subprocess.Popen[bytes]):
    assert sessions.is_alive(session(client))


def test_a_running_client_is_alive_however_long_it_was_idle(client: subprocess.Popen[bytes]):
    assert sessions.is_alive(session(client, last_seen=1.0))


def test_a_killed_client_is_dead_also_while_nobody_reaps_it(client: subprocess.Popen[bytes]):
    one = session(client)
    os.kill(client.pid, signal.SIGKILL)
    os.waitid(os.P_PID, client.pid, os.WEXITED | os.WNOWAIT)
    assert not sessions.is_alive(one)
    client.wait()
    assert not sessions.is_alive(one)


def test_another_process_with_the_same_pid_is_not_the_client(client: subprocess.Popen[bytes]):
    assert not sessions.is_alive(session(client, pid_start="4711@someboot"))


def test_an_ended_session_is_dead_though_its_client_runs_on(client: subprocess.Popen[bytes]):
    assert not sessions.is_alive(session(client, ended=5.0))


@pytest.mark.parametrize(
    ("pid", "idle", "alive"),
    [
        pytest.param(0, 60.0, True, id="no pid, seen a minute ago"),
        pytest.param(0, sessions.TRUSTED_WITHOUT_PID + 60, False, id="no pid, long idle"),
        pytest.param(2**22 + 1, 60.0, True, id="never seen running, a minute ago"),
        pytest.param(2**22 + 1, sessions.TRUSTED_WITHOUT_PID + 60, False, id="never seen running, long idle"),
    ],
)
def test_a_client_that_cannot_be_seen_is_trusted_for_a_while(pid: int, idle: float, alive: bool):
    assert sessions.is_alive(session(pid=pid, pid_start="", last_seen=time.time() - idle)) is alive


def test_the_end_of_a_vanished_session_is_noted(client: subprocess.Popen[bytes]):
    sessions.save(session(client))
    repositories.hold("one", "/project/.git", "a.py")
    client.kill()
    client.wait()
    assert sessions.live(["one"]) == []
    assert gate.is_registered("one")  # who only looks notes nothing
    assert sessions.end_vanished(["one"]) == ["one"]
    ended = sessions.load("one")
    assert ended
    assert ended.ended
    assert not gate.is_registered("one")
    assert repositories.members("/project/.git") == []
    assert repositories.holders("/project/.git", "a.py") == []


def test_the_gates_marker_tells_when_a_session_was_seen_last(client: subprocess.Popen[bytes]):
    sessions.save(session(client, last_seen=5.0))
    os.utime(files.path("gate", "one", "seen"), (2e9, 2e9))
    loaded = sessions.load("one")
    assert loaded
    assert loaded.last_seen == 2e9


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pid": "5"}, id="a text as pid"),
        pytest.param({"name": None}, id="no name"),
        pytest.param({"started": "yesterday"}, id="a text as time"),
        pytest.param({"worktree": ["/x"]}, id="a list as path"),
    ],
)
def test_a_presence_of_wrong_types_is_not_known(change: dict[str, object]):
    files.write_json(files.path("sessions", "one.json"), session()._asdict() | change)
    assert sessions.load("one") is None
    assert sessions.everyone() == []
    assert sessions.live(["one"]) == []


def test_fields_of_a_later_version_are_passed_over(client: subprocess.Popen[bytes]):
    files.write_json(files.path("sessions", "one.json"), session(client)._asdict() | {"future": 1})
    assert sessions.load("one")


def test_left_over_temporary_and_broken_files_are_no_sessions(client: subprocess.Popen[bytes]):
    sessions.save(session(client))
    for name in ("one.json.123.tmp", "two.json.broken", "three.txt"):
        with open(files.path("sessions", name), "w") as stream:
            json.dump(session(client)._asdict(), stream)
    assert [each.id for each in sessions.everyone()] == ["one"]


def test_everyone_is_sorted_by_their_start(client: subprocess.Popen[bytes]):
    for name, started in (("late", 30.0), ("early", 10.0), ("middle", 20.0)):
        sessions.save(session(client, id=name, started=started))
    assert [each.id for each in sessions.everyone()] == ["early", "middle", "late"]
    assert [each.id for each in sessions.live(["late", "unknown", "early"])] == ["early", "late"]


def test_an_end_that_is_noted_late_does_not_end_who_came_back_meanwhile(client: subprocess.Popen[bytes]):
    gone = session(client, pid_start="4711@someboot")
    sessions.save(gone)
    sessions.save(session(client))
    sessions.end(gone, 5.0)
    assert [each.id for each in sessions.live(["one"])] == ["one"]


def test_the_first_end_stays(client: subprocess.Popen[bytes]):
    sessions.save(session(client))
    sessions.end(session(client), 5.0)
    sessions.end(session(client), 7.0)
    ended = sessions.load("one")
    assert ended
    assert ended.ended == 5.0


def test_a_change_is_one_of_what_is_known_now(client: subprocess.Popen[bytes]):
    sessions.save(session(client))
    sessions.end(session(client), 5.0)
    changed = sessions.change("one", lambda now: now._replace(name="two"))
    known = sessions.load("one")
    assert known
    assert (known.name, known.ended) == ("two", 5.0)
    assert changed == known
    assert not gate.is_registered("one")


@pytest.mark.parametrize("text", [None, b"", b"[]", b"{}", b'{"id": 5}'])
def test_what_is_not_known_is_not_changed(text: bytes | None):
    if text is not None:
        files.write_bytes(files.path("sessions", "one.json"), text)
    assert sessions.change("one", lambda now: now._replace(name="two")) is None
    assert files.read_bytes(files.path("sessions", "one.json")) == (text or b"")


@pytest.mark.parametrize(
    ("space", "idle", "alive"),
    [
        pytest.param("", 60.0, False, id="it can be looked for anywhere"),
        pytest.param("here", 60.0, False, id="it would be seen here"),
        pytest.param("another machine/pid:[1]", 60.0, True, id="it runs elsewhere, seen a minute ago"),
        pytest.param("another machine/pid:[1]", sessions.TRUSTED_WITHOUT_PID + 60, False, id="elsewhere, long idle"),
    ],
)
def test_a_client_is_looked_for_where_its_pid_means_something(space: str, idle: float, alive: bool):
    space = processes.space() if space == "here" else space
    one = session(pid=2**22 + 1, pid_start="4711@someboot", pid_space=space, last_seen=time.time() - idle)
    assert sessions.is_alive(one) is alive


@pytest.mark.parametrize(
    ("ps", "alive"),
    [
        pytest.param("echo 'S    Fri Nov 20 09:00:00 2026'", True, id="it runs"),
        pytest.param("echo 'S    Fri Nov 20 09:00:01 2026'", False, id="another process has its pid"),
        pytest.param("exit 1", False, id="it is gone"),
        pytest.param("echo ps: Operation not permitted >&2; exit 1", True, id="nobody may look"),
    ],
)
def test_where_there_is_no_proc_an_answer_alone_ends_a_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ps: str, alive: bool
):
    (tmp_path / "ps").write_text(f"#!/bin/sh\n{ps}\n")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(processes, "PROC", str(tmp_path / "none"))
    monkeypatch.setattr(processes, "PS_TIMEOUT", 600.0)
    sessions.save(session(pid=4711, pid_start="Fri Nov 20 09:00:00 2026", last_seen=1000.0))
    assert [each.id for each in sessions.live(["one"])] == ["one"] * alive
    sessions.end_vanished(["one"])
    known = sessions.load("one")
    assert known
    assert (known.ended == 0.0) == alive


def test_a_presence_of_an_earlier_version_is_known(client: subprocess.Popen[bytes]):
    fields = session(client)._asdict()
    del fields["pid_space"]
    files.write_json(files.path("sessions", "one.json"), fields)
    assert [each.id for each in sessions.live(["one"])] == ["one"]


def test_who_comes_back_while_its_end_is_noted_is_back(client: subprocess.Popen[bytes]):
    gone = session(client, pid_start="4711@someboot")
    sessions.save(gone)
    back = f"from tests.state.test_sessions import *; sessions.save(session(name='back', pid={client.pid}))"
    coming: list[subprocess.Popen[bytes]] = []

    def end(now: Session) -> Session:
        coming.append(subprocess.Popen([sys.executable, "-c", TELLING + back], stdout=subprocess.PIPE))
        assert coming[0].stdout
        assert coming[0].stdout.readline() == b"waits\n"
        return now._replace(ended=5.0)

    sessions.change("one", end)
    assert coming[0].communicate() == (b"", None)
    known = sessions.load("one")
    assert known
    assert (known.name, known.ended) == ("back", 0.0)


def test_a_link_in_the_place_of_a_presence_is_replaced(client: subprocess.Popen[bytes]):
    elsewhere = files.path("elsewhere.json")
    files.write_bytes(elsewhere, b"{}\n")
    files.make_folder(files.path("sessions"))
    os.symlink(elsewhere, files.path("sessions", "one.json"))
    sessions.save(session(client))
    assert [each.id for each in sessions.live(["one"])] == ["one"]
    assert files.read_bytes(elsewhere) == b"{}\n"
