"""Owns whether a use means a definition: by scope, receiver and imports, and how surely."""

from __future__ import annotations

from context_sync.domain.verdicts import Confidence
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.references.imports import Import, is_file
from context_sync.references.inheritance import Ancestry, line_of, provider
from context_sync.references.outlines import last_name
from context_sync.references.scopes import SELVES, Scope, binding_of, constructed_type, local_definition, own_type
from context_sync.references.signatures import Shape
from context_sync.references.uses import Use
from context_sync.symbols.languages import CALLABLES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSTRUCTORS = ("__init__", "__new__", "__post_init__", "constructor")
_SUPERS = ("super()", "super")
_SPREAD_TYPES = ("go", "rust")  # a type's members may lie in several files
_SHORT = 3  # letters below which the name of an object says nothing
_TELLING = 4  # letters from which a name is taken to be somebody's own


def meaning(use: Use, shape: Shape, scope: Scope, types: Ancestry) -> Confidence | None:
    """Return how surely a use at its line of `scope` means the definition, or None when it does not, or is open.

    A constructor is meant by a call of its type, a special method by making an object that has it.
    """
    if not _may_mean(use, shape, scope):
        return None
    if not scope.family:
        return _by_name(use, shape, types)
    if use.imported:
        return _of_import(Import(use.imported, use.name, use.line), use.name, shape, scope)
    if shape.owner and shape.last in CONSTRUCTORS:
        return (_super(use, shape, scope, types) or _of_type(use, shape, scope)) if use.called else None
    if shape.owner and _is_special(shape.last) and use.called and use.name != shape.last:
        return "likely" if _of_type(use, shape, scope) else None
    if use.receiver:
        return _member(use, shape, scope, types) if use.name == shape.last else None
    return None if shape.owner else _bare(use, shape, scope)


def _may_mean(use: Use, shape: Shape, scope: Scope) -> bool:
    names = reached_by(shape)
    entry = scope.imports.get(use.name)
    return use.name in names or (entry is not None and entry.name in names)


def _by_name(use: Use, shape: Shape, types: Ancestry) -> Confidence | None:
    """Return likely when no other definition at hand has the name, nor is it too short to tell anything."""
    alone = len(types.named.get(shape.last, ())) <= 1 and len(shape.last) >= _TELLING
    return "likely" if alone and use.name == shape.last and shape.kind in (*TYPES, *CALLABLES) else None


def reached_by(shape: Shape) -> frozenset[str]:
    """Return the names under which a definition is used, aliases of imports aside."""
    if shape.owner and (shape.last in CONSTRUCTORS or _is_special(shape.last)):
        return frozenset((shape.owner, shape.last, "super"))
    return frozenset((shape.last,))


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _super(use: Use, shape: Shape, scope: Scope, types: Ancestry) -> Confidence | None:
    by_name = use.name == shape.last and use.receiver in _SUPERS
    if not by_name and (use.name, shape.last) != ("super", "constructor"):
        return None
    return "certain" if shape.owner in list(line_of(types, own_type(scope, use.line)))[1:] else None


def _of_type(use: Use, shape: Shape, scope: Scope) -> Confidence | None:
    stand_in = shape._replace(last=shape.owner, owner="", outer="", name=shape.owner, kind="class")
    if use.receiver:
        return _through_module(use, stand_in, scope) if use.name == stand_in.last else None
    return _bare(use, stand_in, scope)


def _bare(use: Use, shape: Shape, scope: Scope) -> Confidence | None:
    entry = scope.imports.get(use.name)
    local = local_definition(scope, use.name, use.line)
    if shape.outer or local:
        return "certain" if local == shape.name and scope.path == shape.path else None
    binding = binding_of(scope, use.name, use.line)
    if binding and binding.holder:
        return None
    if entry is not None:
        return _of_import(entry, use.name, shape, scope)
    if use.name != shape.last:
        return None
    if scope.path == shape.path:
        return "certain"
    return _unnamed_import(shape, scope)


def _unnamed_import(shape: Shape, scope: Scope) -> Confidence | None:
    """Return whether another file's name can be used without an import that names it."""
    if scope.family == "go" and _folder(scope.path) == _folder(shape.path):
        return "certain"
    stars = (entry for local, entry in scope.imports.items() if local.startswith("*"))
    surest = [is_file(scope.family, entry.module, scope.path, shape.path) for entry in stars]
    return "likely" if any(surest) else None


