"""Paths: Claude Code's configuration folder, the state folder, the XDG folders, and the current folder."""

import os


def claude_folder() -> str:
    """Return Claude Code's configuration folder: `CLAUDE_CONFIG_DIR`, or else `~/.claude`.

    Raises ContextSyncError when neither is known.
    """
    return os.environ.get("CLAUDE_CONFIG_DIR") or os.path.join(_home(), ".claude")


def state_folder() -> str:
    """Return the folder with everything that context-sync stores (see `state/`)."""
    return os.path.join(claude_folder(), "context-sync")


def config_file() -> str:
    """Return the path of `config.toml`, which need not exist."""
    return os.path.join(_xdg("XDG_CONFIG_HOME", ".config"), "context-sync", "config.toml")


def log_folder() -> str:
    """Return the folder of the crash log."""
    return os.path.join(_xdg("XDG_STATE_HOME", ".local/state"), "context-sync")


def hooks_folder() -> str:
    """Return the folder of the hook executables: in the package when installed, next to it in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "hooks")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), "hooks")


def current_folder() -> str:
    """Return the folder that this process works in.

    Raises ContextSyncError when it was deleted, as with a removed worktree.
    """
    try:
        return os.getcwd()
    except FileNotFoundError as error:
        from context_sync.errors import ContextSyncError

        raise ContextSyncError("the folder that you are in was deleted: `cd` to one that exists.") from error


def any_folder() -> str:
    """Return the folder that this process works in, or the root when it was deleted, for commands that need none."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"


def _xdg(variable: str, fallback: str) -> str:
    """Return a folder of the XDG Base Directory Specification, which says to ignore a relative one.

    Only for the folders that a hook uses: `xdg-base-dirs`, which has the others, loads `pathlib` (13 ms).
    """
    folder = os.environ.get(variable, "")
    if os.path.isabs(folder):
        return folder
    return os.path.join(_home(), fallback)


def _home() -> str:
    home = os.path.expanduser("~")
    if home.startswith("~"):
        from context_sync.errors import ContextSyncError

        raise ContextSyncError("there is no home folder: set HOME or CLAUDE_CONFIG_DIR.")
    return home
