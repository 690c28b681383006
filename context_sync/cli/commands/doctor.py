"""`context-sync doctor`: whether everything works, and what to do about what does not."""

from typing import Any, NamedTuple

import click

from context_sync import paths
from context_sync.claude.install import installed_plugin, registrations
from context_sync.cli import crashes, output, progress
from context_sync.cli.doctor import checks, hooks, live_run, repairs
from context_sync.cli.doctor.findings import Finding, is_well
from context_sync.cli.doctor.live_run import Receipt
from context_sync.crash_log import Crash
from context_sync.state import gate

COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "problem": "red"}
MARGIN = " " * 20
NOTHING_TO_FIX = "Nothing to repair."


class Diagnosis(NamedTuple):
    """The findings, the receipts of the hooks that were run, and the repairs, None unless `--fix` was given."""

    findings: list[Finding]
    receipts: list[Receipt]
    repairs: list[str] | None


@click.command("doctor")
@click.option("--live", is_flag=True, help="Also run every registered hook as Claude Code would, and show what it did.")
@click.option("--fix", is_flag=True, help="Repair what is safe to repair, and report what was done.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.pass_context
def command(context: click.Context, live: bool, fix: bool, as_json: bool) -> None:
    """Check that context-sync works: its hooks, its interpreter and its files.

    Exits with 1 when there is a problem. A warning is worth a look; a note is for your information. A crash is
    shown once.

    With --live, sessions are simulated through every registered hook in a temporary home folder, in the environment
    that Claude Code provides: in a checkout, in a worktree of it, and in a folder without git. None of your files are
    touched.

    \b
    JSON:
      {"ok":       true | false,
       "findings": [{"id", "check",
                     "status": "ok" | "note" | "warning" | "problem",
                     "message", "remedy", "repairable": true | false}],
       "events":   [{"event", "registered": true | false, "fired": time}],
       "receipts": [{"source", "place", "event", "exit", "milliseconds",
                     "python": true | false | null, "context"}],
       "repairs":  [sentence]}
      "ok" is false when there is a problem; "remedy" is "" when none is
      needed. "id" is stable. Times are ISO 8601 in UTC, null for never.
      "receipts" are from --live, "repairs" from --fix; the findings are those
      after the repairs. "exit" is null for a hook that took too long and was
      killed, "python" when it is not known whether Python was started.
    """
    folder = paths.any_folder()
    unseen = crashes.unseen()
    found = diagnose(folder, unseen, live, fix)
    if as_json:
        output.say_json(document(found, folder))
    else:
        _say(found)
    crashes.shown(unseen)
    context.exit(int(not is_well(found.findings)))


def diagnose(folder: str, unseen: list[Crash], live: bool, fix: bool) -> Diagnosis:
    """Check everything for Claude Code running in `folder`, and repair and run the hooks on request.

    `unseen` are the crashes to show.
    """
    with progress.shown("Checking"):
        findings = checks.examine(folder, unseen)
    done = None
    if fix:
        done = list(repairs.repair(findings, folder))
        findings = checks.examine(folder, unseen)
    if not live:
        return Diagnosis(findings, [], done)
    with progress.shown("Running the hooks"):
        receipts, troubles = live_run.rehearse(folder)
    return Diagnosis([*findings, *troubles], receipts, done)


def document(found: Diagnosis, folder: str) -> dict[str, Any]:
    """Return everything as the JSON that `--help` describes."""
    plugin = installed_plugin.find(folder)
    registered = {event for source in registrations.sources(folder) for event in source.commands}
    if plugin and plugin.is_on:
        registered |= installed_plugin.commands(plugin).keys()
    events = [
        {"event": event, "registered": event in registered, "fired": output.timestamp(gate.receipt(event))}
        for event in hooks.EVENTS
    ]
    return {
        "ok": is_well(found.findings),
        "findings": [each._asdict() | {"repairable": repairs.is_repairable(each)} for each in found.findings],
        "events": events,
        "receipts": [each._asdict() for each in found.receipts],
        "repairs": found.repairs or [],
    }


def page(found: list[Finding]) -> list[str]:
    """Return the lines to print: each finding with its remedy below it, and a summary at the end."""
    lines: list[str] = []
    for finding in found:
        status = click.style(f"{finding.status:<9}", fg=COLOURS[finding.status], bold=finding.status != "ok")
        message = output.paragraph(finding.message, MARGIN)[len(MARGIN) :]
        lines.append(f"{status}{finding.check:<11}{message}")
        if finding.remedy:
            lines.append(output.paragraph("→ " + finding.remedy, MARGIN, MARGIN + "  "))
    return [*lines, "", output.bold(_summary(found))]


def _say(found: Diagnosis) -> None:
    if found.repairs is not None:
        for sentence in found.repairs or [NOTHING_TO_FIX]:
            output.say(output.paragraph(sentence, hanging="  "))
        output.say()
    for line in (*live_run.page(found.receipts), *page(found.findings)):
        output.say(line)


def _summary(found: list[Finding]) -> str:
    problems = sum(finding.status == "problem" for finding in found)
    warnings = sum(finding.status == "warning" for finding in found)
    if problems:
        summary = f"{output.count(problems, 'problem')} found: the remedy is after each →"
    elif warnings:
        summary = f"context-sync works; {output.count(warnings, 'warning')} above."
    else:
        return "Everything works."
    repairable = sum(map(repairs.is_repairable, found))
    return f"{summary}\n`context-sync doctor --fix` repairs {repairable} of them." if repairable else summary
