import click
import pytest

from context_sync.cli import output
from context_sync.cli.watch import plain_text, rows
from context_sync.cli.watch.rows import Column
from context_sync.cli.watch.snapshot import Member, Snapshot
from context_sync.domain.conflicts import Conflict
from context_sync.domain.messages import USER, Message
from context_sync.domain.records import Session
from context_sync.state.mailbox import Delivery, Mark
from context_sync.summaries.work import Work

NOW = 1_800_000_000.0
SESSION = Session(
    id="one",
    name="payments",
    named_by="title",
    pid=1,
    pid_start="",
    cwd="/home/tess/shop",
    repository="/home/tess/shop/.git",
    worktree="/home/tess/shop",
    branch="main",
    transcript="",
    entrypoint="cli",
    started=NOW - 600,
    last_seen=NOW - 5,
    ended=0.0,
)
OTHER = SESSION._replace(id="two", name="名前" * 30, last_seen=NOW - 300)
CONFLICT = Conflict(
    mine="one",
    theirs="two",
    repository=SESSION.repository,
    path="billing/a/long/way/down/invoice.py",
    level="symbol",
    symbols=("Invoice.total",),
    mine_worktree=SESSION.worktree,
    theirs_worktree=SESSION.worktree,
    mine_at=NOW - 300,
    theirs_at=NOW - 7300,
)
MESSAGE = Message("4kq7zt2xwh", NOW - 90, USER, "", "", "two", "name", "hello\n\x1b[2Jthere " * 20, urgent=True)
SEEN = Snapshot(
    members=(
        Member(SESSION, True, "main", Work("working", "Round every amount\x1b[31m to cents " * 5), "symbol"),
        Member(OTHER, False, "topic", Work("idle", ""), ""),
    ),
    conflicts=(CONFLICT,),
    messages=(
        Delivery(MESSAGE, "two", "/mail/two/new/1", ()),
        Delivery(MESSAGE._replace(id="2" * 10), "two", "/mail/two/cur/1", (Mark("read", NOW),)),
    ),
    names={"one": "payments", "two": "名前" * 30},
)


def picture(seen: Snapshot, width: int) -> list[str]:
    return [click.unstyle(line) for line in plain_text.page(seen, width, NOW)]


@pytest.mark.parametrize("width", [50, 63, 64, 80, 109, 110, 200])
def test_a_still_picture_fits_into_the_terminal(width: int):
    assert max(map(output.columns, picture(SEEN, width)[1:])) <= width


def test_the_picture_says_everything_and_shows_no_foreign_control_characters():
    lines = picture(SEEN, 120)
    assert lines[0] == "2 live sessions · 1 conflict · 1 unread message"
    text = "\n".join(lines)
    assert "\x1b" not in text
    for words in (
        "●  payments",
        "working",
        "idle 5 min",
        "main",
        "shop",
        "no hooks, so no alerts",
        "symbol",
        "Invoice.total in",
    ):
        assert words in text
    assert "payments ↔ 名前" in text
    assert ["you" in line for line in lines[-2:]] == [True, True]


def test_an_empty_picture_says_so():
    assert picture(Snapshot(), 80) == [
        "no live sessions · no conflicts",
        "",
        "No Claude Code session is live.",
        "",
        "No conflicts.",
        "",
        "No messages yet.",
    ]


@pytest.mark.parametrize(
    ("status", "quiet", "text", "colour"),
    [
        pytest.param("working", 5, "working", "green", id="at work"),
        pytest.param("working", 200, "quiet 3 min", "", id="at work without an event"),
        pytest.param("idle", 5, "idle", "", id="just done"),
        pytest.param("idle", 7300, "idle 2 h", "", id="idle for long"),
        pytest.param("asks", 130, "asks you 2 min", "yellow", id="waiting for the user"),
        pytest.param("failed", 3, "failed", "red", id="failed"),
        pytest.param("unknown", 3 * 86400, "active 3 days", "", id="nothing is known"),
    ],
)
def test_the_state_of_a_session_is_reported_in_two_words(status: str, quiet: float, text: str, colour: str):
    member = Member(SESSION._replace(last_seen=NOW - quiet), True, "main", Work(status, ""), "")
    assert rows.state(member, NOW) == (text, colour)


@pytest.mark.parametrize(
    ("passed", "said"),
    [(-5, "now"), (0, "now"), (59.9, "now"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (200000, "2 days")],
)
def test_ages_are_reported_to_the_minute(passed: float, said: str):
    assert rows.age(NOW - passed, NOW) == said


def test_what_is_left_of_the_width_is_shared_out():
    columns = [Column("a", 4), Column("b", 10, 1), Column("c", 10, 3)]
    assert rows.widths(columns, 50, 2) == [4, 15, 25]
    assert rows.widths(columns, 10, 2) == [4, 10, 10]


def test_comparisons_that_are_still_to_be_made_are_mentioned():
    assert rows.headline(SEEN._replace(uncompared=7)).endswith(" · comparing, 7 pairs left")
