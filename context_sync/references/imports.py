"""The imports of a file, and whether an imported module is a given file."""

from __future__ import annotations

from functools import lru_cache
from os.path import dirname, normpath

from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple
from context_sync.references.syntax import captured, family_of, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TypeAlias

Match: TypeAlias = 'Literal["certain", "likely"]'

_ENTRY_STEMS = ("__init__", "index", "mod", "lib", "main")
_STAR = "*"


class Import(NamedTuple):
    """What a local name refers to: `name` in `module`, or the module itself when `name` is "".

    `name` is "default" for the default export of an ECMAScript module, and for the result of `require`.
    """

    module: str
    name: str
    line: int


@lru_cache(maxsize=64)
def imports(path: str, text: bytes) -> Mapping[str, Import]:
    """Return a file's imports by local name; wildcard imports under `*`, `*1` and so on."""
    found: dict[str, Import] = {}
    family = family_of(path)
    for captures in captured(family, "imports", text) if family else ():
        module = written(text, captures["module"][0]).strip("\"'`").replace("::", ".")
        line = captures["module"][0].start_point.row + 1
        alias = written(text, captures["alias"][0]) if "alias" in captures else ""
        if "star" in captures:
            found[f"{_STAR}{sum(name.startswith(_STAR) for name in found) or ''}"] = Import(module, _STAR, line)
        elif "default" in captures:
            found[written(text, captures["default"][0])] = Import(module, "default", line)
        elif "name" in captures:
            node = captures["name"][0]
            found[alias or written(text, node)] = Import(module, written(text, node), node.start_point.row + 1)
        else:
            found[alias or _local(family, module)] = Import(module, "", line)
    return found


def is_file(family: str, module: str, importing: str, target: str) -> Match | None:
    """Return how surely an imported module is the file at `target`, or None when it is not.

    Likely means that the module is a package around the file, which may re-export its names.
    """
    if family == "go":
        return _go(module, target)
    if family in ("javascript", "typescript", "tsx"):
        return _script(module, importing, target)
    return _dotted(family, module, importing, target)


def _local(family: str, module: str) -> str:
    if family == "go":
        parts = [part for part in module.split("/") if not (part[:1] == "v" and part[1:].isdigit())]
        return parts[-1] if parts else module
    return module


def _go(module: str, target: str) -> Match | None:
    folder = dirname(target)
    if not folder:
        return "likely"
    return "certain" if module == folder or module.endswith("/" + folder) else None


def _script(module: str, importing: str, target: str) -> Match | None:
    stem = _without_suffix(target)
    if module.startswith("."):
        path = _without_suffix(normpath(f"{dirname(importing)}/{module}"))
        if path in (stem, target) or f"{path}/index" == stem:
            return "certain"
        return "likely" if _may_reexport(path, target) else None
    tail = module.lstrip("@~/").partition("/")[2] if module[:1] in "@~" else ""
    return "likely" if tail and (stem == tail or stem.endswith("/" + tail)) else None


def _dotted(family: str, module: str, importing: str, target: str) -> Match | None:
    parts, folder = _absolute(family, module, importing)
    stem = _without_suffix(target).split("/")
    if stem[-1] in _ENTRY_STEMS and len(stem) > 1:
        stem = stem[:-1]
    if folder is not None:
        wanted = [*folder, *parts]
        if stem == wanted:
            return "certain"
        return "likely" if wanted and stem[: len(wanted)] == wanted else None
    if parts and stem[-len(parts) :] == parts:
        return "certain"
    return "likely" if parts and any(stem[at : at + len(parts)] == parts for at in range(len(stem))) else None


def _absolute(family: str, module: str, importing: str) -> tuple[list[str], list[str] | None]:
    """Return the parts of a dotted module and the folder that they are relative to, None for the search path."""
    here = dirname(importing).split("/") if dirname(importing) else []
    if family == "rust":
        parts = [part for part in module.split(".") if part]
        while parts and parts[0] in ("crate", "self", "super"):
            parts = parts[1:]
        return parts, None
    dots = len(module) - len(module.lstrip("."))
    parts = [part for part in module[dots:].split(".") if part]
    return parts, here[: len(here) - dots + 1] if dots else None


def _without_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return folder + slash + (stem if dot and stem and suffix in _SUFFIXES else name)


_SUFFIXES = ("py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "rs", "go")


def _may_reexport(module: str, target: str) -> bool:
    folder = module if module not in ("", ".") else ""
    return target.startswith(folder + "/") if folder else True
