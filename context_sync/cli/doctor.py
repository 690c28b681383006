"""Owns `context-sync doctor`: says whether everything is in order, and what to do about what is not."""

import os
from typing import Any

import click

from context_sync.claude import registrations, settings
from context_sync.cli import crashes, diagnosis, output
from context_sync.cli.diagnosis import Finding
from context_sync.state import markers

COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "problem": "red"}
MARGIN = " " * 20


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as described below.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Check that context-sync works: its hooks, its interpreter, its files.

    Exits 1 when there is a problem. A warning is worth a look, a note is for your information. A crash is
    shown once.

    \b
    JSON:
      {"ok":       true | false,
       "findings": [{"check", "status": "ok" | "note" | "warning" | "problem",
                     "message", "remedy"}],
       "events":   [{"event", "registered": true | false, "fired": time}]}
      "ok" is false when there is a problem; "remedy" is "" where none is
      needed. Times are ISO 8601 in UTC, null for never.
    """
    unseen = crashes.unseen()
    findings = diagnosis.examine(os.getcwd(), unseen)
    if as_json:
        output.say_json(document(findings, os.getcwd()))
    else:
        for line in page(findings):
            output.say(line)
    crashes.shown(unseen)
    context.exit(int(not is_well(findings)))


def is_well(findings: list[Finding]) -> bool:
    """Say whether none of the findings is a problem."""
    return all(finding.status != "problem" for finding in findings)


def document(findings: list[Finding], folder: str) -> dict[str, Any]:
    """Return the findings as the JSON that `--help` describes."""
    sources = registrations.sources(folder)
    events = [
        {
            "event": hook.event,
            "registered": any(hook.event in source.commands for source in sources),
            "fired": output.timestamp(markers.receipt(hook.event)),
        }
        for hook in settings.EVENTS
    ]
    return {"ok": is_well(findings), "findings": [each._asdict() for each in findings], "events": events}


def page(findings: list[Finding]) -> list[str]:
    """Return the lines for a person: one finding each, its remedy below it, and the sum at the end."""
    lines: list[str] = []
    for finding in findings:
        status = click.style(f"{finding.status:<9}", fg=COLOURS[finding.status], bold=finding.status != "ok")
        message = output.paragraph(finding.message, MARGIN)[len(MARGIN) :]
        lines.append(f"{status}{finding.check:<11}{message}")
        if finding.remedy:
            lines.append(output.paragraph("→ " + finding.remedy, MARGIN, MARGIN + "  "))
    return [*lines, "", output.bold(_sum(findings))]


def _sum(findings: list[Finding]) -> str:
    problems = sum(finding.status == "problem" for finding in findings)
    warnings = sum(finding.status == "warning" for finding in findings)
    if problems:
        return f"{output.count(problems, 'problem')} to solve: what to do is said after each →"
    if warnings:
        return f"context-sync works; {output.count(warnings, 'warning')} above."
    return "Everything is in order."
