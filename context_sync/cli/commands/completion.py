"""Owns `context-sync completion`: what makes a shell complete our commands."""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_CONTEXT_SYNC_COMPLETE"  # by which the script asks, see the documentation of click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands and options with the Tab key.

    \b
    bash  add to ~/.bashrc:  eval "$(context-sync completion bash)"
    zsh   add to ~/.zshrc:   eval "$(context-sync completion zsh)"
    fish  context-sync completion fish > \\
              ~/.config/fish/completions/context-sync.fish
    """
    found = get_completion_class(shell)
    assert found
    click.echo(found(context.find_root().command, {}, "context-sync", VARIABLE).source())
