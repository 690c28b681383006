"""Details of the selected row in `context-sync watch`."""

from rich.text import Text

from context_sync.cli import conflict_views, message_views, output
from context_sync.cli.conflict_views import LEVEL_COLOURS
from context_sync.cli.watch import rows, snapshot
from context_sync.cli.watch.snapshot import Member, Snapshot
from context_sync.conflicts.side_by_side import Side
from context_sync.domain import messages, wording
from context_sync.domain.conflicts import Conflict
from context_sync.state.mailbox import Delivery


def session(member: Member, seen: Snapshot, now: float) -> Text:
    """Return the details of a session."""
    one = member.session
    text = Text()
    text.append(seen.name(one.id), "bold").append(f"  {rows.state(member, now).text}\n")
    where = output.tilde(one.worktree)
    on = f"{wording.plain(member.branch, wording.LONGEST_PATH)} in " if member.branch else ""
    text.append(f"{on}{wording.plain(where, wording.LONGEST_PATH)}\n")
    began, last = output.ago(one.started, now), output.ago(one.last_seen, now)
    text.append(f"started {began}, last event {last}, id {one.id}\n", "dim")
    if not member.hooked:
        text.append("It has no hooks, so it gets no alerts: it started before they were installed.\n", "yellow")
    if member.work.task:
        text.append(f"\n{member.work.task}\n")
    met = [each for each in seen.conflicts if one.id in (each.mine, each.theirs)]
    if met:
        text.append("\n")
    for each in met:
        other = each.theirs if each.mine == one.id else each.mine
        text.append(f"{each.level} ", LEVEL_COLOURS[each.level])
        text.append(f"with {seen.name(other)}: {rows.place(each)}\n")
    return text


def conflict(each: Conflict, seen: Snapshot, now: float) -> Text:
    """Return a conflict in a few lines."""
    text = Text()
    text.append(f"{each.level} ", f"bold {LEVEL_COLOURS[each.level]}").append(f"{rows.place(each)}\n", "bold")
    names = {party: seen.name(party) for party in (each.mine, each.theirs)}
    last = output.ago(max(each.mine_at, each.theirs_at), now)
    return text.append(f"{conflict_views.sentence(each, names)}; {conflict_views.outlook(each)}. Last edit {last}.")


def side(shown: Side, name: str, worktree: str) -> Text:
    """Return what one side changed, with the lines in colour."""
    text = Text()
    text.append(name, "bold").append(f" in {snapshot.folder(worktree)}\n", "dim")
    text.append(f"{wording.plain(shown.path, wording.LONGEST_PATH)}\n", "dim")
    if not shown.alone:
        text.append("as it is on disk, by whichever session:\n", "yellow")
    margin = _margin(shown)
    for block in shown.blocks:
        if block.start:
            text.append(f"line {block.start}\n", "cyan")
        for line in block.lines:
            code = wording.code_line(line)
            text.append(code[:1] + code[1 + margin :] + "\n", "green" if code.startswith("+") else "red")
        if not block.start:
            text.append("\n")
    if not shown.blocks:
        text.append("The changed lines are not known.\n", "dim")
    if shown.elsewhere:
        text.append(f"and {output.count(shown.elsewhere, 'change')} elsewhere in the file\n", "dim")
    return text


def message(delivery: Delivery, seen: Snapshot) -> Text:
    """Return a message in full, and its delivery state."""
    one = delivery.message
    text = Text()
    text.append(f"{seen.sender(one)} → {seen.receiver(one)}", "bold")
    facts = [*(["urgent"] if one.urgent else []), *(["a reply"] if one.reply_to else []), f"id {one.id}"]
    text.append(f"  {', '.join(facts)}\n\n", "dim")
    lines = [line.removeprefix(">").removeprefix(" ") for line in messages.whole(one)[1:]]
    text.append("\n".join(lines) + "\n\n")
    return text.append(message_views.progress(delivery), "dim")


def _margin(shown: Side) -> int:
    """Return the indentation that all lines share, which only takes up room in half a screen."""
    lines = [wording.code_line(line)[1:] for block in shown.blocks for line in block.lines]
    return min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
