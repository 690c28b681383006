import shutil
from pathlib import Path

import pytest

from context_sync.state import sessions
from context_sync.views import edits
from tests.cli import stage
from tests.cli.stage import Stage


@pytest.fixture
def deep(shop: Path) -> Path:
    """A file in a folder of its own."""
    file = shop / "deep" / "er" / "tax.py"
    file.parent.mkdir(parents=True)
    file.write_text("def tax():\n    return 1\n")
    stage.git(shop, "add", ".")
    stage.git(shop, "commit", "-m", "deep")
    return file


@pytest.mark.usefixtures("deep")
@pytest.mark.parametrize("by", ["deep/er/tax.py", "{shop}/deep/er/tax.py", "{shop}/gone/../deep/er/tax.py"])
def test_a_file_is_found_though_its_folder_is_gone(the_stage: Stage, shop: Path, by: str) -> None:
    player = the_stage.enter("one", shop)
    stage.edit(player, "deep/er/tax.py", "return 1", "return 2")
    shutil.rmtree(shop / "deep")
    path = by.format(shop=shop)
    assert [row["session"] for row in edits.touches(path, "", str(shop))["touches"]] == [player.session]
    known = sessions.load(player.session)
    assert known
    assert edits.resolve(known, [path, "never.py"]) == {
        "resolved": ["deep/er/tax.py"],
        "nothing_to_resolve": ["never.py"],
    }
