import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context_sync.claude.install import hooks_entry
from context_sync.errors import ContextSyncError
from tests.rehearse import CHECKOUT

OURS = hooks_entry.groups_for("/opt/context-sync/hooks", "/opt/context-sync/bin/python")
OLD = hooks_entry.groups_for("/old/hooks", "/old/python")
THEIRS = {"matcher": "Bash", "hooks": [{"type": "command", "command": "make lint"}]}


def two_spaces(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


FILES = {
    "only braces": "{}",
    "braces apart": "{\n}\n",
    "two spaces": two_spaces({"model": "opus", "env": {"A": "1"}}),
    "four spaces": json.dumps({"model": "opus", "env": {"A": "1"}}, indent=4),
    "tabs": json.dumps({"model": "opus", "env": {"A": "1"}}, indent="\t") + "\n",
    "one line": '{"model": "opus", "env": {}}\n',
    "minified": '{"model":"opus","env":{"A":["1"]}}',
    "CRLF": two_spaces({"model": "opus"}).replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + two_spaces({"model": "opus"}),
    "not ASCII, and escapes": '{\n  "sprache": "Grüße 🦀",\n  "escaped": "\\u00e9\\/\\ud83d"\n}\n',
    "numbers that Python would change": '{\n  "a": 1e400,\n  "b": 1.10,\n  "c": -0,\n  "d": ' + "9" * 5000 + "\n}\n",
    "arrays on one line": '{\n  "permissions": {"allow": ["Bash(ls:*)", "Read"]},\n  "x": [1,2,  3]\n}\n',
    "hooks of somebody else": two_spaces({"hooks": {"Stop": [THEIRS], "Notification": [THEIRS]}, "model": "opus"}),
    "empty containers": two_spaces({"hooks": {"Stop": [], "PreToolUse": []}}),
    "empty hooks": two_spaces({"hooks": {}}),
    "a key twice": '{"hooks": {"Stop": 1}, "hooks": {"Stop": []}}',
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_registering_changes_nothing_else_and_is_undone_to_the_byte(text):
    registered = hooks_entry.register(text, OURS)

    assert hooks_entry.registered(registered) == {e: [g["hooks"][0]["command"]] for e, g in OURS.items()}
    assert hooks_entry.register(registered, OURS) == registered
    undone = hooks_entry.unregister(registered, text)
    assert undone == (text if text != FILES["braces apart"] else "{}\n")


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"], ids=["nothing", "a line end", "only a byte order mark"])
def test_an_empty_file_is_one_that_sets_nothing(text):
    registered = hooks_entry.register(text, OURS)

    assert json.loads(registered.removeprefix("\ufeff")) == {"hooks": {e: [g] for e, g in OURS.items()}}
    assert hooks_entry.is_empty(hooks_entry.unregister(registered))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{\n    "a": 1\n}',
            '{\n    "a": 1,\n    "hooks": {\n        "Stop": [\n            {}\n',
            id="four spaces",
        ),
        pytest.param('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{}\n', id="tabs"),
        pytest.param('{"a": 1}', '{"a": 1, "hooks": {"Stop": [{}]}}', id="one line"),
        pytest.param("{}", '{\n  "hooks": {\n    "Stop": [\n      {}\n', id="nothing to go by"),
        pytest.param(
            '{\r\n  "a": 1\r\n}', '{\r\n  "a": 1,\r\n  "hooks": {\r\n    "Stop": [\r\n      {}\r\n', id="CRLF"
        ),
        pytest.param(
            '{\n  "hooks": {}\n}', '{\n  "hooks": {\n    "Stop": [\n      {}\n    ]\n  }\n}', id="empty hooks"
        ),
    ],
)
def test_an_entry_is_laid_out_like_the_file(before, after):
    assert hooks_entry.register(before, {"Stop": {}}).startswith(after)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HOOKS = st.dictionaries(st.sampled_from([*OURS, "Notification"]), st.lists(JSON, max_size=3), max_size=4)


