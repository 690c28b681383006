"""Owns how a page of text is printed: its first line in bold, the others no wider than a page."""

import time
from collections.abc import Sequence
from datetime import datetime

from context_sync.cli import output
from context_sync.views import documents, text


def say_page(lines: Sequence[str]) -> None:
    """Print the lines; what is indented stays so where it goes on, and what only a model must be told is left out."""
    shown = [line for line in lines if not (line == documents.NOTE and output.is_for_person())]
    for number, line in enumerate(shown):
        wrapped = output.paragraph(line, hanging="    " if line.startswith(" ") else "")
        output.say(wrapped if number else output.bold(wrapped))


def when(moment: str) -> str:
    """Return a time of a shape in the words for whoever reads: a person is told how long ago it was."""
    if not output.is_for_person() or not moment:
        return text.at(moment)
    return output.ago(datetime.fromisoformat(moment).timestamp(), time.time())
