"""Transcript records for tests, in the form and with the key order of Claude Code 2.1.328."""

import json
from pathlib import Path
from typing import Any

START = "2026-11-20T07:56:{:02d}.000Z"
SKIPPED = (
    '{"type":"queue-operation","operation":"enqueue","content":"\\"role\\":\\"user\\""}',
    '{"type":"api-request","sessionId":"s","params":{"model":"m"},"tail":["x"]}',
    '{"type":"last-prompt","lastPrompt":"elided","sessionId":"s"}',
    '{"parentUuid":"u","isSidechain":false,"attachment":{"type":"prompt_snapshot","content":"role"},"type":"attachment"}',
)


class Conversation:
    """A growing transcript: each method adds the line or lines of one activity, a second after the last."""

    def __init__(self, sidechain: bool = False) -> None:
        self.lines: list[str] = []
        self._sidechain = sidechain
        self._calls = 0

    def write(self, path: Path) -> Path:
        """Write the transcript, one record per line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for line in self.lines))
        return path

    def prompt(self, text: str | list[dict[str, Any]], **fields: Any) -> "Conversation":
        return self._user(text, **{"origin": {"kind": "human"}, "promptSource": "typed", **fields})

    def queued(self, text: str, kind: str = "human") -> "Conversation":
        attachment = {"type": "queued_command", "prompt": text, "commandMode": "prompt", "origin": {"kind": kind}}
        return self._record({"attachment": attachment, "type": "attachment", "timestamp": self._now()})

    def reply(self, text: str, *, stop: str = "end_turn", **fields: Any) -> "Conversation":
        return self._assistant([{"type": "text", "text": text}], stop, **fields)

    def fail(self, text: str) -> "Conversation":
        """The turn ends with an API error."""
        content = [{"type": "text", "text": text}]
        message = {"model": "<synthetic>", "role": "assistant", "stop_reason": "stop_sequence", "content": content}
        return self._record(
            {"type": "assistant", "timestamp": self._now(), "message": message, "isApiErrorMessage": True}
        )

    def think(self, text: str) -> "Conversation":
        return self._assistant([{"type": "thinking", "thinking": text, "signature": "x"}], "tool_use")

    def call(self, tool: str, **fields: Any) -> "Conversation":
        """A tool is called, and has no result yet."""
        self._calls += 1
        block = {"type": "tool_use", "id": f"toolu_{self._calls}", "name": tool, "input": fields}
        return self._assistant([block], "tool_use")

    def result(self, text: str, record: Any = None, *, failed: bool = False, of: int = 0) -> "Conversation":
        """The last tool, or call number `of`, ends with one result for the model and one for the transcript.

        The transcript has none for a subagent.
        """
        call = f"toolu_{of or self._calls}"
        block = {"type": "tool_result", "content": text, "is_error": failed, "tool_use_id": call}
        if not failed:
            block = {"tool_use_id": call, "type": "tool_result", "content": text}
        if self._sidechain:
            return self._user([block])
        return self._user([block], toolUseResult=f"Error: {text}" if record is None else record)

    def run(self, command: str, printed: str = "", code: int = 0) -> "Conversation":
        """A shell command is run and ends."""
        self.call("Bash", command=command, description="run")
        if code:
            return self.result(f"Exit code {code}\n{printed}", failed=True)
        return self.result(printed, {"stdout": printed, "stderr": "", "interrupted": False})

    def edit(self, path: str, *lines: str) -> "Conversation":
        """A file is edited; the lines are those of a patch, with their signs."""
        old, new = ("\n".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        self.call("Edit", file_path=path, old_string=old, new_string=new, replace_all=False)
        hunk = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": list(lines)}
        return self.result("updated", {"filePath": path, "oldString": "a", "newString": "b", "structuredPatch": [hunk]})

    def ask(self, question: str, answer: str | None = None) -> "Conversation":
        """The user is asked, and answers if there is an answer."""
        questions = [{"question": question, "header": "Q", "options": [], "multiSelect": False}]
        self.call("AskUserQuestion", questions=questions)
        return self.result("answered", {"questions": questions, "answers": {question: answer}}) if answer else self

    def compact(self, summary: str) -> "Conversation":
        self._record({"type": "system", "subtype": "compact_boundary", "content": "Conversation compacted"})
        return self._user(summary, isVisibleInTranscriptOnly=True, isCompactSummary=True)

    def title(self, text: str, kind: str = "custom-title", field: str = "customTitle") -> "Conversation":
        return self.raw(json.dumps({"type": kind, field: text, "sessionId": "s"}, separators=(",", ":")))

    def raw(self, line: str) -> "Conversation":
        self.lines.append(line)
        return self

    def _user(self, content: Any, **fields: Any) -> "Conversation":
        message = {"role": "user", "content": content}
        return self._record({"promptId": "p", "type": "user", "message": message, "timestamp": self._now(), **fields})

    def _assistant(self, content: list[dict[str, Any]], stop: str, **fields: Any) -> "Conversation":
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content}
        common = {"message": message | {"stop_reason": stop}, "type": "assistant", "timestamp": self._now()}
        return self._record(common | fields)

    def _record(self, fields: dict[str, Any]) -> "Conversation":
        common = {"userType": "external", "cwd": "/home/dev/proj", "sessionId": "s", "gitBranch": "main"}
        record = {"parentUuid": "u", "isSidechain": self._sidechain, **fields, "uuid": "v", **common}
        return self.raw(json.dumps(record, separators=(",", ":"), ensure_ascii=False))

    def _now(self) -> str:
        return START.format(len(self.lines) % 60)
