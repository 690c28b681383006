"""The MCP Inspector: a folder that npm fills once, beside that of Claude Code, with what a lock pins.

`npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved` in `mcp-inspector/` makes the lock.
"""

import os
import shutil
import subprocess
from pathlib import Path

NODE = 20  # the oldest that runs it; it asks for 22
LOCKED = Path(__file__).with_name("mcp-inspector")
CHECKOUT = Path(__file__).resolve().parents[2]


def find() -> Path | None:
    """Return the executable of the pinned inspector, None when it is not there; RuntimeError without its Node."""
    if not _is_filled():
        return None
    _require_node()
    return _folder() / "node_modules" / ".bin" / "mcp-inspector"


def install() -> Path:
    """Fill the folder from npm, which resolves nothing, and return the executable; RuntimeError says why it cannot."""
    _require_node()
    shutil.copytree(LOCKED, _folder(), dirs_exist_ok=True)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(_folder())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"npm cannot install the inspector: {error}") from error
    found = find()
    if done.returncode or found is None:
        raise RuntimeError(f"npm cannot install the inspector: {done.stderr.strip()}")
    return found


def _is_filled() -> bool:
    """Return whether npm came to its end, which is when it writes its own copy of the lock, with this lock."""
    try:
        lock = (_folder() / "package-lock.json").read_bytes()
    except FileNotFoundError:
        return False
    own = _folder() / "node_modules" / ".package-lock.json"
    return lock == (LOCKED / "package-lock.json").read_bytes() and own.exists()


def _require_node() -> None:
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"there is no Node.js that runs: {error}") from error
    if int(version.removeprefix("v").partition(".")[0]) < NODE:
        raise RuntimeError(f"it needs Node.js {NODE} or newer, and this one is {version}")


def _folder() -> Path:
    return Path(os.environ.get("CONTEXT_SYNC_TEST_INSPECTOR") or CHECKOUT / ".test-env" / "inspector")
