"""The small Python files of a walk: no two functions share a line, so no diff can confuse them."""

import re
from collections.abc import Mapping

FIRST = {"one.py": ("ant", "bee"), "two.py": ("cow", "dog"), "three.py": ("elk", "fox")}
USES = {"cow": "ant", "elk": "cow"}
HEADS = {"two.py": "from one import ant\n", "three.py": "from two import cow\n"}
_DEFINITION = re.compile(r"^def (\w+)", re.MULTILINE)


def function(name: str, number: int = 0, parameter: str = "x", uses: str = "") -> str:
    """Return a definition; `uses` is the name of one that it calls."""
    call = f"{uses}({name}_given)" if uses else f"{name}_given"
    return (
        f"def {name}({parameter}):\n"
        f"    {name}_given = {parameter} + 1\n"
        f"    {name}_number = {number}\n"
        f"    {name}_found = {call}\n"
        f"    return {name}_number + {name}_found\n"
    )


def joined(head: str, blocks: Mapping[str, str]) -> str:
    """Return the text of a file of these definitions."""
    return "\n\n".join([*filter(None, [head]), *blocks.values()])


def first() -> dict[str, str]:
    """Return the texts of the files at the beginning, by path."""
    return {
        path: joined(HEADS.get(path, ""), {name: function(name, uses=USES.get(name, "")) for name in names})
        for path, names in FIRST.items()
    }


def split(text: str | None) -> tuple[str, dict[str, str]]:
    """Return what is above the first definition of a text, and the definitions by name; nothing for no file."""
    if not text:
        return "", {}
    begins = [each.start() for each in _DEFINITION.finditer(text)]
    ends = [*begins[1:], *[len(text)][: len(begins)]]
    names = _DEFINITION.findall(text)
    parts = [text[begin:end].rstrip("\n") + "\n" for begin, end in zip(begins, ends, strict=True)]
    return text[: begins[0] if begins else len(text)].rstrip("\n") + "\n", dict(zip(names, parts, strict=True))


def blocks(text: str | None) -> dict[str, str]:
    """Return the definitions of a text by name."""
    return split(text)[1]


def changed(before: str | None, after: str | None) -> frozenset[str]:
    """Return the names of the definitions that are not the same in both texts."""
    old, new = blocks(before), blocks(after)
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
