"""What happens to a session around its end: what comes too late does not revive it, and coming back is noticed."""

from pathlib import Path

from context_sync.state import sessions, touches
from tests.rehearse import Client, state


def test_a_recorder_that_is_late_records_and_revives_nobody(project: Path, client):
    one: Client = client()
    one.start()
    one.end()
    assert sessions.load(one.session).ended
    one.edit(project / "calc.py", "a + b", "b + a")
    assert len(touches.read(one.session).touches) == 1
    assert sessions.load(one.session).ended
    assert not state("gate", one.session).exists()


def test_who_comes_back_is_notified_of_what_conflicted_meanwhile(project: Path, client):
    one, other = client(), client()
    one.start()
    one.edit(project / "calc.py", "a + b", "b + a")
    one.end()
    other.start()
    other.edit(project / "calc.py", "b + a", "sum((a, b))")
    assert other.prompt().context == ""
    one.start(source="resume")
    assert "`add` in calc.py" in one.prompt().context
    assert "`add` in calc.py" in other.prompt().context
    assert one.prompt().context == ""
