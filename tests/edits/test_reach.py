import time
from pathlib import Path

import pytest

from context_sync.edits import reach
from context_sync.state import touches
from context_sync.touches import settlement
from tests.rehearse import Client, git

FOLDER = "/home/dev/api"


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        pytest.param("make test", [], id="no path"),
        pytest.param("sed -i s.a.b. /srv/web/a.py", ["/srv/web/a.py"], id="an absolute path"),
        pytest.param("touch ../web/a.py", ["/home/dev/api/../web/a.py"], id="a relative path"),
        pytest.param("cd ../web && touch a.py", ["/home/dev/api/../web"], id="cd"),
        pytest.param("cd web; cd lib/x", ["/home/dev/api/web", "/home/dev/api/web/lib/x"], id="cd twice"),
        pytest.param(
            "(cd /srv && touch b/a.py); touch c/a.py",
            ["/srv", "/srv/b/a.py", "/home/dev/api/b/a.py", "/srv/c/a.py", "/home/dev/api/c/a.py"],
            id="a folder that may have been left again",
        ),
        pytest.param("git -C web commit", ["/home/dev/api/web"], id="git -C"),
        pytest.param("make -C web && make -C lib", ["/home/dev/api/web", "/home/dev/api/lib"], id="-C enters nothing"),
        pytest.param("git --work-tree=/srv/web add .", ["/srv/web"], id="an option with a value"),
        pytest.param("dd of=/srv/web/a.py", ["/srv/web/a.py"], id="a value"),
        pytest.param("cc -o/srv/web/a.o", ["/srv/web/a.o"], id="a value behind a letter"),
        pytest.param("echo x >/srv/web/a.py", ["/srv/web/a.py"], id="a redirection"),
        pytest.param("touch '/srv/my web/a.py'", ["/srv/my web/a.py"], id="quoted"),
        pytest.param("touch /srv/my\\ web/a.py", ["/srv/my web/a.py"], id="escaped"),
        pytest.param("cd ~/web", ["/home/ada/web"], id="the home folder"),
        pytest.param("cd $HOME/web", ["/home/ada/web"], id="a variable"),
        pytest.param("cd ${HOME}/web", ["/home/ada/web"], id="a variable in braces"),
        pytest.param("cat <<E\nit's\nE\ntouch /srv/a", ["/srv/a"], id="an apostrophe in a document"),
    ],
)
def test_the_paths_that_a_command_names(command: str, paths: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert reach.named(command, FOLDER) == paths


RUBBISH = ["cd", "cd -", "cd ''", "\\", "'", '"', "\0", "/\0", "-C", "$", "${", "=" * 9, "~\0/", "/\ud800/"]


@pytest.mark.parametrize("command", RUBBISH, ids=ascii)
def test_a_command_of_rubbish_names_nothing_that_disturbs(command: str, tmp_path: Path):
    assert reach.checkouts_of("none", str(tmp_path), {"command": command, "timeout": 5, "x": None}, []) == []


def test_the_number_of_checkouts_is_bounded_and_the_named_come_first(tmp_path: Path, project: Path):
    others = [tmp_path / f"other{number}" for number in range(reach.MAX_CHECKOUTS + 2)]
    for each in others:
        each.mkdir()
        git(each, "init", "--quiet")
    named = f"touch {others[-1]}/a"
    found = reach.checkouts_of("none", str(project), {"command": named}, [str(each / "b") for each in others])
    assert [place.worktree for place in found] == [str(project), *map(str, sorted(others)[: reach.MAX_CHECKOUTS - 1])]
    (few,) = reach.checkouts_of("none", str(tmp_path), {"command": named}, [])
    assert few.worktree == str(others[-1])


def test_what_the_session_touched_comes_last_and_the_latest_of_it_first(two: tuple[Client, Client], tmp_path: Path):
    first, _ = two
    made = []
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        git(folder, "init", "--quiet")
        (folder / "a.py").write_text("a = 1\n")
        first.edit(folder / "a.py", "1", "2")
        made.append(str(folder))
    assert {touch.worktree for touch in touches.read(first.session).touches} == set(made)
    found = reach.checkouts_of(first.session, str(tmp_path), {}, [])
    assert [place.worktree for place in found] == [made[1], made[0]]


def test_where_all_that_the_session_did_is_settled_it_does_not_work_any_more(two: tuple[Client, Client], project: Path):
    first, _ = two
    first.edit(project / "calc.py", "a + b", "b + a")
    assert reach.checkouts_of(first.session, "/", {}, []) != []
    settlement.resolve(str(project / ".git"), None, time.time())
    assert reach.checkouts_of(first.session, "/", {}, []) == []
