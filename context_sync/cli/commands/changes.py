"""`context-sync changes`: what the sessions of a project changed and decided."""

import click

from context_sync.cli import output, paging
from context_sync.views import documents, projects, text


@click.command("changes")
@click.option(
    "--project",
    metavar="PROJECT",
    default="",
    help="A folder, or the name of a repository. Default: the repository of the current folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
def command(project: str, as_json: bool) -> None:
    """List the files that the sessions of a project changed and what they decided, latest first.

    \b
    JSON:
      {"note", "project",
       "files": [{"path", "symbols", "changed", "settled", "added",
                  "removed", "session", "name"}],
       "decisions": [{"decision", "session", "name", "at"}]}
    """
    found = documents.change_list(projects.repository_of(project))
    if as_json:
        output.say_json(output.times_or_null(found))
        return
    paging.say_page(text.of_changes(found, paging.when))
