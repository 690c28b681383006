"""Owns what `context-sync --help` says of each command in one line, and the examples in the command's own help."""

from typing import NamedTuple


class Synopsis(NamedTuple):
    """A command in one line that fits 80 columns, and how it is used: command lines with what each does."""

    summary: str
    examples: tuple[tuple[str, str], ...]


SECTIONS: dict[str, dict[str, Synopsis]] = {
    "Begin": {
        "demo": Synopsis(
            "See two sessions collide, in a temporary folder.",
            (("context-sync demo", "the whole play, in a second or two"),),
        ),
        "init": Synopsis(
            "Put the hooks and the MCP server into the client's settings.",
            (
                ("context-sync init", "for every project"),
                ("context-sync init --scope project", "for this one only"),
                ("context-sync init --statusline", "and show a status line"),
                ("context-sync init --dry-run", "see what would change"),
            ),
        ),
        "doctor": Synopsis(
            "Check that everything works, and repair what does not.",
            (
                ("context-sync doctor", "say what is wrong and what to do"),
                ("context-sync doctor --live", "run every hook, show its receipt"),
                ("context-sync doctor --fix", "repair what is safe to repair"),
            ),
        ),
        "uninstall": Synopsis(
            "Take the hooks out again, and on request all data.",
            (
                ("context-sync uninstall", "keep what is known"),
                ("context-sync uninstall --purge", "delete that, too"),
            ),
        ),
    },
    "See": {
        "status": Synopsis(
            "Show the live sessions and where their edits collide.",
            (
                ("context-sync status", "who is live, what collides"),
                ("context-sync status --all", "those that ended, too"),
                ("context-sync status --json | jq '.conflicts'", "for a script"),
            ),
        ),
        "watch": Synopsis(
            "Show all of it live, in the terminal.",
            (
                ("context-sync watch", "q ends it"),
                ("context-sync watch --once", "a still picture"),
            ),
        ),
        "show": Synopsis(
            "Show what a session is doing.",
            (("context-sync show payments", "by its name or its branch"),),
        ),
        "changes": Synopsis(
            "List what was changed and decided in a project.",
            (("context-sync changes", "in the project around here"),),
        ),
        "who": Synopsis(
            "Say which session last changed a file, line or definition.",
            (
                ("context-sync who src/invoice.py:42", "the definition around a line"),
                ("context-sync who --symbol Invoice.total", "a definition by its name"),
            ),
        ),
        "log": Synopsis(
            "List the recorded edits.",
            (("context-sync log --since 2h --path src", "of two hours, below a folder"),),
        ),
        "statusline": Synopsis(
            "Print a session's status in one short line.",
            (("context-sync statusline --session ID", "for a status bar of your own"),),
        ),
    },
    "Merge": {
        "check": Synopsis(
            "Say what would collide if this worktree were merged.",
            (
                ("context-sync check", "with every other worktree"),
                ("context-sync check --against main", "with a branch; 1 if it collides"),
            ),
        ),
        "resolve": Synopsis(
            "Say that conflicts are over.",
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
                ('context-sync send @all "Rebase, please."', "to all of this repository"),
            ),
        ),
        "inbox": Synopsis(
            "Show the messages to you, or to a session.",
            (("context-sync inbox --unread", "only the new ones"),),
        ),
        "sent": Synopsis(
            "Show what became of the messages that you sent.",
            (("context-sync sent", "stored, injected, confirmed, read"),),
        ),
        "thread": Synopsis(
            "Show a message with all that belongs to it.",
            (("context-sync thread 3f9a2c", "the id stands above each message"),),
        ),
        "search": Synopsis(
            "Search the messages of all sessions.",
            (("context-sync search migration main", "those with both words"),),
        ),
    },
    "For programs": {
        "serve": Synopsis(
            "Serve the MCP tools; the client starts this.",
            (("context-sync serve", "on standard input and output"),),
        ),
        "completion": Synopsis(
            "Print what makes a shell complete our commands.",
            (('eval "$(context-sync completion bash)"', "in ~/.bashrc"),),
        ),
    },
}


def synopsis_of(command: str) -> Synopsis | None:
    """Return the synopsis of a command, None when it has none."""
    return next((found[command] for found in SECTIONS.values() if command in found), None)


def examples(synopsis: Synopsis) -> str:
    """Return the examples as a paragraph that click leaves as it is."""
    width = max(len(line) for line, _ in synopsis.examples)
    lines = [f"  {line:<{width}}  {what}" for line, what in synopsis.examples]
    return "\n".join(["\b", "Examples:", *lines])
