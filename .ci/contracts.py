"""Write the plugins that the tree holds into the three lists of pyproject.toml that name each: ``make contracts``."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Rewrite the lists; everything else in the file stays as it is."""
    packages = sorted(path.parent.name for path in ROOT.glob("plugins/*/src/*/__init__.py"))
    readers = [*packages, "tests.dummy_plugin"]
    path = ROOT / "pyproject.toml"
    text = path.read_text()
    for head, names in (
        ("root_packages = [", ["engage_server", "graphql_compiled", "tests", *packages]),
        ("source_modules = [ # plugins", readers),
    ):
        lines = "".join(f'    "{name}",\n' for name in names)
        text = _replace(text, f"{re.escape(head)}\n(?:    .*\n)*\\]", f"{head}\n{lines}]")
    siblings = " |\n".join(f"    {name}" for name in readers)
    text = _replace(
        text, r'layers = \[\n    """(?:.|\n)*?""",\n', f'layers = [\n    """\n{siblings}\n    """,\n'
    )
    path.write_text(text)


def _replace(text: str, pattern: str, new: str) -> str:
    found, count = re.subn(pattern, lambda _: new, text)
    if count != 1:
        raise SystemExit(f"pyproject.toml has {count} lists like {pattern!r}, not one.")
    return found


if __name__ == "__main__":
    main()
