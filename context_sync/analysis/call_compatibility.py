"""Call compatibility: whether a call still works as written when the parameters of what it calls change."""

from __future__ import annotations

from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.references.parameters import Parameter
from context_sync.references.uses import Arguments

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOUND = ("self", "cls")


def breaks(arguments: Arguments, before: Sequence[Parameter], after: Sequence[Parameter], typed: bool) -> bool:
    """Return whether a call that fits `before` does not fit `after`, or its arguments mean something else there.

    `typed` is whether a changed parameter type counts, as in languages that check types. A call that spreads a
    sequence is assumed to fit.
    """
    old, new = _passed(before), _passed(after)
    if arguments.spread:
        return False
    if not fits(arguments, new):
        return fits(arguments, old) or _names(old) != _names(new)
    old_plain, new_plain = _positional(old), _positional(new)
    for was, now in zip(old_plain[: arguments.plain], new_plain[: arguments.plain], strict=False):
        if was.name != now.name and (now.name in _names(old) or was.name in _names(new)):
            return True
        if typed and was.type != now.type:
            return True
    return False


def fits(arguments: Arguments, parameters: Sequence[Parameter]) -> bool:
    """Return whether the call's arguments are those that the parameters require."""
    forms = {parameter.form for parameter in parameters}
    plain = _positional(parameters)
    if arguments.plain > len(plain) and "rest" not in forms:
        return False
    by_name = {parameter.name for parameter in parameters if parameter.form in ("plain", "keyword")}
    if "keywords" not in forms and any(name not in by_name for name in arguments.keywords):
        return False
    left = [*plain[arguments.plain :], *(each for each in parameters if each.form == "keyword")]
    return all(each.default is not None or each.name in arguments.keywords for each in left)


def _passed(parameters: Sequence[Parameter]) -> list[Parameter]:
    bound = bool(parameters) and parameters[0].name in _BOUND
    return list(parameters[1:] if bound else parameters)


def _positional(parameters: Sequence[Parameter]) -> list[Parameter]:
    return [parameter for parameter in parameters if parameter.form == "plain"]


def _names(parameters: Sequence[Parameter]) -> set[str]:
    return {parameter.name for parameter in parameters}
