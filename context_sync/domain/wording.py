"""Alerts, denials and notices: every sentence that Claude or the user reads about sessions and their conflicts."""

from __future__ import annotations

import time

from context_sync.domain.conflicts import Conflict
from context_sync.domain.records import Session
from context_sync.hotpath.namedtuples import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from context_sync.domain.verdicts import ConflictRange, Dependency, Range, Verdict

LONGEST_NAME = 60  # characters of a session's name
LONGEST_PATH = 200  # characters of a path, a branch or a symbol
MOST_LINES = 12  # conflicts listed at once; the rest is counted
MOST_NAMED = 5  # of what one sentence lists; the rest is counted
MOST_CHANGED_LINES = 20  # of the other side's change, before an edit
MOST_EXCERPT_LINES = 8  # of the change to a definition that is used elsewhere
LONGEST_COMPANY = 600  # characters of the list of live sessions at the start of a session
LONGEST_LINE = 160  # characters of a line in that list, or of a line of code
SHARED_BRANCHES = ("", "main", "master", "trunk", "develop")


# What a session did to a definition that is used elsewhere, and the same of a definition.
WAYS = {
    "parameters": "changed its signature",
    "renamed": "renamed it",
    "moved": "moved it",
    "removed": "removed it",
    "body": "changed what it does",
}
ALTERATIONS = {
    "parameters": "signature changed",
    "renamed": "renamed",
    "moved": "moved",
    "removed": "removed",
    "body": "body changed",
}


class Hold(NamedTuple):
    """An unsettled change of the session `other`, on `branch`, to what this session is about to edit.

    `change` holds the changed lines, each with its - or +.
    """

    conflict: Conflict
    other: Session
    branch: str
    change: list[str]


