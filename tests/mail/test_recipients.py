from collections.abc import Callable
from pathlib import Path

import pytest

from context_sync.errors import ContextSyncError
from context_sync.mail import recipients
from context_sync.state import sessions
from tests.rehearse import Client, git

MakeClient = Callable[..., Client]

TITLE = "custom-title", "customTitle"
SUMMARY = "ai-title", "aiTitle"


def retitle(client: Client, name: str, kind: tuple[str, str] = TITLE) -> None:
    """Note a title in the transcript, as /rename does, for which Claude Code runs no hook."""
    record, field = kind
    client.append({"type": record, field: name, "sessionId": client.session})


def meant(target: str, me: str = "") -> str:
    return recipients.session_named(target, me).id


def session(client: Client):
    known = sessions.load(client.session)
    assert known
    return known


@pytest.mark.parametrize(
    ("there", "ended", "found"),
    [
        pytest.param(["payments-v2"], ["payments"], "payments", id="an ended one's whole name before a beginning"),
        pytest.param(["payments", "payments-v2"], [], "payments", id="a whole name before a beginning"),
        pytest.param(["payments"], ["payments"], "payments", id="the live one of two of one name"),
        pytest.param(["payments-v2"], ["payments-v1"], "payments-v2", id="the live one of two beginnings"),
        pytest.param([], ["payments-v1"], "payments-v1", id="the beginning of an ended one"),
    ],
)
def test_a_whole_name_comes_before_a_beginning_and_live_before_ended(
    client: MakeClient, there: list[str], ended: list[str], found: str
):
    for name in ended:
        gone = client()
        gone.start(session_title=name)
        gone.end()
    for name in there:
        client().start(session_title=name)

    one = recipients.session_named("payments", "")
    assert (one.name, bool(one.ended)) == (found, found not in there)


def test_ones_own_whole_name_is_nobody_elses_beginning(client: MakeClient):
    me, other, gone = client(), client(), client()
    me.start(session_title="payments")
    other.start(session_title="payments-v2")
    gone.start(session_title="payments")
    gone.end()

    with pytest.raises(ContextSyncError, match="'payments' is this session"):
        meant("payments", me.session)
    assert meant("pay", me.session) == other.session


def test_a_name_given_with_rename_is_known_before_the_next_event(client: MakeClient):
    one, other = client(), client()
    one.start(session_title="billing")
    other.start(session_title="payments-v2")
    retitle(one, "old name")
    retitle(one, "payments")

    assert meant("payments", other.session) == one.session
    assert session(one).name == "billing"  # who only looks notes nothing


def test_the_title_that_the_client_made_replaces_none_that_the_user_gave(client: MakeClient):
    one = client()
    one.start(session_title="billing")
    retitle(one, "payments", SUMMARY)

    with pytest.raises(ContextSyncError, match="no session is called 'payments'"):
        meant("payments")
    assert session(one).name == "billing"


def test_only_the_end_of_a_transcript_is_read_for_a_name(client: MakeClient):
    one = client()
    one.start(session_title="billing")
    retitle(one, "payments")
    one.append({"type": "user", "text": "x" * 200_000})

    with pytest.raises(ContextSyncError, match="no session is called 'payments'"):
        meant("payments")


def test_who_has_the_name_of_the_user_is_reached_by_its_id(client: MakeClient):
    one = client()
    one.start(session_title="user")

    assert meant(one.session[:8]) == one.session


@pytest.mark.parametrize(
    ("names", "more"),
    [
        pytest.param(("api-1", "api-2"), "write more of its name or id", id="names that differ"),
        pytest.param(("api", "api"), "write the beginning of its id", id="one name"),
    ],
)
def test_candidates_are_listed_with_as_much_of_their_ids_as_tells_them_apart(
    client: MakeClient, names: tuple[str, str], more: str
):
    for number, name in enumerate(names):
        client(session=f"1111-2222-{number}-3333").start(session_title=name)

    with pytest.raises(ContextSyncError) as refused:
        meant("api")
    listed = [f"\n  1111-2222-{number}  {name}  on main" for number, name in enumerate(names)]
    assert str(refused.value) == f"'api' may be any of 2 sessions, so {more}:{''.join(listed)}"


def test_nobody_is_met_in_a_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    with pytest.raises(ContextSyncError, match="was deleted: `cd` to one that exists"):
        recipients.everyone("user")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        pytest.param("api", "api", id="a name, not the longer one"),
        pytest.param("API", "api", id="a name in other letters"),
        pytest.param("api-o", "api-old", id="the beginning of a name"),
        pytest.param("0000", "api", id="the beginning of an id"),
        pytest.param("00000000-1", "api", id="more of an id"),
        pytest.param("wip", "docs", id="a branch"),
        pytest.param("gone", "gone", id="one that ended"),
    ],
)
def test_who_is_meant(client: MakeClient, tmp_path: Path, project: Path, target: str, found: str):
    git(project, "worktree", "add", "--quiet", "-b", "wip", str(tmp_path / "wip"))
    cast = {
        "api": client(session="00000000-1"),
        "api-old": client(session="11111111-1"),
        "docs": client(tmp_path / "wip", session="22222222-1"),
        "gone": client(session="33333333-1"),
    }
    for name, each in cast.items():
        each.start(session_title=name)
    cast["gone"].end()

    assert recipients.session_named(target, me="x").name == found


@pytest.mark.parametrize(
    ("target", "said"),
    [
        pytest.param("nobody", "no session is called 'nobody'. Live are:\n  1111", id="unknown"),
        pytest.param("ap", "'ap' may be any of 2 sessions, so write more of its name or id:\n  1111", id="ambiguous"),
        pytest.param("main", "may be any of 2 sessions", id="a branch of several"),
        pytest.param("me", "'me' is this session: ", id="itself"),
        pytest.param("", "no session is called ''", id="nothing"),
        pytest.param("111", "no session is called '111'", id="too short for an id"),
    ],
)
def test_what_nobody_can_be_meant_by(client: MakeClient, target: str, said: str):
    for session, name in (("00000000-1", "me"), ("11111111-1", "api-1"), ("22222222-1", "api-2")):
        client(session=session).start(session_title=name)

    with pytest.raises(ContextSyncError) as error:
        recipients.session_named(target, me="00000000-1")
    assert said in str(error.value)


def test_of_many_who_may_be_meant_the_first_are_listed(pair, speak):
    first, second = pair
    known = sessions.load(second.session)
    assert known
    for number in range(13):
        sessions.save(known._replace(id=f"{number:08d}", name="twin"))
    with pytest.raises(ContextSyncError, match="'twin' may be any of 13 sessions, ") as refused:
        speak(first, "twin")
    assert str(refused.value).endswith("\n  and 1 more")
    assert str(refused.value).count("twin  on main") == 12
