"""Values in force as JSON that PostgreSQL builds: expressions and joins for statements whose rows are accounts.

Every expression gives text that is JSON, and null in no case. What a value says of itself beside its figure is not read:
where that could change the answer, or the figure is none that JSON has, the row is ``unclear`` and its reader asks again in
the ordinary way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engage_server.metrics.stored_details import DIRECTION


def compact(statement: str) -> str:
    """The statement in one line; none of its constants has white space."""
    return " ".join(statement.split())


# The series of accounts of each metric, and the day that it was last computed for, whatever it was computed for.
ASKED: Final = compact("""asked AS MATERIALIZED (
 SELECT series.metric, max(newest.day) AS day, max(series.id) FILTER (WHERE series.subject_kind = 'account') AS id
 FROM metrics_wording AS series CROSS JOIN LATERAL (
  SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL ORDER BY day DESC LIMIT 1
 ) AS newest WHERE series.metric = ANY(%(metrics)s::text[]) GROUP BY series.metric)""")
LARGEST_INT: Final = 2**31 - 1
# A row that only tells that the day was computed; or it says something, and then it must be read whole.
_BARE: Final = "{of}.status = 'NO_DATA' AND {of}.n = 0"
ABSENT: Final = f"({_BARE} AND {{of}}.figures = '[]')"
UNCLEAR: Final = (
    f"({_BARE} AND {{of}}.figures <> '[]' OR {{of}}.n > {LARGEST_INT} OR {{of}}.value = 'NaN'::float8)"
)
MEASURED: Final = "measured.value::float8 AS value, measured.status, measured.n, measured.figures"
VALUE: Final = f"""LEFT JOIN LATERAL (
 SELECT stored.day, {MEASURED} FROM metrics_dayvalue AS stored
 JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
 WHERE stored.series_id = (SELECT id FROM asked WHERE metric = {{metric}})
  AND stored.day = (SELECT day FROM asked WHERE metric = {{metric}})
  AND stored.subject_id = account.id AND stored.superseded_at IS NULL) AS {{name}} ON true"""  # noqa: S608  # constants of ours
SERIES: Final = """LEFT JOIN LATERAL (
 SELECT {columns} FROM (
  SELECT stored.day, measured.value::float8 AS value, measured.status, measured.n, measured.definition_version
  FROM generate_series(0, {last}::date - {first}::date) AS past (days)
  JOIN metrics_dayvalue AS stored ON stored.series_id = (SELECT id FROM asked WHERE metric = {metric})
   AND stored.day = {first}::date + past.days AND stored.subject_id = account.id AND stored.superseded_at IS NULL
  JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
  ORDER BY stored.day) AS point) AS {name} ON true"""
# The values of all accounts on the metric's newest day, and whether one of them has to be read whole: as above, or since it
# says itself which way is good, by which the list is ordered then.
LISTED: Final = compact(f"""listed AS MATERIALIZED (
 SELECT stored.subject_id, stored.day, {MEASURED}, measured.layout_id,
  COALESCE(NULLIF(named.name, ''), named.external_id) AS label, named.plan, named.stage
 FROM asked JOIN metrics_dayvalue AS stored
  ON stored.series_id = asked.id AND stored.day = asked.day AND stored.superseded_at IS NULL
 JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
 LEFT JOIN customers_account AS named ON named.id = stored.subject_id
 WHERE asked.metric = %(metric)s AND NOT {ABSENT.format(of="measured")})""")  # noqa: S608  # likewise
LIST_IS_UNCLEAR: Final = compact(f"""(SELECT bool_or({UNCLEAR.format(of="listed")}) FROM listed)
 OR EXISTS (SELECT FROM metrics_wording AS layout WHERE layout.id IN (SELECT DISTINCT layout_id FROM listed)
  AND layout.body::text LIKE '%%"{DIRECTION}"%%')""")  # noqa: S608  # likewise
UNCLEAR_POINT: Final = f"point.n > {LARGEST_INT} OR point.value = 'NaN'::float8"
NUMBER: Final = "COALESCE({of}.value::text, 'null')"
# What JSON says of a value or of a point of a series, by its field in GraphQL.
OF_A_VALUE: Final[Mapping[str, str]] = {
    "value": NUMBER,
    "status": """'"' || {of}.status || '"'""",
    "n": "{of}.n::text",
    "day": """'"' || {of}.day::text || '"'""",
}
OF_A_POINT: Final[Mapping[str, str]] = {
    **OF_A_VALUE,
    "definitionVersion": "{of}.definition_version::text",
}
COLUMNS: Final[Mapping[str, str]] = {
    "days": "day",
    "values": "value",
    "statuses": "status",
    "ns": "n",
    "definitionVersions": "definitionVersion",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a series: ``key`` of its answer, and what it holds: a field of points, or objects of several."""

    key: str
    field: str = ""
    objects: Sequence[tuple[str, str]] = ()


def text(value: str) -> str:
    """A constant of ours as a literal of SQL, in a statement with named parameters."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def joined(parts: Iterable[str]) -> str:
    """The concatenation of expressions."""
    return " || ".join(parts)


def json_object(members: Sequence[tuple[str, str]]) -> str:
    """An object of members whose values are expressions of JSON; keys are names of GraphQL, which need no escape."""
    if not members:
        return "'{}'"
    made: list[str] = []
    for place, (key, expression) in enumerate(members):
        made += [text(("{" if place == 0 else ",") + f'"{key}":'), f"({expression})"]
    return joined([*made, "'}'"])


def series_columns(columns: Sequence[Column]) -> str:
    """The expressions of a series' columns, each an array in brackets, and whether the row is unclear because of them."""
    made = [f"COALESCE(bool_or({UNCLEAR_POINT}), false) AS unclear"]
    for place, column in enumerate(columns):
        if column.field:
            one = OF_A_POINT[column.field].format(of="point")
        else:
            one = json_object(
                [(key, _point_member(field)) for key, field in column.objects],
            )
        made.append(f"'[' || COALESCE(string_agg({one}, ','), '') || ']' AS column_{place}")
    return ", ".join(made)


def _point_member(field: str) -> str:
    return OF_A_POINT[field].format(of="point") if field in OF_A_POINT else field
