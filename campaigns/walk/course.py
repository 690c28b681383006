"""The course of a walk so far, and what one of its steps is."""

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from campaigns.walk import sources
from campaigns.walk.ground import Ground, Member
from campaigns.walk.oracle import Oracle


class Step(NamedTuple):
    """One thing that happens: who, what and how are numbers that stand for whatever there is at that moment."""

    name: str
    who: int = 0
    what: int = 0
    how: int = 0


@dataclass
class Walk:
    """A walk so far."""

    ground: Ground
    oracle: Oracle
    guard: str = "deny-once"
    numbers: int = 0
    names: int = 0
    heirs: dict[str, str] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.trace.append(text)

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names:03}"


def path_of(walk: Walk, member: Member, what: int) -> str:
    """Return one of the files that are there."""
    there = sorted(walk.ground.texts(member.worktree))
    return there[what % len(there)] if there else ""


def name_of(text: str, how: int) -> str:
    names = list(sources.blocks(text))
    return names[how % len(names)] if names else ""


def shown(output: bytes) -> str:
    if not output:
        return "nothing"
    context = json.loads(output)["hookSpecificOutput"]
    text = context.get("permissionDecisionReason") or context["additionalContext"]
    return "".join(f"\n      | {line}" for line in text.split("\n"))
