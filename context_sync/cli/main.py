"""The command line: the table of commands, and the handling of every error."""

import copy
import importlib
import inspect
import os
import sys

import click

from context_sync import crash_log, errors
from context_sync.cli import synopses
from context_sync.errors import ContextSyncError

COMMANDS = {
    "init": "context_sync.cli.commands.init",
    "status": "context_sync.cli.commands.status",
    "show": "context_sync.cli.commands.show",
    "changes": "context_sync.cli.commands.changes",
    "who": "context_sync.cli.commands.who",
    "log": "context_sync.cli.commands.log",
    "check": "context_sync.cli.commands.check",
    "resolve": "context_sync.cli.commands.resolve",
    "send": "context_sync.cli.commands.send",
    "inbox": "context_sync.cli.commands.inbox",
    "sent": "context_sync.cli.commands.sent",
    "thread": "context_sync.cli.commands.thread",
    "search": "context_sync.cli.commands.search",
    "doctor": "context_sync.cli.commands.doctor",
    "watch": "context_sync.cli.commands.watch",
    "statusline": "context_sync.cli.commands.statusline",
    "demo": "context_sync.cli.commands.demo",
    "serve": "context_sync.cli.commands.serve",
    "completion": "context_sync.cli.commands.completion",
    "uninstall": "context_sync.cli.commands.uninstall",
}

EXIT_CODES = "Exit codes: 0 success, 1 an expected failure, 2 wrong usage, 3 a bug (the message names the log)."


class _Commands(click.Group):
    """The table of commands, loaded on demand: running one command imports no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return _with_examples(command, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            from difflib import get_close_matches  # 5 ms

            for near in get_close_matches(args[0], COMMANDS, n=1):
                raise click.UsageError(f"No such command {args[0]!r}. Did you mean `context-sync {near}`?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, found in synopses.SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<10}", synopsis.summary) for name, synopsis in found.items()])


def _with_examples(command: click.Command, name: str) -> click.Command:
    """Return the command with its synopsis, and with its examples before the end of its help."""
    synopsis = synopses.synopsis_of(name)
    if synopsis is None:
        return command
    shown = copy.copy(command)
    shown.short_help = synopsis.summary
    shown.epilog = "\n\n".join(filter(None, (synopses.examples(synopsis), inspect.cleandoc(command.epilog or ""))))
    return shown


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib import metadata  # 15 ms

    try:
        click.echo(f"context-sync {metadata.version('context-sync')}")
    except metadata.PackageNotFoundError as error:
        message = "this checkout is not installed, so it has no version: run ./install.sh in it."
        raise ContextSyncError(message) from error
    context.exit()


@click.group(
    "context-sync",
    cls=_Commands,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def commands(context: click.Context) -> None:
    """Make parallel Claude Code sessions aware of each other.

    Without a command, shows what is going on in this repository, and what to do next.
    """
    if context.invoked_subcommand is None:
        from context_sync import paths
        from context_sync.cli import output, overview

        for line in overview.lines(paths.current_folder()):
            output.say(line)


def main() -> int:
    """Run the command line and return its exit code (see `EXIT_CODES`), 130 for an interrupt."""
    _open_closed_streams()
    try:
        return _code(commands.main(prog_name="context-sync", standalone_mode=False))
    except ContextSyncError as error:
        from context_sync.cli import output

        said, *candidates = f"context-sync: {error}".split("\n")
        click.echo("\n".join([output.fitting(said), *candidates]), err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130  # as a shell reports an interrupt
    except BrokenPipeError:
        _drop_output()
        return 1
    except Exception as error:
        said = errors.system_failure(error)
        if said:
            click.echo(f"context-sync: {said}", err=True)
            if errors.is_output_full(error):
                _drop_output()
            return 1
        where = crash_log.record_crash("context-sync " + " ".join(sys.argv[1:2]), error)
        click.echo(f"context-sync: a bug, recorded in {where}: {type(error).__name__}: {error}", err=True)
        return 3


def _open_closed_streams() -> None:
    """Open the null device for each standard stream that the caller closed, which Python reports as None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _drop_output() -> None:
    """Discard unwritten output, so that it is not written when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _code(value: object) -> int:
    return value if isinstance(value, int) else 0


if __name__ == "__main__":
    sys.exit(main())
