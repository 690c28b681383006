import pytest

from context_sync.summaries.suite_runs import is_test

RUNS = (
    "pytest -q",
    "python3 -m pytest tests/test_a.py -x 2>&1 | tail -20",
    ".venv/bin/python -m unittest discover",
    "cd web && npm test",
    "npm run test:unit -- --watch=false",
    "CI=1 yarn test",
    "npx vitest run",
    "go test ./...",
    "cargo nextest run",
    "cargo build && cargo test --all",
    "make -j4 check",
    "./gradlew :app:test",
    "timeout 60 uv run pytest",
    "docker compose exec -T web python manage.py test",
    "tests/run -k settings",
    "bash scripts/run_tests.sh",
    "bundle exec rspec spec/models",
    "swift test --filter Parser",
    "(cd sub; ctest)",
)
OTHERS = (
    "git commit -m 'make test pass'",
    "grep -rn pytest .",
    "pip install pytest",
    "cat pytest.ini",
    "which jest",
    "npm install --save-dev vitest",
    "python3 -m http.server",
    "ls tests",
    "echo 'pytest'",
    "rm -rf tests/run.log",
    "go build ./...",
    "make",
    "vim pytest.ini",
)


@pytest.mark.parametrize("command", RUNS)
def test_a_command_that_runs_tests(command: str) -> None:
    assert is_test(command)


@pytest.mark.parametrize("command", OTHERS)
def test_a_command_that_only_speaks_of_tests(command: str) -> None:
    assert not is_test(command)
