"""Synopses of the commands: one line each for `context-sync --help`, and the examples in their own help."""

from typing import NamedTuple


class Synopsis(NamedTuple):
    """A command in one line that fits 80 columns, and examples: command lines with what each does."""

    summary: str
    examples: tuple[tuple[str, str], ...]


SECTIONS: dict[str, dict[str, Synopsis]] = {
    "Set up": {
        "demo": Synopsis(
            "Simulate two sessions with conflicting edits.",
            (("context-sync demo", "takes a second or two"),),
        ),
        "init": Synopsis(
            "Add the hooks and the MCP server to Claude Code.",
            (
                ("context-sync init", "for every project"),
                ("context-sync init --scope project", "for this project only"),
                ("context-sync init --statusline", "with a status line"),
                ("context-sync init --dry-run", "see what would change"),
            ),
        ),
        "doctor": Synopsis(
            "Check that everything works, and repair what does not.",
            (
                ("context-sync doctor", "show problems and remedies"),
                ("context-sync doctor --live", "also run every hook"),
                ("context-sync doctor --fix", "repair what is safe to repair"),
            ),
        ),
        "uninstall": Synopsis(
            "Remove the hooks, and optionally all data.",
            (
                ("context-sync uninstall", "keep the data"),
                ("context-sync uninstall --purge", "delete the data, too"),
            ),
        ),
    },
    "Inspect": {
        "status": Synopsis(
            "Show the live sessions and their conflicts.",
            (
                ("context-sync status", "live sessions and conflicts"),
                ("context-sync status --all", "ended sessions, too"),
                ("context-sync status --json | jq '.conflicts'", "for a script"),
            ),
        ),
        "watch": Synopsis(
            "Show sessions, conflicts and messages live.",
            (
                ("context-sync watch", "q quits"),
                ("context-sync watch --once", "print one snapshot"),
            ),
        ),
        "show": Synopsis(
            "Show what a session is doing.",
            (("context-sync show payments", "by its name or its branch"),),
        ),
        "changes": Synopsis(
            "List the changes and decisions in a project.",
            (("context-sync changes", "in this project"),),
        ),
        "who": Synopsis(
            "Show who last changed a file, line or definition.",
            (
                ("context-sync who src/invoice.py:42", "the definition around a line"),
                ("context-sync who --symbol Invoice.total", "a definition by name"),
            ),
        ),
        "log": Synopsis(
            "List the recorded edits.",
            (("context-sync log --since 2h --path src", "the last two hours, below a folder"),),
        ),
        "statusline": Synopsis(
            "Print a one-line status of a session.",
            (("context-sync statusline --session ID", "for a status bar of your own"),),
        ),
    },
    "Merge": {
        "check": Synopsis(
            "Show what would conflict if this worktree were merged.",
            (
                ("context-sync check", "with every other worktree"),
                ("context-sync check --against main", "with a branch; 1 on conflict"),
            ),
        ),
        "resolve": Synopsis(
            "Mark conflicts as resolved.",
            (
                ("context-sync resolve src/invoice.py", "in one file"),
                ("context-sync resolve --all", "in all files of the repository"),
            ),
        ),
    },
    "Messages": {
        "send": Synopsis(
            "Send a message to another session.",
            (
                ('context-sync send payments "It is on main."', "to a session or branch"),
                ('context-sync send @all "Rebase, please."', "to all in this repository"),
            ),
        ),
        "inbox": Synopsis(
            "Show the messages to you, or to a session.",
            (("context-sync inbox --unread", "only the new ones"),),
        ),
        "sent": Synopsis(
            "Show the delivery state of the messages you sent.",
            (("context-sync sent", "stored, injected, confirmed, read"),),
        ),
        "thread": Synopsis(
            "Show a message with its replies.",
            (("context-sync thread 3f9a2c", "the id is above each message"),),
        ),
        "search": Synopsis(
            "Search the messages of all sessions.",
            (("context-sync search migration main", "messages with both words"),),
        ),
    },
    "For programs": {
        "serve": Synopsis(
            "Run the MCP server; Claude Code starts it.",
            (("context-sync serve", "on standard input and output"),),
        ),
        "completion": Synopsis(
            "Print a shell completion script.",
            (('eval "$(context-sync completion bash)"', "in ~/.bashrc"),),
        ),
    },
}


def synopsis_of(command: str) -> Synopsis | None:
    """Return the synopsis of a command, None when it has none."""
    return next((found[command] for found in SECTIONS.values() if command in found), None)


def examples(synopsis: Synopsis) -> str:
    """Return the examples as a paragraph that click does not rewrap."""
    width = max(len(line) for line, _ in synopsis.examples)
    lines = [f"  {line:<{width}}  {what}" for line, what in synopsis.examples]
    return "\n".join(["\b", "Examples:", *lines])
