"""What must hold of everything that reads files which anybody may have changed: state, settings, configuration."""

import json
import os
import tomllib
import unicodedata
from pathlib import Path
from unittest.mock import patch

from campaigns.fuzz.mutations import TOKEN
from campaigns.fuzz.readers import typed
from context_sync import config, paths
from context_sync.claude.install import hooks_entry, json_text
from context_sync.domain import messages, wording
from context_sync.domain.masking import masked, shown
from context_sync.errors import ContextSyncError
from context_sync.state import alert_memory, files, gate, mailbox, positions, sessions, summaries, touches

GROUPS = hooks_entry.groups_for("/opt/context-sync/hooks", "/opt/context-sync/bin/python")
OLD = hooks_entry.groups_for("/old/hooks", "/old/python")
SESSION = "fuzzed"
ODD = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def touch_file(data: bytes) -> None:
    """A touch file is read without a crash, is the same when it is written again, and loses nothing that is open."""
    _store("touches", f"{SESSION}.jsonl", data)
    history = touches.read(SESSION)
    for touch in history.touches:
        typed(touch._replace(symbols=()))
        assert 0 <= touch.at < touches.LATEST
        for symbol in touch.symbols:
            typed(symbol)
    is_open = {touch.path for touch in history.touches if not history.is_settled(touch)}
    with patch.object(files, "GRACE", 0.0):  # nobody else writes here
        touches.compact(SESSION, 1e10)
    left = touches.read(SESSION)
    assert is_open <= {touch.path for touch in left.touches}, "an unsettled touch was forgotten"
    again = [touch._replace(session="again", id="") for touch in left.touches if touch.tool_use]
    _store("touches", "again.jsonl", b"")
    # The edits of two sessions may be one now, of which the first counts.
    again = list({touch.id: touch for touch in reversed(touches.append(again))}.values())
    assert sorted(touches.read("again").touches) == sorted(again)


def other_state(data: bytes) -> None:
    """No file in the state folder can break what reads it; a broken one is set aside or passed over."""
    _store("sessions", f"{SESSION}.json", data)
    _store("positions", f"{SESSION}.json", data)
    _store("summaries", f"{SESSION}.json", data)
    _store("alerts", f"{SESSION}.jsonl", data)
    _store(os.path.join("gate", SESSION, "pending"), "other.1", data)
    session = sessions.load(SESSION)
    if session:
        typed(session)
        sessions.is_alive(session)
    assert all(isinstance(position, int) and position >= 0 for position in positions.read(SESSION).values())
    assert isinstance(summaries.load(SESSION), dict)
    alert_memory.recall(SESSION)
    assert all(isinstance(each, str) for each in alert_memory.partners(SESSION))
    for notice in gate.notices(SESSION, at_prompt=True):
        assert all(isinstance(path, str) for path in notice.paths)


def letter(data: bytes) -> None:
    """A message is one that can be shown, or it is set aside; what is shown is quoted, bounded and plain."""
    name = "0000000000000001-abcdefghjk.jsonl"
    _store(os.path.join("mail", SESSION, "new"), name, data)
    _store(os.path.join("mail", SESSION), "sent.jsonl", data)
    found = list(mailbox.unread(SESSION))
    assert found or not mailbox.unread_names(SESSION), "neither shown nor set aside"
    mailbox.sent_entries(SESSION)
    for delivery in found:
        typed(delivery.message)
        assert delivery.state in messages.STATES
        batch = messages.Batch(messages.LONGEST_ANSWER)
        assert batch.add(delivery.message), "it fits no answer"
        _plain(batch.text(0), messages.LONGEST_ANSWER)
        again = messages.from_fields(json.loads(json.dumps(delivery.message._asdict())))
        assert again == delivery.message


def settings_file(data: bytes) -> None:
    """A settings file is refused, or takes our entries, keeps everything else, and is restored to the byte."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        registered = hooks_entry.register(text, OLD)
    except ContextSyncError:
        return
    upgraded = hooks_entry.register(registered, GROUPS)
    assert hooks_entry.register(upgraded, GROUPS) == upgraded
    ours = hooks_entry.registered(upgraded)
    assert ours == {event: [group["hooks"][0]["command"]] for event, group in GROUPS.items()}
    if not text.removeprefix(json_text.BYTE_ORDER_MARK).strip() or hooks_entry.LABEL in text or "\\" in text:
        return  # empty, or it held entries of ours already
    rest, value = json_text.parse(upgraded), json_text.parse(text)
    assert isinstance(rest, dict)
    assert isinstance(value, dict)
    assert {key: each for key, each in rest.items() if key != "hooks"}.keys() == value.keys() - {"hooks"}
    restored = hooks_entry.unregister(upgraded, text)
    assert json_text.parse(restored) == value or "NaN" in text
    if not any(space in data for space in (b" ", b"\t", b"\n", b"\r")):
        assert restored == text, "not restored to the byte"


def configuration(data: bytes) -> None:
    """Whatever is in the configuration, every key has a value that is allowed, and a problem is reported."""
    file = Path(paths.config_file())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    found = config.read()
    for name, choices in config.CHOICES.items():
        assert getattr(found, name) in choices
    assert all(isinstance(getattr(found, name), str) for name in config.TEXTS)
    assert 1 <= found.keep_days <= config.MAX_DAYS
    try:
        known = set(tomllib.loads(data.decode())) <= set(config.Config._fields) - {"problems"}
    except (ValueError, RecursionError):
        known = False
    assert known or found.problems, "nobody is shown what is wrong"


def text(data: bytes) -> None:
    """What is shown of foreign text is masked, on one line, bounded, and nothing that a terminal obeys."""
    foreign = data.decode("utf-8", "surrogateescape")
    secret = f"{foreign}\n{TOKEN}\n{foreign[:100]}"
    assert TOKEN not in masked(secret)
    for limit in (20, 200):
        _plain(wording.plain(foreign, limit), limit)
        _plain(shown(foreign, limit), limit)
        assert TOKEN not in shown(secret, limit)
        lines, _ = messages.excerpt(foreign, limit)
        assert sum(messages.length(line) + 1 for line in lines) <= limit + 1
        assert all(line.startswith(">") for line in lines)
    _plain(wording.code_line("+" + foreign), wording.LONGEST_LINE + 41)
    _plain(wording.name_from_place(foreign, foreign, "abcd"), wording.LONGEST_NAME)


def _plain(shown: str, limit: int) -> None:
    assert messages.length(shown) <= limit * 2
    assert len(shown) <= limit
    odd = {letter for letter in shown.replace("\n", "") if unicodedata.category(letter) in ODD}
    assert not odd, odd
    assert "<" not in shown


def _store(folder: str, name: str, data: bytes) -> None:
    where = files.path(folder, name)
    files.folder_of(where)
    with open(where, "wb") as stream:
        stream.write(data)
