import json
import subprocess
from pathlib import Path

import pytest

from context_sync.claude import status_line
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
    inside = status_line.register(text, folder)

    assert status_line.registered(inside) == command_in(inside)
    assert status_line.register(inside, folder) == inside
    assert status_line.unregister(inside, before=text) == text


def test_a_moved_installation_replaces_its_own_and_keeps_what_was_first():
    moved = status_line.register(status_line.register(THEIRS, "/old"), "/new")

    assert moved == status_line.register(THEIRS, "/new")
    assert json.loads(moved)["statusLine"]["padding"] == 0


def test_without_the_text_of_before_the_command_comes_back_all_the_same():
    restored = status_line.unregister(status_line.register(THEIRS, "/opt/hooks"))

    assert json.loads(restored) == json.loads(THEIRS)


def test_another_status_line_is_not_ours():
    assert status_line.registered(THEIRS) == status_line.registered("") == ""
    assert status_line.unregister(THEIRS) == THEIRS


@pytest.mark.parametrize("entry", ["null", "5", '"x"', "{}", '{"type":"command","command":5}'])
def test_a_status_line_of_an_unknown_kind_is_left_alone(entry: str):
    with pytest.raises(ContextSyncError, match='its "statusLine" is not a command'):
        status_line.register(f'{{"statusLine": {entry}}}', "/opt/hooks")


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
    command = command_in(status_line.register(text, str(tmp_path / "gone")))

    done = subprocess.run(["/bin/sh", "-c", command], input=b"there", capture_output=True, check=True)

    assert (done.stdout.decode(), done.stderr) == (shown, b"")
