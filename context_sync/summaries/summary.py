"""Summaries: a few sentences on a session's work, made by a model or from the transcript alone."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from context_sync.claude.transcripts.activity import Call
from context_sync.domain.masking import shown
from context_sync.summaries import work
from context_sync.summaries.extraction import Gathered

MAX_POINTS = 12  # of one list
MAX_POINT = 300  # characters
MAX_TASK = 400

WAITING_FOR = {
    "AskUserQuestion": "waits for the user's answer",
    "ExitPlanMode": "waits for the user to accept a plan",
}


class Summary(NamedTuple):
    """What a session is doing.

    `source` is "claude" for a model's summary, or "transcript" for one in the transcript's own words. `at` is when it
    was made, in seconds since the epoch; `failure` is why no model made it, "" when none was asked.
    """

    task: str
    decisions: tuple[str, ...]
    progress: tuple[str, ...]
    next: tuple[str, ...]
    blockers: tuple[str, ...]
    source: str
    at: float
    failure: str = ""


POINTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "task": {"type": "string", "description": "What the session works on, in one or two sentences."},
        "decisions": POINTS | {"description": "What was decided and why: choices, answers of the user, rejected ways."},
        "progress": POINTS | {"description": "What is done, with files and symbols by name."},
        "next": POINTS | {"description": "What remains to be done, in its order."},
        "blockers": POINTS | {"description": "What it waits for or fails at; empty when nothing."},
    },
    "required": ["task", "decisions", "progress", "next", "blockers"],
    "additionalProperties": False,
}  # without limits: an answer that is slightly too long is shortened, not requested again


def from_answer(answer: dict[str, Any], at: float) -> Summary | None:
    """Return the summary in a model's answer or a stored record, None when it does not match `SCHEMA`."""
    task = answer.get("task")
    lists = [answer.get(name) for name in ("decisions", "progress", "next", "blockers")]
    points = [_points(each) for each in lists if isinstance(each, list | tuple)]
    if not isinstance(task, str) or not task.strip() or len(points) != len(lists):
        return None
    decisions, progress, following, blockers = points
    return Summary(shown(task, MAX_TASK), decisions, progress, following, blockers, "claude", at)


def from_transcript(found: Gathered, failure: str = "") -> Summary:
    """Return a summary from the extraction alone: the user's requests and answers, the tasks, the test runs."""
    by_status: dict[str, list[str]] = {}
    for subject, status in found.tasks.values():
        by_status.setdefault(status, []).append(subject)
    decisions = [text for text, _ in decisions_of(found)]
    return Summary(
        task=task_of(found),
        decisions=_points(decisions[-MAX_POINTS:]),
        progress=_points(by_status.get("completed", [])[-MAX_POINTS:]),
        next=_points([*by_status.get("in_progress", []), *by_status.get("pending", [])]),
        blockers=_points(blockers_of(found)),
        source="transcript",
        at=found.last,
        failure=failure,
    )


def task_of(found: Gathered) -> str:
    """Return the task in the user's own words."""
    return work.task_of(found.first_request, found.requests[-1] if found.requests else "", MAX_TASK)


def decisions_of(found: Gathered) -> list[tuple[str, float]]:
    """Return what the user decided, and when in seconds since the epoch, oldest first."""
    decided = [(f"{question} {answer}", at) for question, answer, at in found.answers]
    if found.plan:
        decided.append((f"Plan accepted: {found.plan}", found.planned))
    return sorted(decided, key=lambda each: each[1])


def blockers_of(found: Gathered) -> list[str]:
    """Return what blocks the session, as far as its transcript shows."""
    waiting = [f"{WAITING_FOR[call.tool]}: {call.about}" for call in pending(found) if call.tool in WAITING_FOR]
    failing = [f"`{command}` ended with {code}: {last}" for command, (code, last, _) in found.runs.items() if code]
    return [*waiting, *([found.trouble] if found.trouble else []), *failing]


def questions_of(found: Gathered) -> list[str]:
    """Return the open questions, including those of the last reply if the user has not written anything since."""
    asked = [call.about for call in pending(found) if call.tool == "AskUserQuestion"]
    if found.kept and found.kept[-1][1] == "assistant":
        sentences = found.last_reply.replace("! ", ". ").replace("? ", "?. ").split(". ")
        asked += [sentence for sentence in sentences if sentence.endswith("?")][-3:]
    return asked


def pending(found: Gathered) -> list[Call]:
    """Return the tools of the main conversation that are running or wait for the user."""
    return next(iter(found.calls.values()), [])


def _points(points: Iterable[object]) -> tuple[str, ...]:
    kept = [shown(each, MAX_POINT) for each in points if isinstance(each, str)]
    return tuple(filter(None, kept))[:MAX_POINTS]
