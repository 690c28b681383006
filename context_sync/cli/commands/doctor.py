"""Owns `context-sync doctor`: says whether everything is in order, and what to do about what is not."""

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
    """What was found, what the hooks did that were run, and the repairs, None where none were asked for."""

    findings: list[Finding]
    receipts: list[Receipt]
    repairs: list[str] | None


@click.command("doctor")
@click.option("--live", is_flag=True, help="Also run each registered hook as the client would, and show what it did.")
@click.option("--fix", is_flag=True, help="Repair what is safe to repair, and say what was done.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described above.")
@click.pass_context
def command(context: click.Context, live: bool, fix: bool, as_json: bool) -> None:
    """Check that context-sync works: its hooks, its interpreter, its files.

    Exits 1 when there is a problem. A warning is worth a look, a note is for your information. A crash is
    shown once.

    With --live two sessions are played through every registered hook in a temporary home folder, with the
    environment that the client gives: in a checkout, in a worktree of it, and in a folder without git. Nothing of
    yours is touched.

    \b
    JSON:
      {"ok":       true | false,
       "findings": [{"id", "check",
                     "status": "ok" | "note" | "warning" | "problem",
                     "message", "remedy", "repairable": true | false}],
       "events":   [{"event", "registered": true | false, "fired": time}],
       "receipts": [{"source", "place", "event", "exit", "milliseconds",
                     "python": true | false | null, "told"}],
       "repairs":  [sentence]}
      "ok" is false when there is a problem; "remedy" is "" where none is
      needed. "id" is stable. Times are ISO 8601 in UTC, null for never.
      "receipts" are those of --live, "repairs" what --fix did: findings are
      those after it. "exit" is null where a hook was ended because it took
      too long, "python" where it is not known whether it was started.
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
    """Examine everything for a client that works in `folder`, repair and run the hooks where that is asked for.

    `unseen` are the crashes to be shown.
    """
    with progress.shown("Looking"):
        findings = checks.examine(folder, unseen)
    done = None
    if fix:
        done = list(repairs.repair(findings, folder))
        findings = checks.examine(folder, unseen)
    if not live:
        return Diagnosis(findings, [], done)
    with progress.shown("Playing two sessions"):
        receipts, told = live_run.rehearse(folder)
    return Diagnosis([*findings, *told], receipts, done)


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
    """Return the lines for a person: one finding each, its remedy below it, and the sum at the end."""
    lines: list[str] = []
    for finding in found:
        status = click.style(f"{finding.status:<9}", fg=COLOURS[finding.status], bold=finding.status != "ok")
        message = output.paragraph(finding.message, MARGIN)[len(MARGIN) :]
        lines.append(f"{status}{finding.check:<11}{message}")
        if finding.remedy:
            lines.append(output.paragraph("→ " + finding.remedy, MARGIN, MARGIN + "  "))
    return [*lines, "", output.bold(_sum(found))]


def _say(found: Diagnosis) -> None:
    if found.repairs is not None:
        for sentence in found.repairs or [NOTHING_TO_FIX]:
            output.say(output.paragraph(sentence, hanging="  "))
        output.say()
    for line in (*live_run.page(found.receipts), *page(found.findings)):
        output.say(line)


def _sum(found: list[Finding]) -> str:
    problems = sum(finding.status == "problem" for finding in found)
    warnings = sum(finding.status == "warning" for finding in found)
    if problems:
        said = f"{output.count(problems, 'problem')} to solve: what to do is said after each →"
    elif warnings:
        said = f"context-sync works; {output.count(warnings, 'warning')} above."
    else:
        return "Everything is in order."
    repairable = sum(map(repairs.is_repairable, found))
    return f"{said}\n`context-sync doctor --fix` repairs {repairable} of them." if repairable else said
