import threading
from collections.abc import Callable, Iterator

import pytest

from context_sync.cli.watch import refresh
from context_sync.cli.watch.observer import Observer
from context_sync.cli.watch.refresh import Look
from context_sync.cli.watch.snapshot import Snapshot
from tests.rehearse import Client

MakeClient = Callable[..., Client]

SEEN = Snapshot(uncompared=1)
BROKEN = "/state/mail cannot be used (Permission denied): `context-sync doctor` says what to do."


def looks(monkeypatch: pytest.MonkeyPatch, script: list[Snapshot | OSError | None]) -> Iterator[Look]:
    """Look while the observer gives this, one by one."""
    over, found = threading.Event(), iter(script)

    def look(_: Observer) -> Snapshot | None:
        now = next(found)
        if now is script[-1]:
            over.set()
        if isinstance(now, OSError):
            raise now
        return now

    monkeypatch.setattr(Observer, "look", look)
    monkeypatch.setattr(refresh, "PULSE", 0.0)
    return refresh.looks(over)


def failure() -> OSError:
    return PermissionError(13, "Permission denied", "/state/mail")


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        pytest.param([SEEN, None, None], [(SEEN, "")], id="nothing is shown twice"),
        pytest.param([Snapshot()], [(Snapshot(), "")], id="that there is nothing is shown, too"),
        pytest.param([failure(), SEEN], [(SEEN, "")], id="what fails once is not shown"),
        pytest.param([failure(), failure(), failure()], [(Snapshot(), BROKEN)], id="what goes on failing is shown"),
        pytest.param(
            [SEEN, failure(), failure(), None],
            [(SEEN, ""), (SEEN, BROKEN), (SEEN, "")],
            id="what was seen stays, and all is well again",
        ),
        pytest.param(
            [failure(), FileNotFoundError(2, "No such file", "/state/a"), SEEN],
            [(SEEN, "")],
            id="two that fail once each",
        ),
    ],
)
def test_what_is_shown_of_a_series_of_looks(
    monkeypatch: pytest.MonkeyPatch, script: list[Snapshot | OSError | None], shown: list[tuple[Snapshot, str]]
):
    assert list(looks(monkeypatch, script)) == [Look(*each) for each in shown]
