"""Starts what the interpreter was asked to start, and measures its coverage: `start.py STAND-IN WHAT ARGUMENT...`."""

import os
import runpy
import sqlite3
import sys
import types
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


sys.path.append("{}/lib/python{}.{}/site-packages".format(Path(sys.executable).parents[1], *sys.version_info))
from coverage import Coverage  # noqa: E402 (with -S its place is only known now)
from coverage.exceptions import CoverageException  # noqa: E402

del sys.path[-1]


def main() -> None:
    sys.executable, *sys.argv = sys.argv[1:]
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file
    measured = Coverage(
        data_file=str(CHECKOUT / ".coverage"),
        data_suffix=True,
        config_file=False,
        branch=True,
        include=[str(CHECKOUT / "context_sync" / "**")],  # `source` would look for every file in each process
    )
    leave = os._exit

    def save_and_leave(status: int) -> None:
        save(measured)
        leave(status)

    os._exit = save_and_leave
    measured.start()
    try:
        run(sys.argv[0])
    finally:
        save(measured)


def save(measured: Coverage) -> None:
    measured.stop()
    try:
        if "context_sync" in sys.modules:  # else nothing was measured, and coverage would say so
            measured.save()
    except (CoverageException, OSError, sqlite3.Error):
        pass  # a test let nothing be written


def run(what: str) -> None:
    if what == "-m":
        del sys.argv[0]
        lead(os.getcwd())
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    elif what == "-c":
        code = sys.argv.pop(1)
        lead("")
        module = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(code, "<string>", "exec"), module.__dict__)
    else:
        lead(os.path.dirname(os.path.abspath(what)))
        runpy.run_path(what, run_name="__main__")


def lead(folder: str) -> None:
    """Put what the interpreter puts first into the module path."""
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)


main()
