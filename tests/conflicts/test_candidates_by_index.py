import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context_sync.conflicts import candidates, mentions
from context_sync.conflicts.mentions import Mentions
from context_sync.domain.edit_history import Event
from context_sync.domain.records import Symbol, Touch
from context_sync.state import files, name_index, touches
from context_sync.state.name_index import Wanted
from tests.rehearse import state

Sources = Mapping[str, tuple[str, tuple[str, ...]]]  # by path, the text and the names of the definitions touched

WORD = st.sampled_from(["parse", "parse_line", "parse_lines", "line", "Order", "total", "totals", "x", "__init__", "é"])
PIECE = st.text(alphabet="ab1_Zé", min_size=1, max_size=4)
NAME = st.lists(WORD | PIECE, min_size=1, max_size=3).map(".".join)
TEXT = st.lists(WORD | PIECE | st.sampled_from(["(", "1", ".", "\n"]), max_size=12).map(" ".join)
GLUED = st.lists(WORD | PIECE | st.sampled_from(["(", "1", ".", "\n"]), max_size=12).map("".join)
SOURCES = st.dictionaries(
    st.sampled_from(["a.py", "b.py", "c.py", "d.py"]),
    st.tuples(TEXT | GLUED, st.lists(NAME, max_size=3).map(tuple)),
    min_size=1,
)


def touch(session: str, worktree: Path, path: str, names: tuple[str, ...]) -> Touch:
    symbols = tuple(Symbol(name, "function", 1, 2) for name in names)
    return Touch(time.time(), session, "Edit", "/r", str(worktree), path, symbols, "", "", "")


def make(session: str, worktree: Path, sources: Sources) -> list[Touch]:
    worktree.mkdir(exist_ok=True)
    for path, (text, _) in sources.items():
        (worktree / path).write_text(text)
    return [touch(session, worktree, path, names) for path, (_, names) in sources.items()]


@contextmanager
def fresh_state() -> Iterator[Path]:
    """A state folder and another folder for each example of a property."""
    with tempfile.TemporaryDirectory() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAUDE_CONFIG_DIR", os.path.join(made, "claude"))
        yield Path(made)


def wanted(made: list[Touch]) -> Wanted:
    looking = Mentions(made)
    return Wanted(looking.names, looking.words)


@given(mine=SOURCES, theirs=st.lists(SOURCES, min_size=1, max_size=3))
@settings(max_examples=100)
def test_an_index_misses_nothing_that_is_found_in_the_files(mine: Sources, theirs: list[Sources]):
    with fresh_state() as folder:
        just = make("mine", folder / "mine", mine)
        made: list[Touch] = []
        for sources in theirs:  # edits of the same files again: the index is added to
            made += make("theirs", folder / "theirs", sources)
            touches.append(made[-len(sources) :])
            candidates.remember("theirs")
        near = name_index.near("theirs", wanted(just))
        assert near is not None
        found = Mentions(just).among(made)
        assert {name_index.key((str(folder / "theirs"), path)) for path in found} <= near


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def among(folder: Path, *names: str) -> set[str] | None:
    """Return the files of the others that are near to a file that uses these names."""
    near = name_index.near("theirs", wanted(make("mine", folder / "mine", {"m.py": (" ".join(names), ())})))
    paths = ("a.py", "b.py", "c.py")
    return None if near is None else {path for path in paths if name_index.key((str(folder / "theirs"), path)) in near}


@pytest.fixture
def indexed(folder: Path) -> Path:
    """The index of a session that touched two files."""
    touches.append(make("theirs", folder / "theirs", {"a.py": ("one", ("one",)), "b.py": ("two", ("two",))}))
    candidates.remember("theirs")
    return state("names", "theirs")


@pytest.mark.usefixtures("indexed")
def test_only_the_files_that_may_be_near_are_found(folder: Path):
    assert among(folder, "one") == {"a.py"}
    assert among(folder, "two", "three") == {"b.py"}
    assert among(folder, "three") == set()


@pytest.mark.usefixtures("indexed")
def test_many_names_are_found_as_few_are(folder: Path):
    many = tuple(f"name{each}" for each in range(2 * name_index.FEW))
    looking = make("mine", folder / "mine", {"m.py": ("", many)})
    assert name_index.near("theirs", wanted(looking)) == set()
    looking = make("mine", folder / "mine", {"m.py": ("", (*many, "two"))})
    assert name_index.near("theirs", wanted(looking)) == {name_index.key((str(folder / "theirs"), "b.py"))}


def test_a_session_that_touched_nothing_has_nothing_near(folder: Path):
    assert among(folder, "one") == set()


