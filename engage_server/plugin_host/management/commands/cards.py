"""Export the definition cards of the installed plugins for people and for other tools."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from engage_server.audit.management.base import OperatorCommand
from engage_server.plugin_host.cards.documents import documents
from engage_server.plugin_host.cards.osi import semantic_model
from engage_server.plugin_host.cards.pages import pages
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.plugin_host.registry import Plugin, registry


class Command(OperatorCommand):
    """Export the definition cards."""

    expected = (PluginHostError,)
    help = "Export definition cards: as JSON, as Open Semantic Interchange, or as Markdown pages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which form, of which plugins, and where to."""
        actions = parser.add_subparsers(dest="subcommand", required=True)
        export = actions.add_parser("export", help="write the cards of the installed plugins")
        export.add_argument("--format", required=True, choices=["json", "osi", "markdown"])
        export.add_argument(
            "--plugins", default="", help="ids separated by commas; default: all that are installed"
        )
        export.add_argument(
            "--out", type=Path, help="a file, for markdown a folder; default: standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them."""
        chosen = _chosen(options["plugins"])
        out: Path | None = options["out"]
        if options["format"] == "markdown":
            if out is None:
                raise CommandError("Markdown is a page for each plugin. Remedy: --out FOLDER.")
            out.mkdir(parents=True, exist_ok=True)
            for name, text in pages(chosen).items():
                (out / name).write_text(text, "utf-8")
            return
        found = documents(chosen)
        data = semantic_model(found) if options["format"] == "osi" else {"metrics": found}
        text = json.dumps(data, indent=2, ensure_ascii=False)
        if out is None:
            self.stdout.write(text)
        else:
            out.write_text(f"{text}\n", "utf-8")


def _chosen(ids: str) -> list[Plugin]:
    names = [name.strip() for name in ids.split(",") if name.strip()] or sorted(registry().plugins)
    return [registry().get(name) for name in names]
