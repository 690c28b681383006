"""Owns named tuples that cost next to nothing: `typing`, which has others, loads `re` and `enum`, too (7 ms).

A module with one begins with `from __future__ import annotations`: its annotations are read by their names alone.
"""

TYPE_CHECKING = False  # as that of `typing`: what is under it is for type checkers, and never imported

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    class _Fields(type):
        """Makes the annotations of a class its fields, and what they are set to the defaults."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            namespace |= {field: _tuplegetter(place, None) for place, field in enumerate(fields)}
            namespace |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Fields):
        """A tuple with names for its fields: as that of `typing` in all that it has."""

        def __new__(cls, *values: object, **named: object) -> object:  # noqa: D102
            if named or len(values) != len(cls._fields):
                values = cls._completed(values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _completed(cls, values: tuple[object, ...], named: dict[str, object]) -> list[object]:
            given = dict(zip(cls._fields, values, strict=False))
            found = cls._field_defaults | given | named
            if len(values) > len(cls._fields) or found.keys() != set(cls._fields) or not named.keys().isdisjoint(given):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}: given {values} and {named}")
            return [found[field] for field in cls._fields]

        @classmethod
        def _make(cls, values: object) -> object:
            return cls(*values)

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changed: object) -> object:
            return type(self)(**(self._asdict() | changed))

        __replace__ = _replace  # for `copy.replace`, since Python 3.13

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"
