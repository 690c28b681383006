"""Measures the reading of transcripts: `python -m benchmarks.transcripts` prints one Markdown table.

The long transcripts are what the real client wrote (see tests/client/install.py), its body again and again. Exits 1
when a target is missed, 2 without Claude Code.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import orjson

from benchmarks import recorded
from benchmarks.table import Row, show
from context_sync.claude.transcripts import conversation, glance, reader
from context_sync.summaries import cache, changed_files, extraction, summary
from context_sync.summaries.extraction import LARGE, Gathered
from tests.client import install

MEGABYTE = 1_000_000
ROUNDS = 9
MOST = 1.2  # times what decoding alone takes
CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Print the table."""
    client = install.find()
    if client is None:
        print("The real client is not there: `tests/run` installs it.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CLAUDE_CONFIG_DIR"] = str(Path(folder, "state"))
        return show(measured(client, Path(folder)))


def measured(client: Path, folder: Path) -> Iterator[Row]:
    (folder / "recorded").mkdir()
    real = recorded.record(client, folder / "recorded")
    sizes = {size: folder / f"{size}.jsonl" for size in (50, 100)}
    for size, path in sizes.items():
        recorded.repeat(real, path, size * MEGABYTE)
    yield from decoding(sizes[100])
    yield from memory(sizes[100])
    yield from summaries(sizes[50])
    yield from reading_on(sizes[100], real)
    yield from looking(sizes[100])


def decoding(path: Path) -> Iterator[Row]:
    """The whole extraction beside `orjson.loads` on the lines of the conversation, which lie in memory already."""
    lines = [line for _, line in reader.lines_from(str(path), 0)]
    context = [line for line in lines if orjson.loads(line)["type"] in ("user", "assistant")]
    context = conversation.Reader()
    decoded = [line for line in lines if context.read(line)]
    size, needed = sum(map(len, lines)), sum(map(len, context))
    number, whole = len(lines), f"{size / MEGABYTE:.0f} MB"
    del lines
    yield Row(f"a transcript of {whole}: lines, of the conversation", f"{number:,}, {len(context):,}")
    yield Row("of these bytes of the conversation", f"{needed / size:.0%}")
    found = in_turns(lambda: extraction.read(Gathered(), [str(path)]), lambda: decode(context), lambda: decode(decoded))
    extracting, decoding_all, decoding_some = (median(times) for times in found)
    ratio = median(one / other for one, other in zip(found[0], found[1], strict=True))
    yield Row("extraction, CPU", f"{extracting * 1e3:.0f} ms")
    yield Row("`orjson.loads` on the conversation alone, CPU", f"{decoding_all * 1e3:.0f} ms")
    yield Row("extraction to that", f"{ratio:.2f}", f"at most {MOST}", ratio <= MOST)
    yield Row(f"`orjson.loads` on the {len(decoded):,} lines that tell something, CPU", f"{decoding_some * 1e3:.0f} ms")


def memory(path: Path) -> Iterator[Row]:
    """The most that a process of its own ever holds."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.transcripts", str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    used = int(done.stdout) / 1e6
    yield Row("memory of the extraction, with the interpreter", f"{used:.0f} MB", "under 80 MB", used < 80)


def summaries(path: Path) -> Iterator[Row]:
    """A summary without a model, from nothing."""
    times = []
    for number in range(ROUNDS):
        began = time.perf_counter()
        found = cache.keep(f"fresh-{number}", str(path))
        changed_files.of_session(f"fresh-{number}", found)
        summary.from_transcript(found)
        times.append(time.perf_counter() - began)
    took = median(times) * 1e3
    yield Row("a useful summary of 50 MB without a model", f"{took:.0f} ms", "under 200 ms", took < 200)


def reading_on(path: Path, real: Path) -> Iterator[Row]:
    """Ten more lines, in a conversation of which all is kept and in one that is sampled."""
    lines = real.read_bytes().splitlines(keepends=True)
    few = path.with_name("few.jsonl")
    few.write_bytes(b"".join(lines * 4))
    for what, file in (("100 MB", path), (f"{len(lines) * 6:,} lines", few)):
        session = file.stem
        found = cache.keep(session, str(file))
        times = []
        for number in range(2 * ROUNDS):
            with file.open("ab") as stream:
                stream.writelines(lines[50 + 10 * number : 60 + 10 * number])
            began = time.perf_counter()
            found = cache.keep(session, str(file))
            times.append(time.perf_counter() - began)
        took = median(times) * 1e3
        kept = "sampled" if found.messages >= LARGE else f"{len(found.kept)} messages kept"
        yield Row(f"ten new lines after {what} ({kept})", f"{took:.1f} ms", "under 5 ms", took < 5)


def looking(path: Path) -> Iterator[Row]:
    times = in_turns(lambda: glance.take(str(path)))[0]
    yield Row("a glance at 100 MB, as SessionStart takes it", f"{median(times) * 1e3:.1f} ms")


def decode(lines: list[bytes]) -> None:
    for line in lines:
        orjson.loads(line)


def in_turns(*works: Callable[[], object]) -> list[list[float]]:
    """Do each work once in each round; return the CPU seconds of each, without the first round."""
    found: list[list[float]] = [[] for _ in works]
    for number in range(ROUNDS + 1):
        for work, times in zip(works, found, strict=True):
            began = time.process_time()
            work()
            if number:
                times.append(time.process_time() - began)
    return found


def _print_memory(path: str) -> None:
    extraction.read(Gathered(), [path])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.platform == "darwin":
        print(used)
    else:  # there it is the most that the parent held, too
        (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
        print(int(line.split()[1]) * 1024)


if __name__ == "__main__":
    if sys.argv[1:]:
        _print_memory(sys.argv[1])
    else:
        sys.exit(main())
