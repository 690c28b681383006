"""`context-sync show`: what one session is doing."""

import click

from context_sync.cli import output, paging, progress
from context_sync.views import documents, roster, text


@click.command("show")
@click.argument("session")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(session: str, as_json: bool) -> None:
    """Show what SESSION is doing: its task, decisions, changes, next steps and blockers.

    SESSION is a session's name or id, a prefix of either, or its branch. Claude writes a new summary when there is
    something new (`summary`, `summary_model` and `summary_command` in config.toml); otherwise everything is taken from
    the transcript.

    \b
    JSON:
      {"note", "id", "name", "status", "branch", "worktree", "task",
       "decisions": [text], "progress": [text], "next": [text],
       "blockers": [text], "summary_by": "claude" | "transcript",
       "summary_at", "failure": text (only if no summary was made),
       "requests": [text], "questions": [text],
       "files": [{"path", "symbols", "changed", "settled",
                  "added", "removed"}],
       "tests": [{"command", "code", "said", "at"}], "last_reply",
       "conflicts": [{"level", "path", "symbols", "session", "name",
                      "changed"}]}
    """
    found = roster.called(session)
    with progress.shown("Reading the session"):
        context = documents.session_context(found)
    if as_json:
        output.say_json(output.times_or_null(context))
        return
    paging.say_page(text.of_context(context, paging.when))
