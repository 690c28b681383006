"""`context-sync completion`: shell completion of the commands."""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_CONTEXT_SYNC_COMPLETE"  # set by the script to ask for completions, see the documentation of click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print a completion script for SHELL.

    \b
    bash  add to ~/.bashrc:  eval "$(context-sync completion bash)"
    zsh   add to ~/.zshrc:   eval "$(context-sync completion zsh)"
    fish  context-sync completion fish > \\
              ~/.config/fish/completions/context-sync.fish
    """
    found = get_completion_class(shell)
    assert found
    click.echo(found(context.find_root().command, {}, "context-sync", VARIABLE).source())
