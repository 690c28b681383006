import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from context_sync.cli import output
from tests.cli.stage import output_on
from tests.rehearse import CHECKOUT


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (-3, "just now"),
        (4.9, "just now"),
        (5, "5 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7199, "119 min ago"),
        (7200, "2 h ago"),
        (172_799, "47 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_times_are_said_as_people_say_them(passed: float, said: str):
    assert output.ago(1000.0, 1000.0 + passed) == said


def test_a_timestamp_is_read_back_to_the_second_and_never_is_none():
    assert output.timestamp(1795165938.9) == "2026-11-20T09:12:18Z"
    assert datetime.fromisoformat("2026-11-20T09:12:18Z") == datetime(2026, 11, 20, 9, 12, 18, tzinfo=UTC)
    assert output.timestamp(0.0) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("short", "short   ", id="filled"),
        pytest.param("just fit", "just fit", id="fits"),
        pytest.param("a bit long", "a bit l…", id="cut"),
        pytest.param("請求書の", "請求書の", id="wide letters that fit"),
        pytest.param("請求書の丸め", "請求書… ", id="wide letters, cut at a half column"),
        pytest.param("e\u0301te\u0301", "e\u0301te\u0301     ", id="combining signs take no column"),
    ],
)
def test_a_column_is_as_wide_as_it_is_said_to_be(text: str, shown: str):
    assert output.column(text, 8) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/home/tess", "~"), ("/home/tess/src", "~/src"), ("/home/tessa/src", "/home/tessa/src"), ("/srv", "/srv")],
)
def test_the_home_folder_is_a_tilde(monkeypatch: pytest.MonkeyPatch, path: str, shown: str):
    monkeypatch.setenv("HOME", "/home/tess")

    assert output.tilde(path) == shown


@pytest.mark.parametrize(
    ("columns", "is_terminal", "longest"),
    [
        pytest.param(40, True, 40, id="a narrow terminal"),
        pytest.param(200, True, 80, id="a wide terminal"),
        pytest.param(2, True, 30, id="a terminal too narrow for prose"),
        pytest.param(40, False, 299, id="a pipe, where a line stays a line"),
    ],
)
def test_prose_fits_the_terminal(columns: int, is_terminal: bool, longest: int):
    code = "from context_sync.cli import output; output.say(output.fitting(('four ' * 60).strip()))"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "COLUMNS": str(columns)}
    ours, theirs = os.openpty() if is_terminal else os.pipe()
    subprocess.run([sys.executable, "-c", code], env=environment, stdout=theirs, check=True)
    os.close(theirs)
    lines = output_on(ours).decode().splitlines()

    assert longest - 5 < max(map(len, lines)) <= longest
    assert " ".join(" ".join(lines).split()) == ("four " * 60).strip()


def test_what_a_terminal_cannot_show_is_replaced():
    code = "from context_sync.cli import output; output.say('‹é›'); output.say_json({'name': '\\udce9'})"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)

    assert done.stdout == b'?\xe9?\n{\n  "name": "\\udce9"\n}\n'
