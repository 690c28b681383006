"""The steps that change files: with tools, commands, git, and by hand."""

import shlex
from collections.abc import Callable

from campaigns.walk import sources
from campaigns.walk.course import Step, Walk, name_of, path_of, shown
from campaigns.walk.ground import Member
from campaigns.walk.hearing import heard
from campaigns.walk.oracle import Violation


def _edit(walk: Walk, member: Member, path: str, after: str, how: int) -> None:
    """Attempt an edit; what is denied once is attempted again, or not."""
    if not path:
        return
    before = walk.ground.text(member.worktree, path)
    if before == after:
        return
    for _ in range(2):
        ended, fields = walk.ground.before_edit(member, path, after)
        context = heard(ended.output)
        names = sorted(sources.changed(before, after))
        walk.note(f"{member.name} is about to edit {names} of {path}: {shown(ended.output)}")
        walk.oracle.hear_guard(member, path, before, after, context, walk.guard)
        if not context.denied:
            break
        if how % 3 == 0 or walk.guard == "deny":
            return
    else:
        raise Violation(f"{member.name} is denied twice")
    ended = walk.ground.edit(member, path, fields)
    if ended.output:
        raise Violation(f"the recorder says {ended.output!r}")
    walk.note(f"{member.name} edits it")
    held = walk.oracle.holders(member.worktree, path)
    walk.oracle.wrote(member, path, before, after)
    if path not in walk.ground.status(member.worktree)[1]:
        for name, sure in held.items():
            if name != member.name:
                walk.oracle.lost(name, member, path, sure)


def _remade(walk: Walk, text: str, what: str, how: int) -> str:
    """Return a text in which one definition was changed as `what` says."""
    head, blocks = sources.split(text)
    name = name_of(text, how)
    number = walk.names = walk.names + 1
    match what:
        case "body" if name:
            blocks[name] = _numbered(blocks[name], name, number)
        case "parameter" if name:
            blocks[name] = sources.function(name, number, f"y{number}")
        case "use" if name:
            blocks[name] = sources.function(name, number, uses=("ant", "cow", "bee", "elk")[number % 4])
        case "remove" if len(blocks) > 1:
            del blocks[name]
        case "rename" if name:
            new = f"n{number}"
            blocks = {new if each == name else each: text for each, text in blocks.items()}
            blocks[new] = sources.function(new, number)
        case "several":
            blocks = {each: _numbered(text, each, number) for each, text in blocks.items()}
        case _:
            blocks[f"n{number}"] = sources.function(f"n{number}", number)
    return sources.joined(head.strip("\n") + "\n" if head.strip() else "", blocks)


def _numbered(block: str, name: str, number: int) -> str:
    lines = [f"    {name}_number = {number}" if f"{name}_number =" in line else line for line in block.split("\n")]
    return "\n".join(lines)


def edits(what: str) -> Callable[[Walk, Member, Step], None]:
    def edits(walk: Walk, member: Member, step: Step) -> None:
        path = path_of(walk, member, step.what)
        text = walk.ground.text(member.worktree, path) if path else None
        if text is not None:
            _edit(walk, member, path, _remade(walk, text, what, step.how), step.how // 7)

    return edits


def create(walk: Walk, member: Member, step: Step) -> None:
    path = f"new{step.what % 2}.py"
    if walk.ground.text(member.worktree, path) is None:
        _edit(walk, member, path, sources.function(walk.fresh("n")), 1)


def put_back(walk: Walk, member: Member, step: Step) -> None:
    """Edit a file so that it is as HEAD has it."""
    path = path_of(walk, member, step.what)
    text = walk.ground.committed(member.worktree, path) if path else ""
    if text:
        _edit(walk, member, path, text, step.how)


def by_hand(walk: Walk, step: Step) -> None:
    """The user writes a file, or takes back what was done to it."""
    worktree = walk.ground.worktrees[step.who % len(walk.ground.worktrees)]
    there = sorted(walk.ground.texts(worktree))
    if there:
        path = there[step.what % len(there)]
        text = walk.ground.committed(worktree, path)
        if text:
            walk.note(f"the user takes back what was done to {path} in {worktree.name}")
            (worktree / path).write_text(text)
            walk.oracle.look(worktree, by_hand=True)


def runs(command: Callable[[Walk, Member, Step], str], makes_edits: bool) -> Callable[[Walk, Member, Step], None]:
    """A step that runs a command; what it wrote and did not get from git is an edit."""

    def runs(walk: Walk, member: Member, step: Step) -> None:
        text = command(walk, member, step)
        if not text:
            return
        ground, oracle = walk.ground, walk.oracle
        before, (head, was) = ground.texts(member.worktree), ground.status(member.worktree)
        held = {path: oracle.holders(member.worktree, path) for path in was}
        succeeded = ground.run(member, text)
        walk.note(f"{member.name} runs {text}{'' if succeeded else ' (fails)'}")
        after, dirty = ground.texts(member.worktree), ground.status(member.worktree)[1]
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path) and (path in dirty or makes_edits):
                kept = ground.committed(member.worktree, path, head)
                oracle.ran(member, path, before.get(path), after.get(path), kept, not makes_edits)
        for path in was - dirty:
            kept, now = (ground.committed(member.worktree, path, commit) for commit in (head, "HEAD"))
            if before.get(path) != after.get(path) and kept == now:
                for name, sure in held[path].items():
                    if name != member.name:
                        oracle.lost(name, member, path, sure)
        oracle.look(member.worktree)

    return runs


def writing(walk: Walk, member: Member, step: Step) -> str:
    path = path_of(walk, member, step.what)
    text = walk.ground.text(member.worktree, path) if path else None
    if text is None:
        return ""
    what = ("body", "body", "several", "rename", "remove", "add")[step.how // 11 % 6]
    return f"printf %s {shlex.quote(_remade(walk, text, what, step.how))} > {path}"


def writing_and_committing(walk: Walk, member: Member, step: Step) -> str:
    written = writing(walk, member, step)
    return f"{written} && git commit -qm both -- {path_of(walk, member, step.what)}" if written else ""


def of_path(form: str) -> Callable[[Walk, Member, Step], str]:
    def command(walk: Walk, member: Member, step: Step) -> str:
        path = path_of(walk, member, step.what)
        return form.format(path=path, new=walk.fresh("moved")) if path else ""

    return command


def of_branch(form: str) -> Callable[[Walk, Member, Step], str]:
    def command(walk: Walk, member: Member, step: Step) -> str:
        branches = walk.ground.git(member.worktree, "branch", "--format=%(refname:short)").split()
        return form.format(branch=branches[step.what % len(branches)], new=walk.fresh("branch-"))

    return command
