"""The findings: the first input that fails at each place in the code."""

import hashlib
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from campaigns.fuzz.mutations import minimised

ROOT = Path(__file__).resolve().parents[2]

Where = tuple[str, str, str]  # the kind of the exception, the file, and the function or what was asserted


class Finding(NamedTuple):
    """An input for which something does not hold, and what Python said."""

    where: Where
    said: str
    data: bytes


class Findings:
    """What was found of one target; an input is tried with `meets`, which says whether all held."""

    def __init__(self, check: Callable[[bytes], None]) -> None:
        self._check = check
        self.found: dict[Where, Finding] = {}

    def meets(self, data: bytes) -> bool:
        found = tried(self._check, data)
        if found:
            self.found.setdefault(found.where, found)
        return found is None

    def shortened(self) -> list[Finding]:
        """Return what was found, each with the shortest input for which it is found at the same place."""
        return [each._replace(data=minimised(each.data, self._same_as(each))) for each in self.found.values()]

    def _same_as(self, finding: Finding) -> Callable[[bytes], bool]:
        def fails(data: bytes) -> bool:
            found = tried(self._check, data)
            return found is not None and found.where == finding.where

        return fails


def tried(check: Callable[[bytes], None], data: bytes) -> Finding | None:
    """Return what was found with an input, None when all held."""
    try:
        check(data)
    except Exception as error:
        return finding_of(error, data)
    return None


def finding_of(error: Exception, data: bytes) -> Finding:
    """Return what was found with an input: where it failed, and what was said."""
    return Finding(_where(error), str(error)[-300:], data)


def keep(findings: list[Finding], folder: Path) -> None:
    """Write the inputs into a folder, each named after its text."""
    for each in findings:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"find-{hashlib.sha256(each.data).hexdigest()[:12]}").write_bytes(each.data)


def _where(error: BaseException) -> Where:
    ours = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(str(ROOT))]
    said = str(error).partition(" is ")[0].partition("\n")[0][:60] if isinstance(error, AssertionError) else ""
    file, function = (str(Path(ours[-1].filename).relative_to(ROOT)), ours[-1].name) if ours else ("", "")
    return type(error).__name__, file, said or function
