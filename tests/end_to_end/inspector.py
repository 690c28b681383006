"""Owns where the MCP Inspector is: a folder that npm fills once, beside the client's."""

import json
import os
import subprocess
from pathlib import Path

VERSION = "2.12.0"
CHECKOUT = Path(__file__).resolve().parents[2]


def find() -> Path | None:
    """Return the executable of the pinned inspector, None when it is not there."""
    package = _folder() / "node_modules" / "@modelcontextprotocol" / "inspector" / "package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != VERSION:
        return None
    return _folder() / "node_modules" / ".bin" / "mcp-inspector"


def install() -> Path:
    """Fill the folder from npm and return the executable; RuntimeError says why it cannot."""
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


def _folder() -> Path:
    return Path(os.environ.get("CONTEXT_SYNC_TEST_INSPECTOR") or CHECKOUT / ".test-env" / "inspector")
