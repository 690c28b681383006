"""Runs the benchmarks: `python -m benchmarks [NAME[=ARGUMENT] ...]`.

When none is named it runs all that need no argument and take minutes, with `--full` those that take an hour as well.
Prints Markdown. `--json FILE` keeps the figures; `--compare FILE` shows what changed since such a file was kept, and
marks what got worse by over a tenth and beyond the noise. The network is used once, to install `hcom`, a peer, into
`.test-env`. Exits 1 when a target is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import figures, hooks, report, scale
from benchmarks.report import Report


class Bench(NamedTuple):
    """A row of the table: what it shows, and either what measures it or the module that is run for it."""

    shows: str
    measure: Callable[[int], Iterable[Report]] | None = None
    module: str = ""
    argument: str = ""  # what it cannot do without
    is_long: bool = False  # half an hour


BENCHES = {
    "hooks": Bench("what each hook costs in each state", lambda rounds: [hooks.measure(rounds)]),
    "scale": Bench("how that grows", lambda rounds: scale.measure(max(rounds // 10, 5))),
    "symbols": Bench("symbols beside two oracles", module="benchmarks.symbols"),
    "conflicts": Bench("the judge on real pairs of edits", module="benchmarks.conflicts", argument="FOLDER"),
    "data_flow": Bench("the modules that a hook goes through", module="benchmarks.data_flow"),
    "worktree": Bench("what a command changed in 50,000 files", module="benchmarks.worktree"),
    "mail": Bench("messages", module="benchmarks.mail"),
    "transcripts": Bench("summaries of long transcripts", module="benchmarks.transcripts"),
    "mcp": Bench("the MCP server", module="benchmarks.mcp"),
    "statusline": Bench("the status line", module="benchmarks.statusline"),
    "watch": Bench("the live view", module="benchmarks.watch"),
    "faults": Bench("10,000 kill points and full disks", module="campaigns.faults", is_long=True),
    "load": Bench("32 sessions at work at once", module="campaigns.load"),
    "walk": Bench("5,000 steps at random beside an oracle", module="campaigns.walk", is_long=True),
    "fuzz": Bench("1,000,000 inputs for all that reads", module="campaigns.fuzz", is_long=True),
}


def main(argv: list[str] | None = None) -> int:
    arguments = _arguments(argv)
    before = json.loads(arguments.compare.read_text()) if arguments.compare else {}
    kept: dict[str, Any] = {"machine": _machine(), "reports": [], "benches": {}}
    missed = []
    print(f"# Benchmarks\n\n{kept['machine']}\n", flush=True)
    for name, argument in arguments.benches:
        bench = BENCHES[name]
        if bench.measure is None:
            kept["benches"][name] = _run(name, bench, argument, before.get("benches", {}).get(name))
            missed += [name] if kept["benches"][name]["missed"] else []
            continue
        for context in bench.measure(arguments.rounds):
            kept["reports"].append(report.as_json(context))
            _show(context, before)
            missed += [] if context.reached else [f"{name} ({context.title})"]
    if arguments.json:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"Missed: {', '.join(missed)}." if missed else "Every target is reached.")
    return 1 if missed else 0


def _show(context: Report, before: dict[str, Any]) -> None:
    print(report.markdown(context), flush=True)
    earlier = next((each for each in before.get("reports", []) if each["title"] == context.title), None)
    if earlier:
        print(report.comparison(context, earlier), flush=True)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"  {name:12} {bench.shows} {bench.argument}" for name, bench in BENCHES.items()),
    )
    parser.add_argument("benches", nargs="*", metavar="NAME[=ARGUMENT]")
    parser.add_argument("--full", action="store_true", help="run what takes long, too")
    parser.add_argument("--rounds", type=int, default=hooks.ROUNDS, help="runs of each case")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--compare", type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    named = [each.partition("=")[::2] for each in arguments.benches]
    for name, argument in named:
        if name not in BENCHES:
            parser.error(f"there is no benchmark {name!r}")
        if BENCHES[name].argument and not argument:
            parser.error(f"{name} needs an argument: {name}={BENCHES[name].argument}")
    wanted = [name for name, each in BENCHES.items() if not each.argument and (arguments.full or not each.is_long)]
    arguments.benches = named or [(name, "") for name in wanted]
    return arguments


def _run(name: str, bench: Bench, argument: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """Run a benchmark that is a module of its own, show what it prints, and return its figures."""
    print(f"## {name}: {bench.shows}\n", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", bench.module, *_words(argument)]
    lines = []
    first = figures.yardstick()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    found, measure = figures.printed(lines), min(first, figures.yardstick())
    print(flush=True)
    if before:
        print(figures.comparison(name, figures.changes(found, measure, before)), flush=True)
    return figures.as_json(found, measure) | {"missed": process.returncode != 0}


def _words(argument: str) -> Iterator[str]:
    if argument:
        yield argument


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors."


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main())
