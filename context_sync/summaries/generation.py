"""Owns making a summary with a model: only when it is asked for, incrementally, and never twice of the same."""

import hashlib
import time
from typing import NamedTuple

import orjson

from context_sync import config
from context_sync.claude import print_mode
from context_sync.config import Config
from context_sync.domain.masking import shown
from context_sync.state import summaries
from context_sync.summaries import cache, changed_files, prompts, summary, work
from context_sync.summaries.extraction import Gathered
from context_sync.summaries.summary import Summary

TIME_LIMIT = 90.0  # seconds for one run of the client
MOST_UPDATES = 4  # of a summary, until it is made anew
PAUSE = 300.0  # seconds in which what failed is not tried again with the same conversation


class Made(NamedTuple):
    """A summary that was made: of what (`digest`), after which request and how many messages, by which update.

    `tried` is the digest of what failed since, `failure` why and `tried_at` when, in seconds since the epoch.
    """

    summary: Summary | None
    digest: str = ""
    request: str = ""
    messages: int = 0
    updates: int = 0
    tried: str = ""
    failure: str = ""
    tried_at: float = 0.0


def summarise(session_id: str, transcript: str) -> tuple[Gathered, Summary]:
    """Return the extraction of a session and its summary: the stored one when nothing changed, else a new one.

    Without the model, or when it fails, the summary is what the extraction says, and names the failure. `transcript`
    is where the session's transcript was last known to be.
    """
    found = cache.keep(session_id, transcript)
    wanted = config.read()
    if not found.messages or not is_wanted(wanted):
        return found, summary.from_transcript(found)
    with summaries.Alone(session_id, TIME_LIMIT) as is_mine:
        made = _load(session_id)
        digest = _digest(found)
        if made.digest != digest:
            made = _attempt(session_id, found, made, wanted) if is_mine else _busy(made)
    if made.digest == digest and made.summary:
        return found, made.summary
    return found, summary.from_transcript(found, made.failure)


def is_wanted(wanted: Config) -> bool:
    """Say whether a model is to make summaries: not switched off, and its client is there."""
    return wanted.summary != "off" and print_mode.command_found(wanted.summary_command)


def _attempt(session_id: str, found: Gathered, made: Made, wanted: Config) -> Made:
    digest, now = _digest(found), time.time()
    if made.tried == digest and now - made.tried_at < PAUSE:
        return made
    files = changed_files.of_session(session_id, found)
    anew = made.summary is None or made.updates >= MOST_UPDATES or found.messages < made.messages
    if made.summary is None or anew:
        question = prompts.full(found, files)
    else:
        question = prompts.update(made.summary, found, files, made.messages)
    outcome = print_mode.ask(question, wanted.summary_command, wanted.summary_model, TIME_LIMIT)
    fresh = summary.from_answer(outcome.answer, now) if outcome.answer else None
    if fresh:
        request = shown(found.requests[-1] if found.requests else "", work.LONGEST_TASK)
        made = Made(fresh, digest, request, found.messages, 0 if anew else made.updates + 1)
    else:
        made = made._replace(tried=digest, failure=outcome.failure or "the model's answer is empty", tried_at=now)
    _save(session_id, made)
    return made


def _busy(made: Made) -> Made:
    return made._replace(failure="another process is making it, and is not done yet")


def _load(session_id: str) -> Made:
    stored = summaries.load(session_id)
    try:
        known = {name: stored[name] for name in Made._fields[1:]}
        return Made(summary.from_answer(stored, float(stored["at"])), **known)
    except (KeyError, TypeError, ValueError):
        return Made(None)


def _save(session_id: str, made: Made) -> None:
    told = made.summary._asdict() if made.summary else {"at": 0.0}
    summaries.save(session_id, told | made._replace(summary=None)._asdict())


def _digest(found: Gathered) -> str:
    """Return what a summary depends on, in short: most new lines of a transcript change nothing of it."""
    told = found.to_json() | {"positions": None, "calls": None, "last": None}
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]
