import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import click
import pytest

from context_sync import config
from context_sync.cli.commands import demo
from context_sync.cli.main import COMMANDS, commands
from context_sync.domain.conflicts import LEVELS
from context_sync.domain.messages import STATES
from context_sync.symbols.languages import LANGUAGES
from tests import documentation
from tests.cli import scenes
from tests.rehearse import CHECKOUT

DOCS = CHECKOUT / "docs"
PAGES = [*sorted(CHECKOUT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
WORDS_FOR_VALUES = {"SHELL": "bash"}
LONGEST_LINE = 122


class Line(NamedTuple):
    """A command line in a page."""

    page: str
    words: str


def name(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


def text(page: str) -> str:
    return (CHECKOUT / page).read_text()


def table(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table whose first heading is `heading`."""
    _, _, rest = text(page).partition(f"\n| {heading} |")
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def command_lines() -> Iterator[Line]:
    for page in PAGES:
        blocks = FENCE.findall(page.read_text())
        context = [line for block in blocks for line in block.splitlines()]
        context += CODE.findall(FENCE.sub("", page.read_text()))
        yield from (
            Line(name(page), line) for line in context if line == "context-sync" or line.startswith("context-sync ")
        )


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    prose = FENCE.sub("", page.read_text())
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("line", sorted(set(command_lines())), ids=lambda line: f"{line.page}: {line.words}")
def test_every_command_line_parses(line: Line):
    _, *words = shlex.split(line.words.partition(" | ")[0])
    if not words or words[0] in ("--help", "--version", "COMMAND"):
        return
    found = commands.get_command(click.Context(commands), words[0])
    assert found is not None, f"there is no command {words[0]}"
    given = [WORDS_FOR_VALUES.get(word, word) for word in words[1:]]
    if given == [] and any(each.required for each in found.params):
        return  # the command is named, not shown
    if "--help" not in given:
        found.make_context(words[0], given)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path):
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" in link:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_list_of_pages():
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(text("docs/README.md"))}
    pages = {page for page in PAGES if page.parent == DOCS}
    assert pages - linked == {DOCS / "README.md"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_reads_well_in_an_editor_too(page: Path):
    prose = [line for line in FENCE.sub("", page.read_text()).splitlines() if not line.startswith(("|", "!["))]
    assert [line for line in prose if len(line) > LONGEST_LINE] == []
    assert [line for line in prose if line != line.rstrip()] == []


def test_every_command_is_documented():
    context = {CODE.findall(row[0])[0].split()[1] for row in table("docs/commands.md", "command") if " " in row[0]}
    assert set(COMMANDS) <= context | {"context-sync"}
    assert context - set(COMMANDS) == set()


def test_every_key_is_documented_with_its_default():
    defaults = {key: value for key, value in config.Config()._asdict().items() if key != "problems"}
    context = {row[0].strip("`"): tomllib.loads(f"it = {row[1].strip('`')}")["it"] for row in keys()}
    assert context == defaults
    (example,) = re.findall(r"^```toml\n(.*?)^```$", text("docs/configuration.md"), re.MULTILINE | re.DOTALL)
    assert tomllib.loads(example) == defaults


@pytest.mark.parametrize("key", config.CHOICES)
def test_every_choice_of_a_key_is_documented(key: str):
    (meaning,) = [row[2] for row in keys() if row[0] == f"`{key}`"]
    assert set(re.findall(r'`"(\S+)"`', meaning)) == set(config.CHOICES[key])


def keys() -> list[list[str]]:
    return table("docs/configuration.md", "key")


@pytest.mark.parametrize(
    ("page", "heading", "known"),
    [
        pytest.param("README.md", "level", LEVELS, id="levels in the README"),
        pytest.param("docs/conflicts.md", "level", LEVELS, id="levels"),
        pytest.param("docs/messages.md", "state", STATES, id="states of a message"),
    ],
)
def test_a_table_names_what_there_is_in_its_order(page: str, heading: str, known: tuple[str, ...]):
    assert tuple(row[0] for row in table(page, heading)) == known


def test_every_mode_of_the_guard_is_documented():
    context = {CODE.findall(row[0])[0].strip('"') for row in table("docs/guard.md", "mode")}
    assert context == set(config.GUARD_MODES)


def test_every_language_is_documented():
    prose = text("docs/edits.md")
    spelled = {"HCL": "HCL (Terraform)", "Notebook": "Jupyter notebooks"}
    assert [each.name for each in LANGUAGES if spelled.get(each.name, each.name) not in prose] == []
    assert f"{len(LANGUAGES)} languages and formats" in text("README.md")


def test_the_tools_are_documented():
    from context_sync import mcp_server  # 1 s

    said = text("docs/commands.md").partition("## MCP tools")[2]
    assert [each.call.__name__ for each in mcp_server.TOOLS if f"`{each.call.__name__}`" not in said] == []


def test_the_troubleshooting_table_is_that_of_the_doctor():
    assert documentation.findings() in text("docs/troubleshooting.md"), "run python -m tests.documentation"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the output of the demo."""
    folder = tmp_path_factory.mktemp("demo").resolve()
    with scenes.machine(tmp_path_factory.mktemp("machine")):
        return folder, "\n".join(click.unstyle(line) for line in demo.scenes(str(folder)))


def test_the_demo_that_is_shown_is_the_real_one(played: tuple[Path, str]):
    folder, output = played
    (shown,) = re.findall(r"^```text\n(.*?)^```$", text("docs/demo.md"), re.MULTILINE | re.DOTALL)
    shown = shown.rpartition("Finished in")[0]
    assert flowing(shown, r"/tmp/context-sync-demo-\w+") == flowing(output, re.escape(str(folder)))


def flowing(context: str, folder: str) -> str:
    """Return the text without its line breaks, and without what differs from run to run."""
    context = " ".join(context.replace("│", " ").split())
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", re.sub(folder, "FOLDER", context))


def test_what_the_state_folder_holds_is_documented(played: tuple[Path, str]):
    state = played[0] / "home" / ".claude" / "context-sync"
    held = {each.name for each in state.iterdir() if each.is_dir()}
    assert held >= {"sessions", "touches", "gate"}
    assert [each for each in sorted(held) if f"| `{each}/" not in text("docs/files.md")] == []


def test_pictures_ask_for_nothing_from_elsewhere_and_tell_nothing_of_the_machine():
    pictures = sorted((DOCS / "pictures").glob("*.svg"))
    assert [each.stem for each in pictures] == ["alert", "guard", "watch"]
    for picture in pictures:
        assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        drawn = picture.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert re.findall(r"https?:|@import|@font-face|<image|<script|url\((?!#)", drawn) == []
        folders = set(re.findall(r"(?<![\w~.])/(?:tmp|home|root|work|Users|var|opt)/[\w.-]+", drawn))
        assert folders <= {"/tmp/ada"}
