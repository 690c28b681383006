from pathlib import Path

import pytest

from context_sync.state import backups, files
from context_sync.state.backups import Backup
from tests.rehearse import state

SETTINGS = "/home/dev/.claude/settings.json"
NEW = Backup(SETTINGS, b"", "", ())
KNOWN = [
    pytest.param(Backup(SETTINGS, b'{"a":"\xff"}', "digest", ("/home/dev/.claude",)), id="a text"),
    pytest.param(Backup(SETTINGS, b"", "", ()), id="an empty text"),
    pytest.param(Backup(SETTINGS, None, "digest", ("/home", "/home/dev")), id="no file"),
]


@pytest.mark.parametrize("backup", KNOWN)
def test_what_was_kept_comes_back(backup: Backup):
    assert not backups.are_there()
    backups.save(backup._replace(before=b"older"))
    backups.save(backup)
    assert backups.are_there()
    assert backups.load(SETTINGS) == backup
    assert backups.load_all() == [backup]
    backups.discard(SETTINGS)
    backups.discard(SETTINGS)
    assert not backups.are_there()
    assert backups.load(SETTINGS) == NEW


def of_another_file(record: Path) -> None:
    record.write_text(record.read_text().replace("settings.json", "other.json"))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda record: record.with_suffix(".before").unlink(), id="the text is gone"),
        pytest.param(lambda record: record.write_text("{"), id="the record is cut"),
        pytest.param(lambda record: record.write_text('{"file": 5}'), id="a field of another type"),
        pytest.param(of_another_file, id="that of another file"),
    ],
)
def test_what_cannot_be_trusted_counts_for_nothing(spoil):
    backups.save(Backup(SETTINGS, b"{}", "digest", ()))
    [record] = [state("backups", name) for name in files.names(files.path("backups")) if name.endswith(".json")]
    spoil(record)
    assert backups.load(SETTINGS) == NEW
    assert backups.load_all() == []
