"""Starts the handler of the event in the first argument; short, as a script is compiled again each time."""

import gc
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
package = os.path.dirname(here)
environment = os.path.dirname(os.path.dirname(sys.executable))
sys.path += [
    package if os.path.isdir(package + "/context_sync") else os.path.dirname(package),
    "{}/lib/python{}.{}/site-packages".format(environment, *sys.version_info),
]

gc.disable()  # saves 1 ms of the imports; nothing here lives long enough to need it
try:
    from context_sync.events.dispatch import main

    main(sys.argv[1])
except BaseException:  # the package is gone, or this Python is too old for it: Claude Code must not notice
    os._exit(0)
