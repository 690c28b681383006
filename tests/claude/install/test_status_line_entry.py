import json
import subprocess
from pathlib import Path

import pytest

from context_sync.claude.install import status_line_entry
from context_sync.errors import ContextSyncError

THEIRS = '{"model":"opus", "statusLine": {"type": "command","command":"caf\\u00e9 \'a;b\' \\"$x\\";","padding":0} }'
TEXTS = [
    pytest.param("{}", id="nothing is set"),
    pytest.param('{\n    "model": "opus"\n}\n', id="no status line"),
    pytest.param(THEIRS, id="a status line with quotes and escapes"),
    pytest.param(THEIRS.replace(", ", ",\r\n\t"), id="an odd layout"),
    pytest.param("\ufeff" + THEIRS, id="a byte order mark"),
]


def command_in(text: str) -> str:
    return str(json.loads(text.removeprefix("\ufeff"))["statusLine"]["command"])


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("folder", ["/opt/hooks", "/o'p t/$hooks;"])
def test_taking_ours_out_gives_back_every_byte(text: str, folder: str):
    inside = status_line_entry.register(text, folder)

    assert status_line_entry.registered(inside) == command_in(inside)
    assert status_line_entry.register(inside, folder) == inside
    assert status_line_entry.unregister(inside, before=text) == text


def test_a_moved_installation_replaces_its_own_and_keeps_what_was_first():
    moved = status_line_entry.register(status_line_entry.register(THEIRS, "/old"), "/new")

    assert moved == status_line_entry.register(THEIRS, "/new")
    assert json.loads(moved)["statusLine"]["padding"] == 0


def test_without_the_text_of_before_the_command_comes_back_all_the_same():
    restored = status_line_entry.unregister(status_line_entry.register(THEIRS, "/opt/hooks"))

    assert json.loads(restored) == json.loads(THEIRS)


def test_another_status_line_is_not_ours():
    assert status_line_entry.registered(THEIRS) == status_line_entry.registered("") == ""
    assert status_line_entry.unregister(THEIRS) == THEIRS


@pytest.mark.parametrize("entry", ["null", "5", '"x"', "{}", '{"type":"command","command":5}'])
def test_a_status_line_of_an_unknown_kind_is_left_alone(entry: str):
    with pytest.raises(ContextSyncError, match='its "statusLine" is not a command'):
        status_line_entry.register(f'{{"statusLine": {entry}}}', "/opt/hooks")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("{}", "", id="there was none"),
        pytest.param(
            json.dumps({"statusLine": {"type": "command", "command": 'echo "it\'s $(cat)"'}}), "it's there\n", id="one"
        ),
    ],
)
def test_a_package_that_is_gone_leaves_the_line_that_was_there(tmp_path: Path, text: str, shown: str):
    command = command_in(status_line_entry.register(text, str(tmp_path / "gone")))

    done = subprocess.run(["/bin/sh", "-c", command], input=b"there", capture_output=True, check=True)

    assert (done.stdout.decode(), done.stderr) == (shown, b"")
