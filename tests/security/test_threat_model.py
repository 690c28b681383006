import ast
import re

import pytest

from tests.rehearse import CHECKOUT

TEXT = (CHECKOUT / "SECURITY.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_each_test_that_is_named_is_there(file: str, name: str):
    tree = ast.parse((CHECKOUT / file).read_text())
    assert name in [each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[2].strip()[:60] for row in ROWS])
def test_each_threat_has_a_test(row: str):
    assert len(row.strip("| ").split(" | ")) == 4
    assert "::test_" in row


def test_each_file_of_security_tests_is_named():
    files = {f"tests/security/{file.name}" for file in (CHECKOUT / "tests" / "security").glob("test_*.py")}
    assert files - {file for file, _ in NAMED} == {"tests/security/test_threat_model.py"}
