from __future__ import annotations

import copy
import pickle
import typing

import pytest

from context_sync.hotpath import namedtuples


class Ours(namedtuples.NamedTuple):
    """What it is."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()

    @property
    def double(self) -> int:
        return 2 * self.size

    @classmethod
    def small(cls) -> Ours:
        return cls("small", 1)


class Typings(typing.NamedTuple):
    """What it is."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()


GIVEN = [
    pytest.param((("a",), {}), id="by place, the rest by default"),
    pytest.param((("a", 1, ("x",)), {}), id="all by place"),
    pytest.param(((), {"name": "a", "parts": ("x",)}), id="by name"),
    pytest.param((("a",), {"size": 9}), id="by place and by name"),
    pytest.param(((), {}), id="nothing"),
    pytest.param((("a", 1, (), "more"), {}), id="too many"),
    pytest.param((("a",), {"name": "b"}), id="one twice"),
    pytest.param((("a",), {"weight": 1}), id="a name that is none"),
    pytest.param((("a", 1, ()), {"size": 1}), id="all by place and one by name"),
]


@pytest.mark.parametrize("given", GIVEN)
def test_it_is_made_as_those_of_typing_are(given: tuple[tuple, dict]):
    values, named = given
    try:
        expected = Typings(*values, **named)
    except TypeError:
        with pytest.raises(TypeError):
            Ours(*values, **named)
    else:
        assert Ours(*values, **named) == expected


def test_it_has_what_those_of_typing_have():
    ours, theirs = Ours("a", 1), Typings("a", 1)
    assert (ours.name, ours.size, ours.parts) == ("a", 1, ())
    assert ours == ("a", 1, ())
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Typings", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert Ours._fields == Typings._fields == Ours.__match_args__
    assert Ours._field_defaults == Typings._field_defaults
    assert Ours.__doc__ == "What it is."
    assert type(ours._replace(size=2)) is Ours
    assert ours._replace(size=2) == theirs._replace(size=2)
    assert Ours._make(["a", 1, ()]) == ours
    assert (ours.double, Ours.small()) == (2, ("small", 1, ()))


def test_it_cannot_be_changed():
    ours = Ours("a")
    for name in ("name", "new"):
        with pytest.raises(AttributeError):
            setattr(ours, name, "b")
    with pytest.raises((TypeError, ValueError)):
        ours._replace(weight=1)


def test_it_is_copied_and_matched_by_its_fields():
    ours = Ours("a", 1, ("x",))
    for copied in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert type(copied) is Ours
        assert copied == ours
    match ours:
        case Ours(name="a", size=size):
            assert size == 1
        case _:
            pytest.fail("not matched")
