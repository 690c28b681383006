"""Owns whether a use means a definition: by scope, receiver and imports, and how surely."""



from context_sync.collisions.ancestry import Ancestry, line_of, provider
from context_sync.collisions.imports import Import, is_file
from context_sync.collisions.scopes import (
    SELVES,
    Scope,
    binding_of,
    constructed_type,
    local_definition,
    own_type,
)
from context_sync.collisions.shapes import Shape, last_name
from context_sync.collisions.uses import Use
from context_sync.collisions.verdicts import Confidence
from context_sync.symbols.languages import TYPES

CONSTRUCTORS = ("__init__", "__new__", "__post_init__", "constructor")
_SUPERS = ("super()", "super")

_Name = tuple[str, str]
"""How a definition is reached: the type that it is a member of, "" for none, and its own name."""


def meaning(use: Use, shape: Shape, scope: Scope, types: Ancestry) -> Confidence | None:
    """Return how surely a use at its line of `scope` means the definition, or None when it does not, or is open.

    A constructor is meant by a call of its type, a special method by making an object that has it.
    """
    if use.imported:
        return _of_import(Import(use.imported, use.name, use.line), use.name, shape, scope)
    if shape.owner and shape.last in CONSTRUCTORS:
        return (_super(use, shape, scope, types) or _of_type(use, shape, scope)) if use.called else None
    if shape.owner and _is_special(shape.last) and use.called and use.name != shape.last:
        return "likely" if _of_type(use, shape, scope) else None
    if use.receiver:
        return _member(use, shape, scope, types) if use.name == shape.last else None
    return None if shape.owner else _bare(use, shape, scope)


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _super(use: Use, shape: Shape, scope: Scope, types: Ancestry) -> Confidence | None:
    named = use.name == shape.last and use.receiver in _SUPERS or use.name == "super" and shape.last == "constructor"
    if not named:
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
        inherited = list(line_of(types, own_type(scope, use.line)))[1:]
        return "certain" if shape.owner in inherited else None
    known = receiver_type(use.receiver, use.line, scope, types)
    if known:
        return _of_known(known, shape, types)
    return "likely" if known is None and is_named_like(use.receiver, shape.owner) else None


def _of_known(known: str, shape: Shape, types: Ancestry) -> Confidence | None:
    if provider(types, known, shape.last) == shape.owner:
        return "certain"
    return "likely" if known in line_of(types, shape.owner) else None


def _through_module(use: Use, shape: Shape, scope: Scope) -> Confidence | None:
    if use.name != shape.last or shape.outer:
        return None
    head, _, rest = use.receiver.partition(".")
    entry = scope.imports.get(head)
    if entry is not None and not entry.name and "(" not in rest:
        module = ".".join(part for part in (entry.module, rest) if part)
        found = is_file(scope.family, module, scope.path, shape.path)
        return found or (is_file(scope.family, use.receiver, scope.path, shape.path) if rest else None)
    if entry is not None and not rest:
        inside = is_file(scope.family, f"{entry.module}.{entry.name}", scope.path, shape.path)
        whole = is_file(scope.family, entry.module, scope.path, shape.path) if entry.name == "default" else None
        return inside or whole
    if use.receiver in scope.imports and not scope.imports[use.receiver].name:
        return is_file(scope.family, use.receiver, scope.path, shape.path)
    if scope.family == "rust" and use.receiver not in SELVES:
        return is_file(scope.family, use.receiver, scope.path, shape.path)
    return None


def receiver_type(receiver: str, line: int, scope: Scope, types: Ancestry) -> str | None:
    """Return the type of what stands before the dot, None when unknown and "" when it is no object of any type."""
    if receiver in SELVES:
        bound = binding_of(scope, receiver, line)
        return own_type(scope, line) or (bound.type if bound else None) or None
    made = constructed_type(receiver)
    if made:
        return made
    head, dot, rest = receiver.partition(".")
    if dot and head in (*SELVES, *_bound_selves(scope, line)) and rest.isidentifier():
        return scope.fields.get(rest)
    if dot:
        last = last_name(receiver)
        return last if last in types.members and last.isidentifier() else scope.fields.get(last)
    binding = binding_of(scope, receiver, line)
    if binding:
        return binding.type or None
    if receiver in types.members or any(s.name == receiver and s.kind in TYPES for s in scope.symbols):
        return receiver
    entry = scope.imports.get(receiver)
    return (entry.name if entry.name not in ("default", "*") else receiver) if entry else None


def _bound_selves(scope: Scope, line: int) -> tuple[str, ...]:
    own = own_type(scope, line)
    return tuple(
        name for name in scope.bindings if own and (found := binding_of(scope, name, line)) and found.type == own
    )


def is_named_like(receiver: str, owner: str) -> bool:
    """Return whether an object's name says its type: `option`, `self._option` and `helpOption` for `Option`."""
    last = last_name(receiver).strip("_$#").replace("_", "")
    wanted = owner.strip("_").replace("_", "").lower()
    if len(wanted) < 3 or not last:
        return False
    return last.lower() == wanted or last.endswith(owner.strip("_")) or receiver.endswith("_" + wanted)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