def test_touches_of_an_older_version_are_indexed_with_the_next_edit(folder: Path):
    touches.append(make("theirs", folder / "theirs", {"a.py": ("one", ("one",))}))
    assert among(folder, "three") is None
    touches.append(make("theirs", folder / "theirs", {"b.py": ("two", ("two",))}))
    candidates.remember("theirs")
    assert among(folder, "one") == {"a.py"}
    assert among(folder, "three") == set()


@pytest.mark.usefixtures("indexed")
def test_what_is_not_in_the_index_yet_is_near(folder: Path):
    [made] = touches.append(make("theirs", folder / "theirs", {"c.py": ("four", ("four",))}))
    assert among(folder, "three") == {"c.py"}
    assert among(folder, "one") == {"a.py", "c.py"}
    touches.note("theirs", [Event("committed", time.time(), (made.id,))])
    candidates.remember("theirs")
    assert among(folder, "three") == set()


@pytest.mark.usefixtures("indexed")
def test_an_edit_that_was_moved_is_near_where_it_is_now(folder: Path):
    one = touches.read("theirs").touches[0]
    (folder / "theirs" / "a.py").rename(folder / "theirs" / "c.py")
    touches.note("theirs", [Event("moved", time.time(), (one.id,), worktree=one.worktree, path="c.py")])
    assert among(folder, "three") == {"c.py"}
    candidates.remember("theirs")
    assert among(folder, "three") == set()
    assert among(folder, "one") == {"a.py", "c.py"}  # no edit is at the first any more, which costs no more than a look


@pytest.mark.usefixtures("indexed")
def test_a_touch_file_that_was_written_again_has_no_index(folder: Path):
    files.rewrite_lines(files.path("touches", "theirs.jsonl"), lambda line: line["path"] != "a.py")
    assert among(folder, "two") is None
    candidates.remember("theirs")
    assert among(folder, "one", "two") == {"b.py"}


@pytest.mark.usefixtures("indexed")
def test_what_a_session_has_made_of_a_file_replaces_what_it_was(folder: Path):
    touches.append(make("theirs", folder / "theirs", {"a.py": ("three", ("three",))}))
    candidates.remember("theirs")
    assert among(folder, "three") == {"a.py"}
    named = make("mine", folder / "mine", {"m.py": ("", ("one",))})
    assert name_index.near("theirs", wanted(named)) == set()
    assert among(folder, "one") == {"a.py"}  # it touched what is called so, and that may be open yet


def test_a_broken_index_misses_nothing(folder: Path, indexed: Path):
    text = indexed.read_bytes()
    for broken in (*(text[:end] for end in range(len(text))), b"\0" * len(text), b"{}\n" + text, text + text):
        indexed.write_bytes(broken)
        near = among(folder, "one")
        assert near is None or "a.py" in near
    candidates.remember("theirs")
    assert among(folder, "one") == {"a.py"}


LIMITS = [
    pytest.param(mentions, "MOST_WORDS", id="a file with too many words"),
    pytest.param(mentions, "MOST_PAIRS", id="a file with too many names for its words"),
    pytest.param(name_index, "LARGEST", id="an index that is too large"),
]


@pytest.mark.parametrize(("module", "limit"), LIMITS)
def test_what_is_too_much_is_near_to_everything(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: object, limit: str
):
    monkeypatch.setattr(module, limit, 0)
    touches.append(make("theirs", folder / "theirs", {"a.py": ("one two", ("one",))}))
    candidates.remember("theirs")
    assert among(folder, "three") == {"a.py"}
    assert state("names", "theirs").stat().st_size < 200


def test_no_word_can_be_read_in_an_index(folder: Path):
    touches.append(make("theirs", folder / "theirs", {"a.py": ("secret_word = other", ("secret_word",))}))
    candidates.remember("theirs")
    text = state("names", "theirs").read_bytes()
    assert not any(word in text for word in (b"secret_word", b"other", b"a.py"))
    assert state("names", "theirs").stat().st_mode & 0o077 == 0


def test_the_fewest_edits_are_read_as_a_whole(folder: Path, monkeypatch: pytest.MonkeyPatch):
    class Someone:
        def __init__(self, name: str) -> None:
            self.id = name

    for name, number in (("few", 1), ("more", 2), ("many", 9)):
        made = make(name, folder / name, {f"{each}.py": ("", ()) for each in range(number)})
        touches.append(made)
    sizes = {name: name_index.extent(name).size for name in ("few", "more", "many")}
    people = [Someone(name) for name in ("many", "few", "more")]
    for room, expected in ((0, set()), (sizes["few"], {"few"}), (sizes["few"] + sizes["more"], {"few", "more"})):
        monkeypatch.setattr(candidates, "READ_WHOLE", room)
        assert candidates._few(people) == expected  # type: ignore[arg-type]
