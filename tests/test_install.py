import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands.test_init import EVENTS, registered, tree
from tests.rehearse import CALC, CHECKOUT, Client, git

VERSION = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]

KEPT = ".claude/context-sync/"
VENV = ".local/share/context-sync/venv"


@pytest.fixture
def fresh(isolated_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder as the first login leaves it, for somebody who has the Python of these tests and git."""
    for name in [each for each in os.environ if each.startswith(("CLAUDE", "XDG_")) and each != "XDG_CACHE_HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{sys.base_prefix}/bin:/usr/bin:/bin")
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "pip-cache"))
    (isolated_home / ".profile").write_text("# theirs\n")
    return isolated_home


def install(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = CHECKOUT / "install.sh"
    return subprocess.run(
        [script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        stdin=subprocess.DEVNULL,
    )


def use(home: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two sessions conflict and write to each other through what is registered in a home folder."""
    project.mkdir()
    (project / "calc.py").write_text(CALC)
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        git(project, *arguments)
    groups = json.loads((home / ".claude" / "settings.json").read_text())["hooks"]
    hooks = {event: group[0]["hooks"][0]["command"] for event, group in groups.items()}
    with monkeypatch.context() as patched:
        patched.setenv("CLAUDE_CONFIG_DIR", str(home / ".claude"))
        first, second = Client(project, hooks=hooks), Client(project, hooks=hooks)
        for client, old, new in ((first, "a + b", "b + a"), (second, "b + a", "a + b + 0")):
            client.start()
            client.edit(project / "calc.py", old, new)
        assert "`add` in calc.py" in first.batch().context
        command = home / ".local" / "bin" / "context-sync"
        assert "calc.py" in said_by(command, "status")
        assert "Stored message" in said_by(command, "send", first.session, "hello")
        assert "hello" in first.prompt().context
        for client in (first, second):
            client.end()
            client.kill()
    shutil.rmtree(home / ".claude" / "projects")  # Claude Code's own


def test_an_installation_is_renewed_and_removed_with_and_without_what_it_knows(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = tree(fresh)
    settings = fresh / ".claude" / "settings.json"

    first = install()
    assert first.returncode == 0, first.stderr
    assert f"Added the hooks to {settings}.\n" in first.stdout
    assert f"{fresh}/.local/bin is not on PATH" in first.stdout
    assert registered(settings) == EVENTS
    [package] = (fresh / VENV).glob("lib/python*/site-packages/context_sync")
    assert (package / "hooks" / "gate").read_bytes() == (CHECKOUT / "hooks" / "gate").read_bytes()
    assert [module for module in package.rglob("*.py") if not compiled(module)] == []
    command = fresh / ".local" / "bin" / "context-sync"
    assert said_by(command, "--version") == f"context-sync {VERSION}\n"
    assert said_by(command, "init") == (
        f"{settings} already has the hooks: nothing changed.\n"
        f"{fresh}/.claude.json already has the MCP server: nothing changed.\n"
    )

    use(fresh, tmp_path / "project", monkeypatch)

    (package / "errors.py").write_text("an older checkout's")
    again = install()
    assert again.returncode == 0, again.stderr
    assert (package / "errors.py").read_bytes() == (CHECKOUT / "context_sync" / "errors.py").read_bytes()
    assert "nothing changed" in again.stdout
    (fresh / ".claude" / "context-sync" / "kept.json").write_text("{}")
    shutil.copytree(fresh, tmp_path / "copy", symlinks=True)

    gone = install("--uninstall")
    assert gone.returncode == 0, gone.stderr
    assert f"Kept: {fresh}/.claude/context-sync" in gone.stdout
    after = {name: what for name, what in tree(fresh).items() if not f"{name}/".startswith(KEPT)}
    assert {name: what for name, what in after.items() if name != ".claude"} == before
    assert "There is no installation" in install("--uninstall").stdout

    shutil.rmtree(fresh)  # once more what was installed, which takes half a minute: a network, and two cores
    (tmp_path / "copy").rename(fresh)
    command.unlink()
    command.write_text("#!/bin/sh\n")
    assert f"{command} belongs to another installation" in install().stdout
    assert install("--uninstall", "--purge").returncode == 0
    assert tree(fresh).keys() == {*before, ".local", ".local/bin", ".local/bin/context-sync"}
    assert command.read_text() == "#!/bin/sh\n"


@pytest.fixture
def path_of_uv(fresh: Path) -> str:
    """A PATH on which the real uv is, and a Python that could not do without it."""
    folder = fresh.parent / "with-uv"
    folder.mkdir()
    (folder / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    no_pip = 'case "$*" in *ensurepip*) exit 1 ;; esac'
    (folder / f"python3.{sys.version_info.minor}").write_text(f'#!/bin/sh\n{no_pip}\nexec {sys.executable} "$@"\n')
    (folder / f"python3.{sys.version_info.minor}").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_uv_installs_and_upgrades_to_what_is_pinned(fresh: Path, path_of_uv: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", path_of_uv)
    monkeypatch.setenv("UV_CACHE_DIR", str(fresh.parent / "uv-cache"))
    monkeypatch.chdir(fresh.parent)
    Path("pyproject.toml").write_text('[tool.uv]\nconstraint-dependencies = ["click<8"]\n')  # whatever lies around
    first = install()
    assert first.returncode == 0, first.stderr
    assert "trying pip" not in first.stdout
    [packages] = (fresh / VENV).glob("lib/python*/site-packages")
    [click] = packages.glob("click-*.dist-info")
    theirs = packages / "theirs.py"
    theirs.touch()
    old = packages / "click-8.1.0.dist-info"
    click.rename(old)
    for name, current, other in (("METADATA", "Version: .*", "Version: 8.1.0"), ("RECORD", click.name, old.name)):
        text = (old / name).read_text()
        (old / name).unlink()  # uv's cache has the same file
        (old / name).write_text(re.sub(f"^{current}", other, text, flags=re.MULTILINE))

    again = install()
    assert again.returncode == 0, again.stderr
    assert "trying pip" not in again.stdout, again.stderr
    assert click.exists()
    assert not old.exists()
    assert theirs.exists()
    assert not (fresh / ".local/share/context-sync/work").exists()


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        pytest.param("exit 127", "Python 3.11 or newer is needed, and none was found", id="no Python"),
        pytest.param(
            'case $* in "-c ") ;; -V) echo Python 3.9.1 ;; *) exit 1 ;; esac',
            "Python 3.11 or newer is needed, and only Python 3.9.1 was found",
            id="an old Python",
        ),
        pytest.param(
            "case $* in *ensurepip*) exit 1 ;; esac",
            "python3 cannot make virtual environments",
            id="no venv module",
        ),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_touched(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: str, reason: str
):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "git", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").write_text(f"#!/bin/sh\n{python}\n")
    (tools / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    before = tree(fresh)

    done = install()

    assert done.returncode == 1
    assert done.stderr.startswith(f"install.sh: {reason}")
    assert tree(fresh) == before


STRIKE = """
strike() { # sends the signal in the first line of `armed` to install.sh, at the so-many-th call of the command $1
    [ -e "$tools/armed" ] || return 0
    read -r name count signal <"$tools/armed"
    [ "$name" = "$1" ] || return 0
    {
        [ "$count" = 1 ] || echo "$name $((count - 1)) $signal"
        sed 1d "$tools/armed"
    } >"$tools/left"
    mv "$tools/left" "$tools/armed"
    [ -s "$tools/armed" ] || "$rm" "$tools/armed"
    [ "$count" -gt 1 ] || kill -s "$signal" "$PPID" $$ # both, as Ctrl-C does
}
"""
UV = """
echo "${UV_NO_CACHE-} ${PIP_NO_CACHE_DIR-}" >"$tools/no-cache"
case $1 in
venv)
    for folder; do :; done
    mkdir -p "$folder/bin"
    strike venv
    ln -sf "$python" "$folder/bin/python"
    ;;
pip)
    echo half >"$TMPDIR/half"
    strike pip
    while [ "$1" != --python ]; do shift; done
    python=$2
    for last; do :; done
    case $last in
    */build) mkdir -p "$last/hatchling" && echo "$HATCHLING" >"$last/hatchling/__main__.py" ;;
    *.whl) printf '#!/bin/sh\\n' >"${python%/*}/context-sync" && chmod 755 "${python%/*}/context-sync" ;;
    esac
    ;;
esac
"""
HATCHLING = "import pathlib, sys; pathlib.Path(sys.argv[-1]).mkdir(); pathlib.Path(sys.argv[-1], 'x.whl').touch()"
PLAIN = '"{real}" "$@" && strike {name}'
SIGNALS = {"HUP": signal.SIGHUP, "INT": signal.SIGINT, "TERM": signal.SIGTERM}


@pytest.fixture
def tools(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of commands that may be armed, among them a `uv` that installs nothing; signals are heard in it."""
    folder = fresh.parent / "tools"
    folder.mkdir()
    real = {name: shutil.which(name) for name in ("cat", "ln", "mkdir", "rm", "rmdir")}
    head = f"#!/bin/sh\ntools={folder} rm={real['rm']} python={sys.executable}\nPATH={os.environ['PATH']}\n{STRIKE}"
    monkeypatch.setenv("HATCHLING", HATCHLING)
    made = {name: PLAIN.format(real=command, name=name) for name, command in real.items()}
    for name, work in [("uv", UV), *made.items()]:
        (folder / name).write_text(f"{head}\n{work}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS.values()}  # they may be ignored
    yield folder
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("there", "set_by_them", "without"),
    [
        pytest.param((), {}, "1 1", id="a machine on which neither was used"),
        pytest.param((".cache/pip",), {}, "1 ", id="pip was used"),
        pytest.param((".cache/uv",), {}, " 1", id="uv was used"),
        pytest.param((".cache/pip", ".cache/uv"), {}, " ", id="both were used"),
        pytest.param(("Library/Caches/pip",), {}, "1 ", id="pip was used on macOS"),
        pytest.param(("elsewhere/uv",), {"XDG_CACHE_HOME": "elsewhere"}, " 1", id="a cache elsewhere"),
        pytest.param((), {"PIP_CACHE_DIR": "x", "UV_CACHE_DIR": "y"}, " ", id="folders of their own choice"),
    ],
)
def test_an_installation_leaves_no_cache_that_nobody_asked_for(
    fresh: Path,
    tools: Path,
    monkeypatch: pytest.MonkeyPatch,
    there: tuple[str, ...],
    set_by_them: dict[str, str],
    without: str,
):
    for name in ("PIP_CACHE_DIR", "UV_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in set_by_them.items():
        monkeypatch.setenv(name, str(fresh / folder))
    for folder in there:
        (fresh / folder).mkdir(parents=True)
    assert install().returncode == 0
    assert (tools / "no-cache").read_text() == f"{without}\n"


def arm(tools: Path, command: str, name: str) -> None:
    """Have a command, `rm 2` being the second `rm`, send a signal to install.sh when it has done its work, or half.

    Called again, the next command does that once this one did.
    """
    at, _, count = command.partition(" ")
    with (tools / "armed").open("a") as stream:
        stream.write(f"{at} {count or 1} {name}\n")


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("command", ["mkdir", "mkdir 2", "venv", "pip", "pip 2", "pip 3", "rm 3", "ln"])
def test_an_interrupted_installation_leaves_nothing(fresh: Path, tools: Path, command: str, name: str):
    before = tree(fresh)
    arm(tools, command, name)
    done = install()
    assert not (tools / "armed").exists()
    assert done.returncode == 128 + SIGNALS[name]
    assert tree(fresh) == before


@pytest.mark.parametrize("command", ["rm", "rmdir", "rmdir 2"])
def test_a_second_ctrl_c_does_not_stop_the_taking_back(fresh: Path, tools: Path, command: str):
    before = tree(fresh)
    arm(tools, "pip", "INT")
    arm(tools, command, "INT")
    done = install()
    assert not (tools / "armed").exists()
    assert done.returncode == 128 + signal.SIGINT
    assert tree(fresh) == before


def test_what_a_killed_installation_left_is_none(fresh: Path, tools: Path):
    before = tree(fresh)
    arm(tools, "pip", "KILL")
    assert install().returncode == -signal.SIGKILL
    arm(tools, "pip", "INT")
    assert install().returncode == 128 + signal.SIGINT
    assert tree(fresh) == before


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("command", ["mkdir", "pip"])
def test_an_interrupted_renewal_leaves_what_was_there(fresh: Path, tools: Path, command: str, name: str):
    assert install().returncode == 0
    before = tree(fresh)
    arm(tools, command, name)
    assert install().returncode == 128 + SIGNALS[name]
    assert tree(fresh) == before


@pytest.mark.parametrize("again", [(), ("--uninstall",)], ids=["installed again", "taken out"])
@pytest.mark.parametrize("command", ["mkdir", "cat", "rm", "rm 2", "mkdir 2", "venv", "pip", "rm 3", "ln"])
def test_a_killed_installation_is_cleaned_up_later(fresh: Path, tools: Path, command: str, again: tuple[str, ...]):
    before = tree(fresh)
    arm(tools, command, "KILL")
    assert install().returncode == -signal.SIGKILL
    assert tree(fresh) != before
    assert install(*again).returncode == 0
    assert not list(fresh.rglob("half"))
    assert install("--uninstall").returncode == 0
    assert tree(fresh) == before


@pytest.mark.parametrize("command", ["rm", "rm 2", "cat", "cat 2", "rm 3", "rmdir", "rmdir 2", "rmdir 3", "rmdir 4"])
def test_a_killed_uninstallation_is_finished_later(fresh: Path, tools: Path, command: str):
    before = tree(fresh)
    assert install().returncode == 0
    arm(tools, command, "KILL")
    install("--uninstall")
    assert not (tools / "armed").exists()
    assert install("--uninstall").returncode == 0
    assert tree(fresh) == before


def test_wrong_usage_exits_2(fresh: Path):
    done = install("--frobnicate")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ./install.sh")
    assert list(fresh.iterdir()) == [fresh / ".profile"]


def test_the_wheel_holds_the_package_the_hooks_and_the_queries(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)

    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.getinfo(name).external_attr >> 16 for name in archive.namelist()}
    sources = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / "context_sync").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {
        name for name in held if name.startswith("context_sync/") and not name.startswith("context_sync/hooks/")
    } == sources
    hooks = {path.name: path.stat().st_mode & 0o111 for path in (CHECKOUT / "hooks").iterdir() if path.is_file()}
    assert {
        Path(name).name: mode & 0o111 for name, mode in held.items() if name.startswith("context_sync/hooks/")
    } == hooks


def compiled(module: Path) -> bool:
    return any((module.parent / "__pycache__").glob(f"{module.stem}.cpython-*.pyc"))


def said_by(command: Path, *arguments: str) -> str:
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=True).stdout
