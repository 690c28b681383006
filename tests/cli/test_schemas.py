import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import click
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from context_sync.cli import main
from context_sync.cli.doctor import findings
from context_sync.domain import conflicts, messages, verdicts
from context_sync.views import documents
from tests.cli import scenes
from tests.cli.scenes import Scene
from tests.rehearse import CHECKOUT

FOLDER = CHECKOUT / "docs" / "json"
SCHEMAS = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json"))
PARTS = sorted(f"parts/{path.name.removesuffix('.schema.json')}" for path in FOLDER.glob("parts/*.schema.json"))
KINDS = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object", type(None): "null"}

Place = tuple[str, ...]  # a file, and the keys of the objects down to a property in it


class Seen(NamedTuple):
    """What was found at the places of the schemas: which types of values, and which values of a choice."""

    types: dict[Place, set[str]]
    choices: dict[Place, set[Any]]


def load(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.schema.json").read_text())


def validator(name: str) -> Draft202012Validator:
    def retrieve(reference: str) -> Resource:
        return Resource.from_contents(json.loads((FOLDER / reference).read_text()))

    return Draft202012Validator(load(name), registry=Registry(retrieve=retrieve))


def properties(schema: Any, at: Place) -> Iterator[tuple[Place, Any]]:
    """Yield each property of a schema, those of the files that it refers to left out."""
    for name, each in schema.get("properties", {}).items():
        yield (*at, name), each
        yield from properties(each, (*at, name))
    if "items" in schema:
        yield from properties(schema["items"], at)


def objects(schema: Any) -> Iterator[Any]:
    if "properties" in schema:
        yield schema
    for each in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from objects(each)


def look(document: Any, schema: Any, at: Place, seen: Seen) -> None:
    """Note what is in a document, by the places of the schema."""
    if "$ref" in schema:
        name = schema["$ref"].removesuffix(".schema.json")
        schema, at = load(name), (name,)
    if isinstance(document, list):
        for each in document:
            look(each, schema["items"], at, seen)
    elif isinstance(document, dict):
        for name, value in document.items():
            within = schema["properties"][name]
            seen.types[*at, name].add(KINDS[type(value)])
            if "enum" in within:
                seen.choices[*at, name].add(value)
            look(value, within, (*at, name), seen)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each command printed in all scenes."""
    found: dict[str, list[Any]] = defaultdict(list)
    for play in (scenes.nothing, scenes.everything):
        folder = tmp_path_factory.mktemp(play.__name__)
        with scenes.machine(folder), ExitStack() as cast:
            scene = Scene(folder, cast)
            play(scene)
        for command, documents_ in scene.printed.items():
            found[command] += documents_
    return found


@pytest.fixture(scope="module")
def seen(printed: dict[str, list[Any]]) -> Seen:
    noted = Seen(defaultdict(set), defaultdict(set))
    for command, found in printed.items():
        for document in found:
            look(document, load(command), (command,), noted)
    return noted


def with_json() -> list[str]:
    """Return the commands that take --json."""
    found = {name: main.commands.get_command(click.Context(main.commands), name) for name in main.COMMANDS}
    return sorted(
        name for name, each in found.items() if each and any("--json" in option.opts for option in each.params)
    )


def test_every_command_with_json_has_a_schema_and_every_schema_a_command():
    assert with_json() == SCHEMAS


@pytest.mark.parametrize("name", [*SCHEMAS, *PARTS])
def test_a_schema_is_closed_and_tells_what_every_property_is(name: str):
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    for each in objects(schema):
        assert each["additionalProperties"] is False
        assert set(each["required"]) <= set(each["properties"])
    for at, each in properties(schema, (name,)):
        assert "$ref" in each or each.get("description"), at


@pytest.mark.parametrize("command", SCHEMAS)
def test_what_a_command_prints_is_what_its_schema_says(command: str, printed: dict[str, list[Any]]):
    assert printed[command]
    for document in printed[command]:
        validator(command).validate(document)


@pytest.mark.parametrize("name", [*SCHEMAS, *PARTS])
def test_a_schema_tells_of_nothing_that_is_never_printed(name: str, seen: Seen):
    for at, each in properties(load(name), (name,)):
        if "$ref" not in each:
            types = each["type"] if isinstance(each["type"], list) else [each["type"]]
            assert seen.types[at] == set(types), at


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_help_of_a_command_names_what_it_prints(name: str):
    command = main.commands.get_command(click.Context(main.commands), name)
    assert command
    context = command.get_help(click.Context(command, info_name=name))
    for at, _ in properties(load(name), (name,)):
        assert f'"{at[-1]}"' in context, at


def literals(alias: object) -> list[str]:
    """Return the values of a Literal, which may be written as a text."""
    return re.findall(r"""["'](\w+)["']""", str(alias))


CHOICES = [
    pytest.param("parts/conflict", ("level",), conflicts.LEVELS, id="levels of a conflict"),
    pytest.param("parts/conflict", ("dependency", "way"), literals(verdicts.Way), id="ways to alter a definition"),
    pytest.param("parts/conflict", ("dependency", "confidence"), literals(verdicts.Confidence), id="confidences"),
    pytest.param("parts/message", ("state",), messages.STATES, id="states of a message"),
    pytest.param("watch", ("sessions", "status"), documents.STATUSES.values(), id="what a session does"),
    pytest.param("watch", ("sessions", "level"), (*conflicts.LEVELS, None), id="its worst level"),
    pytest.param("show", ("status",), (*documents.STATUSES.values(), "ended"), id="what the shown session does"),
    pytest.param("show", ("summary_by",), ("claude", "transcript"), id="sources of a summary"),
    pytest.param("show", ("conflicts", "level"), conflicts.LEVELS, id="levels of its conflicts"),
    pytest.param("check", ("conflicts", "level"), conflicts.LEVELS, id="levels between worktrees"),
    pytest.param("doctor", ("findings", "status"), findings.STATUSES, id="how bad a finding is"),
]


@pytest.mark.parametrize(("name", "at", "choices"), CHOICES)
def test_a_choice_is_the_one_that_the_code_has(name: str, at: Place, choices: Any):
    found = dict(properties(load(name), (name,)))
    assert found[name, *at]["enum"] == list(choices)


def test_every_choice_is_checked(seen: Seen):
    checked = {(each.values[0], *each.values[1]) for each in CHOICES}
    assert set(seen.choices) == checked


FAILURES = [
    pytest.param(["show", "nobody"], 1, "no session is called 'nobody'", id="show: nobody"),
    pytest.param(["thread", "zzzz"], 1, "there is no message 'zzzz'", id="thread: no message"),
    pytest.param(["send", "nobody", "hi"], 1, "no session is called 'nobody'", id="send: nobody"),
    pytest.param(["inbox", "nobody"], 1, "no session is called 'nobody'", id="inbox: nobody"),
    pytest.param(["resolve", "--all", "--session", "nobody"], 1, "no session is called", id="resolve: nobody"),
    pytest.param(["check"], 1, "not in a git repository", id="check: no repository"),
    pytest.param(["changes", "--project", "nothing"], 1, "'nothing' is neither a folder", id="changes: no project"),
    pytest.param(["who", "/etc/hosts"], 1, "neither in a repository", id="who: a file elsewhere"),
    pytest.param(["who"], 2, "Name a PATH", id="who: nothing"),
    pytest.param(["log", "--since", "never"], 1, "'never' is not a time", id="log: no time"),
    pytest.param(["search"], 2, "Missing argument", id="search: nothing"),
    pytest.param(["status", "--nonsense"], 2, "No such option", id="an option that is not there"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), FAILURES)
def test_a_failure_is_reported_on_standard_error_alone(tmp_path: Any, arguments: list[str], code: int, said: str):
    done = scenes.run(*arguments, "--json", folder=tmp_path)
    assert (done.code, done.output) == (code, "")
    assert said in " ".join(done.errors.split())
