"""What a session heard, in the oracle's terms: every line of an answer is parsed, or reported as not understood."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
_PLACE = r"in (?:the same checkout|the worktree (?P<tree>[^)]+))"
_WHO = rf'session "(?P<other>[^"]+)" \((?:branch [^,)]+, )?{_PLACE}\)'
_BOTH = rf"{_WHO} changed it at {_TIME}, this session at {_TIME}\."
_STATE = r"(?P<state>Neither change is committed.*|The two changes are not merged.*|Merging the two now.*)"
_WAY = r"(?P<way>changed its signature.*|renamed it to .*|moved it to .*|removed it|changed what it does)"
_USE = r"(?:`(?P<user>\w+)`|code) in (?P<path>\S+), line \d+(?:, through `(?P<through>\w+)`)?"
_LIKELY = r"(?: The use is matched by name and is likely, not certain\.)?"
_ALERTS = {
    "file": rf"- (?P<path>\S+): {_WHO} changed other parts of this file, last at {_TIME}\.",
    "symbol": rf"- (?:(?P<symbols>`.*?`) in )?(?P<path>\S+): {_BOTH} {_STATE}",
    "mine": rf"- {_USE}: {_WHO} uses `(?P<on>\w+)` from (?P<of>\S+) there\. This session {_WAY} at {_TIME}\.{_LIKELY}",
    "theirs": rf"- `(?P<on>\w+)` in (?P<of>\S+): {_WHO} {_WAY} at {_TIME}\. This session uses it: {_USE}\.{_LIKELY}",
    "hold": rf"- (?P<symbols>`.*?`) in (?P<path>\S+): {_WHO} changed it at {_TIME}"
    rf"(?:, not committed yet\.|\. {_STATE}?)(?: Its change:)?",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _ALERTS.items()}
_FRAME = re.compile(
    r"context-sync: (another live Claude Code session (is working on the same code|has changed this code|changed the"
    r" code that was just edited)\.|a message for this session\.|\d+ messages for this session, oldest first\.)"
    r"|The file was not changed\. .*|    .*|\(to reply: .*\)|"
)
_MESSAGE = re.compile(r"Message (?P<id>\w+) from .*:")
_TEXT = re.compile(r"> number (?P<number>\d+)")
_LOSS = re.compile(
    r'> Session "(?P<other>[^"]+)" (?:ran a command in this checkout that )?discarded uncommitted changes of this'
    r" session(?: in this checkout)?: (?:(?P<symbols>`.*?`) in )?(?P<path>\S+) is back to its state in HEAD\."
)
_COMPANY = re.compile(r"context-sync: (another|\d+ other) Claude Code sessions? (is|are) live in this repository; .*")
_PRESENT = re.compile(r'- "(?P<name>[^"]+)" \((?:branch [^,]+, )?in (?:the same checkout|another worktree)\).*')


class Alert(NamedTuple):
    """A line about a conflict; `kind` is a key of the patterns, `merges` what it says of a merge, None for nothing."""

    kind: str
    path: str
    other: str
    apart: bool
    symbols: frozenset[str] = frozenset()
    merges: bool | None = None
    on: str = ""
    of: str = ""
    user: str = ""
    through: str = ""
    way: str = ""

    @property
    def level(self) -> str:
        if self.kind in ("mine", "theirs"):
            return "dependency"
        if self.kind == "file":
            return "file"
        return "merge" if self.merges is False else "symbol"


class Loss(NamedTuple):
    """A notice that another session's command took away changes."""

    other: str
    path: str


class Heard(NamedTuple):
    """Everything that one answer tells; `strange` are the lines that make no sense here."""

    denied: bool = False
    alerts: tuple[Alert, ...] = ()
    numbers: tuple[int, ...] = ()
    losses: tuple[Loss, ...] = ()
    present: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


def heard(output: bytes) -> Heard:
    """Return what the answer of a hook tells."""
    if not output:
        return Heard()
    context = json.loads(output)["hookSpecificOutput"]
    denied = context.get("permissionDecision") == "deny"
    text = context["permissionDecisionReason"] if denied else context["additionalContext"]
    found: dict[str, list[object]] = {name: [] for name in ("alerts", "numbers", "losses", "present", "strange")}
    for line in text.split("\n"):
        for name, each in _read(line):
            found[name].append(each)
    return Heard(denied, **{name: tuple(each) for name, each in found.items()})  # type: ignore[arg-type]


def _read(line: str) -> Iterator[tuple[str, object]]:
    if _FRAME.fullmatch(line) or _MESSAGE.fullmatch(line) or _COMPANY.fullmatch(line):
        return
    alert = _alert(line)
    if alert:
        yield "alerts", alert
    elif match := _TEXT.fullmatch(line):
        yield "numbers", int(match["number"])
    elif match := _LOSS.fullmatch(line):
        yield "losses", Loss(match["other"], match["path"])
    elif match := _PRESENT.fullmatch(line):
        yield "present", match["name"]
    else:
        yield "strange", line


def _alert(line: str) -> Alert | None:
    for kind, pattern in _PATTERNS.items():
        match = pattern.fullmatch(line)
        if match:
            parts = {name: text for name, text in match.groupdict().items() if text is not None}
            state = parts.get("state", "")
            return Alert(
                kind=kind,
                path=parts["path"],
                other=parts["other"],
                apart="tree" in parts,
                symbols=frozenset(re.findall(r"`(\w+)`", parts.get("symbols", ""))),
                merges=None if "erging" not in state else "would not conflict" in state,
                **{name: parts.get(name, "") for name in ("on", "of", "user", "through", "way")},
            )
    return None
