"""Fingerprints of definitions: short hashes that show later what changed, without keeping any text."""

from context_sync.domain.records import Symbol
from context_sync.hotpath import hashing
from context_sync.symbols import resolver


def fingerprints(path: str, text: bytes) -> dict[str, str]:
    """Return a hash for each qualified name, computed over the lines of the definition outside nested definitions."""
    symbols = resolver.definitions(path, text)
    lines = text.split(b"\n") if symbols else []
    owners: list[str] = [""] * (len(lines) + 1)
    for symbol in symbols:  # in source order, so nested definitions overwrite
        owners[symbol.start : symbol.end + 1] = [symbol.name] * (min(symbol.end, len(lines)) - symbol.start + 1)
    texts: dict[str, list[bytes]] = {name: [] for name in sorted(set(owners)) if name}
    for owner, line in zip(owners[1:], lines, strict=True):
        if owner and line.strip():
            texts[owner].append(line.rstrip() + b"\n")
    return {name: hashing.sha256(b"".join(own)).hexdigest()[:16] for name, own in texts.items()}


def changed(path: str, before: dict[str, str], text: bytes) -> tuple[Symbol, ...]:
    """Return the definitions of `text` whose fingerprints differ from those `before`, then the removed ones.

    A removed definition has line 0. Empty when `text` is not read for symbols; bounded like the result of
    `resolver.touched`.
    """
    if not resolver.is_read(path, text):
        return ()
    after = fingerprints(path, text)
    spans = {symbol.name: symbol for symbol in reversed(resolver.definitions(path, text))}
    found = [symbol for name, symbol in spans.items() if after.get(name) != before.get(name)]
    gone = [Symbol(name, "removed", 0, 0) for name in before if name not in after]
    return resolver.bounded((*sorted(found, key=lambda symbol: symbol.start), *gone))
