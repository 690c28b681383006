"""A command that does nothing: what every command of the program costs."""

import click


@click.command("empty")
@click.argument("words", nargs=-1)
def command(words: tuple[str, ...]) -> None:
    """Do nothing."""
