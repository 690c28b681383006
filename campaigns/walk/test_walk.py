from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.walk.course import Step
from campaigns.walk.ground import Ground
from campaigns.walk.hearing import heard
from campaigns.walk.walking import play, shortest, steps_of
from context_sync.conflicts import guard
from context_sync.mail import deliveries
from context_sync.state import alert_memory, gate, sessions
from context_sync.touches import settlement

RETRIED = 8  # an edit of a file's first definition, which is attempted again after a denial
CONFLICT = [
    Step("start"),
    Step("start"),
    Step("edit", 0, 0, RETRIED),
    Step("edit", 1, 0, RETRIED),
    Step("prompt", 0),
    Step("prompt", 1),
]
STASHED = [*CONFLICT[:3], Step("run: check out", 0, 0), Step("edit", 1, 0, RETRIED), Step("prompt", 0)]
PLANTED: dict[str, tuple[list[Step], tuple[object, str, Callable[..., Any]], str]] = {
    "what was alerted to is forgotten": (
        [*CONFLICT, Step("edit", 1, 0, RETRIED + 1), Step("prompt", 0)],
        (alert_memory, "remember", lambda *_: None),
        "hears the same again",
    ),
    "nobody is notified": (CONFLICT, (gate, "notify", lambda *_: None), "was not alerted"),
    "the guard sees nothing": (CONFLICT, (guard, "due", lambda *_: None), "may edit"),
    "nothing is settled": (STASHED, (settlement, "settle", lambda _, __, histories: histories), "holds []"),
    "who was killed lives on": (
        [*CONFLICT[:3], Step("kill", 0), Step("edit", 0, 0, RETRIED)],
        (sessions, "is_alive", lambda session: not session.ended),
        "is not live",
    ),
    "mail is not delivered": (
        [Step("start"), Step("start"), Step("send", 0, 1, 0), Step("prompt", 1)],
        (deliveries, "due", lambda *_, **__: deliveries.Due()),
        "did not hear [1]",
    ),
    "mail is delivered again": (
        [Step("start"), Step("start"), Step("send", 0, 1, 0), Step("prompt", 1), Step("prompt", 1)],
        (deliveries, "reconcile_receipts", lambda session: list(deliveries.mailbox.everything(session))),
        "heard message 1",
    ),
}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Callable[[int], Ground]]:
    made: list[Ground] = []

    def make(worktrees: int) -> Ground:
        made.append(Ground(tmp_path, worktrees))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("worktrees", "seed"),
    [
        pytest.param(1, 1, id="in one checkout"),
        pytest.param(2, 2, id="in two worktrees"),
        pytest.param(3, 4, id="in three worktrees"),
    ],
)
def test_nobody_hears_what_is_wrong_and_nobody_misses_anything(
    ground: Callable[[int], Ground], worktrees: int, seed: int
):
    here = ground(worktrees)
    steps = steps_of(seed, 40)
    outcome = play(here, steps)
    assert outcome.wrong == "", "\n".join([outcome.wrong, *outcome.trace])
    assert outcome.steps == len(steps)


@pytest.mark.parametrize(("steps", "bug", "wrong"), PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_found(
    ground: Callable[[int], Ground],
    monkeypatch: pytest.MonkeyPatch,
    steps: list[Step],
    bug: tuple[object, str, Callable[..., Any]],
    wrong: str,
):
    here = ground(1)
    assert play(here, steps).wrong == ""
    monkeypatch.setattr(*bug)
    assert wrong in play(here, steps).wrong


def test_a_walk_that_goes_wrong_is_shown_by_what_it_takes(
    ground: Callable[[int], Ground], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(guard, "due", lambda *_: None)
    here = ground(1)
    detour = [*CONFLICT[:3], Step("send", 0, 1, 0), Step("wait"), *CONFLICT[3:]]
    wrong = play(here, detour).wrong
    assert shortest(here, detour, wrong) == CONFLICT[:4]


def test_what_makes_no_sense_is_noticed():
    context = b'{"hookSpecificOutput": {"hookEventName": "Stop", "additionalContext": "context-sync: nothing new."}}'
    assert heard(context).strange == ("context-sync: nothing new.",)
    assert heard(b"") == heard(b"")._replace(alerts=())
