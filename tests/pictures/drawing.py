"""The SVG of what a terminal shows, with its colours; it loads nothing from elsewhere."""

import io

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# As Rich's own, but with the fonts that a machine has: a picture must not ask another machine for one.
FORMAT = """<svg class="terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

THEME = TerminalTheme(
    (24, 26, 31),
    (214, 217, 224),
    [
        *((24, 26, 31), (224, 108, 117), (152, 195, 121), (229, 192, 123)),
        *((97, 175, 239), (198, 120, 221), (86, 182, 194), (214, 217, 224)),
    ],
    [
        *((118, 124, 136), (240, 128, 137), (172, 215, 141), (245, 212, 143)),
        *((127, 195, 249), (214, 146, 235), (116, 202, 214), (255, 255, 255)),
    ],
)


def svg(pane: str, columns: int, title: str) -> str:
    """Return the picture of a pane as `tmux capture-pane -e -p` prints it, without the empty lines at its end."""
    console = Console(width=columns, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(pane.rstrip()), soft_wrap=True)
    return console.export_svg(title=title, theme=THEME, code_format=FORMAT)
