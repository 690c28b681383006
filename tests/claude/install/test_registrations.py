import json
import subprocess
from pathlib import Path

import pytest

from context_sync.claude.install import hooks_entry, registrations
from context_sync.claude.install.registrations import Installation


@pytest.mark.parametrize("folder", ["/opt/hooks", "/with space/hooks", "/it's/hooks", "/a=b;/$HOME/`x`"])
def test_a_registered_command_tells_what_it_runs(folder: str):
    group = hooks_entry.groups_for(folder, folder + "/python")["Stop"]

    found = registrations.installation_of(group["hooks"][0]["command"])

    assert found == Installation(folder, folder + "/python")


@pytest.mark.parametrize("command", ["", ": context-sync; true", ": context-sync; 'unclosed", "h=/x; y"])
def test_a_command_in_another_form_tells_nothing(command: str):
    assert registrations.installation_of(command) is None


def test_every_file_that_counts_in_a_folder_is_read_wherever_in_the_project_one_is(isolated_home: Path, tmp_path: Path):
    project = tmp_path / "project"
    subprocess.run(["git", "init", project], check=True, capture_output=True)
    files = [
        isolated_home / ".claude" / "settings.json",
        project / ".claude" / "settings.json",
        project / ".claude" / "settings.local.json",
    ]
    for number, file in enumerate(files):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"disableAllHooks": number == 1, "hooks": {}}))
    files[2].write_text(json.dumps({"hooks": {"Stop": [hooks_entry.groups_for("/h", "/p")["Stop"]]}}))
    (project / "sub").mkdir()

    found = [each for each in registrations.sources(str(project / "sub")) if each.file != managed()]

    assert [each.file for each in found] == list(map(str, files))
    assert [each.switch for each in found] == ["", "disableAllHooks", ""]
    assert [list(each.commands) for each in found] == [[], [], ["Stop"]]


@pytest.mark.parametrize(
    ("content", "switch"),
    [
        pytest.param({"disableAllHooks": True}, "disableAllHooks", id="all hooks off"),
        pytest.param({"allowManagedHooksOnly": True}, "allowManagedHooksOnly", id="only the managed ones"),
        pytest.param({"disableAllHooks": False}, "", id="not off"),
    ],
)
def test_managed_settings_count_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, bool], switch: str
):
    file = tmp_path / "managed-settings.json"
    file.write_text(json.dumps(content))
    monkeypatch.setattr(registrations, "MANAGED", dict.fromkeys(registrations.MANAGED, str(file)))

    last = registrations.sources(str(tmp_path))[-1]

    assert (last.file, last.switch) == (str(file), switch)


@pytest.mark.parametrize(
    ("user", "local", "switches"),
    [
        pytest.param(True, None, ["disableAllHooks", ""], id="off for the user"),
        pytest.param(True, False, ["", ""], id="left on in the project"),
        pytest.param(False, True, ["", "disableAllHooks"], id="off in the project"),
    ],
)
def test_the_strongest_file_has_the_last_word_on_all_hooks(
    isolated_home: Path, tmp_path: Path, user: bool, local: bool | None, switches: list[str]
):
    files = (isolated_home / ".claude" / "settings.json", tmp_path / ".claude" / "settings.local.json")
    for file, value in zip(files, (user, local), strict=True):
        file.parent.mkdir()
        file.write_text(json.dumps({} if value is None else {"disableAllHooks": value}))

    assert [each.switch for each in registrations.sources(str(tmp_path))] == switches


def test_what_drop_ins_and_a_server_manage_counts_too(
    isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "managed-settings.json"
    folder = tmp_path / "managed-settings.d"
    folder.mkdir()
    monkeypatch.setattr(registrations, "MANAGED", dict.fromkeys(registrations.MANAGED, str(file)))
    (isolated_home / ".claude").mkdir()
    remote = isolated_home / ".claude" / "remote-settings.json"
    for name in (folder / "20.json", folder / "10.json", folder / ".hidden.json", folder / "note.txt", remote):
        name.write_text("{}")

    found = registrations.sources(str(tmp_path))

    assert [each.file for each in found] == [str(folder / "10.json"), str(folder / "20.json"), str(remote)]
    assert all(each.is_managed for each in found)


def test_another_system_has_no_file_of_managed_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registrations, "MANAGED", {})

    assert registrations.sources(str(tmp_path)) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"{", "it is not valid JSON", id="broken"),
        pytest.param(b"[]", "it does not hold a JSON object", id="not an object"),
        pytest.param(b"\xff", "it is not UTF-8 text", id="not UTF-8"),
        pytest.param(None, "is not a regular file", id="a folder"),
    ],
)
def test_a_file_that_claude_code_cannot_read_has_a_reason(isolated_home: Path, content: bytes | None, error: str):
    file = isolated_home / ".claude" / "settings.json"
    file.parent.mkdir()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)

    found = registrations.sources(str(isolated_home))[0]

    assert found.error.startswith(error)
    assert found.commands == {}


def test_an_empty_file_sets_nothing(isolated_home: Path):
    file = isolated_home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text("\n")

    assert registrations.sources(str(isolated_home))[0] == registrations.Source(str(file), {}, "", "")


def managed() -> str:
    return registrations.MANAGED.get("linux", "")
