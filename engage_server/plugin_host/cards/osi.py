"""Definition cards as a semantic model of Open Semantic Interchange (Apache Ossie), which tools of analytics read.

The specification: https://github.com/apache/ossie, core-spec/spec.md. A metric of ours is computed by a plugin, and its
values are stored; so the model's one dataset is the stored values, and a metric's expression is how to pick its values
there. What the specification has no word for stands in our custom extension, as it allows.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

VERSION: Final = "0.2.0.dev0"
VENDOR: Final = "ENGAGE"
DATASET: Final = "metric_values"
SOURCE: Final = "metrics_metricvalue"
"""The view of stored values in each tenant's schema."""
KEY: Final = ("metric", "subject_kind", "subject_id", "day", "revision")
FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "metric": ("String", "Full id of the metric: the plugin's, a dot, the metric's."),
    "subject_kind": ("String", "Whose value it is: tenant, account, person, segment or feature."),
    "subject_id": ("Integer", "Number of the account, person, segment or feature; 0 for the tenant."),
    "day": ("Date", "Day of the tenant's calendar."),
    "revision": ("Integer", "Counts the values that replaced each other."),
    "superseded_at": ("DateTimeTz", "When a newer revision replaced it; null: it is in force."),
    "value": ("Decimal", "Null where the status is NO_DATA or SUPPRESSED."),
    "status": ("String", "How far the value can be trusted."),
    "n": ("Integer", "Sample size."),
    "definition_version": ("Integer", "Values of different versions of the definition are no one curve."),
}
USE: Final = (
    "Group by day and subject: values of days, accounts and segments do not add up. Rows of the subject_kind tenant "
    "are the whole. Compare values of one definition_version alone."
)


def semantic_model(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The document of the specification, for JSON or YAML, of cards as ``documents`` gives them."""
    model = {
        "name": "engage",
        "description": "Metrics of customer engagement, as their plugins define them.",
        "ai_context": {"instructions": USE},
        "datasets": [_dataset()],
        "metrics": [_metric(document) for document in documents],
    }
    return {"version": VERSION, "semantic_model": [model]}


def _dataset() -> dict[str, Any]:
    return {
        "name": DATASET,
        "source": SOURCE,
        "primary_key": list(KEY),
        "description": "Values of all metrics by subject and day, every revision.",
        "fields": [
            {"name": name, "expression": _expression(name), "datatype": datatype, "description": description}
            for name, (datatype, description) in FIELDS.items()
        ],
    }


def _metric(document: Mapping[str, Any]) -> dict[str, Any]:
    titles = document["titles"]
    return {
        "name": document["id"],
        "expression": _expression(_picked(document["id"])),
        "datatype": "Decimal",
        "description": f"{titles['en']}, in {document['units']['en']}: {document['formula']}",
        "ai_context": {
            "instructions": " ".join(document["edge_rules"]),
            "synonyms": sorted({*titles.values()}),
        },
        "custom_extensions": [
            {"vendor_name": VENDOR, "data": json.dumps(document, ensure_ascii=False, sort_keys=True)}
        ],
    }


def _picked(metric: str) -> str:
    """The value in force of a group of one day and subject; ids of metrics have no quotation marks."""
    held = f"{DATASET}.metric = '{metric}' AND {DATASET}.superseded_at IS NULL"
    return f"MAX(CASE WHEN {held} THEN {DATASET}.value END)"


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}
