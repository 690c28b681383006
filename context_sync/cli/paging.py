"""Owns how a page of text is printed: its first line in bold, the others no wider than a page."""

from collections.abc import Sequence

from context_sync.cli import output


def say_page(lines: Sequence[str]) -> None:
    """Print the lines; what is indented stays so where it goes on."""
    for number, line in enumerate(lines):
        wrapped = output.paragraph(line, hanging="    " if line.startswith(" ") else "")
        output.say(wrapped if number else output.bold(wrapped))
