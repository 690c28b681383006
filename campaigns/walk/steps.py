"""The table of steps that a walk can take; each does something, provided that there is a session to do it."""

from collections.abc import Callable

from campaigns.walk import editing
from campaigns.walk.course import Step, Walk, path_of, shown
from campaigns.walk.ground import Member
from campaigns.walk.hearing import heard
from campaigns.walk.oracle import Violation

MOST_LIVE = 5
POP = "git stash pop -q || { git diff --name-only --diff-filter=U | xargs -r git checkout -q HEAD --; false; }"
MERGE = "git merge -q --no-edit {branch} || {{ git merge --abort; false; }}"
REBASE = "git rebase -q {branch} || {{ git rebase --abort; false; }}"
GUARDS = ("deny-once", "deny-once", "notify", "deny", "off")


def _start(walk: Walk, step: Step) -> None:
    if len(walk.ground.live()) < MOST_LIVE:
        worktree = walk.ground.worktrees[step.what % len(walk.ground.worktrees)]
        name = walk.fresh("s")
        walk.note(f"{name} starts in {worktree.name}")
        ended = walk.ground.start(worktree, "startup", name)
        walk.oracle.hear_start(walk.ground.members[name], heard(ended.output), "startup")


def _fork(walk: Walk, parent: Member, _: Step) -> None:
    if len(walk.ground.live()) >= MOST_LIVE:
        return
    name = walk.fresh("s")
    walk.note(f"{name} forks {parent.name}")
    ended = walk.ground.start(parent.worktree, "fork", name)
    walk.oracle.hear_start(walk.ground.members[name], heard(ended.output), "fork")


def _resume(walk: Walk, step: Step) -> None:
    gone = [each for each in walk.ground.members.values() if not each.alive]
    if gone and len(walk.ground.live()) < MOST_LIVE:
        member = gone[step.who % len(gone)]
        walk.note(f"{member.name} is resumed")
        walk.heirs.pop(member.name, None)
        walk.oracle.returned(member)
        ended = walk.ground.start(member.worktree, "resume", member.name, member)
        walk.oracle.hear_start(walk.ground.members[member.name], heard(ended.output), "resume")


def _clear(walk: Walk, member: Member, _: Step) -> None:
    name = walk.fresh("s")
    walk.note(f"{member.name} is cleared and goes on as {name}")
    ended, begun = walk.ground.clear(member, name)
    walk.oracle.hear(member, "SessionEnd", heard(ended.output))
    walk.heirs[member.name] = name
    walk.oracle.succeeded(member, walk.ground.members[name])
    walk.oracle.hear_start(walk.ground.members[name], heard(begun.output), "clear")


def _end(walk: Walk, member: Member, _: Step) -> None:
    walk.note(f"{member.name} ends")
    ended = walk.ground.tell(member, "SessionEnd", reason="other")
    walk.ground.die(member)
    walk.oracle.hear(member, "SessionEnd", heard(ended.output))


def _kill(walk: Walk, member: Member, _: Step) -> None:
    walk.note(f"{member.name} is killed")
    walk.ground.die(member)


def _hears(event: str, **fields: object) -> Callable[[Walk, Member, Step], None]:
    def hears(walk: Walk, member: Member, _: Step) -> None:
        ended = walk.ground.tell(member, event, **fields)
        walk.note(f"{member.name} hears at {event}: {shown(ended.output)}")
        walk.oracle.hear(member, event, heard(ended.output))
        if event == "Stop" and ended.output:
            again = walk.ground.tell(member, "Stop", stop_hook_active=True)
            if again.output:
                raise Violation(f"{member.name} heard at the end that went on: {shown(again.output)}")

    return hears


def _send(walk: Walk, member: Member, step: Step) -> None:
    others = [each for each in walk.ground.members.values() if each is not member]
    everyone = step.what % 4 == 0
    to = [each for each in walk.ground.live() if each is not member] if everyone else []
    if not everyone and others:
        to = [others[step.how % len(others)]]
    if not to:
        return
    walk.numbers += 1
    target = "@all" if everyone else to[0].name
    ended = walk.ground.say(member.worktree, member, "send", target, f"number {walk.numbers}")
    walk.note(f"{member.name} sends {target} number {walk.numbers}: {ended.output!r} {ended.errors!r}")
    if ended.status:
        raise Violation(f"{member.name} could not send: {ended}")
    for each in to:
        heir = _heir(walk, each)
        walk.oracle.sent(member.name, heir.name, walk.numbers)


