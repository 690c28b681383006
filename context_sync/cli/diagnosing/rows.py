"""Owns the table of everything `context-sync doctor` may find: one row each, with its one remedy."""

from typing import NamedTuple

STATUSES = ("ok", "note", "warning", "problem")  # only a problem keeps context-sync from doing its work

INIT, FIX = "Run `context-sync init`.", "Run `context-sync doctor --fix`."
INSTALL = "Install context-sync again, then run `context-sync init`."


class Row(NamedTuple):
    """What may be found: `id` is stable, `status` one of `STATUSES`, `remedy` "" where none is needed.

    What differs from one machine to another stands in braces in the texts.
    """

    id: str
    check: str
    status: str
    message: str
    remedy: str = ""


ROWS = (
    Row("not-installed", "hooks", "problem", "No hook is registered, so nothing is noticed.", INIT),
    Row("hooks-missing", "hooks", "problem", "No hook is registered for {events}.", INIT),
    Row("hooks-in-settings", "hooks", "ok", "All {number} events are registered in {files}."),
    Row("hooks-of-plugin", "hooks", "ok", "All {number} events are registered by the plugin in {folder}."),
    Row(
        "hooks-of-both",
        "hooks",
        "ok",
        "All {number} events are registered in {files} and by the plugin: only those in the settings speak.",
    ),
    Row(
        "hooks-switched-off",
        "hooks",
        "problem",
        "`{switch}` in {file} turns our hooks off.",
        "Take it out of that file, or ask whoever put it in.",
    ),
    Row(
        "hooks-managed-only",
        "hooks",
        "problem",
        "`{switch}` in {file} turns our hooks off: only those of managed settings run.",
        "Ask whoever manages that file to switch the plugin context-sync on in it.",
    ),
    Row("settings-broken", "hooks", "problem", "{file} cannot be used: {reason}.", "Mend that file."),
    Row(
        "switched-off-here",
        "hooks",
        "warning",
        "CONTEXT_SYNC=0 switches context-sync off for every session started from this shell.",
        "Unset CONTEXT_SYNC.",
    ),
    Row(
        "hooks-twice",
        "hooks",
        "warning",
        "{events}: registered more than once, so things are said more than once.",
        "Run `context-sync uninstall`, then `context-sync init`.",
    ),
    Row(
        "hooks-outdated", "hooks", "warning", "The hooks in {file} are those of another version of context-sync.", INIT
    ),
    Row(
        "hooks-of-another",
        "hooks",
        "warning",
        "The hooks in {file} are those of the installation in {folder}, and not of this one.",
        "Run `context-sync init` with the one that you want.",
    ),
    Row(
        "hooks-gone-elsewhere",
        "hooks",
        "warning",
        "{file} holds hooks of an installation that does not work any more.",
        "Run `context-sync init --scope project` in that project.",
    ),
    Row(
        "hooks-shared",
        "hooks",
        "warning",
        "{file} gives our hooks, with paths of this machine, to everybody who has the repository.",
        "Take them out of it by hand; `context-sync init --scope project` uses a file that is not for committing.",
    ),
    Row(
        "plugin-off",
        "plugin",
        "problem",
        "The plugin is installed and switched off, so nothing is noticed.",
        "Run `claude plugin enable {plugin}`.",
    ),
    Row(
        "plugin-old",
        "plugin",
        "problem",
        "The plugin registers no hook for {events}.",
        "Run `claude plugin update {plugin}`.",
    ),
    Row(
        "plugin-gone",
        "plugin",
        "problem",
        "{folder}, where the client has the plugin, does not hold it.",
        "Run `claude plugin install {plugin}`.",
    ),
    Row(
        "plugin-unready",
        "plugin",
        "problem",
        "The plugin's environment is not made{reason}: its hooks do nothing.",
        "Start Claude Code and wait a minute; if it is not made then, {log} says why.",
    ),
    Row("plugin", "plugin", "ok", "The plugin's environment is in place in {folder}."),
    Row("events-none", "events", "note", "No hook has run yet.", "Send a prompt in a session, then look again."),
    Row("events-some", "events", "note", "Hooks run; not yet for {events}; the last one was {last}, {ago}."),
    Row("events", "events", "ok", "Hooks run for every event; the last one was {last}, {ago}."),
    Row("events-long-ago", "events", "note", "Hooks run for every event; the last one was {last}, {ago}."),
    Row(
        "events-without-batch",
        "events",
        "warning",
        "PostToolUse runs and PostToolBatch never did: nothing is told in the middle of a turn.",
        "Update Claude Code: this one is too old to have that event.",
    ),
    Row(
        "client-missing",
        "client",
        "note",
        "There is no `claude` on PATH.",
        "Install Claude Code, unless you start it in another way.",
    ),
    Row(
        "client-broken",
        "client",
        "warning",
        "{client} does not tell its version.",
        "Run `{client} --version`, and install Claude Code again if it fails.",
    ),
    Row(
        "client-too-old",
        "client",
        "problem",
        "Claude Code {version} ignores a whole settings file that has an event which it does not know.",
        "Update Claude Code to {needed} or newer.",
    ),
    Row(
        "client-old",
        "client",
        "warning",
        "Claude Code {version} has no PostToolBatch: nothing is told in the middle of a turn.",
        "Update Claude Code to {needed} or newer.",
    ),
    Row("client", "client", "ok", "Claude Code {version} is {client}."),
    Row("gate-gone", "gate", "problem", "{names} cannot be read in {folder}: the hooks do nothing.", INIT),
    Row("gate-broken", "gate", "problem", "{names} cannot be read in {folder}: the hooks do nothing.", INSTALL),
    Row("gate", "gate", "ok", "The gate is in place in {folder}."),
    Row("python-gone", "python", "problem", "{python} is gone: the hooks do nothing.", INIT),
    Row("python-broken", "python", "problem", "{python} does not start: the hooks do nothing.", INIT),
    Row("python-old", "python", "problem", "{python} is {version}; Python 3.11 or newer is needed.", INIT),
    Row("python-upgraded", "python", "problem", "{python} is {version} now, and lacks what context-sync needs.", INIT),
    Row("hooks-silent", "python", "problem", "The hooks in {folder} do nothing with {python}.", INIT),
    Row("hooks-silent-here", "python", "problem", "The hooks in {folder} do nothing with {python}.", INSTALL),
    Row("python", "python", "ok", "Python {version} is {python}."),
    Row(
        "another-on-path",
        "command",
        "warning",
        "{path} on PATH is another context-sync, {version}; this one is {own}.",
        "Uninstall the one that you do not want.",
    ),
    Row(
        "statusline-outdated",
        "statusline",
        "warning",
        "The status line is not that of the hooks in the same file.",
        INIT,
    ),
    Row(
        "statusline-hidden",
        "statusline",
        "note",
        "{file} sets another status line, which hides ours here.",
        "Take `statusLine` out of that file, or leave it so.",
    ),
    Row(
        "statusline-replaced",
        "statusline",
        "note",
        "A live session shows our line, and the status line of the settings is not ours.",
        "Run `context-sync init --statusline`, unless a status bar of your own shows it.",
    ),
    Row("statusline", "statusline", "ok", "Our status line is in {file}."),
    Row("mcp-missing", "mcp", "warning", "The MCP server is not registered: Claude cannot ask or send.", INIT),
    Row("mcp-outdated", "mcp", "warning", "The MCP server is not that of the same installation as the hooks.", INIT),
    Row(
        "mcp-taken",
        "mcp",
        "warning",
        "{file} has another MCP server called context-sync.",
        "Rename that server, then run `context-sync init`.",
    ),
    Row("mcp-broken", "mcp", "warning", "{file} cannot be used: {reason}.", "Mend that file."),
    Row("mcp", "mcp", "ok", "The MCP server is registered in {file}."),
    Row("config-wrong", "config", "warning", "{problem}", "Correct it there; until then the default holds."),
    Row("config", "config", "ok", "The guard before an edit is in the mode {guard}."),
    Row(
        "git-missing",
        "git",
        "problem",
        "git cannot be run: commits and worktrees are not seen.",
        "Install git, or put it on PATH.",
    ),
    Row("git", "git", "ok", "{version} is on PATH."),
    Row(
        "tree-sitter-missing",
        "grammars",
        "problem",
        "tree-sitter does not load ({reason}): edits are told by file, not by function.",
        "Install context-sync again: its dependencies are not complete.",
    ),
    Row(
        "grammars-missing",
        "grammars",
        "problem",
        "No grammar loads for {names}: edits there are told by file, not by function.",
        "Install context-sync again: its dependencies are not complete.",
    ),
    Row("grammars", "grammars", "ok", "All {number} grammars load."),
    Row(
        "state-unusable",
        "state",
        "problem",
        "{obstacle}: nothing can be noted.",
        "Make it a folder that you may write to.",
    ),
    Row(
        "state-full",
        "state",
        "problem",
        "The disk of {folder} is full: nothing can be noted.",
        "Delete something on that disk.",
    ),
    Row(
        "state-linked",
        "state",
        "warning",
        "{folder} is a link to {target}.",
        "Put the folder itself there, unless you made the link.",
    ),
    Row(
        "state-foreign",
        "state",
        "problem",
        "Another user owns {paths}.",
        "Run `sudo chown -R $(id -u) {folder}`, or delete it.",
    ),
    Row("state-exposed", "state", "problem", "Other users may read or write {paths}.", "Run `chmod -R go= {folder}`."),
    Row(
        "state-set-aside",
        "state",
        "warning",
        "{count} made no sense and was set aside: {paths}.",
        "Nothing is lost that was needed: delete it.",
    ),
    Row("state-fresh", "state", "ok", "{folder} is not there yet: the first session makes it."),
    Row("state", "state", "ok", "{folder} is in order, yours alone."),
    Row("sessions-vanished", "sessions", "note", "{count} ended without a word, and something is left of it.", FIX),
    Row("waiters-stuck", "sessions", "warning", "{count} for messages although the session is gone: {pids}.", FIX),
    Row(
        "log-blocked",
        "log",
        "problem",
        "{file} cannot be written: crashes are not recorded.",
        "Delete {where}, which is in the way.",
    ),
    Row(
        "log-read-only",
        "log",
        "problem",
        "{file} cannot be written: crashes are not recorded.",
        "Make {where} writable.",
    ),
    Row("log", "log", "ok", "Crashes are recorded in {file}."),
    Row("crash", "crashes", "problem", "{where} failed {times}: {error}", "Report it with the last lines of {file}."),
    Row("crashes-more", "crashes", "problem", "{count} of crash since the last look.", "They are in {file}."),
    Row("crashes", "crashes", "ok", "Nothing has crashed since the last look."),
    Row("live-failed", "live", "problem", "{event} in {place} {what}.", INSTALL),
    Row("live-silent", "live", "problem", "Two sessions collided in {place}, and neither was told.", INSTALL),
    Row(
        "live-slow",
        "live",
        "warning",
        "{event} in {place} took {ms} ms, and the client waits for it.",
        "Run `context-sync doctor --live` again while the machine has less to do.",
    ),
    Row("live", "live", "ok", "{count} played in a temporary home folder ended well."),
)
