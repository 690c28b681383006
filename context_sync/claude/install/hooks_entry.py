"""The entries of context-sync in a Claude Code settings file: reading, adding and removing them."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from context_sync.claude.install import json_text
from context_sync.errors import ContextSyncError

LABEL = ": context-sync;"  # a hook command that begins like this is ours; the shell does nothing for it

Group = dict[str, Any]


class Hook(NamedTuple):
    """A hook that Claude Code is to call.

    `matcher` is a pattern of tool names, "" where the event has none. `timeout` is in seconds. Claude Code
    does not wait for a hook in the `background`.
    """

    event: str
    matcher: str
    timeout: int
    background: bool


EDITS = "Edit|Write|MultiEdit|NotebookEdit"
# Tools that may change any file. A skill's `!` lines are run by Skill itself: they fire no hook of Bash (2.1.332).
COMMANDS = "Bash|PowerShell|Skill|mcp__.*"

EVENTS = (
    Hook("SessionStart", "", 5, False),
    Hook("UserPromptSubmit", "", 5, False),
    Hook("PreToolUse", f"{EDITS}|{COMMANDS}", 5, False),
    Hook("PostToolUse", f"{EDITS}|{COMMANDS}", 30, True),
    Hook("PostToolUseFailure", COMMANDS, 30, True),  # a command that failed may have changed files all the same
    Hook("PostToolBatch", "", 5, False),
    Hook("Stop", "", 5, False),
    Hook("SessionEnd", "", 1, False),  # all of this event's hooks share 1.5 s
)

# It waits beside Stop while the session is idle, and ends with status 2 to wake it: a week, then nobody is there.
WAITER = Hook("Idle", "", 7 * 24 * 3600, True)


class _Place(NamedTuple):
    event: str
    group: int
    handler: int
    alone: bool  # every handler of the group is ours
    command: str


def command_for(event: str, folder: str, python: str, first: str = "") -> str:
    """Return the shell command of a hook: quiet success when its installation is gone.

    `folder` and `python` are shell words, `first` is what is done before anything else. Claude Code runs it with
    `/bin/sh -c` (seen in 2.1.328), which reads the gate itself: no second process.
    """
    return f'{LABEL} {first}h={folder}; python={python}; set -- {event}; [ -r "$h/gate" ] || exit 0; . "$h/gate"'


def groups_for(folder: str, python: str) -> dict[str, Group]:
    """Return the entry of each event for an installation with this hooks folder and Python interpreter."""
    return _groups(_quoted(folder), _quoted(python))


def plugin_registration() -> str:
    """Return the text of `hooks/hooks.json`, which registers the same hooks for the plugin."""
    places = '"${CLAUDE_PLUGIN_ROOT}/hooks"', '"${CLAUDE_PLUGIN_DATA}/venv/bin/python3"'
    groups = _groups(*places, first="export CONTEXT_SYNC_PLUGIN=1; ")
    hooks = {event: [group] for event, group in groups.items()}
    description = "Makes parallel Claude Code sessions aware of each other."
    return json_text.document({"description": description, "hooks": hooks})


def registered(text: str) -> dict[str, list[str]]:
    """Return our commands in the text of a settings file by event; the order is that of the file.

    The waiter goes with the command of Stop, and is left out. Raises ContextSyncError when the text is not one that
    Claude Code reads.
    """
    commands: dict[str, list[str]] = {}
    for place in _ours(_hooks(_filled(text))):
        if f"set -- {WAITER.event};" not in place.command:
            commands.setdefault(place.event, []).append(place.command)
    return commands


def register(text: str, groups: Mapping[str, Group]) -> str:
    """Return the text of a settings file with exactly these entries of ours in it, each once.

    Entries of another installation or version are replaced where they stand. Raises ContextSyncError when the
    text is not one that Claude Code reads.
    """
    text = _filled(text)
    if _hooks(text) is None:
        return json_text.append(text, json_text.root(text), {e: [g] for e, g in groups.items()}, key="hooks")
    for event in [each for each in _events(text) if each not in groups]:
        text = _without(text, event, keep=())
    for event, group in groups.items():
        text = _put(text, event, group)
    return text


def unregister(text: str, before: str = "") -> str:
    """Return the text of a settings file without our entries and without the containers that held only them.

    `before` is the text from before they were put in: an empty container that was in it stays.
    """
    kept = _containers(before)
    for event in _events(text):
        text = _without(text, event, kept)
    if _hooks(_filled(text)) == {} and "" not in kept:
        text = _without_member(text, json_text.root(text), "hooks")
    return text


def is_empty(text: str) -> bool:
    """Return whether the text of a settings file sets nothing."""
    return not json_text.parse(_filled(text))


def _groups(folder: str, python: str, first: str = "") -> dict[str, Group]:
    groups: dict[str, Group] = {
        hook.event: ({"matcher": hook.matcher} if hook.matcher else {})
        | {"hooks": [_handler(hook, folder, python, first)]}
        for hook in EVENTS
    }
    # Both: a version that knows only the first must not wait for the waiter. The summary is what the user sees.
    waking = {"asyncRewake": True, "rewakeMessage": "From context-sync:", "rewakeSummary": "Message for this session"}
    groups["Stop"]["hooks"].append(_handler(WAITER, folder, python, first) | waking)
    return groups


def _handler(hook: Hook, folder: str, python: str, first: str) -> dict[str, Any]:
    command = command_for(hook.event, folder, python, first)
    handler = {"type": "command", "command": command, "timeout": hook.timeout}
    return handler | ({"async": True} if hook.background else {})


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"


def _filled(text: str) -> str:
    # Claude Code takes an empty file for one that sets nothing.
    return text if text.strip(json_text.BYTE_ORDER_MARK + " \t\r\n") else text + "{}\n"


def _hooks(text: str) -> dict[str, Any] | None:
    try:
        settings = json_text.parse(text)
    except ValueError as error:
        raise ContextSyncError(f"it is not valid JSON ({error})") from error
    if not isinstance(settings, dict):
        raise ContextSyncError("it does not hold a JSON object")
    hooks = settings.get("hooks", {})
    if not isinstance(hooks, dict):
        raise ContextSyncError('its "hooks" is not an object')
    for event, groups in hooks.items():
        if not isinstance(groups, list):
            raise ContextSyncError(f'its "hooks.{event}" is not an array')
    return hooks if "hooks" in settings else None


def _events(text: str) -> list[str]:
    return list(dict.fromkeys(place.event for place in _ours(_hooks(_filled(text)))))


def _ours(hooks: dict[str, Any] | None) -> Iterator[_Place]:
    for event, groups in (hooks or {}).items():
        for number, group in enumerate(groups):
            commands = _commands(group)
            alone = all(command.startswith(LABEL) for command in commands)
            for handler, command in enumerate(commands):
                if command.startswith(LABEL):
                    yield _Place(event, number, handler, alone, command)


def _commands(group: object) -> list[str]:
    handlers = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(handlers, list):
        return []
    commands = [each.get("command") if isinstance(each, dict) else None for each in handlers]
    return [each if isinstance(each, str) else "" for each in commands]


def _containers(before: str) -> set[str]:
    # The events that the text names; "" stands for the object that holds them.
    hooks = _hooks(_filled(before))
    return set() if hooks is None else {"", *hooks}


def _put(text: str, event: str, group: Group) -> str:
    hooks = _start(text, "hooks")
    if json_text.child(text, hooks, event) is None:
        return json_text.append(text, hooks, [group], key=event)
    own = [place.group for place in _ours(_hooks(text)) if place.event == event and place.alone]
    if not own:
        text = _without(text, event, keep=(event,))
        return json_text.append(text, _start(text, "hooks", event), group)
    text = _without(text, event, keep=(event,), spare=own[0])
    standing = json_text.children(text, _start(text, "hooks", event))[own[0]]
    if json_text.parse(text[standing.value : standing.end]) == group:
        return text
    return json_text.replace(text, standing, group)


def _without(text: str, event: str, keep: Collection[str], spare: int = -1) -> str:
    # `spare` is a group of ours that stays; an array in `keep` stays even when it is then empty.
    places = [each for each in _ours(_hooks(text)) if each.event == event and each.group != spare]
    for place in reversed(places):
        array = _start(text, "hooks", event)
        group = json_text.children(text, array)[place.group]
        if not place.alone:
            handlers = _member(text, group.value, "hooks").value
            text = json_text.remove(text, handlers, json_text.children(text, handlers)[place.handler])
        elif place.handler == 0:
            text = json_text.remove(text, array, group)
    if event not in keep and not json_text.children(text, _start(text, "hooks", event)):
        text = _without_member(text, _start(text, "hooks"), event)
    return text


def _without_member(text: str, container: int, key: str) -> str:
    return json_text.remove(text, container, _member(text, container, key))


def _start(text: str, *keys: str) -> int:
    start = json_text.root(text)
    for key in keys:
        start = _member(text, start, key).value
    return start


def _member(text: str, container: int, key: str) -> json_text.Child:
    found = json_text.child(text, container, key)
    if found is None:
        raise KeyError(key)
    return found
