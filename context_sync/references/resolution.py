"""Name resolution: whether a use refers to a definition, by scope, receiver and imports, and how surely."""

from __future__ import annotations

from context_sync.domain.verdicts import Confidence
from context_sync.hotpath.namedtuples import TYPE_CHECKING
from context_sync.references.definition_lookup import last_name
from context_sync.references.imports import Import, is_file
from context_sync.references.inheritance import Ancestry, find_member, linearize
from context_sync.references.scopes import SELVES, Scope, binding_of, constructed_type, local_definition, own_type
from context_sync.references.signatures import Signature
from context_sync.references.uses import Use
from context_sync.symbols.languages import CALLABLES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSTRUCTORS = ("__init__", "__new__", "__post_init__", "constructor")
_SUPERS = ("super()", "super")
_SPREAD_TYPES = ("go", "rust")  # a type's members can be in several files
_MIN_RECEIVER = 3  # letters; the name of an object with fewer says nothing about its type
_MIN_UNIQUE_NAME = 4  # letters; a name with fewer is not taken to identify one definition


def resolve(use: Use, target: Signature, scope: Scope, types: Ancestry) -> Confidence | None:
    """Return how surely a use, at its line in `scope`, refers to the definition; None when it does not or is unclear.

    A call of a type refers to its constructor, and creating an object refers to the special methods that it has.
    """
    if not _may_refer(use, target, scope):
        return None
    if not scope.family:
        return _by_name(use, target, types)
    if use.imported:
        return _of_import(Import(use.imported, use.name, use.line), use.name, target, scope)
    if target.owner and target.last in CONSTRUCTORS:
        return (_super(use, target, scope, types) or _of_type(use, target, scope)) if use.called else None
    if target.owner and _is_special(target.last) and use.called and use.name != target.last:
        return "likely" if _of_type(use, target, scope) else None
    if use.receiver:
        return _member(use, target, scope, types) if use.name == target.last else None
    return None if target.owner else _bare(use, target, scope)


def _may_refer(use: Use, target: Signature, scope: Scope) -> bool:
    names = reached_by(target)
    entry = scope.imports.get(use.name)
    return use.name in names or (entry is not None and entry.name in names)


def _by_name(use: Use, target: Signature, types: Ancestry) -> Confidence | None:
    """Return "likely" when no other known definition has the name and it is not too short to identify one."""
    alone = len(types.named.get(target.last, ())) <= 1 and len(target.last) >= _MIN_UNIQUE_NAME
    return "likely" if alone and use.name == target.last and target.kind in (*TYPES, *CALLABLES) else None


def reached_by(target: Signature) -> frozenset[str]:
    """Return the names under which a definition is used, apart from import aliases."""
    if target.owner and (target.last in CONSTRUCTORS or _is_special(target.last)):
        return frozenset((target.owner, target.last, "super"))
    return frozenset((target.last,))


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _super(use: Use, target: Signature, scope: Scope, types: Ancestry) -> Confidence | None:
    by_name = use.name == target.last and use.receiver in _SUPERS
    if not by_name and (use.name, target.last) != ("super", "constructor"):
        return None
    return "certain" if target.owner in list(linearize(types, own_type(scope, use.line)))[1:] else None


def _of_type(use: Use, target: Signature, scope: Scope) -> Confidence | None:
    stand_in = target._replace(last=target.owner, owner="", outer="", name=target.owner, kind="class")
    if use.receiver:
        return _through_module(use, stand_in, scope) if use.name == stand_in.last else None
    return _bare(use, stand_in, scope)


def _bare(use: Use, target: Signature, scope: Scope) -> Confidence | None:
    entry = scope.imports.get(use.name)
    local = local_definition(scope, use.name, use.line)
    if target.outer or local:
        return "certain" if local == target.name and scope.path == target.path else None
    binding = binding_of(scope, use.name, use.line)
    if binding and binding.holder:
        return None
    if entry is not None:
        return _of_import(entry, use.name, target, scope)
    if use.name != target.last:
        return None
    if scope.path == target.path:
        return "certain"
    return _unnamed_import(target, scope)


def _unnamed_import(target: Signature, scope: Scope) -> Confidence | None:
    """Return how surely another file's name can be used without an import that names it, None when it cannot."""
    if scope.family == "go" and _folder(scope.path) == _folder(target.path):
        return "certain"
    stars = (entry for local, entry in scope.imports.items() if local.startswith("*"))
    surest = [is_file(scope.family, entry.module, scope.path, target.path) for entry in stars]
    return "likely" if any(surest) else None


def _of_import(entry: Import, local: str, target: Signature, scope: Scope) -> Confidence | None:
    if target.owner or target.outer:
        return None
    if entry.name == "default":
        match = is_file(scope.family, entry.module, scope.path, target.path)
        return "likely" if match and local == target.last else None
    if entry.name != target.last:
        return None
    return is_file(scope.family, entry.module, scope.path, target.path)


def _member(use: Use, target: Signature, scope: Scope, types: Ancestry) -> Confidence | None:
    if not target.owner:
        return _through_module(use, target, scope)
    if use.receiver in _SUPERS:
        return _super(use, target, scope, types)
    known = receiver_type(use.receiver, use.line, scope, types)
    if known is not None:
        return None if _is_another(known, target, scope) else _of_known(known, target, types)
    alone = len(types.named.get(target.last, ())) <= 1
    return "likely" if is_named_like(use.receiver, target.owner, alone) else None


def _of_known(known: str, target: Signature, types: Ancestry) -> Confidence | None:
    if find_member(types, known, target.last) == target.owner:
        return "certain"
    return "likely" if known in linearize(types, target.owner) else None


def _is_another(known: str, target: Signature, scope: Scope) -> bool:
    """Return whether a type with the owner's name is another one, which this file defines or imports from elsewhere."""
    if known != target.owner or scope.path == target.path:
        return False
    if any(symbol.kind in TYPES and last_name(symbol.name) == known for symbol in scope.symbols):
        return scope.family not in _SPREAD_TYPES
    entry = scope.imports.get(known)
    if entry is None or not entry.name:
        return False
    return not is_file(scope.family, entry.module, scope.path, target.path)


def _through_module(use: Use, target: Signature, scope: Scope) -> Confidence | None:
    if target.outer:
        return None
    found = (is_file(scope.family, module, scope.path, target.path) for module in _modules(use.receiver, scope))
    return next((match for match in found if match), None)


def _modules(receiver: str, scope: Scope) -> Iterator[str]:
    """Yield the modules that the expression before the dot can be."""
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
    """Return the bare name of the type of the expression before the dot, None when it is unknown."""
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
    """Return whether an object's name indicates its type: `option`, `self._option` and `helpOption` for `Option`.

    When no other type has the member (`alone`), the type's last word (`plugin` for `CodePlugin`) and the
    beginning of that (`opt`) indicate it too.
    """
    name = last_name(receiver).strip("_$#")
    type_ = owner.strip("_")
    if min(len(type_), len(name)) < _MIN_RECEIVER or not name.replace("_", "").isalnum():
        return False
    written = name.replace("_", "").lower()
    if written == type_.replace("_", "").lower() or name.endswith((type_, f"_{type_.lower()}")):
        return True
    return alone and _words(type_)[-1].startswith(written)


def _words(name: str) -> list[str]:
    spaced = "".join(" " + letter if letter.isupper() else letter for letter in name.replace("_", " "))
    return spaced.lower().split() or [name.lower()]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
