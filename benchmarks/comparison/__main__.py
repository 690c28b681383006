"""Runs the contenders side by side with the real client, six minutes: `python -m benchmarks.comparison [CONTENDER]`.

Each situation has a home and a repository of its own, and a scripted model on loopback. What the first and the
second session were shown is taken from the requests that the model received.
"""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.comparison import situations
from benchmarks.comparison.contenders import CONTENDERS, Nothing
from tests.client.install import VERSION, find, install

AUTHOR = {f"GIT_{who}_{what}": "ada@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def main(names: list[str]) -> int:
    os.environ.update(AUTHOR)
    client = find() or install()
    print(f"Claude Code {VERSION}")
    for kind in [each for each in CONTENDERS if not names or each.__name__ in names]:
        print(f"\n{kind.name}", flush=True)
        for situation in situations.SITUATIONS:
            with (
                tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
                situations.place(kind, client, Path(folder)) as at,
            ):
                seen = situation(at)
                print(f"  {situation.__name__}: second {seen.second}; first {seen.first}", flush=True)
        _rest(kind, client)
    return 0


def _rest(kind: type[Nothing], client: Path) -> None:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        situations.place(kind, client, Path(folder)) as at,
    ):
        print(f"  message_to_an_idle_session: {situations.message_to_an_idle_session(at)}", flush=True)
        at.contender.take_out()
        left = [each for each in at.contender.home.folder.rglob("*") if _is_theirs(each)]
        print(f"  left after it was taken out: {len(left)} files", *left[:4], flush=True)


def _is_theirs(file: Path) -> bool:
    return file.is_file() and any(name in str(file) for name in ("hcom", "context-sync"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
