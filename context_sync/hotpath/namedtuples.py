"""Named tuples without `typing`, which imports `re` and `enum` (7 ms).

A module that defines one begins with `from __future__ import annotations`, as only the names of its fields are read.
"""

TYPE_CHECKING = False  # as in `typing`: the code under it is for type checkers and never runs

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    class _Fields(type):
        """Turns the annotations of a class into fields, and the values assigned to them into defaults."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            namespace |= {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            namespace |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Fields):
        """A tuple with named fields, which behaves like that of `typing` in all that it implements."""

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

        # Without a call in Python, and a third faster than the class itself; it trusts the number of the values.
        _make = classmethod(tuple.__new__)

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changed: object) -> object:
            return type(self)(**(self._asdict() | changed))

        __replace__ = _replace  # for `copy.replace`, since Python 3.13

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"
