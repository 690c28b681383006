"""Owns reading the script blocks of a single-file component as the script language they are in."""

from context_sync.symbols.language import Language
from context_sync.symbols.languages import language_of
from context_sync.symbols.outline import Definition, outline
from context_sync.symbols.parsing import matches
from context_sync.symbols.trees import Range


def read_scripts(language: Language, text: bytes, seconds: float) -> tuple[Definition, ...]:
    """Return the definitions of all script blocks together, at their lines in the whole file.

    They are read as TypeScript when one of them says `lang="ts"`.
    """
    blocks = [captures for _, captures in matches(language, text, seconds)]
    typed = any(b"ts" in text[captures["tag"][0].start_byte : captures["tag"][0].end_byte] for captures in blocks)
    script = language_of("block.ts" if typed else "block.js")
    ranges = [
        Range(node.start_point, node.end_point, node.start_byte, node.end_byte)
        for node in sorted((captures["script"][0] for captures in blocks), key=lambda node: node.start_byte)
    ]
    return outline(script, text, matches(script, text, seconds, ranges)) if script and ranges else ()
