"""Recognition of shell commands that run tests."""

import re
from functools import lru_cache

# What can precede the command itself.
_BEFORE = (
    r"(?:\w+=\S*|sudo|time|env|exec|command|nice|xvfb-run|npx|bunx|uvx|dotenv|timeout\s+\S+|"
    r"(?:poetry|uv|pipenv|hatch|pdm|rye|conda|mamba|pixi|nix|devbox)\s+run|(?:pnpm|yarn|npm|bundle|mise|direnv)\s+exec|"
    r"docker(?:-|\s+)compose\s+(?:exec|run)(?:\s+-\S+)*\s+\S+|ba?sh(?:\s+-\w+)?)"
)
_RUNNERS = r"(?:pytest|py\.test|unittest|nose2|tox|nox|jest|vitest|mocha|ava|karma|ctest|rspec|phpunit|pest|busted)"
_BUILDERS = (
    r"(?:npm|pnpm|yarn|bun|deno|cargo|go|dotnet|swift|mix|flutter|dart|zig|stack|cabal|dune|sbt|lein|rake|make|just|task|"
    r"mvnw?|gradlew?|bazel|rails|composer|xcodebuild|meson|ninja|cmake|playwright|cypress|manage\.py|setup\.py)"
)
_GOALS = r"(?:test|tests|check|nextest|verify|spec)"
_SCRIPT = r"(?:(?:\S*/)?(?:run[-_])?tests?(?:[-_]\w+)?\.(?:sh|py|pl|rb)|\S*\btests?/run|\S*\bbin/test|\./test)"

_TEST = re.compile(
    rf"(?:{_BEFORE}\s+)*(?:\S*/)?(?:python[\d.]*\s+(?:-\w+\s+)*?(?:-m\s+)?)?"
    rf"(?:{_RUNNERS}(?![\w.-])|{_BUILDERS}\s(?:.*\s)?(?:[\w:-]*:)?{_GOALS}(?![\w.])|{_SCRIPT}(?:\s|$))"
)
_HINTS = ("test", "check", "spec", "verify", "tox", "nox", "mocha", "ava", "karma", "phpunit", "busted", "jest")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SEPARATOR = re.compile(r"&&|\|\|?|[;&\n(){}]")


@lru_cache(maxsize=256)  # a session runs the same commands again and again
def is_test(command: str) -> bool:
    """Return whether a shell command runs tests, alone or among others, ignoring what is in quotation marks."""
    if not any(hint in command for hint in _HINTS):
        return False
    parts = _SEPARATOR.split(_QUOTED.sub(" ", command))
    return any(_TEST.match(part.strip()) for part in parts)
