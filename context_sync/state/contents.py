"""The layout of the state folder: what is where, which module owns it, and how long it is kept.

The one table of it. `inspection` and `retention` read it; a test holds the lists in `gate`, the paths in the shell
scripts of `hooks/` and docs/files.md against it.
"""

from __future__ import annotations

from context_sync.hotpath.namedtuples import NamedTuple


class Entry(NamedTuple):
    """A place in the state folder: its path, with `*` for any name, and what is there.

    `kind` is "folder", "file", "json" (one object), "lines" (an object a line), "mark" (its time, name or number says
    all), "session" (a mark named by a session) or "broken". `owner` is the module in `state` that reads and writes it,
    `holds` says in the words of docs/files.md what it is, and `kept` for how long, by its name in `KEPT`.
    """

    path: str
    kind: str
    owner: str
    holds: str
    kept: str


KEPT = {
    "always": "until `context-sync uninstall --purge`",
    "installed": "until `context-sync uninstall`",
    "live": "the end of the session",
    "session": "14 days after the end of the session, or longer while it has unread messages",
    "transcript": "the end of what is known of the session, or of its transcript",
    "written": "14 days after it was last written",
    "read": "14 days after it was read",
    "unread": "it is read",
    "sent": "14 days after the message was sent",
}

ENTRIES = (
    Entry("alerts/*.jsonl", "lines", "alert_memory", "which conflicts a session was alerted to", "session"),
    Entry("backups/*", "file", "backups", "Claude Code's settings as they were before `init`", "installed"),
    Entry("fingerprints/*/*.json", "json", "baselines", "hashes and lines of a file's definitions", "written"),
    Entry("gate/*/began", "mark", "gate", "when the session's last tool began", "live"),
    Entry("gate/*/ended", "mark", "gate", "when the session's last tool ended", "live"),
    Entry("gate/*/elsewhere", "mark", "gate", "that the plugin's hooks stand back", "live"),
    Entry("gate/*/idle", "mark", "gate", "when the session's last turn ended", "live"),
    Entry("gate/*/seen", "mark", "gate", "when the session's last event was", "live"),
    Entry("gate/*/turn", "mark", "gate", "when the session's last turn began", "live"),
    Entry("gate/*/client/*", "mark", "gate", "the process of Claude Code", "live"),
    Entry("gate/*/conflicts/*", "session", "conflict_counts", "how many conflicts two sessions have", "live"),
    Entry("gate/*/later/*", "lines", "gate", "an alert that waits for the next prompt", "live"),
    Entry("gate/*/pending/*", "lines", "gate", "an alert that waits for the next event", "live"),
    Entry("gate/*/recording/*", "mark", "gate", "a hook that is recording an edit", "live"),
    Entry("gate/*/repositories/*", "mark", "gate", "a repository that the session works in", "live"),
    Entry("mail/*/cur/*", "lines", "mailbox", "a message that was read, and what became of it", "read"),
    Entry("mail/*/new/*", "lines", "mailbox", "a message that was not read yet", "unread"),
    Entry("mail/*/tmp/*", "lines", "mailbox", "a message that is being written", "written"),
    Entry("mail/*/sent.jsonl", "lines", "mailbox", "what the session sent to whom", "sent"),
    Entry("mail/*/successor", "json", "seats", "who gets the mail after `/clear`, as version 0.1 wrote it", "session"),
    Entry("mail/*/*.broken", "broken", "mailbox", "a file in place of a message, set aside", "written"),
    Entry("names/*", "file", "name_index", "short hashes of the words in the files that a session edited", "session"),
    Entry("positions/*.json", "json", "positions", "how far a session's transcripts were read", "session"),
    Entry("receipts/*", "mark", "gate", "when a hook last ran for an event", "always"),
    Entry("repositories/*/held/*/*", "session", "repositories", "which session edited a file of that name", "live"),
    Entry("repositories/*/holders/*", "session", "repositories", "which session edited any file", "live"),
    Entry("repositories/*/members/*", "session", "repositories", "which session works in the repository", "live"),
    Entry("repositories/*/reconciled", "mark", "repositories", "when vanished sessions were last looked for", "live"),
    Entry("seats/*.jsonl", "lines", "seats", "who sits in a process, and whom `/clear` ended there", "written"),
    Entry("summaries/*.gathered", "json", "summaries", "what was read of a session's transcripts", "transcript"),
    Entry("summaries/*.json", "json", "summaries", "the summary of a session", "transcript"),
    Entry("summaries/*.lock", "mark", "summaries", "that a summary is being made", "transcript"),
    Entry("swept", "mark", "gate", "when old files were last removed", "always"),
    Entry("touches/*.jsonl", "lines", "touches", "who edited what: path, definitions, time and a hash", "session"),
    # Removed last of all that a session has: if the removal is cut off, the rest is found again by it.
    Entry("sessions/*.json", "json", "sessions", "a session: where it works, its name, its process", "session"),
)


def folders() -> set[str]:
    """Return the paths of all folders in the state folder."""
    parts = [entry.path.split("/")[:-1] for entry in ENTRIES]
    return {"/".join(each[:depth]) for each in parts for depth in range(1, len(each) + 1)}


def of_kind(*kinds: str) -> list[str]:
    """Return the paths of the entries of these kinds."""
    return [entry.path for entry in ENTRIES if entry.kind in kinds]


def of_sessions() -> list[tuple[str, str]]:
    """Return the folder and the ending of the files named by a session that are kept as long as it is known."""
    found = [entry.path.split("/") for entry in ENTRIES if entry.kept == "session"]
    return [(parts[0], parts[1].removeprefix("*")) for parts in found if len(parts) == 2]
