"""Runs the benchmarks: `python -m tests.bench [NAME ...]`, all that need no argument when none is named.

Prints Markdown; `--json FILE` keeps the figures of hooks and scale, `--compare FILE` shows what changed since then.
No network is used, except that `hcom`, a peer, is installed once. Exits 1 when a target is missed.
"""

from typing import NamedTuple


class Bench(NamedTuple):
    """A row of the table: what it shows; `own` benches return reports, the others print and return an exit code."""

    module: str
    shows: str
    own: bool = False
    argument: str = ""  # what it cannot run without


BENCHES = {
    "hooks": Bench("hooks", "every hook in each state, beside the smallest processes and a peer", own=True),
    "scale": Bench("scale", "how the costs grow with sessions, files, repositories and payloads", own=True),
    "faults": Bench("tests.faults", "kill points at every write"),
    "load": Bench("tests.load", "many sessions that edit at once, for a minute"),
    "fuzz": Bench("tests.fuzz", "a coverage-guided fuzzer over payloads and transcripts"),
    "symbols": Bench("symbols", "symbols against two oracles"),
    "conflicts": Bench("conflicts", "the judge on real pairs of edits", argument="FOLDER"),
    "mail": Bench("mail", "messages"),
    "transcripts": Bench("transcripts", "summaries of long transcripts"),
    "mcp": Bench("mcp", "the MCP server"),
    "watch": Bench("watch", "the live view"),
}
