"""Owns `context-sync show`: what one session is doing."""

import click

from context_sync.cli import output, paging, progress
from context_sync.views import documents, roster, text


@click.command("show")
@click.argument("session")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(session: str, as_json: bool) -> None:
    """Show what SESSION is doing: its task, decisions, changes, what is next and what is in its way.

    SESSION is a session's name, its id, the beginning of one of them, or its branch. The summary is made by Claude
    when it is asked for and something is new (`summary`, `summary_model` and `summary_command` in config.toml); without
    it, the transcript speaks for itself.

    \b
    JSON:
      {"note", "id", "name", "status", "branch", "worktree", "task",
       "decisions": [text], "progress": [text], "next": [text],
       "blockers": [text], "summary_by": "claude" | "transcript",
       "summary_at", "failure": text (only if one was tried in vain),
       "requests": [text], "questions": [text],
       "files": [{"path", "symbols", "changed", "settled",
                  "added", "removed"}],
       "tests": [{"command", "code", "said", "at"}], "last_reply",
       "conflicts": [{"level", "path", "symbols", "session", "name",
                      "changed"}]}
    """
    found = roster.called(session)
    with progress.shown("Reading what the session did"):
        context = documents.session_context(found)
    if as_json:
        output.say_json(output.times_or_null(context))
        return
    paging.say_page(text.of_context(context, paging.when))
