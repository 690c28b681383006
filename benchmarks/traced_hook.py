"""A hook's script, run so that the modules of ours that it goes through are written down, in their order.

Starts as that script does, with its path and its arguments behind the own one; the file is named by `TRACE`. A module
stands there for each call of a function in it, and for its own code when it is loaded.
"""

import os
import sys

SCRIPT = sys.argv[1]
PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(SCRIPT))), "context_sync", "")

leave = os._exit
entered: list[str] = []


def note(frame, event, _argument):
    if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
        entered.append(frame.f_code.co_filename)


def write_down(status: int) -> None:
    sys.setprofile(None)
    with open(os.environ["TRACE"], "w", encoding="utf-8") as stream:
        stream.writelines(f"{file.removeprefix(PACKAGE).removesuffix('.py')}\n" for file in entered)
    leave(status)


os._exit = write_down  # by which every hook ends
del sys.argv[0]
with open(SCRIPT, "rb") as stream:
    code = compile(stream.read(), SCRIPT, "exec")
sys.setprofile(note)
exec(code, {"__name__": "__main__", "__file__": SCRIPT})
