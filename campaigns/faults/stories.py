"""The table of stories to break: what the sessions, the commands and the user do."""

from campaigns.faults import ages, commands, hooks, scenes
from campaigns.faults.plays import Story
from context_sync.events.idle import WAKES

STORIES = {
    "a session starts": Story(
        scenes.edited, lambda w, f: w.event("third", "SessionStart", f, source="startup"), aware=()
    ),
    "a session is resumed": Story(scenes.with_mail, lambda w, f: w.event("second", "SessionStart", f, source="resume")),
    "a session is cleared": Story(scenes.with_mail, hooks.cleared, aware=()),
    "a session is about to be cleared": Story(scenes.with_mail, hooks.about_to_be_cleared, hooks.followed, aware=()),
    "a cleared session is resumed": Story(
        scenes.cleared_and_closed, lambda w, f: w.event("second", "SessionStart", f, source="resume"), aware=()
    ),
    "a prompt with news": Story(
        scenes.with_mail, lambda w, f: w.event("second", "UserPromptSubmit", f, prompt="go on")
    ),
    "a batch with news": Story(scenes.with_mail, lambda w, f: w.event("second", "PostToolBatch", f, tool_calls=[])),
    "the end of a turn with news": Story(
        scenes.with_mail, lambda w, f: w.event("second", "Stop", f, stop_hook_active=False)
    ),
    "an edit is denied": Story(scenes.edited, hooks.denied, hooks.denied_and_edited),
    "an edit is recorded": Story(scenes.edited, hooks.edit, hooks.recorded_once),
    "a command wrote": Story(scenes.edited, hooks.ran, aware=()),
    "a command failed": Story(scenes.edited, hooks.failed, aware=()),
    "a command after a commit": Story(scenes.committed, hooks.ran, aware=()),
    "a dead recorder is made up for": Story(
        scenes.missed, lambda w, f: w.event("second", "Stop", f, stop_hook_active=False), hooks.recorded_once
    ),
    "an idle session is woken": Story(scenes.idle_with_mail, hooks.wait, hooks.woken_once, ends=(0, WAKES)),
    "a session ends": Story(scenes.with_mail, hooks.end, hooks.gone, alive=("first",), aware=(), kills=True),
    "a session ends and is resumed": Story(scenes.with_mail, hooks.end, hooks.resumed, aware=(), kills=True),
    "a message is sent": Story(
        scenes.in_conflict, lambda w, f: scenes.send(w, "first", "second", "letter", f, "--ack")
    ),
    "a session reads its mail": Story(scenes.with_mail, commands.inbox),
    "the user reads": Story(
        scenes.to_the_user, lambda w, f: w.command("inbox", fault=f), commands.nothing_of_the_user_lost
    ),
    "what was sent is looked at": Story(scenes.context, commands.sent, commands.receipt_context, aware=()),
    "who is there is looked at": Story(
        scenes.with_mail, commands.looked, commands.seen_gone, alive=("first",), aware=(), kills=True
    ),
    "a session is shown": Story(
        scenes.with_a_client, lambda w, f: w.command("show", "first", fault=f), commands.summarised
    ),
    "everything is resolved": Story(
        scenes.in_conflict, lambda w, f: w.command("resolve", "calc.py", fault=f), aware=()
    ),
    "the old is removed": Story(ages.with_a_past, ages.sweep, ages.swept),
    "the machine was started again": Story(
        scenes.rebooted,
        lambda w, f: w.event("third", "SessionStart", f, source="startup"),
        hooks.nobody_is_back,
        alive=("third", "second"),
        aware=(),
        kills=True,
    ),
    "the hooks are put in": Story(scenes.uninstalled, lambda w, f: w.command("init", fault=f), commands.settings_whole),
    "the hooks are put in again": Story(scenes.installed, commands.moved, commands.settings_restored),
    "the hooks are taken out": Story(
        scenes.installed, lambda w, f: w.command("uninstall", fault=f), commands.settings_whole
    ),
    "all is deleted": Story(
        scenes.installed, lambda w, f: w.command("uninstall", "--purge", fault=f), commands.purged, aware=()
    ),
    "a status line is put in": Story(
        scenes.uninstalled, lambda w, f: w.command("init", "--statusline", fault=f), commands.settings_whole
    ),
    "what ails is repaired": Story(scenes.ailing, lambda w, f: w.command("doctor", "--fix", fault=f), commands.healthy),
    # Last: what the server imports doubles the time of a fork.
    "a tool sends": Story(scenes.in_conflict, commands.tool_sends),
    "a tool reads": Story(scenes.with_mail, commands.tool_reads),
    "a tool resolves": Story(scenes.in_conflict, commands.tool_resolves, aware=()),
}
