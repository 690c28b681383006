import json
import math
import subprocess
import sys

import pytest

from context_sync.hotpath import json_codec
from tests.rehearse import CHECKOUT

TEXTS = [
    pytest.param(b'{"a": [1, 2.5, -3e9, "x", null, true, false]}\n', id="every kind of value"),
    pytest.param(b' \t\r\n{"a": 1}\r\n ', id="space around it"),
    pytest.param('{"größe": "\\u20ac \\ud83d\\ude00 €"}'.encode(), id="escapes and UTF-8"),
    pytest.param(b'"\\ud800"', id="half of a surrogate pair"),
    pytest.param(b'"\xed\xa0\x80"', id="half of a surrogate pair, not escaped"),
    pytest.param('\ufeff{"a": 1}'.encode(), id="a byte order mark"),
    pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
    pytest.param('{"a": 1}'.encode("utf-32-le"), id="UTF-32"),
    pytest.param(b"[NaN, Infinity, -Infinity]", id="numbers that are none"),
    pytest.param(b"7", id="a number alone"),
    pytest.param(b"", id="nothing"),
    pytest.param(b" ", id="a space"),
    pytest.param(b'{"a": 1', id="cut"),
    pytest.param(b'{"a": "b', id="cut in a text"),
    pytest.param(b"[1 2]", id="no comma"),
    pytest.param(b'{"a": 1} {"b": 2}', id="two values"),
    pytest.param(b'"a\nb"', id="a line end in a text"),
    pytest.param(b'"\\q"', id="an escape that is none"),
    pytest.param(b"\xff\xfe\x00", id="bytes"),
    pytest.param(b"9" * 5000, id="a number without end"),
    pytest.param(b"[" * 100_000, id="nesting without end"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_as_json_reads_it(text: bytes):
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError) as error:
        with pytest.raises(RecursionError if isinstance(error, RecursionError) else ValueError):
            json_codec.loads(text)
    else:
        assert repr(json_codec.loads(text)) == repr(expected)


VALUES = [
    {"a": [1, 2.5, "x", None, True, (1, "y")], "größe": "€ \ud800 \x00\u2028"},
    {1: 2, None: 3, False: 4, 1.5: 6},
    [math.nan, math.inf, -math.inf, 1e300, -0.0],
    "alone",
    3,
    {},
    [],
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_written_as_json_writes_it(value: object):
    assert json_codec.dumps(value) == json.dumps(value).encode()


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", {(1, 2): 3}], ids=lambda value: type(value).__name__)
def test_what_is_no_json_is_refused(value: object):
    with pytest.raises(TypeError):
        json_codec.dumps(value)


def test_neither_loads_the_other_half_of_json():
    script = (
        f"import sys; sys.path.append({str(CHECKOUT)!r}); from context_sync.hotpath import json_codec;"
        'assert json_codec.loads(b\'{"a": 1}\\n\') == {"a": 1}; json_codec.dumps({"a": [1.5, None]})'
    )
    command = [sys.executable, "-I", "-S", "-X", "importtime", "-c", script]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    loaded = {line.rpartition("|")[2].strip() for line in report.splitlines()}
    assert "context_sync.hotpath.json_codec" in loaded
    assert not {"json", "re", "enum", "typing"} & loaded
