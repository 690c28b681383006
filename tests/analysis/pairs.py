"""Two sides' edits of a few files, written as replacements in the base, and what the judge found in short."""

from collections.abc import Mapping
from typing import NamedTuple

from context_sync.analysis.changes import Change
from context_sync.analysis.judge import judge
from context_sync.domain.verdicts import Dependency, Verdict

Texts = Mapping[str, str | None]


class Case(NamedTuple):
    """`mine` and `theirs` have whole files, or "old ⇒ new" for one replacement in the file of the base."""

    id: str
    base: Texts
    mine: Texts
    theirs: Texts
    found: list[str]


def judged(case: Case, *, apart: bool = True) -> tuple[Verdict, ...]:
    return judge(changes(case.base, case.mine), changes(case.base, case.theirs), apart=apart)


def changes(base: Texts, side: Texts) -> list[Change]:
    return [Change(path, _bytes(base.get(path)), _bytes(_edited(base.get(path), text))) for path, text in side.items()]


def dependencies(case: Case) -> list[Dependency]:
    return [verdict.dependency for verdict in judged(case) if verdict.dependency]


def in_short(dependency: Dependency) -> str:
    """Return a dependency as `kind: way of definition in user`, followed by what is unusual about it."""
    through = f" through {dependency.through}" if dependency.through else ""
    unsure = f" ({dependency.confidence})" if dependency.confidence != "certain" else ""
    user = dependency.user or "the file"
    return f"{dependency.kind}: {dependency.way} of {dependency.definition} in {user}{through}{unsure}"


def _edited(base: str | None, text: str | None) -> str | None:
    if text is None or base is None or "⇒" not in text:
        return text
    old, _, new = text.partition("⇒")
    assert base.count(old) == 1, f"{old!r} does not occur exactly once in the base"
    return base.replace(old, new)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
