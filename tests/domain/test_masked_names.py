"""Names may hold secrets, too: nobody is shown one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rehearse import Client, tool_use

KEY = "ghp_" + "a1B2" * 9


@pytest.fixture
def two(client: Callable[..., Client]) -> tuple[Client, Client]:
    first, second = client(), client()
    first.start(session_title="first")
    second.start(session_title=KEY)
    return first, second


def test_an_alert_names_no_key_and_comes_once(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "def add", f"def {KEY}")
    second.edit(project / "calc.py", f"def {KEY}(a, b)", f"def {KEY}(a, b, c)")
    context = first.prompt().context
    assert "`[masked]` in calc.py" in context
    assert KEY not in context
    assert first.prompt().context == first.batch().context == ""


def test_a_denial_names_no_key_and_comes_once(two: tuple[Client, Client], project: Path):
    first, second = two
    calc = project / "calc.py"
    first.edit(calc, "def add", f"def {KEY}")

    def attempt() -> bytes:
        edit = {"file_path": str(calc), "old_string": f"{KEY}(a, b)", "new_string": f"{KEY}(a, b, c)"}
        return second.event("PreToolUse", tool_name="Edit", tool_use_id=tool_use(), tool_input=edit).output

    denial = attempt()
    assert b'"deny"' in denial
    assert KEY.encode() not in denial
    assert attempt() == b""


def test_a_notice_names_no_key(two: tuple[Client, Client], project: Path):
    first, second = two
    first.edit(project / "calc.py", "def add", f"def {KEY}")
    second.edit(project / "calc.py", f"def {KEY}", "def add")
    context = first.prompt().context
    assert "discarded uncommitted changes" in context
    assert KEY not in context
