"""Owns what in a transcript is a request of the person, and what the client only writes in the person's name."""

import re
from typing import Any

Content = str | list[dict[str, Any]]

# <command-name>, <task-notification>, <system-reminder>, <local-command-stdout> and the like.
_CLIENTS = re.compile(r"<[a-z]+(-[a-z]+)+>|\[Request interrupted by user")
_COMMAND = re.compile(r"<command-name>(/[\w:-]+)</command-name>.*<command-args>(.+)</command-args>", re.DOTALL)
# Commands that set up the client and say nothing of the work.
_SETTINGS = re.compile(
    r"/(add-dir|agents|color|compact|config|effort|export|mcp|memory|model|permissions|plugin|rename|resume|theme)$"
)


def is_persons(record: dict[str, Any]) -> bool:
    """Say whether a record, or a queued prompt, is from the person; old clients do not tell, and sent no others."""
    origin = record.get("origin")
    return not isinstance(origin, dict) or str(origin.get("kind", "human")) == "human"


def request(text: str) -> str:
    """Return the request that a text in the person's name is, "" when it is none; a command's is with its arguments."""
    text = text.strip()
    if not _CLIENTS.match(text):
        return text
    command = _COMMAND.search(text)
    return f"{command[1]} {command[2].strip()}" if command and not _SETTINGS.match(command[1]) else ""


def blocks_of(content: Content) -> list[dict[str, Any]]:
    """Return the blocks of a message's content, which may be just a text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def text_of(content: Content) -> str:
    """Return all text in a message's content."""
    return (
        content if isinstance(content, str) else "\n".join(each["text"] for each in content if each["type"] == "text")
    )
