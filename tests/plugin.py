"""The plugin of the tests: a copy of what a user installs, and an environment made without a network."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.rehearse import CHECKOUT

PARTS = (
    ".claude-plugin",
    ".mcp.json",
    "bin",
    "context_sync",
    "hooks",
    "pyproject.toml",
    "requirements",
    "skills",
    "README.md",
    "LICENSE",
)

# Makes a virtual environment whose packages are those of the tests, and notes that it did.
UV = """#!/bin/sh
echo "$1" >>"{notes}"
while [ -e "{held}" ]; do sleep 0.05; done
case $1 in
venv)
    for folder; do :; done
    "{python}" -m venv --without-pip "$folder"
    ;;
pip)
    cd "${{0%/*}}/.." || exit 1
    while [ "$1" != --python ]; do shift; done
    packages=$(dirname "$(dirname "$2")")/lib/python{version}/site-packages
    rm -rf "$packages"
    ln -s "{packages}" "$packages"
    ;;
esac
"""


def copy(folder: Path) -> Path:
    """Return a copy of the plugin in `folder`, as it is in the checkout now."""
    folder.mkdir(parents=True)
    for part in PARTS:
        if (CHECKOUT / part).is_dir():
            shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(CHECKOUT / part, folder / part)
    return folder


def uv(folder: Path) -> str:
    """Return a PATH on which `uv` needs no network; what it was asked for is noted in `folder`/notes.

    It waits while there is a file `folder`/held.
    """
    tool = folder / "bin" / "uv"
    tool.parent.mkdir(parents=True)
    tool.write_text(
        UV.format(
            notes=folder / "notes",
            held=folder / "held",
            python=sys.executable,
            version=f"{sys.version_info.major}.{sys.version_info.minor}",
            packages=sysconfig.get_path("purelib"),
        )
    )
    tool.chmod(0o755)
    pythons = folder / "python3"
    return os.pathsep.join([str(tool.parent), str(_python_only(pythons)), "/usr/bin", "/bin"])


def _python_only(folder: Path) -> Path:
    folder.mkdir()
    for name in ("python3", f"python3.{sys.version_info.minor}"):
        # Without ensurepip: what uv cannot do is not done by pip, with a network.
        (folder / name).write_text(
            f'#!/bin/sh\ncase "$*" in *"import ensurepip"*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n'
        )
        (folder / name).chmod(0o755)
    return folder


def git_repository(folder: Path) -> None:
    """Make a repository of the copy in `folder`, so that it is a marketplace."""
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message=plugin")):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
