from pathlib import Path

import pytest

from tests.client.conftest import client
from tests.pictures.drawing import svg
from tests.pictures.panes import COLUMNS
from tests.pictures.play import pictures

__all__ = ["client"]

pytestmark = pytest.mark.client

SHOWN = {
    "guard": ("PreToolUse:Edit hook error: context-sync: another live", "The same edit passes at the next attempt."),
    "alert": ("Stop hook says: context-sync: another live", "Merging the two now would conflict"),
    "watch": ("2 live sessions", "discounts ↔ rounding", "return round("),
}


def test_the_pictures_can_be_drawn_anew(client: Path, tmp_path: Path):
    drawn = {each.name: svg(each.pane, COLUMNS, each.title) for each in pictures(client, tmp_path / "ada")}
    told = {name: drawing.replace("&#160;", " ") for name, drawing in drawn.items()}
    assert {name: [words for words in SHOWN[name] if words not in told[name]] for name in told} == {
        "guard": [],
        "alert": [],
        "watch": [],
    }
    assert [name for name, drawing in drawn.items() if "url(http" in drawing] == []
