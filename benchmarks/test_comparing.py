import importlib.util
import json
import re
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import figures, report
from benchmarks.__main__ import BENCHES, Bench
from benchmarks.figures import Figure, Yardstick
from benchmarks.report import PYTHON, SHELL
from benchmarks.timing import Run

CALM, NOISY = Yardstick(0.01, 0.02), Yardstick(0.01, 0.4)
OUTPUT = """\
| what | measured | target | |
|---|---|---|---|
| 16 senders, 12 killed: messages stored | 10,000 | 10,000 or more | reached |
| its memory | 24 MB |  | |
| the list, 5 conflicts | 45 ms, 12 KB | under 100 ms | reached |

first picture of 100 sessions: 1.25 s
idle for 20 s: 0.40 % of a core (at most 2)
  10 others:  1.33 ms; cat in the same shell:  3.86 ms
| target | inputs | per second |
|---|---:|---:|
| payloads | 500,000 | 21000 /s |
"""


def test_the_figures_are_read_from_what_a_benchmark_prints():
    found = [(each.column, each.value, each.unit, each.worse) for each in figures.printed(OUTPUT.splitlines())]
    assert found == [
        ("measured", 10_000, "", -1),
        ("measured", 24, "MB", 1),
        ("measured", 45, "ms", 1),
        ("measured", 12, "KB", 1),
        ("", 1.25, "s", 1),
        ("", 0.4, "%", 1),
        ("", 1.33, "ms", 1),
        ("", 3.86, "ms", 1),
        ("inputs", 500_000, "", 0),
        ("per second", 21_000, "/s", -1),
    ]


def figure(value: float, unit: str = "ms", target: str = "") -> Figure:
    return Figure("a thing of 3", "", value, unit, target)


@pytest.mark.parametrize(
    ("old", "now", "then", "measure", "ratio", "word"),
    [
        pytest.param(figure(100), figure(109), CALM, CALM, 1.09, "", id="worse by less than a tenth"),
        pytest.param(figure(100), figure(125), CALM, CALM, 1.25, "**worse**: +25%", id="slower"),
        pytest.param(figure(100), figure(125), NOISY, CALM, 1.25, "", id="slower, within the noise of then"),
        pytest.param(figure(100), figure(125), CALM, NOISY, 1.25, "", id="slower, within the noise of now"),
        pytest.param(figure(100), figure(80), CALM, CALM, 0.8, "better: -20%", id="faster"),
        pytest.param(figure(100), figure(200), CALM, Yardstick(0.02, 0.02), 1.0, "", id="on a machine half as fast"),
        pytest.param(figure(900), figure(1.8, "s"), CALM, CALM, 2.0, "**worse**: +100%", id="in another unit"),
        pytest.param(
            figure(20, "MB"), figure(30, "MB"), NOISY, NOISY, 1.5, "**worse**: +50%", id="memory has no noise"
        ),
        pytest.param(figure(90, "/s"), figure(60, "/s"), CALM, CALM, 0.67, "**worse**: -33%", id="fewer in a second"),
        pytest.param(figure(9, "", "0"), figure(0, "", "0"), CALM, CALM, 0.0, "better: -100%", id="none any more"),
        pytest.param(figure(0, "", "0"), figure(1, "", "0"), CALM, CALM, 0.0, "**worse**: +inf%", id="one for none"),
        pytest.param(figure(5, ""), figure(50, ""), CALM, CALM, 10.0, "", id="a count of which nothing is asked"),
    ],
)
def test_a_figure_is_worse_beyond_a_tenth_and_the_noise(
    old: Figure, now: Figure, then: Yardstick, measure: Yardstick, ratio: float, word: str
):
    now = now._replace(label="a thing of 4")  # the same words
    (change,) = figures.changes([now], measure, figures.as_json([old], then))
    assert (round(change.ratio, 2), change.word) == (ratio, word)


def test_what_is_new_and_what_is_gone_is_reported():
    before = figures.as_json([Figure("gone", "", 1, "s", "")], CALM)
    context = list(figures.changes([Figure("new", "", 2, "s", "")], CALM, before))
    assert [(each.label, each.word) for each in context] == [("new", "new"), ("gone", "gone")]


def hooks(seconds: float, spread: float) -> report.Report:
    """A report of 40 runs of a hook beside the two smallest processes."""
    runs = [Run(seconds * (1 + spread * (number % 5 - 2)), 0.02) for number in range(40)]
    alone = [Run(0.001, 0.001)] * 40
    return report.report("Hooks", {SHELL: alone, PYTHON: [Run(0.01, 0.01)] * 40, "Stop": runs}, [])


@pytest.mark.parametrize(
    ("old", "now", "word"),
    [
        pytest.param(hooks(0.010, 0.01), hooks(0.0105, 0.01), "", id="by less than a tenth"),
        pytest.param(hooks(0.010, 0.01), hooks(0.015, 0.01), "**worse**: +50%", id="slower"),
        pytest.param(hooks(0.010, 0.4), hooks(0.013, 0.4), "", id="slower, within the noise"),
        pytest.param(hooks(0.010, 0.01), hooks(0.005, 0.01), "better: -50%", id="faster"),
    ],
)
def test_a_hook_is_worse_beyond_a_tenth_and_the_noise(old: report.Report, now: report.Report, word: str):
    kept = json.loads(json.dumps(report.as_json(old)))
    (row,) = [line for line in report.comparison(now, kept).splitlines() if line.startswith("| Stop")]
    assert row.split(" | ")[-1].removesuffix(" |").strip("| ") == word


def test_a_file_that_was_kept_is_compared_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "printing.py").write_text("import sys\nprint('memory: ' + open('size').read() + ' MB')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(figures, "STARTS", 3)
    monkeypatch.setitem(BENCHES, "printing", Bench("what is printed", module="printing"))
    for size, option in (("20", "--json"), ("30", "--compare")):
        (tmp_path / "size").write_text(size)
        assert bench.main(["printing", option, "kept.json"]) == 0
    context = capfd.readouterr().out
    assert re.search(r"\| memory \| 20 MB \| 30 MB \| 1\.50 \| \*\*worse\*\*: \+50% \|", context)


@pytest.mark.parametrize("name", BENCHES)
def test_there_is_something_to_run(name: str):
    assert BENCHES[name].measure or importlib.util.find_spec(BENCHES[name].module)
