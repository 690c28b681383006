"""Pages of text: the first line in bold, the others wrapped."""

import time
from collections.abc import Sequence
from datetime import datetime

from context_sync.cli import output
from context_sync.views import documents, text


def say_page(lines: Sequence[str]) -> None:
    """Print the lines, with continued lines indented; the note for a model is omitted for the user."""
    shown = [line for line in lines if not (line == documents.NOTE and output.is_for_user())]
    for number, line in enumerate(shown):
        wrapped = output.paragraph(line, hanging="    " if line.startswith(" ") else "")
        output.say(wrapped if number else output.bold(wrapped))


def when(moment: str) -> str:
    """Return a time of a document as the reader needs it: an age for the user, the time for a model."""
    if not output.is_for_user() or not moment:
        return text.at(moment)
    return output.ago(datetime.fromisoformat(moment).timestamp(), time.time())
