"""The generated parts of the documentation: `python -m tests.documentation` writes them again from the code."""

import re
import sys

from context_sync.cli.doctor.findings import ROWS
from tests.rehearse import CHECKOUT

PAGE = CHECKOUT / "docs" / "troubleshooting.md"
BEGIN, END = "<!-- made by python -m tests.documentation -->\n", "<!-- until here -->\n"
KNOWN = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)


def findings() -> str:
    """Return the table of what the doctor finds, without what is in order."""
    rows = [row for row in ROWS if row.status != "ok"]
    lines = [f"| `{row.id}` | {row.status} | {row.message} | {row.remedy or 'nothing'} |" for row in rows]
    return "\n".join(["| finding | status | what it says | what to do |", "|---|---|---|---|", *lines]) + "\n"


def main() -> int:
    """Write the table into its page."""
    made = f"{BEGIN}\n{findings()}\n{END}"
    PAGE.write_text(KNOWN.sub(lambda _: made, PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
