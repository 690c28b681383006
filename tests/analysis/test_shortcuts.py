import pytest

from context_sync.analysis import dependencies, indirect, judge, readers
from context_sync.references.inheritance import Ancestry
from tests.analysis.pairs import Case, changes, judged
from tests.analysis.test_dependencies_compiled import GO_CASES, OTHER_CASES, RUST_CASES
from tests.analysis.test_dependencies_python import BEHAVIOUR, CONTRACT, FINE
from tests.analysis.test_dependencies_script import JAVASCRIPT, TYPESCRIPT

CASES = [*CONTRACT, *FINE, *BEHAVIOUR, *JAVASCRIPT, *TYPESCRIPT, *GO_CASES, *RUST_CASES, *OTHER_CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_not_parsed_holds_no_dependency(case: Case, monkeypatch: pytest.MonkeyPatch):
    found = judge.dependent(changes(case.base, case.mine), changes(case.base, case.theirs))
    assert found == tuple(verdict for verdict in judged(case) if verdict.dependency)
    for module in (dependencies, indirect):
        monkeypatch.setattr(module, "may_name", lambda _text, _names: True)
    assert judge.dependent(changes(case.base, case.mine), changes(case.base, case.theirs)) == found


def test_a_text_that_names_nothing_of_what_was_altered_is_not_read(monkeypatch: pytest.MonkeyPatch):
    base = {"a.py": "def one():\n    return 1\n", "b.py": "def two():\n    return 2\n"}
    sides = [changes(base, side) for side in ({"a.py": "return 1⇒return 11"}, {"b.py": "return 2⇒return 22"})]
    read = []
    monkeypatch.setattr(dependencies, "reader", lambda *edits: read.append(edits) or readers.reader(*edits))
    assert judge.dependent(*sides) == ()
    assert read == []
    assert judge.dependent(sides[0], changes(base, {"b.py": "return 2⇒return one()"})) == ()
    assert len(read) == 1


def test_types_are_looked_for_when_they_are_asked_for():
    asked = []

    def texts():
        asked.append(1)
        yield "a.py", b"class A(B):\n    def f(self): ...\n"

    types = Ancestry(texts())
    assert not asked
    assert types.bases == {"A": ("B",)}
    assert types.members == {"A": frozenset({"f"})}
    assert types.named == {"A": frozenset({"A"}), "f": frozenset({"A.f"})}
    assert len(asked) == 1
