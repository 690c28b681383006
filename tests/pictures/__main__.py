"""Draws the pictures of the documentation again: `python -m tests.pictures`.

Two real clients in tmux work on one repository, with a scripted model on loopback; what is drawn is what their panes
show. Needs tmux and the Claude Code that the tests use.
"""

import sys
from pathlib import Path

from tests.client.install import find, install
from tests.pictures.drawing import svg
from tests.pictures.panes import COLUMNS
from tests.pictures.play import pictures

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, title, pane in pictures(find() or install()):
        file = FOLDER / f"{name}.svg"
        file.write_text(svg(pane, COLUMNS, title))
        print(file.relative_to(FOLDER.parents[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
