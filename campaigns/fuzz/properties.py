"""Properties of valid inputs made by hypothesis: for each of them the right result is known."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaigns.fuzz.mutations import STRANGE
from context_sync import config, paths
from context_sync.claude.hooks import payloads
from context_sync.claude.hooks.payloads import Event
from context_sync.claude.transcripts import reader
from context_sync.domain.records import Symbol, Touch
from context_sync.state import files, touches
from tests.claude.install.test_hooks_entry import (
    test_any_settings_survive_registering_upgrading_and_unregistering as settings,
)
from tests.rehearse import encoded, result
from tests.settling import settle

SESSION = "property"
TEXTS = st.text(max_size=20)
ODD = st.sampled_from(STRANGE)


@given(
    session=st.text("abcXYZ019_-", min_size=1, max_size=128),
    texts=st.dictionaries(
        st.sampled_from(["cwd", "source", "reason", "tool_name", "tool_use_id", "agent_id"]), TEXTS | ODD
    ),
    objects=st.dictionaries(st.sampled_from(["tool_input", "tool_response"]), st.dictionaries(TEXTS, ODD) | ODD),
    duration=st.integers(0, 10**8) | ODD,
    ascii_only=st.booleans(),
)
def payload(session: str, texts: dict[str, Any], objects: dict[str, Any], duration: Any, ascii_only: bool) -> None:
    """A payload is read field by field; what is of another type than it must be is empty."""
    sent = {"session_id": session, "duration_ms": duration, "unknown": [1], **texts, **objects}
    text = json.dumps(sent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = payloads.read("Stop", text)
    assert found
    names = {"tool": "tool_name", "tool_use": "tool_use_id", "agent": "agent_id"}
    for field in ("cwd", "source", "reason", "tool", "tool_use", "agent"):
        wanted = texts.get(names.get(field, field))
        is_odd = field == "cwd" and isinstance(wanted, str) and bool(set("\0\ud800") & set(wanted))
        assert getattr(found, field) == (wanted if isinstance(wanted, str) and not is_odd else "")
    for field in ("tool_input", "tool_response"):
        wanted = objects.get(field)
        assert repr(getattr(found, field)) == repr(json.loads(json.dumps(wanted)) if isinstance(wanted, dict) else {})
    assert isinstance(found, Event)
    assert found.session == session


EDIT = st.tuples(st.just("edit"), st.sampled_from(["a.py", "b/c.py", "ü.md"]), st.sampled_from(["", "agent-1"]))
OTHER = st.tuples(st.just("other"), st.sampled_from(["{}", "nonsense", "[1]", '{"toolUseResult":{}}', ""]), st.just(""))


@given(happened=st.lists(EDIT | OTHER, max_size=12), cuts=st.lists(st.floats(0, 1), max_size=4))
def transcript(happened: list[tuple[str, str, str]], cuts: list[float]) -> None:
    """Each edit of a transcript is reported once, in its order, wherever its writing was when it was read."""
    lines, wanted = [], []
    for number, (kind, what, agent) in enumerate(happened):
        if kind == "other":
            lines.append(what.encode() + b"\n")
            continue
        response = {"filePath": what, "oldString": "a", "newString": "b", "originalFile": "a", "structuredPatch": []}
        lines.append(encoded(result(f"toolu_{number}", response, agent, at=1.7e9 + number)))
        wanted.append((f"toolu_{number}", what, agent))
    text = b"".join(lines)
    file = Path(os.environ["CLAUDE_CONFIG_DIR"], "property.jsonl")
    found, position = [], 0
    for cut in [*sorted(cuts), 1.0]:
        file.write_bytes(text[: int(cut * len(text))])
        for stretch in reader.stretches_from(str(file), position):
            found += [(each.tool_use, each.edit.path, each.agent) for each in stretch.edits]
            position = stretch.position
    assert found == wanted


STEP = st.tuples(
    st.sampled_from(["touch", "touch", "touch", "committed", "resolved", "compact", "garbage"]),
    st.sampled_from(["a.py", "b.py"]),
    st.integers(1, 30),
)


@given(st.lists(STEP, max_size=25))
def touch_file(steps: list[tuple[str, str, int]]) -> None:
    """What is settled is what was written before it, and is not newer; compacting changes nothing that is open."""
    where = files.path("touches", f"{SESSION}.jsonl")
    files.folder_of(where)
    Path(where).write_bytes(b"")
    is_open: dict[str, tuple[str, int]] = {}
    with _without_grace():
        for number, (kind, path, at) in enumerate(steps):
            _step(where, kind, path, at, number)
            if kind == "touch":
                is_open[f"toolu_{number}"] = (path, at)
            elif kind in ("committed", "resolved"):
                is_open = {name: each for name, each in is_open.items() if each[0] != path or each[1] > at}
            history = touches.read(SESSION)
            found = {each.tool_use for each in history.touches if not history.is_settled(each)}
            assert found == is_open.keys(), f"after {kind}"


def _step(where: str, kind: str, path: str, at: int, number: int) -> None:
    if kind == "touch":
        symbols = (Symbol("f", "function", 1, 2),)
        touches.append([Touch(float(at), SESSION, "Edit", "/r", "/w", path, symbols, "", "", f"toolu_{number}")])
    elif kind == "compact":
        touches.compact(SESSION, float(at))
    elif kind == "garbage":
        with open(where, "ab") as stream:
            stream.write(b'{"tool": "Edit", "at"' + b"\n" * (at % 2))
    else:
        settle(SESSION, path, float(at), kind)


def _without_grace() -> Any:
    from unittest.mock import patch

    return patch.object(files, "GRACE", 0.0)  # nobody else writes here


VALUES = {
    **{name: st.sampled_from(choices) | st.text(max_size=5) for name, choices in config.CHOICES.items()},
    **{name: st.text(max_size=9) for name in config.TEXTS},
    **{name: st.integers(-5, 50_000) | st.booleans() for name in config.NUMBERS},
    "unknown": st.integers(),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def configuration(wanted: dict[str, Any]) -> None:
    """Each key that may be so is so, each other one has its default, and every problem is reported."""
    file = Path(paths.config_file())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes("".join(f"{name} = {_toml(value)}\n" for name, value in wanted.items()).encode())
    found, problems = config.read(), 0
    for name, value in wanted.items():
        is_sound = (
            value in config.CHOICES.get(name, ())
            or name in config.TEXTS
            or (name in config.NUMBERS and value is not True and 1 <= value <= config.MAX_DAYS)
        )
        problems += not is_sound
        if name != "unknown":
            assert getattr(found, name) == (value if is_sound else config.Config._field_defaults[name])
    assert len(found.problems) == problems


def _toml(value: object) -> str:
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    return str(value).lower()


PROPERTIES: dict[str, Callable[[], None]] = {
    "the fields of a payload": payload,
    "the order of a transcript": transcript,
    "what is settled": touch_file,
    "settings and back": settings,
    "the values of a configuration": configuration,
}
