"""Definition cards as Markdown, a page for each plugin."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engage_server.plugin_host.cards.documents import documents, plain
from engage_server.plugin_host.registry import Plugin

INDEX: Final = "README.md"
WRITTEN: Final = (
    "Written from the definition cards by `manage.py cards export --format markdown`; change those."
)
Document = Mapping[str, Any]


def pages(plugins: Sequence[Plugin]) -> dict[str, str]:
    """The pages by file name, with one that lists all metrics."""
    by_id = sorted(plugins, key=lambda plugin: plugin.id)
    written = {f"{plugin.id}.md": _page(plugin, documents([plugin])) for plugin in by_id}
    return {INDEX: _index(documents(by_id)), **written}


def _index(found: Sequence[Document]) -> str:
    rows = [
        (
            f"[`{one['id']}`]({one['plugin']}.md#{one['id'].partition('.')[2]})",
            one["titles"]["en"],
            one["units"]["en"],
            one["direction"].lower(),
            one["category"],
            one["timing"].lower(),
        )
        for one in found
    ]
    head = ("metric", "title", "unit", "good", "category", "moves")
    return _joined(["# Metrics", WRITTEN, _table(head, rows)])


def _page(plugin: Plugin, found: Sequence[Document]) -> str:
    titles = {"en": plugin.manifest.title, **plugin.manifest.translations}
    parts = [f"# {' · '.join(dict.fromkeys(titles.values()))}", WRITTEN]
    for one in found:
        parts += _metric(one)
    settings = _settings(plugin)
    if settings:
        parts += ["## Settings", _table(("setting", "default", "what it does"), settings)]
    return _joined(parts)


def _metric(one: Document) -> Iterator[str]:
    yield f"## {one['id'].partition('.')[2]}"
    yield f"{' · '.join(dict.fromkeys(one['titles'].values()))} (`{one['id']}`)"
    yield _table(
        ("unit", "good", "moves", "category", "of", "definition"),
        [
            (
                " · ".join(dict.fromkeys(one["units"].values())),
                one["direction"].lower(),
                "before the outcome" if one["timing"] == "LEADING" else "with the outcome",
                one["category"],
                ", ".join(one["subjects"]),
                f"version {one['definition_version']}",
            )
        ],
    )
    yield f"**Formula.** {_escaped(one['formula'])}"
    yield f"**Source.** {_escaped(one['source'])}"
    yield "\n".join(f"- {_escaped(rule)}" for rule in one["edge_rules"])
    if one["no_interval"]:
        yield f"**No interval.** {_escaped(one['no_interval'])}"
    if one["vanity_risk"]:
        yield f"**Beware.** {_escaped(one['vanity_risk'])}"
    if one["vectors"]:
        rows = [(vector["given"], vector["expected"], vector["source"]) for vector in one["vectors"]]
        yield _table(("worked example", "comes to", "source"), rows)
    if one["benchmarks"]:
        yield _table(("benchmark", "low", "high", "said of", "source", "verified"), _benchmarks(one))
    if one["details"]:
        rows = [(f"`{field['name']}`", field["kind"], field["description"]) for field in one["details"]]
        yield _table(("figure", "type", "what it is"), rows)


def _benchmarks(one: Document) -> list[tuple[str, ...]]:
    return [
        (
            benchmark["statement"],
            _number(benchmark["low"]),
            _number(benchmark["high"]),
            _said_of(benchmark),
            ", ".join(filter(None, (benchmark["source"], benchmark["published"]))),
            "yes" if benchmark["verified"] else "no",
        )
        for benchmark in one["benchmarks"]
    ]


def _said_of(benchmark: Document) -> str:
    held = {**benchmark["accounts"], **benchmark["details"]}
    words = [
        f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in held.items()
    ]
    cadences = [cadence.lower() for cadence in benchmark["cadences"]]
    if benchmark["figure"]:
        words.append(f"the figure {benchmark['figure']}")
    return "; ".join(filter(None, (benchmark["applies_to"], ", ".join(cadences), *words)))


def _settings(plugin: Plugin) -> list[tuple[str, ...]]:
    """The fields of the configuration, with the defaults as JSON."""
    schema = plugin.manifest.config.model_json_schema()
    defaults = plain(plugin.manifest.config().model_dump(mode="json"))
    return [
        (f"`{name}`", f"`{json.dumps(defaults.get(name), ensure_ascii=False)}`", field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|")


def _escaped(text: str) -> str:
    """One line, in which nothing becomes a tag or emphasis but what stands between backticks."""
    parts = " ".join(text.split()).split("`")
    shown = [part if place % 2 else _literal(part) for place, part in enumerate(parts)]
    return "`".join(shown)


def _literal(text: str) -> str:
    for mark in ("\\", "*", "<"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"