def _heir(walk: Walk, member: Member) -> Member:
    """Return who gets what is sent to a session: the one that goes on in its place, if it is over by a `/clear`."""
    while not member.alive and member.name in walk.heirs:
        member = walk.ground.members[walk.heirs[member.name]]
    return member


def _resolve(walk: Walk, member: Member, step: Step) -> None:
    path = path_of(walk, member, step.what)
    own = bool(step.how % 2)
    if path:
        ended = walk.ground.say(member.worktree, member if own else None, "resolve", path)
        walk.note(f"{member.name if own else 'the user'} resolves {path}: {ended.output!r}")
        walk.oracle.resolved(path, member if own else None)


def _configure(walk: Walk, step: Step) -> None:
    walk.guard = GUARDS[step.what % len(GUARDS)]
    walk.note(f"guard = {walk.guard}")
    file = walk.ground.home / ".config" / "context-sync" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'guard = "{walk.guard}"\n')


def _wait(walk: Walk, step: Step) -> None:
    walk.ground.advance((60.0, 3600.0, 86_400.0)[step.what % 3])
    walk.note("time passes")


# A step by a session that is live, and its weight.
BY_SESSION: dict[str, tuple[Callable[[Walk, Member, Step], None], int]] = {
    "prompt": (_hears("UserPromptSubmit", prompt="go on"), 12),
    "batch": (_hears("PostToolBatch", tool_calls=[]), 10),
    "stop": (_hears("Stop", stop_hook_active=False), 6),
    "edit": (editing.edits("body"), 22),
    "edit a parameter": (editing.edits("parameter"), 3),
    "edit a use": (editing.edits("use"), 4),
    "remove": (editing.edits("remove"), 2),
    "rename": (editing.edits("rename"), 2),
    "add": (editing.edits("add"), 3),
    "rewrite": (editing.edits("several"), 2),
    "create": (editing.create, 2),
    "put back": (editing.put_back, 3),
    "run: write": (editing.runs(editing.writing, True), 7),
    "run: write and commit": (editing.runs(editing.writing_and_committing, True), 2),
    "run: delete": (editing.runs(editing.of_path("rm {path}"), True), 1),
    "run: move": (editing.runs(editing.of_path("mv {path} {new}.py"), True), 1),
    "run: commit one": (editing.runs(editing.of_path("git add {path} && git commit -qm one -- {path}"), False), 4),
    "run: commit all": (editing.runs(lambda *_: "git add --all && git commit -qm all", False), 3),
    "run: check out": (editing.runs(editing.of_path("git checkout -q -- {path}"), False), 2),
    "run: stash": (editing.runs(lambda *_: "git stash -q", False), 2),
    "run: pop": (editing.runs(lambda *_: POP, False), 3),
    "run: switch": (editing.runs(editing.of_branch("git switch -q {branch} || git switch -qc {new}"), False), 1),
    "run: merge": (
        editing.runs(editing.of_branch(MERGE), False),
        4,
    ),
    "run: rebase": (
        editing.runs(editing.of_branch(REBASE), False),
        2,
    ),
    "send": (_send, 5),
    "resolve": (_resolve, 2),
    "end": (_end, 1),
    "kill": (_kill, 1),
    "clear": (_clear, 1),
    "fork": (_fork, 1),
}
BY_NOBODY: dict[str, tuple[Callable[[Walk, Step], None], int]] = {
    "start": (_start, 4),
    "resume": (_resume, 2),
    "the user takes back": (editing.by_hand, 2),
    "configure": (_configure, 1),
    "wait": (_wait, 2),
}


def take(walk: Walk, step: Step) -> None:
    """Do what a step says, as far as there is somebody to do it; raises Violation."""
    walk.ground.advance(2.0)
    if step.name in BY_NOBODY:
        BY_NOBODY[step.name][0](walk, step)
        return
    live = walk.ground.live()
    if live:
        BY_SESSION[step.name][0](walk, live[step.who % len(live)], step)
