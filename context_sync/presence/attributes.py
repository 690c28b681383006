"""The attributes of a session that events and transcripts change: the place in which it works, and its name."""

from __future__ import annotations

import os

from context_sync.claude.hooks.payloads import Event
from context_sync.domain.records import Session
from context_sync.git import checkouts
from context_sync.git.checkouts import Checkout


def checkout_of(cwd: str) -> Checkout:
    """Return the place of a session's folder; without git it is the project folder."""
    found = checkouts.checkout_of(cwd) if cwd else None
    if found:
        return found
    folder = os.path.realpath(os.environ.get("CLAUDE_PROJECT_DIR") or cwd or os.getcwd())
    return Checkout(folder, folder, "")


def moved(session: Session, event: Event) -> Session:
    """Return the session in the folder that the event names."""
    if not event.cwd or event.cwd == session.cwd:
        return session
    from context_sync.git import refs

    place = checkout_of(event.cwd)
    branch = refs.branch_of(place)
    return session._replace(cwd=event.cwd, repository=place.repository, worktree=place.worktree, branch=branch)


def named(session: Session, name: str, named_by: str) -> Session:
    """Return the session under a name, if that takes precedence over the one that it has."""
    from context_sync.domain import wording

    plain = wording.plain(name, wording.LONGEST_NAME)
    if not plain or (named_by == "summary" and session.named_by == "title"):
        return session
    if plain != session.name:
        from context_sync.domain.masking import shown  # 5 ms, needed as the name is shown to others

        plain = shown(name, wording.LONGEST_NAME)
    return session._replace(name=plain, named_by=named_by)
