import json
import os
from pathlib import Path

import pytest

from campaigns.faults import traced
from tests import plugin
from tests.rehearse import CHECKOUT

POINTS = 2  # at which install.sh is killed, and later its --uninstall
SETTINGS = '{\n  "model": "opus"\n}\n'
COMMAND = """
[ "$1" != pip ] || while [ "$1" != --python ]; do shift; done
[ "$1" != --python ] || {{
    set -- "$2" "${{2%/*}}/context-sync"
    printf '#!/bin/sh\\nPYTHONPATH="{checkout}" exec "%s" -m context_sync.cli.main "$@"\\n' "$1" >"$2"
    chmod 755 "$2"
}}
"""

pytestmark = pytest.mark.skipif(bool(traced.why_not()), reason=traced.why_not() or "it works")


@pytest.fixture
def surroundings(isolated_home: Path, tmp_path: Path) -> dict[str, str]:
    """A home folder with settings of the user's own, and a `uv` that needs no network and makes our command."""
    (isolated_home / ".claude").mkdir(exist_ok=True)
    (isolated_home / ".claude" / "settings.json").write_text(SETTINGS)
    path = plugin.uv(tmp_path / "tools")
    uv = tmp_path / "tools" / "bin" / "uv"
    real = uv.rename(uv.with_name("real-uv"))
    uv.write_text(f'#!/bin/sh\n"{real}" "$@" || exit\n' + COMMAND.format(checkout=CHECKOUT))
    uv.chmod(0o755)
    return {name: value for name, value in os.environ.items() if not name.startswith("XDG_")} | {"PATH": path}


def files_in(home: Path) -> dict[str, bytes]:
    """What lies in a home folder, but for what is known and the log, which stay."""
    found = [path for path in home.rglob("*") if path.is_symlink() or path.is_file()]
    kept = [path for path in found if not {"context-sync", "plugins"} & set(path.relative_to(home).parts[:-1])]
    ours = [path for path in found if ".local/share" in str(path)]
    return {str(path.relative_to(home)): path.read_bytes() if path.is_file() else b"" for path in {*kept, *ours}}


def test_the_installer_goes_on_wherever_it_was_killed(
    surroundings: dict[str, str], isolated_home: Path, tmp_path: Path
):
    before = files_in(isolated_home)
    names = (*traced.NAMES, *traced.STARTS)
    settings = isolated_home / ".claude" / "settings.json"

    def run(*arguments: str, kill_at: str = "") -> traced.Ended:
        command = ["sh", str(CHECKOUT / "install.sh"), *arguments]
        return traced.run(command, surroundings, tmp_path, kill_at=kill_at, names=names)

    assert (run().status, run("--uninstall").status) == (0, 0)  # whoever is first compiles what it imports
    # The second half of the calls is the doctor's, which it becomes, or about folders that a killed one did not note.
    puts_in, takes_out = (calls[: len(calls) // 2] for calls in (run().calls, run("--uninstall").calls))
    assert files_in(isolated_home) == before
    for number in range(POINTS):
        assert run(kill_at=puts_in[len(puts_in) * (2 * number + 1) // (2 * POINTS)]).status < 0
        assert json.loads(settings.read_text())["model"] == "opus"
        assert run().status == 0, "the doctor finds something"
        assert "set -- Stop;" in settings.read_text()
        assert run("--uninstall", kill_at=takes_out[len(takes_out) * (2 * number + 1) // (2 * POINTS)]).status < 0
        assert json.loads(settings.read_text())["model"] == "opus"
        assert run("--uninstall").status == 0
        assert files_in(isolated_home) == before
