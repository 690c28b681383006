"""Named tuples without `typing`, which imports `re` and `enum` (7 ms).

A module that defines one begins with `from __future__ import annotations`, as only the names of its fields are read.
"""

TYPE_CHECKING = False  # as in `typing`: the code under it is for type checkers and never runs

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    FunctionType = type(lambda: None)  # that of `types`

    _makers: dict[int, FunctionType] = {}  # by the number of their parameters

    def _maker(fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        """Return what makes a tuple of these fields, a function with these parameters: it takes and refuses the same.

        As in `collections`, but compiled once for each number of fields (40 us) and given other names (3 us).
        """
        known = _makers.get(len(fields))
        if known is None:
            given = ", ".join(fields)
            known = eval(f"lambda _class, {given}: _new(_class, ({given},))", {"_new": tuple.__new__})
            _makers[len(fields)] = known
        code = known.__code__.replace(co_varnames=("_class", *fields))
        return FunctionType(code, known.__globals__, "__new__", defaults)

    class _Fields(type):
        """Turns the annotations of a class into fields, and the values assigned to them into defaults."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> type:
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            namespace |= {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            namespace |= {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            if fields:
                namespace["__new__"] = _maker(fields, tuple(defaults.values()))
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Fields):
        """A tuple with named fields, which behaves like that of `typing` in all that it implements."""

        # A third faster than the class itself; it trusts the number of the values.
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
