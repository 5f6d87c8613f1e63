"""Draws docs/images/layers.svg: the layers of pyproject.toml's import contract, each with its package's docstring.

`make picture` writes it; a test compares the committed one.
"""

import ast
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURE: Final = Path(__file__).with_name("layers.svg")
WIDTH: Final = 740  # of a layer
HEIGHT: Final = 40
GAP: Final = 8
MARGIN: Final = 12
PLUGINS: Final = 130  # width of the column of the plugins


def layers() -> list[list[str]]:
    """The packages of each layer, the highest first."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = next(one for one in linter["contracts"] if one.get("containers") == ["engage_server"])
    return [layer.split(" | ") for layer in contract["layers"]]


def plugins() -> list[str]:
    """Our plugins by their folders."""
    return sorted(path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml"))


def purpose(package: str) -> str:
    """What a package is for, in one line."""
    text = ast.get_docstring(ast.parse((ROOT / "engage_server" / package / "__init__.py").read_text())) or ""
    return text.partition("\n")[0]


def draw() -> str:
    """The picture as SVG."""
    rows = layers()
    height = 2 * MARGIN + len(rows) * (HEIGHT + GAP) - GAP
    width = 3 * MARGIN + WIDTH + PLUGINS
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="Helvetica, Arial, sans-serif" role="img">',
            "<title>Layers of the server: each may import those below it</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *(box for number, packages in enumerate(rows) for box in draw_layer(number, packages)),
            *draw_plugins(len(rows) - 1),
            "</svg>\n",
        ]
    )


def draw_layer(number: int, packages: list[str]) -> Iterator[str]:
    """Boxes side by side for packages that do not know each other."""
    wide = (WIDTH - GAP * (len(packages) - 1)) // len(packages)
    top = top_of(number)
    for place, package in enumerate(packages):
        left = MARGIN + place * (wide + GAP)
        yield (
            f'<rect x="{left}" y="{top}" width="{wide}" height="{HEIGHT}" rx="5" fill="#eef3fa" stroke="#4a6fa5"/>'
        )
        yield f'<text x="{left + 10}" y="{top + 16}" font-size="13" font-weight="bold">{package}</text>'
        yield f'<text x="{left + 10}" y="{top + 32}" font-size="11">{escape(purpose(package))}</text>'


def draw_plugins(lowest: int) -> Iterator[str]:
    """A column beside the layers, and its arrow to the SDK, the lowest of them."""
    left, bottom = 2 * MARGIN + WIDTH, top_of(lowest - 1) + HEIGHT
    middle = left + PLUGINS // 2
    yield (
        f'<rect x="{left}" y="{MARGIN}" width="{PLUGINS}" height="{bottom - MARGIN}" rx="5" fill="#f6f1e7" '
        'stroke="#a5824a"/>'
    )
    for line, text in enumerate(["plugins", *plugins()]):
        weight = "bold" if line == 0 else "normal"
        yield (
            f'<text x="{left + 10}" y="{MARGIN + 18 + 18 * line}" font-size="12" font-weight="{weight}">{text}</text>'
        )
    target = top_of(lowest) + HEIGHT // 2
    edge = MARGIN + WIDTH
    yield f'<path d="M {middle} {bottom} V {target} H {edge + 7}" fill="none" stroke="#a5824a" stroke-width="1.5"/>'
    yield f'<path d="M {edge + 1} {target} l 8 -4 v 8 z" fill="#a5824a"/>'


def top_of(number: int) -> int:
    """Where a layer's boxes begin."""
    return MARGIN + number * (HEIGHT + GAP)


if __name__ == "__main__":
    PICTURE.write_text(draw())
