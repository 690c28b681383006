import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from context_sync.cli.main import COMMANDS
from tests.rehearse import CHECKOUT, CommandLine

# Loads the script, has the shell complete what is typed so far, and prints what it would insert.
SHELLS = {
    "bash": """
        eval "$(context-sync completion bash)"
        COMP_WORDS=(context-sync {words}) COMP_CWORD={number}
        _context_sync_completion context-sync
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """,
    "zsh": """
        autoload -U compinit && compinit -u
        eval "$(context-sync completion zsh)"
        compadd() {{ print -l -- "${{(@P)@[-1]}}"; }}
        _describe() {{ eval "print -l -- \\${{(@)$3%%:*}}"; }}
        words=(context-sync {words}) CURRENT=$(({number} + 1))
        _context_sync_completion context-sync
    """,
    "fish": """
        context-sync completion fish | source
        complete -C 'context-sync {words}'
    """,
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with the command of this checkout."""
    tool = tmp_path / "bin" / "context-sync"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m context_sync.cli.main "$@"\n')
    tool.chmod(0o755)
    return f"{tool.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("",), set(COMMANDS), id="every command"),
        pytest.param(("stat",), {"status", "statusline"}, id="commands that begin so"),
        pytest.param(("watch", "--o"), {"--once"}, id="an option"),
        pytest.param(("init", "--scope", ""), {"user", "project"}, id="a value"),
    ],
)
@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_the_shell_completes_with_the_script(path: str, shell: str, words: tuple[str, ...], expected: set[str]):
    typed = " ".join(words) if shell == "fish" else " ".join(f"'{word}'" for word in words)
    script = SHELLS[shell].format(words=typed, number=len(words))
    done = subprocess.run(
        [shell, "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == expected, done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_script_for_each_shell(command_line: CommandLine, shell: str):
    done = command_line("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_CONTEXT_SYNC_COMPLETE" in done.stdout


def test_another_shell_is_a_wrong_usage(command_line: CommandLine):
    assert command_line("completion", "csh").returncode == 2
