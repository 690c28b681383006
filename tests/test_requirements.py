import functools
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.end_to_end import inspector
from tests.rehearse import CHECKOUT

FOLDER = CHECKOUT / "requirements"
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
APPLICATION = PROJECT["project"]["dependencies"]
GROUPS = PROJECT["dependency-groups"]
BUILD = PROJECT["build-system"]["requires"]
LISTS = {
    "application": APPLICATION,
    "build": BUILD,
    "tests": [*APPLICATION, *BUILD, *(each for each in GROUPS["dev"] if isinstance(each, str))],
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "x86_64-unknown-linux-gnu": ("linux", "Linux", "x86_64"),
    "aarch64-unknown-linux-gnu": ("linux", "Linux", "aarch64"),
    "x86_64-apple-darwin": ("darwin", "Darwin", "x86_64"),
    "aarch64-apple-darwin": ("darwin", "Darwin", "arm64"),
}
PLACES = [pytest.param(python, platform, id=f"{python} {platform}") for python in PYTHONS for platform in PLATFORMS]

INSTALL = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet", "--dry-run")

ROW = re.compile(r"(?P<pinned>\S+==\S+( ; [^\n\\]+)?)(?P<hashes>( \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


class Row(NamedTuple):
    pinned: Requirement
    hashes: frozenset[str]

    @property
    def version(self) -> str:
        [only] = self.pinned.specifier
        return only.version

    def holds(self, place: dict[str, str]) -> bool:
        return self.pinned.marker is None or self.pinned.marker.evaluate(place)


def read(name: str) -> list[Row]:
    text = (FOLDER / f"{name}.txt").read_text()
    return [Row(Requirement(row["pinned"]), frozenset(row["hashes"].split(" \\\n    "))) for row in ROW.finditer(text)]


def environment(python: str, platform: str) -> dict[str, str]:
    system, name, machine = PLATFORMS[platform]
    return default_environment() | {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": name,
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": system,
    }


@functools.cache
def needs_of(name: str) -> list[Requirement]:
    """What an installed distribution needs, wherever it is and whichever of its extras is asked for."""
    return [Requirement(each) for each in importlib.metadata.requires(name) or ()]


def is_needed(need: Requirement, extra: str, place: dict[str, str]) -> bool:
    return need.marker is None or need.marker.evaluate(place | {"extra": extra})


def faults(rows: list[Row], roots: list[str], place: dict[str, str]) -> Iterator[str]:
    """Yield what a list lacks in an environment, and what nothing needs there."""
    there = {canonicalize_name(row.pinned.name): row for row in rows if row.holds(place)}
    wanted = [("pyproject.toml", need) for need in map(Requirement, roots) if is_needed(need, "", place)]
    seen = set()
    while wanted:
        who, need = wanted.pop()
        name = canonicalize_name(need.name)
        row = there.get(name)
        if row is None or not need.specifier.contains(row.version, prereleases=True):
            yield f"{who} needs {need}"
            continue
        for extra in {"", *need.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                wanted += [(name, each) for each in needs_of(name) if is_needed(each, extra, place)]
    yield from (f"nothing needs {name}" for name in there.keys() - {name for name, _ in seen})


@pytest.mark.parametrize("name", [*LISTS, "oldest-pip"])
def test_a_list_holds_pinned_rows_with_hashes_and_nothing_else(name: str):
    assert ROW.sub("", (FOLDER / f"{name}.txt").read_text()) == ""
    assert len(read(name)) > 3


@pytest.mark.parametrize(("python", "platform"), PLACES)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_complete(name: str, python: str, platform: str):
    assert [*faults(read(name), LISTS[name], environment(python, platform))] == [], "run requirements/compile"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_without_one_of_its_rows_is_not(name: str):
    rows, place = read(name), default_environment()
    for lost in rows:
        if lost.holds(place):
            assert [*faults([row for row in rows if row is not lost], LISTS[name], place)] != [], lost.pinned


def test_the_packages_of_the_tests_are_those_of_the_list():
    place = default_environment()
    pinned = {row.pinned.name: row.version for row in read("tests") if row.holds(place)}
    assert {name: importlib.metadata.version(name) for name in pinned} == pinned


@pytest.mark.parametrize("name", ["application", "build"])
def test_the_tests_run_with_what_is_installed_for_people(name: str):
    both = {(str(row.pinned), row.hashes) for row in read("tests")}
    assert {(str(row.pinned), row.hashes) for row in read(name)} <= both


def test_the_wheel_is_built_with_what_pyproject_asks_for():
    assert GROUPS["build"] == BUILD
    assert {"include-group": "build"} in GROUPS["dev"]


def test_npm_resolves_nothing_for_the_inspector():
    root, *locked = json.loads((inspector.LOCKED / "package-lock.json").read_text())["packages"].values()
    asked = json.loads((inspector.LOCKED / "package.json").read_text())
    assert root["dependencies"] == asked["dependencies"]
    assert [each for each in asked["dependencies"].values() if not re.fullmatch(r"[0-9]+(\.[0-9]+){2}", each)] == []
    assert [each for each in locked if "integrity" not in each or "resolved" in each] == []
    assert len(locked) > 100


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The interpreter of an empty environment."""
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], check=True)
    return tmp_path / "venv" / "bin" / "python"


@pytest.mark.parametrize("name", LISTS)
def test_uv_finds_a_wheel_of_each_pinned_version_everywhere(fresh: Path, name: str):
    command = [UV, "pip", "install", *INSTALL, "--python", fresh, "--requirement", FOLDER / f"{name}.txt"]
    for python in PYTHONS:
        for platform in PLATFORMS:
            at = ["--python-version", python, "--python-platform", platform]
            done = subprocess.run([*command, *at], capture_output=True, text=True, check=False, cwd=fresh.parent)
            assert done.returncode == 0, f"{python} {platform}: {done.stderr}"
            command[3:3] = [] if "--offline" in command else ["--offline"]  # the pages of the index are in the cache


def test_the_oldest_pip_takes_the_lists(fresh: Path):
    """All at once: it reads the long pages of an index slowly."""
    command = [UV, "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", fresh]
    subprocess.run([*command, "--requirement", FOLDER / "oldest-pip.txt"], check=True, cwd=fresh.parent)
    pip = [fresh, "-I", "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    [oldest] = {row.version for row in read("oldest-pip") if row.holds(default_environment())}
    version = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith(f"pip {oldest} ")
    lists = [word for name in LISTS for word in ("--requirement", FOLDER / f"{name}.txt")]
    done = subprocess.run([*pip, "install", *INSTALL, *lists], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
