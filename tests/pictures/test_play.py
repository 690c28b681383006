from pathlib import Path

import pytest
from rich.text import Text

from tests.client.conftest import client
from tests.pictures.drawing import svg
from tests.pictures.panes import COLUMNS
from tests.pictures.play import pictures

__all__ = ["client"]

pytestmark = pytest.mark.client

SHOWN = {
    "guard": (
        "PreToolUse:Edit hook error: context-sync: another live",
        "The same edit will go through on the next attempt.",
    ),
    "alert": ("Stop hook says: context-sync: another live", "Merging the two now would conflict"),
    "watch": ("2 live sessions", "discounts ↔ rounding", "return round("),
}


def test_the_pictures_can_be_drawn_again(client: Path, tmp_path: Path):
    found = list(pictures(client, tmp_path / "ada"))
    drawn = {each.name: svg(each.pane, COLUMNS, each.title) for each in found}
    # Where Claude Code begins a new line depends on the length of the folder's name.
    context = {each.name: " ".join(Text.from_ansi(each.pane).plain.split()) for each in found}
    assert {name: [words for words in SHOWN[name] if words not in context[name]] for name in context} == {
        "guard": [],
        "alert": [],
        "watch": [],
    }
    assert all("&#160;" in drawing and "url(http" not in drawing for drawing in drawn.values())
