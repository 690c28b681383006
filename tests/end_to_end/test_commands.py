import threading
from pathlib import Path

import pytest

from context_sync.state import processes
from tests.client.api import MessagesAPI, step, text, tool
from tests.client.environment import Home
from tests.client.session import Session
from tests.client.stream import Block
from tests.client.terminal import Terminal
from tests.end_to_end.stage import ALERT, edits, git, recorded, touches, until

pytestmark = pytest.mark.client


SKIP = ("--dangerously-skip-permissions",)
BOX = {  # Claude Code refuses that option to root elsewhere
    "IS_SANDBOX": "1",
    "GIT_AUTHOR_NAME": "T",
    "GIT_AUTHOR_EMAIL": "t@t",
    "GIT_COMMITTER_NAME": "T",
    "GIT_COMMITTER_EMAIL": "t@t",
}


def bash(command: str) -> Block:
    return tool("Bash", command=command, description="run")


@pytest.mark.parametrize(
    ("command", "path", "symbols"),
    [
        pytest.param("sed -i 's/a - b/-b + a/' calc.py", "calc.py", ["sub"], id="sed changes a function"),
        pytest.param("sed -i 's/a - b/-b + a/' calc.py; false", "calc.py", ["sub"], id="the command fails"),
        pytest.param("printf 'def new():\\n    pass\\n' > made.py", "made.py", ["new"], id="a file is made"),
        pytest.param("rm calc.py", "calc.py", ["add", "sub"], id="a file is deleted"),
        pytest.param("git mv calc.py sums.py", "sums.py", ["add", "sub"], id="a file is renamed"),
        pytest.param("sed -i 's/a - b/-b + a/' calc.py; git commit -qam x", "calc.py", ["sub"], id="and commits"),
    ],
)
def test_a_command_that_writes_is_attributed_to_its_session(
    client: Path, api: MessagesAPI, home: Home, project: Path, command: str, path: str, symbols: list[str]
) -> None:
    with Session(client, home, project, options=SKIP, environment=BOX) as session:
        api.script(session.id, step(bash(command)), step(text("Ran it.")))
        session.ask("run it")
        until(lambda: [each for each in touches(home, session.id) if each["path"] == path], "the write is recorded")
        (touch,) = [each for each in touches(home, session.id) if each["path"] == path]
        assert [each["name"] for each in touch["symbols"]] == symbols
        assert touch["tool"] == "Bash"


def test_sed_over_another_sessions_function_alerts_both(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with Session(client, home, project) as first, Session(client, home, project) as second:
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, step(bash("sed -i 's/b + a/sum((a, b))/' calc.py")), step(text("Ran it.")))
        second.ask("use sed")
        recorded(home, second.id)
        first.ask("anything new?")
        second.ask("and now?")
        for session in (first, second):
            assert "\n".join(api.requests(session.id)[-1].texts()).count(ALERT) == 1
        assert git(project, "status", "--porcelain") == " M calc.py\n"


def test_a_stash_that_takes_away_another_sessions_work_is_reported_to_it(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with (
        Session(client, home, project) as first,
        Session(client, home, project, options=SKIP, environment=BOX) as second,
    ):
        api.script(first.id, *edits(project / "calc.py", "a + b", "b + a"))
        first.ask("turn the sum around")
        recorded(home, first.id)
        api.script(second.id, step(bash("git checkout -- calc.py")), step(text("Ran it.")))
        second.ask("clean up")
        until(lambda: list((home.claude / "context-sync" / "mail" / first.id / "new").glob("*")), "a notice")
        first.ask("anything new?")
        context = "\n".join(api.requests(first.id)[-1].texts())
        assert "discarded uncommitted changes of this session in this checkout: `add` in calc.py is back to" in context


def test_a_session_that_awaits_permission_hides_nobodys_command(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    home.trust(project)
    with (
        Terminal(client, home, project) as waiting,
        Session(client, home, project, options=SKIP, environment=BOX) as working,
    ):
        api.script(waiting.id, step(bash("make build")), step(text("Ran it.")))
        waiting.ask("build it")
        waiting.wait_for("Do you want to proceed?")
        until(lambda: not processes.has_child_since(waiting.pid, 0.0), "Claude Code has asked git for what it shows")
        api.script(working.id, step(bash("sed -i 's/a - b/-b + a/' calc.py")), step(text("Ran it.")))
        working.ask("use sed")
        recorded(home, working.id)


def test_what_two_commands_at_once_may_have_written_is_shared(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    with (
        Session(client, home, project, options=SKIP, environment=BOX) as long,
        Session(client, home, project, options=SKIP, environment=BOX) as short,
    ):
        begun = project.parent / "begun"
        api.script(long.id, step(bash(f"touch {begun}; until [ -e {project.parent}/end ]; do sleep 0.1; done")))
        api.script(short.id, step(bash("sed -i 's/a - b/-b + a/' calc.py")), step(text("Ran it.")))
        asking = threading.Thread(target=long.ask, args=("wait",))
        asking.start()
        until(begun.exists, "the long command runs")
        short.ask("use sed")
        recorded(home, short.id)
        (project.parent / "end").touch()
        asking.join()
        recorded(home, long.id)
        for each in (short, long):
            (touch,) = [touch for touch in touches(home, each.id) if touch["path"] == "calc.py"]
            assert (touch["attribution"], [symbol["name"] for symbol in touch["symbols"]]) == ("shared", ["sub"])
        for each in (short, long):
            each.ask("anything new?")
            assert ALERT not in "\n".join(api.requests(each.id)[-1].texts())


def test_the_users_own_edit_is_nobodys(client: Path, api: MessagesAPI, home: Home, project: Path) -> None:
    with Session(client, home, project) as session:
        (project / "calc.py").write_text("def add(a, b):\n    return 0\n")
        api.script(session.id, step(bash("sleep 0.3; true")), step(bash("ls")), step(text("Ran it.")))
        session.ask("look")
        session.ask("again")
        recorded(home, session.id, 0)
        assert [each for each in touches(home, session.id) if each["path"] == "calc.py"] == []


def test_what_the_command_lines_of_a_skill_write_is_recorded(
    client: Path, api: MessagesAPI, home: Home, project: Path
) -> None:
    skill = project / ".claude" / "skills" / "negate" / "SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text(
        "---\nname: negate\ndescription: Negates the difference.\n---\n"
        "Changed: !`sed -i 's/a - b/-b + a/' calc.py && git status --short calc.py`\n"
    )
    with Session(client, home, project, options=SKIP, environment=BOX) as session:
        api.script(session.id, step(tool("Skill", skill="negate")), step(text("Ran it.")))
        session.ask("negate the difference")
        recorded(home, session.id)
        (touch,) = [each for each in touches(home, session.id) if each["path"] == "calc.py"]
        assert (touch["tool"], [each["name"] for each in touch["symbols"]]) == ("Skill", ["sub"])
