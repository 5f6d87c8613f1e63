"""What all servers know of the data; imports nothing, since the bare handler imports it."""

from typing import Final

METRICS: Final = ("health_score.score", "nps.score", "csat.score", "engagement.score", "stickiness.ratio")
SCHEMA: Final = "rivals"


def fields_of(metric: str) -> tuple[str, str]:
    """The two names in GraphQL that lead to a metric: its plugin's and its own."""
    plugin, _, name = metric.partition(".")
    head, *rest = plugin.split("_")
    return head + "".join(part.title() for part in rest), name


FIELDS: Final = {metric: fields_of(metric) for metric in METRICS}
