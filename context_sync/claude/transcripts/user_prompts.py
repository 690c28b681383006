"""User prompts: which texts in a transcript are the user's, and which Claude Code wrote in the user's name."""

import re
from typing import Any

Content = str | list[dict[str, Any]]

# <command-name>, <task-notification>, <system-reminder>, <local-command-stdout> and the like.
_GENERATED = re.compile(r"<[a-z]+(-[a-z]+)+>|\[Request interrupted by user")
_COMMAND = re.compile(r"<command-name>(/[\w:-]+)</command-name>.*<command-args>(.+)</command-args>", re.DOTALL)
# Commands that configure Claude Code and say nothing about the work.
_SETTINGS = re.compile(
    r"/(add-dir|agents|color|compact|config|effort|export|mcp|memory|model|permissions|plugin|rename|resume|theme)$"
)


def is_from_user(record: dict[str, Any]) -> bool:
    """Return whether a record, or a queued prompt, is from the user; old versions had no others, and do not say."""
    origin = record.get("origin")
    return not isinstance(origin, dict) or str(origin.get("kind", "human")) == "human"


def request(text: str) -> str:
    """Return the user's request in a text, a command with its arguments, "" when Claude Code wrote it."""
    text = text.strip()
    if not _GENERATED.match(text):
        return text
    command = _COMMAND.search(text)
    return f"{command[1]} {command[2].strip()}" if command and not _SETTINGS.match(command[1]) else ""


def blocks_of(content: Content) -> list[dict[str, Any]]:
    """Return the blocks of a message's content, which can also be a plain text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def text_of(content: Content) -> str:
    """Return all text in a message's content."""
    return (
        content if isinstance(content, str) else "\n".join(each["text"] for each in content if each["type"] == "text")
    )
