"""Accounts as JSON: the expression of what is selected of one, and the joins that it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from graphql import GraphQLResolveInfo

from engage_server.api.database_json.selection import TYPENAME, NotReadyError, Selected
from engage_server.metrics.series import MOST_DAYS, Grain
from engage_server.metrics.value_json import (
    ABSENT,
    COLUMNS,
    OF_A_POINT,
    OF_A_VALUE,
    SERIES,
    UNCLEAR,
    VALUE,
    Column,
    json_object,
    series_columns,
    text,
)
from engage_server.sdk.derived_names import field_name

# Of the table joined as ``account``.
OF_AN_ACCOUNT: Final[Mapping[str, str]] = {
    "externalId": "to_json(account.external_id)::text",
    "name": "to_json(account.name)::text",
    "plan": "to_json(account.plan)::text",
    "owner": "to_json(account.owner)::text",
    "stage": "to_json(account.stage)::text",
}
LABEL: Final = "to_json(COALESCE(NULLIF(account.name, ''), account.external_id))::text"
# As ``ids.global_id``: base64 for addresses, without padding.
BASE64: Final = "encode(convert_to({prefix} || account.id, 'UTF8'), 'base64')"
GLOBAL_ID: Final = f"""'"' || rtrim(translate({BASE64}, '+/', '-_'), '=') || '"'"""
NOTHING: Final = "false"
ACCOUNT: Final = "account"  # the kind of subject
Metrics = Mapping[tuple[str, str], str]  # full ids by the fields of plugin and metric


@dataclass(slots=True)
class AccountJson:
    """Grows while a selection is read.

    Args:
        metrics: those that are measured for accounts.
        tenant_id: whose accounts they are.
    """

    metrics: Metrics
    tenant_id: int
    joins: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)  # names of joins by full ids of metrics
    series: list[tuple[str, Selected]] = field(default_factory=list)

    def of(self, selected: Sequence[Selected]) -> str:
        """The expression of an account.

        Raises:
            NotReadyError: something is selected that is not a column or a figure.
        """
        return json_object([(one.key, self._member(one.plain())) for one in selected])

    def _member(self, one: Selected) -> str:
        if one.name == TYPENAME:
            return _name(one.parent.name)
        if one.name == "id":
            return GLOBAL_ID.format(prefix=text(f"{one.parent.name}:{self.tenant_id}:"))
        if one.name in OF_AN_ACCOUNT:
            return OF_AN_ACCOUNT[one.name]
        if not any((one.name, metric.name) in self.metrics for metric in one.below):
            raise NotReadyError
        return json_object([(metric.key, self._metric(one, metric.plain())) for metric in one.below])

    def _metric(self, plugin: Selected, metric: Selected) -> str:
        if metric.name == TYPENAME:
            return _name(metric.parent.name)
        full_id = self.metrics.get((plugin.name, metric.name))
        if full_id is None:
            raise NotReadyError
        of = self.value(full_id)
        made = self.result(metric.below, full_id, of)
        return f"CASE WHEN {of}.status IS NULL OR {ABSENT.format(of=of)} THEN 'null' ELSE {made} END"

    def value(self, full_id: str) -> str:
        """The name under which a metric's newest values are joined."""
        if full_id not in self.asked:
            name = self.asked[full_id] = f"value_{len(self.asked)}"
            self.joins.append(VALUE.format(name=name, metric=text(full_id)))
            self.unclear.append(UNCLEAR.format(of=name))
        return self.asked[full_id]

    def result(self, selected: Sequence[Selected], full_id: str, of: str) -> str:
        """The expression of a value that there is.

        Raises:
            NotReadyError: more is selected of it than its figure.
        """
        members = []
        for one in selected:
            if one.name == "series":
                members.append((one.key, self._series(one, full_id)))
                continue
            members.append((one.key, of_a_value(one.plain(), _name(full_id), of)))
        return json_object(members)

    def _series(self, series: Selected, full_id: str) -> str:
        place = len(self.series)
        name = f"series_{place}"
        columns = [_column(one.plain()) for one in series.below if one.name != TYPENAME]
        self.series.append((name, series))
        self.joins.append(
            SERIES.format(
                name=name,
                metric=text(full_id),
                columns=series_columns(columns),
                first=f"%({name}_first)s",
                last=f"%({name}_last)s",
            )
        )
        self.unclear.append(f"{name}.unclear")
        found = iter(range(len(columns)))
        return json_object(
            [
                (one.key, _name(one.parent.name) if one.name == TYPENAME else f"{name}.column_{next(found)}")
                for one in series.below
            ]
        )

    def is_unclear(self) -> str:
        """The expression that says whether the account's answer has to be read in the ordinary way."""
        return f"COALESCE({' OR '.join(self.unclear)}, false)" if self.unclear else NOTHING


def of_a_value(one: Selected, metric: str, of: str, *, label: str = LABEL) -> str:
    """The expression of a field of a value; ``metric`` is that of its full id.

    Raises:
        NotReadyError: it is not of the figure alone.
    """
    said = {
        TYPENAME: _name(one.parent.name),
        "metric": metric,
        "subjectKind": _name(ACCOUNT.upper()),
        "label": label,
    }
    if one.name in said:
        return said[one.name]
    if one.name not in OF_A_VALUE:
        raise NotReadyError
    return OF_A_VALUE[one.name].format(of=of)


def ranges(series: Sequence[tuple[str, Selected]], info: GraphQLResolveInfo[Any]) -> dict[str, date]:
    """The parameters of the series for one execution.

    Raises:
        NotReadyError: the days are no range, or weeks or months are asked for.
    """
    given: dict[str, date] = {}
    for name, one in series:
        arguments = one.arguments(info)
        first, last, grain = (arguments.get(key) for key in ("from", "to", "grain"))
        if not (isinstance(first, date) and isinstance(last, date)) or grain not in (None, Grain.DAY):
            raise NotReadyError
        if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
            raise NotReadyError
        given |= {f"{name}_first": first, f"{name}_last": last}
    return given


def metrics_by_field(catalogue: Mapping[str, Any]) -> Metrics:
    """The metrics that are measured for accounts, by their fields."""
    found = {}
    for full_id, (_, metric) in catalogue.items():
        if ACCOUNT in metric.subjects:
            plugin, _, name = full_id.partition(".")
            found[field_name(plugin), field_name(name)] = full_id
    return found


def _column(one: Selected) -> Column:
    if one.name in COLUMNS:
        return Column(one.key, field=COLUMNS[one.name])
    if one.name != "points":
        raise NotReadyError
    return Column(one.key, objects=[(point.key, _of_a_point(point.plain())) for point in one.below])


def _of_a_point(one: Selected) -> str:
    if one.name == TYPENAME:
        return _name(one.parent.name)
    if one.name not in OF_A_POINT:
        raise NotReadyError
    return one.name


def _name(constant: str) -> str:
    return text(f'"{constant}"')
