"""Owns where things are: the client's configuration folder, the state folder and the XDG folders."""

import os

from context_sync.errors import ContextSyncError


def claude_folder() -> str:
    """Return the client's configuration folder: `CLAUDE_CONFIG_DIR`, else `~/.claude`.

    Raises ContextSyncError when neither is known.
    """
    folder = os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude")
    if folder.startswith("~"):
        raise ContextSyncError("there is no home folder: set HOME or CLAUDE_CONFIG_DIR.")
    return folder


def state_folder() -> str:
    """Return the folder that holds everything context-sync knows (see `state/`)."""
    return os.path.join(claude_folder(), "context-sync")


def config_file() -> str:
    """Return the path of `config.toml`, which need not exist."""
    from xdg_base_dirs import xdg_config_home  # imports pathlib: 3 ms

    return os.path.join(xdg_config_home(), "context-sync", "config.toml")


def log_folder() -> str:
    """Return the folder of the log, in which every crash is recorded."""
    from xdg_base_dirs import xdg_state_home  # imports pathlib: 3 ms

    return os.path.join(xdg_state_home(), "context-sync")


def hooks_folder() -> str:
    """Return the folder of the hook executables: inside the package when installed, beside it in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "hooks")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "hooks")
