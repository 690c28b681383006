"""The pinned Claude Code: a cache folder that npm fills once."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "2.1.332"
CHECKOUT = Path(__file__).resolve().parents[2]
ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


def find() -> Path | None:
    """Return the executable of the pinned client in the cache folder; None when it is not there."""
    package = _cache() / "node_modules" / "@anthropic-ai" / _package()
    try:
        version = json.loads((package / "package.json").read_text())["version"]
    except FileNotFoundError:
        return None
    return package / "claude" if version == VERSION else None


def install() -> Path:
    """Fill the cache folder from npm and return the executable; RuntimeError says why it cannot.

    No script of the package runs: Claude Code is a native binary in the package of the platform.
    """
    cache = _cache()
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as fresh:
        _npm_install(fresh)
        shutil.rmtree(cache, ignore_errors=True)
        Path(fresh, "node_modules").rename(_emptied(cache) / "node_modules")
    client = find()
    if client is None:
        raise RuntimeError(f"npm installed no {_package()} {VERSION} in {cache}")
    return client


def _npm_install(folder: str) -> None:
    what = f"@anthropic-ai/claude-code@{VERSION}"
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, what]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"npm cannot install Claude Code: {error}") from error
    if done.returncode:
        raise RuntimeError(f"npm cannot install Claude Code: {done.stderr.strip()}")


def _cache() -> Path:
    return Path(os.environ.get("CONTEXT_SYNC_TEST_CLIENT") or CHECKOUT / ".test-env" / "client")


def _emptied(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _package() -> str:
    system = "darwin" if sys.platform == "darwin" else "linux"
    return f"claude-code-{system}-{ARCHITECTURES[platform.machine().lower()]}"
