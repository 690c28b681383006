"""Generation of summaries by a model: only on request, incrementally, and never twice from the same conversation."""

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

TIME_LIMIT = 90.0  # seconds for one run of Claude Code
MAX_UPDATES = 4  # of a summary before it is made from scratch
PAUSE = 300.0  # seconds before a failed attempt is repeated with the same conversation


class Made(NamedTuple):
    """A summary that was made: from what (`digest`), after which request and how many messages and updates.

    `tried` is the digest of a later failed attempt, `failure` its reason and `tried_at` its time, in seconds since
    the epoch.
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
    """Return the extraction of a session and its summary: the stored one when nothing changed, otherwise a new one.

    Without the model, or when it fails, the summary is made from the extraction, and names the failure. `transcript`
    is the last known path of the session's transcript.
    """
    found = cache.keep(session_id, transcript)
    wanted = config.read()
    if not found.messages or not is_wanted(wanted):
        return found, summary.from_transcript(found)
    with summaries.GenerationLock(session_id, TIME_LIMIT) as is_mine:
        made = _load(session_id)
        digest = _digest(found)
        if made.digest != digest:
            made = _attempt(session_id, found, made, wanted) if is_mine else _busy(made)
    if made.digest == digest and made.summary:
        return found, made.summary
    return found, summary.from_transcript(found, made.failure)


def is_wanted(wanted: Config) -> bool:
    """Return whether a model makes summaries: it is not switched off, and its command is installed."""
    return wanted.summary != "off" and print_mode.command_found(wanted.summary_command)


def _attempt(session_id: str, found: Gathered, made: Made, wanted: Config) -> Made:
    digest, now = _digest(found), time.time()
    if made.tried == digest and now - made.tried_at < PAUSE:
        return made
    files = changed_files.of_session(session_id, found)
    from_scratch = made.summary is None or made.updates >= MAX_UPDATES or found.messages < made.messages
    if made.summary is None or from_scratch:
        question = prompts.full(found, files)
    else:
        question = prompts.update(made.summary, found, files, made.messages)
    outcome = print_mode.ask(question, wanted.summary_command, wanted.summary_model, TIME_LIMIT)
    fresh = summary.from_answer(outcome.answer, now) if outcome.answer else None
    if fresh:
        request = shown(found.requests[-1] if found.requests else "", work.MAX_TASK)
        made = Made(fresh, digest, request, found.messages, 0 if from_scratch else made.updates + 1)
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
    fields = made.summary._asdict() if made.summary else {"at": 0.0}
    summaries.save(session_id, fields | made._replace(summary=None)._asdict())


def _digest(found: Gathered) -> str:
    """Return a digest of what a summary depends on, which most new lines of a transcript do not change."""
    relevant = found.to_json() | {"positions": None, "calls": None, "last": None}
    return hashlib.sha256(orjson.dumps(relevant)).hexdigest()[:16]