def _of_import(entry: Import, local: str, shape: Shape, scope: Scope) -> Confidence | None:
    if shape.owner or shape.outer:
        return None
    if entry.name == "default":
        match = is_file(scope.family, entry.module, scope.path, shape.path)
        return "likely" if match and local == shape.last else None
    if entry.name != shape.last:
        return None
    return is_file(scope.family, entry.module, scope.path, shape.path)


def _member(use: Use, shape: Shape, scope: Scope, types: Ancestry) -> Confidence | None:
    if not shape.owner:
        return _through_module(use, shape, scope)
    if use.receiver in _SUPERS:
        return _super(use, shape, scope, types)
    known = receiver_type(use.receiver, use.line, scope, types)
    if known is not None:
        return None if _is_another(known, shape, scope) else _of_known(known, shape, types)
    alone = len(types.named.get(shape.last, ())) <= 1
    return "likely" if is_named_like(use.receiver, shape.owner, alone) else None


def _of_known(known: str, shape: Shape, types: Ancestry) -> Confidence | None:
    if provider(types, known, shape.last) == shape.owner:
        return "certain"
    return "likely" if known in line_of(types, shape.owner) else None


def _is_another(known: str, shape: Shape, scope: Scope) -> bool:
    """Return whether a type named like the owner is not the owner: made or imported from elsewhere in this file."""
    if known != shape.owner or scope.path == shape.path:
        return False
    if any(symbol.kind in TYPES and last_name(symbol.name) == known for symbol in scope.symbols):
        return scope.family not in _SPREAD_TYPES
    entry = scope.imports.get(known)
    if entry is None or not entry.name:
        return False
    return not is_file(scope.family, entry.module, scope.path, shape.path)


def _through_module(use: Use, shape: Shape, scope: Scope) -> Confidence | None:
    if shape.outer:
        return None
    found = (is_file(scope.family, module, scope.path, shape.path) for module in _modules(use.receiver, scope))
    return next((match for match in found if match), None)


def _modules(receiver: str, scope: Scope) -> Iterator[str]:
    """Yield the modules that what stands before the dot may be."""
    head, _, rest = receiver.partition(".")
    entry = scope.imports.get(receiver) or scope.imports.get(head)
    if entry is None:
        if scope.family == "rust" and receiver not in SELVES:
            yield receiver
    elif not entry.name:
        yield entry.module if receiver in scope.imports else f"{entry.module}.{rest}"
    elif not rest:
        yield f"{entry.module.rstrip('.')}.{entry.name}" if entry.module.strip(".") else entry.module + entry.name
        if entry.name == "default":
            yield entry.module


def receiver_type(receiver: str, line: int, scope: Scope, types: Ancestry) -> str | None:
    """Return the bare name of the type of what stands before the dot, None when it is not known."""
    binding = binding_of(scope, receiver, line)
    if receiver in SELVES:
        return own_type(scope, line) or (binding.type if binding else "") or None
    made = constructed_type(receiver)
    if made or binding:
        return made or (binding.type if binding else "") or None
    last = last_name(receiver)
    if last != receiver:
        return scope.fields.get(last) or (last if last in types.members else None)
    if receiver in types.members:
        return receiver
    entry = scope.imports.get(receiver)
    return entry.name if entry and entry.name not in ("", "default", "*") else None


def is_named_like(receiver: str, owner: str, alone: bool) -> bool:
    """Return whether an object's name says its type: `option`, `self._option` and `helpOption` for `Option`.

    Where no other type has the member (`alone`), so does the type's last word (`plugin` for `CodePlugin`) and
    what it is cut down to (`opt`, `cmd` for `Command`).
    """
    name = last_name(receiver).strip("_$#")
    type_ = owner.strip("_")
    if len(type_) < _SHORT or len(name) < _SHORT or not name.replace("_", "").isalnum():
        return False
    written = name.replace("_", "").lower()
    if written == type_.replace("_", "").lower() or name.endswith((type_, f"_{type_.lower()}")):
        return True
    return alone and _is_short_for(written, _words(type_)[-1])


def _is_short_for(name: str, word: str) -> bool:
    if name == word or (word.startswith(name) and len(name) < len(word)):
        return True
    vowels = "aeiou"
    skeleton = word[0] + "".join(letter for letter in word[1:] if letter not in vowels)
    letters = iter(skeleton)
    return name[0] == word[0] and not set(name[1:]) & set(vowels) and all(letter in letters for letter in name)


def _words(name: str) -> list[str]:
    spaced = "".join(" " + letter if letter.isupper() else letter for letter in name.replace("_", " "))
    return spaced.lower().split() or [name.lower()]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
