import sysconfig
from pathlib import Path

from benchmarks.symbols import NOTHING, compare_python

FILES = 300


def test_functions_and_classes_of_the_standard_library_are_those_that_ast_sees():
    paths = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*/*.py"), key=lambda path: path.name)
    total = NOTHING
    for path in paths[:: max(1, len(paths) // FILES)]:
        if tally := compare_python(path):
            total = total.plus(tally)
    assert total.lines > 20_000
    assert total.agreed / total.lines >= 0.999, total.classes