@given(
    value=st.dictionaries(st.text(max_size=5).filter(lambda key: key != "hooks"), JSON, max_size=4),
    hooks=st.none() | HOOKS,
    indent=st.sampled_from([None, 1, 2, 4, "\t"]),
    escape=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_settings_survive_registering_upgrading_and_unregistering(value, hooks, indent, escape, end):
    if hooks is not None:
        value = {**value, "hooks": hooks}
    text = json.dumps(value, indent=indent, ensure_ascii=escape).replace("\n", end)

    upgraded = hooks_entry.register(hooks_entry.register(text, OLD), OURS)

    assert upgraded == hooks_entry.register(text, OURS)
    merged = {event: [*(hooks or {}).get(event, []), *([OURS[event]] if event in OURS else [])] for event in OURS}
    assert json.loads(upgraded) == {**value, "hooks": {**(hooks or {}), **merged}}
    assert hooks_entry.unregister(upgraded, text) == text


def test_an_upgrade_replaces_in_place_and_never_leaves_an_entry_twice():
    old, new = OLD["Stop"], OURS["Stop"]
    text = two_spaces({"hooks": {"Stop": [THEIRS, old, THEIRS, old], "PreCompact": [old]}})

    assert json.loads(hooks_entry.register(text, OURS))["hooks"]["Stop"] == [THEIRS, new, THEIRS]
    assert "PreCompact" not in json.loads(hooks_entry.register(text, OURS))["hooks"]


def test_a_handler_of_ours_in_a_group_of_somebody_else_is_taken_out_of_it():
    mixed = {"hooks": [*OLD["Stop"]["hooks"], *THEIRS["hooks"]]}
    text = two_spaces({"hooks": {"Stop": [mixed]}})

    registered = json.loads(hooks_entry.register(text, OURS))["hooks"]["Stop"]
    assert registered == [{"hooks": THEIRS["hooks"]}, OURS["Stop"]]
    assert json.loads(hooks_entry.unregister(text)) == {"hooks": {"Stop": [{"hooks": THEIRS["hooks"]}]}}


def test_unregistering_leaves_what_was_added_meanwhile():
    registered = json.loads(hooks_entry.register("{}", OURS))
    registered["hooks"]["Stop"].append(THEIRS)
    registered["model"] = "opus"

    left = json.loads(hooks_entry.unregister(two_spaces(registered), "{}"))

    assert left == {"hooks": {"Stop": [THEIRS]}, "model": "opus"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('{"a": 1', "not valid JSON", id="cut off"),
        pytest.param('{"a": 1} // note', "not valid JSON", id="a comment"),
        pytest.param('{"a": 1,}', "not valid JSON", id="a trailing comma"),
        pytest.param('{"a": NaN}', "NaN is not JSON", id="not a number"),
        pytest.param("[" * 100_000, "nested too deeply", id="nesting without end"),
        pytest.param("[]", "does not hold a JSON object", id="an array"),
        pytest.param("null", "does not hold a JSON object", id="null"),
        pytest.param('{"hooks": []}', '"hooks" is not an object', id="hooks an array"),
        pytest.param('{"hooks": null}', '"hooks" is not an object', id="hooks null"),
        pytest.param('{"hooks": {"Stop": {}}}', '"hooks.Stop" is not an array', id="an event an object"),
    ],
)
@pytest.mark.parametrize("use", [lambda text: hooks_entry.register(text, OURS), hooks_entry.unregister])
def test_a_file_that_the_client_would_not_read_is_refused(text, reason, use):
    with pytest.raises(ContextSyncError, match=reason):
        use(text)


@pytest.mark.parametrize("odd", ["plain", "with space", "it's", 'a "quote"', "$HOME `id` \\ ;&|", "zeile\nzwei", "ü"])
def test_the_command_reads_the_gate_whatever_the_folder_is_called(tmp_path: Path, odd: str):
    folder = tmp_path / odd
    folder.mkdir()
    (folder / "gate").write_text('printf "%s|" "$#" "$1" "$h" "$python"')

    for event, group in hooks_entry.groups_for(str(folder), f"{folder}/python").items():
        done = in_shell(group["hooks"][0]["command"])
        assert (done.returncode, done.stdout) == (0, f"1|{event}|{folder}|{folder}/python|")


def test_the_command_is_silent_when_the_installation_is_gone(tmp_path: Path):
    for group in hooks_entry.groups_for(str(tmp_path / "gone"), "/gone/python").values():
        done = in_shell(group["hooks"][0]["command"])
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_plugin_registers_the_same_hooks(tmp_path: Path):
    plugin = json.loads((CHECKOUT / "hooks" / "hooks.json").read_text())["hooks"]

    assert list(plugin) == [hook.event for hook in hooks_entry.EVENTS]
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "gate").write_text('printf "%s|" "$1" "$h" "$python"')
    places = {"CLAUDE_PLUGIN_ROOT": str(tmp_path), "CLAUDE_PLUGIN_DATA": "/plugin data"}
    for event, [group] in plugin.items():
        ours = json.loads(json.dumps(OURS[event]))
        for handler, name in zip(group["hooks"], [event, hooks_entry.WAITER.event], strict=False):
            done = in_shell(handler.pop("command"), **places)
            assert done.stdout == f"{name}|{tmp_path}/hooks|/plugin data/venv/bin/python3|"
        for handler in ours["hooks"]:
            del handler["command"]
        assert group == ours


def test_only_stop_has_a_waiter_beside_it_and_no_client_waits_for_that():
    waiters = {event: group["hooks"][1:] for event, group in OURS.items() if group["hooks"][1:]}

    assert list(waiters) == ["Stop"]
    [waiter] = waiters["Stop"]
    assert (waiter["async"], waiter["asyncRewake"]) == (True, True)


def test_a_waiter_alone_is_taken_out_and_put_in_again():
    text = two_spaces({"hooks": {"Stop": [{"hooks": OURS["Stop"]["hooks"][1:]}]}})

    assert json.loads(hooks_entry.unregister(text)) == {}
    assert json.loads(hooks_entry.register(text, OURS))["hooks"]["Stop"] == [OURS["Stop"]]


def test_the_registration_of_the_plugin_is_the_one_generated():
    assert (CHECKOUT / "hooks" / "hooks.json").read_text() == hooks_entry.plugin_registration()


def in_shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **environment}
    return subprocess.run(["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("event", ["PreToolUse", "PostToolUse", "PostToolUseFailure"])
@pytest.mark.parametrize("tool", ["Bash", "PowerShell", "Skill", "mcp__files__write"])
def test_every_tool_that_may_run_commands_is_matched(event: str, tool: str):
    assert re.fullmatch(OURS[event]["matcher"], tool)


def test_a_matcher_of_an_earlier_version_is_replaced():
    old = {event: group | ({"matcher": "Edit|Bash"} if "matcher" in group else {}) for event, group in OURS.items()}
    text = hooks_entry.register(two_spaces({"model": "opus"}), old)
    assert json.loads(hooks_entry.register(text, OURS))["hooks"] == {event: [group] for event, group in OURS.items()}
