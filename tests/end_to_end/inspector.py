"""Owns where the MCP Inspector is: a folder that npm fills once, beside the client's."""

import json
import os
import subprocess
from pathlib import Path

VERSION = "2.12.0"
NODE = 20  # the oldest that runs it; it asks for 22
CHECKOUT = Path(__file__).resolve().parents[2]


def find() -> Path | None:
    """Return the executable of the pinned inspector, None when it is not there; RuntimeError without its Node."""
    package = _folder() / "node_modules" / "@modelcontextprotocol" / "inspector" / "package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != VERSION:
        return None
    _require_node()
    return _folder() / "node_modules" / ".bin" / "mcp-inspector"


def install() -> Path:
    """Fill the folder from npm and return the executable; RuntimeError says why it cannot."""
    _require_node()
    what = f"@modelcontextprotocol/inspector@{VERSION}"
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(_folder()), what]
    _folder().mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"npm cannot install the inspector: {error}") from error
    found = find()
    if found is None:
        raise RuntimeError(f"npm cannot install the inspector: {done.stderr.strip()}")
    return found


def _require_node() -> None:
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"there is no Node.js that runs: {error}") from error
    if int(version.removeprefix("v").partition(".")[0]) < NODE:
        raise RuntimeError(f"it needs Node.js {NODE} or newer, and this one is {version}")


def _folder() -> Path:
    return Path(os.environ.get("CONTEXT_SYNC_TEST_INSPECTOR") or CHECKOUT / ".test-env" / "inspector")
