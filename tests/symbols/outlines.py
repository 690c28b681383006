from textwrap import dedent

from context_sync.symbols.resolver import definitions


def outlined(path, source):
    """Return each definition of the source as `first-last kind name`; the source's first line is line 1."""
    text = dedent(source).removeprefix("\n").encode()
    return [f"{symbol.start}-{symbol.end} {symbol.kind} {symbol.name}" for symbol in definitions(path, text)]


def expected(lines):
    """Return the non-blank lines of an expectation, unindented."""
    return [line.strip() for line in lines.splitlines() if line.strip()]
