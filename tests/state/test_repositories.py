import pytest

from context_sync.state import files, gate, repositories

ONE = "/home/dev/project/.git"


def test_members_and_holders_are_known_by_the_repository():
    repositories.join("a", ONE)
    repositories.join("b", ONE)
    repositories.join("b", "/elsewhere/project/.git")
    repositories.hold("a", ONE, "src/calc.py")
    assert sorted(repositories.members(ONE)) == ["a", "b"]
    assert repositories.members("/elsewhere/project/.git") == ["b"]
    assert repositories.holders(ONE, "other/calc.py") == ["a"]
    assert repositories.holders(ONE, "src/main.py") == []
    assert repositories.holders("/elsewhere/project/.git", "src/calc.py") == []


def test_a_file_whose_name_no_file_can_have_is_not_held():
    for length in (255, 256):
        repositories.hold("a", ONE, "src/" + "x" * length)
    assert repositories.holders(ONE, "x" * 255) == ["a"]
    assert repositories.holders(ONE, "x" * 256) == []


def test_a_session_that_leaves_holds_nothing_in_any_repository():
    for repository in (ONE, "/elsewhere"):
        repositories.join("a", repository)
        repositories.hold("a", repository, "calc.py")
        repositories.hold("a", repository, "main.py")
    repositories.hold("b", ONE, "calc.py")
    repositories.leave("a", ONE)
    for repository in (ONE, "/elsewhere"):
        assert "a" not in repositories.members(repository)
        assert "a" not in repositories.holders(repository, "calc.py")
        assert repositories.holders(repository, "main.py") == []
    assert repositories.holders(ONE, "calc.py") == ["b"]


def test_a_session_whose_markers_are_lost_leaves_its_own_repository():
    repositories.join("a", ONE)
    gate.clear("a")
    repositories.leave("a", ONE)
    assert repositories.members(ONE) == []


def test_sessions_meet_where_they_hold_files_of_one_name():
    for session, path in (("c", "calc.py"), ("a", "calc.py"), ("b", "sub/calc.py"), ("d", "main.py")):
        repositories.hold(session, ONE, path)
    repositories.hold("d", "/elsewhere", "calc.py")
    assert repositories.meetings() == {("a", "b"), ("a", "c"), ("b", "c")}


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param("/", id="the root"),
        pytest.param("/größe/‮/\udcff", id="letters beyond ASCII"),
        pytest.param("/a b/$(x);*?/.git", id="what a shell would read"),
        pytest.param("/" + "n" * 255, id="the longest name"),
        pytest.param("/.git", id="a repository at the root"),
        pytest.param("C:\\project", id="a path of Windows"),
    ],
)
def test_any_repository_has_a_name_that_the_gate_can_read(repository: str):
    repositories.join("a", repository)
    (key,) = files.names(files.path("repositories"))
    assert key.isascii()
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert repositories.members(repository) == ["a"]
    assert gate.repositories("a") == [key]
