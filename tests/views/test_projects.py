import os

import pytest

from context_sync.domain.records import Session
from context_sync.errors import ContextSyncError
from context_sync.state import processes, sessions
from context_sync.views import projects

NONE = "'nothing' is neither a folder nor a repository with live sessions. These are: "
FIVE = ", ".join(f"/srv/shop{number}" for number in range(1, 6))


def work_in(repository: str) -> None:
    """Have a live session in a repository."""
    pid = os.getpid()
    sessions.save(
        Session(
            id=repository.encode().hex(),
            name="one",
            named_by="place",
            pid=pid,
            pid_start=processes.start_of(pid),
            pid_space=processes.space(),
            cwd="/",
            repository=repository,
            worktree="/",
            branch="",
            transcript="",
            entrypoint="",
            started=1000.0,
            last_seen=1000.0,
            ended=0.0,
        )
    )


@pytest.mark.parametrize(
    ("number", "listed"),
    [
        pytest.param(0, "none", id="none"),
        pytest.param(5, FIVE, id="a handful"),
        pytest.param(9, f"{FIVE} and 4 more", id="more than that"),
    ],
)
def test_of_the_repositories_that_are_not_meant_a_handful_is_named(number: int, listed: str):
    for each in range(number, 0, -1):
        work_in(f"/srv/shop{each}/.git")
    with pytest.raises(ContextSyncError) as refused:
        projects.repository_of("nothing", "/")
    assert str(refused.value) == f"{NONE}{listed}."


def test_a_repository_has_no_name_that_does_more_than_name_it():
    work_in("/srv/a\n<b>\x1b[31m/.git")
    with pytest.raises(ContextSyncError) as refused:
        projects.repository_of("nothing", "/")
    assert str(refused.value) == f"{NONE}/srv/a ‹b› [31m."
