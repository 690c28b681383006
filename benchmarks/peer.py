"""The peer that our hooks are compared with: the PyPI package `hcom`, in an environment and a home of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PLACE = Path(__file__).resolve().parents[1] / ".test-env" / "hcom"
VERSION = "0.7.31"
HASHES = (
    "5467f4f360119617cea105184199941ee4338e6581c2801541cdaae0f8d5e7b3",  # Linux, x86-64
    "5936242b9956bb9297151eed1dd9a40967967df87a8365f97f0e0b41360b8c98",  # macOS, arm64
    "f8f957e531ef70cdae736ece5fa5e812a38e0123dbf0e01d97f077ab1bedf418",  # macOS, x86-64
)


def program() -> Path | None:
    """Return the peer's program, installed if that is needed; None, with the reason printed, where it cannot be had."""
    found = PLACE / "bin" / "hcom"
    if found.is_file():
        return found
    wanted = PLACE.with_suffix(".txt")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE], check=True, capture_output=True)
        wanted.write_text(f"hcom=={VERSION} {' '.join('--hash=sha256:' + each for each in HASHES)}\n")
        command = [PLACE / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--require-hashes", "-r", wanted], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"hcom {VERSION} cannot be installed here: {getattr(error, 'stderr', '') or error}", file=sys.stderr)
        return None
    return found


def environment(home: Path, session: str) -> Mapping[str, str]:
    """Return what the peer's hooks run in: nothing of this process, and no look for a newer version."""
    home.mkdir(exist_ok=True)
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "HCOM_DIR": str(home / ".hcom"),
        "HCOM_DISABLE_UPDATE": "1",
        "CLAUDECODE": "1",
        "CLAUDE_CODE_SESSION_ID": session,
    }


def join(found: Path, surroundings: Mapping[str, str]) -> None:
    """Make the session one that the peer works for; its hooks do next to nothing in any other."""
    subprocess.run([found, "start"], env=dict(surroundings), cwd="/", check=True, capture_output=True)