def plain(text: str, limit: int) -> str:
    """Return foreign text on one line of at most `limit` characters.

    Nothing that a terminal or a model could mistake for more than text is left: control and format characters
    become spaces, and angle brackets become single quotation marks, so that no tag of Claude Code can be imitated.
    """
    shown = " ".join(text[: 4 * limit].replace("<", "‹").replace(">", "›").split())
    if not shown.isprintable():
        shown = " ".join("".join(letter if letter.isprintable() else " " for letter in shown).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return the names on one line: at most `most` of them, and the number of the others."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def name_from_place(branch: str, worktree: str, session_id: str) -> str:
    """Return a readable name for a session without a title: its branch or folder, and four letters."""
    shared = branch in SHARED_BRANCHES or branch.startswith("detached ")
    place = worktree.rstrip("/").rpartition("/")[2] or "root" if shared else branch
    return plain(f"{plain(place, LONGEST_NAME - 5)}-{session_id[:4]}", LONGEST_NAME)


def clock(at: float) -> str:
    """Return a readable local time with its date, as an alert may be read again days later."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def alert(found: Sequence[tuple[Conflict, Session, str]]) -> str:
    """Return the alert about conflicts, each given with the other session and that session's branch."""
    lines = [_conflict(*each) for each in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(f"- and {len(found) - MOST_LINES} more files: `context-sync status` lists them.")
    return "\n".join(["context-sync: another live Claude Code session is working on the same code.", *lines])


def guard(holds: Sequence[Hold], mode: str) -> str:
    """Return the text of a denial, or of the note in mode `notify`; `mode` is one of `config.GUARD_MODES`."""
    facts = "\n".join(_hold(hold) for hold in holds[:MOST_LINES])
    if mode == "notify":
        return f"context-sync: another live Claude Code session changed the code that was just edited.\n{facts}"
    next_attempt = {
        "deny-once": "The file was not changed. The same edit will go through on the next attempt.",
        "deny": "The file was not changed. Edits here are denied until that change is committed or merged, or the "
        "session ends.",
    }
    return f"context-sync: another live Claude Code session has changed this code.\n{facts}\n{next_attempt[mode]}"


def company(others: Sequence[tuple[Session, str]], worktree: str, more: int) -> str:
    """Return the list of live sessions shown to one that starts in `worktree`; `more` are counted, not named.

    Each session comes with its task. The text has at most `LONGEST_COMPANY` characters.
    """
    number = len(others) + more
    sessions, tasks = f"{number} other Claude Code sessions are", "their tasks are their own"
    if number == 1:
        sessions, tasks = "another Claude Code session is", "its task is its own"
    lines = [f"context-sync: {sessions} live in this repository; {tasks}, not this session's."]
    rest = [f"- and {more} more: `context-sync status` lists them."] if more else []
    room = LONGEST_COMPANY - sum(len(line) + 1 for line in (*lines, *rest))
    for session, task in others:
        place = "in the same checkout" if session.worktree == worktree else "in another worktree"
        branch = f"branch {plain(session.branch, 40)}, " if session.branch else ""
        who = f'- "{plain(session.name, LONGEST_NAME)}" ({branch}{place})'
        share = min(room // len(others) - len(who) - 3, LONGEST_LINE)
        lines.append(f"{who}: {plain(task, share)}" if task and share > 10 else who)
    return "\n".join([*lines, *rest])[:LONGEST_COMPANY]


def _hold(hold: Hold) -> str:
    conflict = hold.conflict
    who = f'session "{plain(hold.other.name, LONGEST_NAME)}" ({whereabouts(conflict, hold.branch)})'
    fact = f"- {_symbols(conflict)}: {who} changed it at {clock(conflict.theirs_at)}"
    together = conflict.mine_worktree == conflict.theirs_worktree
    fact += ", not committed yet." if together else f". {_merge(conflict.level, conflict.places)}"
    if not hold.change:
        return fact
    lines = ["    " + code_line(line) for line in hold.change[:MOST_CHANGED_LINES]]
    if len(hold.change) > MOST_CHANGED_LINES:
        lines.append(f"    ({len(hold.change) - MOST_CHANGED_LINES} more lines)")
    return "\n".join([fact + " Its change:", *lines])


def code_line(line: str) -> str:
    """Return a line of code as `plain` does, but indented as it was."""
    code = line[1:].expandtabs(4)
    indent = len(code) - len(code.lstrip(" "))
    return f"{line[:1]}{' ' * min(indent, 40)}{plain(code, LONGEST_LINE)}"


def _symbols(conflict: Conflict) -> str:
    return _place(conflict.path, conflict.symbols)


def _place(path: str, symbols: Sequence[str]) -> str:
    names = ", ".join(f"`{plain(name, LONGEST_PATH)}`" for name in symbols[:MOST_LINES])
    return f"{names} in {plain(path, LONGEST_PATH)}" if names else plain(path, LONGEST_PATH)


def _conflict(conflict: Conflict, other: Session, branch: str) -> str:
    who = f'session "{plain(other.name, LONGEST_NAME)}" ({whereabouts(conflict, branch)})'
    if conflict.dependency:
        return _dependency(conflict, conflict.dependency, who)
    if conflict.level == "file":
        path, when = plain(conflict.path, LONGEST_PATH), clock(conflict.theirs_at)
        return f"- {path}: {who} {_changed_file(conflict)}, last at {when}."
    changed = f"{who} changed it at {clock(conflict.theirs_at)}, this session at {clock(conflict.mine_at)}."
    return f"- {_symbols(conflict)}: {changed} {_state(conflict)}"


def _changed_file(conflict: Conflict) -> str:
    if not conflict.theirs_certain:
        return "may have changed this file"
    return "changed other parts of this file" if conflict.mine_certain else "changed this file, as this one may have"


def _dependency(conflict: Conflict, on: Dependency, who: str) -> str:
    name, path = plain(on.definition, LONGEST_PATH), plain(on.definition_path, LONGEST_PATH)
    user = f"`{plain(on.user, LONGEST_PATH)}`" if on.user else "code"
    through = f", through `{plain(on.through, LONGEST_PATH)}`" if on.through else ""
    use = f"{user} in {plain(conflict.path, LONGEST_PATH)}, line {on.line}{through}"
    likely = "" if on.confidence == "certain" else " The use is matched by name and is likely, not certain."
    if on.altered_by == "mine":
        when = clock(conflict.mine_at)
        return f"- {use}: {who} uses `{name}` from {path} there. This session {_way(on)} at {when}.{likely}"
    fact = (
        f"- `{name}` in {path}: {who} {_way(on)} at {clock(conflict.theirs_at)}. This session uses it: {use}.{likely}"
    )
    return "\n".join(
        [fact, *(f"    {code_line(line)}" for line in on.excerpt.split("\n")[:MOST_EXCERPT_LINES] if line)]
    )


def _way(on: Dependency) -> str:
    """Return what the other session, or this one, did to the definition."""
    return WAYS[on.way] + _details(on)


def _details(on: Dependency) -> str:
    before, after = plain(on.signature_before, LONGEST_LINE), plain(on.signature_after, LONGEST_LINE)
    more = {
        "parameters": f" from `{before}` to `{after}`",
        "renamed": f" to `{plain(on.became, LONGEST_PATH)}`",
        "moved": f" to {plain(on.became, LONGEST_PATH)}",
    }
    return more.get(on.way, "")


def alike(names: Sequence[str]) -> str:
    """Return a note for the sender on live sessions with a name like that of one that ended, "" without any."""
    quoted = " and ".join(f'"{plain(name, LONGEST_NAME)}"' for name in names[:MOST_LINES])
    return f" {quoted} {'is' if len(names) == 1 else 'are'} live." if names else ""


def reverted(session: Session, path: str, symbols: Sequence[str]) -> str:
    """Return the notice to a session that `session` discarded its uncommitted changes in their checkout."""
    return (
        f'Session "{plain(session.name, LONGEST_NAME)}" discarded uncommitted changes of this session in this '
        f"checkout: {_place(path, symbols)} is back to its state in HEAD."
    )


def verdict(found: Verdict) -> str:
    """Return a verdict on two worktrees in words, `mine` being here and `theirs` there."""
    if found.dependency:
        on = found.dependency
        here, there = ("here", "there") if on.altered_by == "mine" else ("there", "here")
        user = f"`{plain(on.user, LONGEST_PATH)}`" if on.user else "code"
        return (
            f"`{plain(on.definition, LONGEST_PATH)}` in {plain(on.definition_path, LONGEST_PATH)}: "
            f"{ALTERATIONS[on.way]} {here}{_details(on)}; "
            f"{user} in {plain(found.path, LONGEST_PATH)}, line {on.line}, uses it {there}."
        )
    place = _place(found.path, found.symbols)
    return f"{place} changed on both sides. {_merge(found.level, found.places)}"


def whereabouts(conflict: Conflict, branch: str) -> str:
    """Return where the other session is working, as seen from this one."""
    place = (
        "in the same checkout"
        if conflict.mine_worktree == conflict.theirs_worktree
        else f"in the worktree {plain(conflict.theirs_worktree, LONGEST_PATH)}"
    )
    return f"branch {plain(branch, LONGEST_PATH)}, {place}" if branch else place


def _state(conflict: Conflict) -> str:
    if conflict.mine_worktree == conflict.theirs_worktree:
        return "Neither change is committed: both are in the same file on disk."
    return _merge(conflict.level, conflict.places)


def _merge(level: str, places: Sequence[ConflictRange]) -> str:
    """Return what a merge of the two sides would do."""
    if level != "merge":
        return "The two changes are not merged; merging them now would not conflict."
    if not places:
        return "Merging the two now would conflict over the whole file."
    ours = ", ".join(_lines(place.mine) for place in places[:MOST_LINES])
    others = ", ".join(_lines(place.theirs) for place in places[:MOST_LINES])
    return f"Merging the two now would conflict: {ours} here, {others} there."


def _lines(lines: Range) -> str:
    if lines.end < lines.start:
        return f"after line {lines.end}"
    return f"line {lines.start}" if lines.start == lines.end else f"lines {lines.start}-{lines.end}"
