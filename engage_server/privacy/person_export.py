"""Everything that is stored about a person, as JSON: what the person may ask for, in a form that others can read."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from engage_server.activity.models import Event
from engage_server.audit import log as audit_log
from engage_server.automation.erasure import deliveries_about
from engage_server.automation.models import Journey, Signal, SurveyInvitation, Task
from engage_server.customers.canonical_persons import MergeGroup, find_merge_group
from engage_server.customers.erasure import identifying_texts
from engage_server.customers.models import Membership, Person, PersonAlias, SurveyResponse
from engage_server.customers.person_mentions import NameMatcher
from engage_server.ingest.erasure import items_mentioning
from engage_server.metrics.models import MetricValue
from engage_server.privacy.exceptions import TooMuchToExportError, UnknownPersonError
from engage_server.tenancy.scope import current_tenant

ROWS_AT_ONCE: Final = 2_000
MOST_ROWS_IN_AN_ANSWER: Final = 10_000
Row = Mapping[str, Any]


def export_person(name: str) -> dict[str, Any]:
    """All that is stored of the person of this name, by section; inside the tenant's scope.

    Raises:
        UnknownPersonError: nobody has the name.
        TooMuchToExportError: it is more than an answer may hold; the command writes it to a file.
    """
    with transaction.atomic():
        group = _require_group(name)
        document: dict[str, Any] = {**_head()}
        left = MOST_ROWS_IN_AN_ANSWER
        for section, found in _sections(group):
            with closing(found):
                document[section] = list(islice(found, left + 1))
            left -= len(document[section])
            if left < 0:
                raise TooMuchToExportError(
                    f"More than {MOST_ROWS_IN_AN_ANSWER} rows are stored about the person. "
                    "Remedy: `manage.py privacy export --out FILE` writes them all."
                )
        _record(group, MOST_ROWS_IN_AN_ANSWER - left)
    # Times and decimals as the file has them.
    plain: dict[str, Any] = json.loads(json.dumps(document, cls=DjangoJSONEncoder))
    return plain


def write_person(name: str, stream: IO[str]) -> int:
    """As ``export_person``, to a file, however much it is; returns the number of rows.

    Raises:
        UnknownPersonError: nobody has the name; nothing was written.
    """
    rows = 0
    with transaction.atomic():
        group = _require_group(name)
        stream.write(json.dumps(_head(), cls=DjangoJSONEncoder)[:-1])
        for section, found in _sections(group):
            stream.write(f', "{section}": [')
            for number, row in enumerate(found):
                stream.write((",\n" if number else "\n") + json.dumps(row, cls=DjangoJSONEncoder))
                rows += 1
            stream.write("]")
        stream.write("}\n")
        _record(group, rows)
    return rows


def _require_group(name: str) -> MergeGroup:
    group = find_merge_group([name])
    if not group.persons:
        raise UnknownPersonError(
            "Nobody of this tenant has the id. Remedy: check it; ids are case-sensitive."
        )
    return group


def _head() -> dict[str, Any]:
    return {"tenant": current_tenant().slug, "exported_at": datetime.now(UTC)}


def _record(group: MergeGroup, rows: int) -> None:
    numbers = ", ".join(f"person {person}" for person in group.persons)[:200]
    audit_log.record("data.exported", subject=numbers, details={"rows": rows})


def _sections(group: MergeGroup) -> Iterator[tuple[str, Generator[Row, None, None]]]:
    of_them = {"person_id__in": group.persons}
    yield "persons", _rows(
        Person.objects.filter(id__in=group.persons),
        "id", "external_id", "traits", "merged_into", "is_excluded", "consents", "is_suppressed", "created_at",
    )  # fmt: skip
    yield (
        "names",
        _rows(
            PersonAlias.objects.filter(**of_them), "alias", "person_id", "is_firm", "tied_at", "created_at"
        ),
    )
    yield (
        "memberships",
        _rows(Membership.objects.filter(**of_them), "account__external_id", "starts_at", "ends_at"),
    )
    yield "survey_responses", _rows(
        SurveyResponse.objects.filter(**of_them),
        "external_id", "instrument", "account__external_id", "scale_min", "scale_max", "direction", "score", "text",
        "given_by", "tags", "metric", "occurred_at",
    )  # fmt: skip
    yield "events", _rows(
        Event.objects.filter(**of_them).order_by("occurred_at"),
        "source__name", "message_id", "name__name", "account__external_id", "occurred_at", "received_at", "properties",
    )  # fmt: skip
    yield "values", _rows(
        MetricValue.objects.filter(subject_kind="person", subject_id__in=group.persons, superseded_at=None),
        "metric", "day", "value", "status", "n", "contributions", "details",
    )  # fmt: skip
    about_them = {"subject_kind": "person", "subject__in": group.persons}
    yield "signals", _rows(
        Signal.objects.filter(**about_them).order_by("pk"),
        "rule", "is_risk", "raised_on", "cleared_on", "raised_at", "evidence", "acknowledged_at", "reason",
    )  # fmt: skip
    yield (
        "journeys",
        _rows(
            Journey.objects.filter(**about_them).order_by("pk"),
            "playbook", "version", "signal", "step", "state", "begun_at", "note",
        ),
    )  # fmt: skip
    yield (
        "tasks",
        _rows(
            Task.objects.filter(**about_them).order_by("pk"),
            "playbook", "signal", "owner", "title", "text", "due_on", "made_at", "done_at", "outcome",
        ),
    )  # fmt: skip
    yield (
        "invitations",
        _rows(
            SurveyInvitation.objects.filter(person__in=group.persons).order_by("pk"),
            "survey", "version", "release", "state", "asked_at", "ends_at", "finished_at",
        ),
    )  # fmt: skip
    texts = identifying_texts(group.persons)
    yield (
        "deliveries",
        _deliveries(group.persons, NameMatcher(texts).matches if texts else lambda text: False),
    )
    yield (
        "quarantine",
        (
            {
                "source": item.source,
                "code": item.code,
                "received_at": item.received_at,
                "payload": item.payload,
            }
            for item in items_mentioning(texts)
        ),
    )


def _deliveries(persons: Sequence[int], mentions: Callable[[str], bool]) -> Generator[Row, None, None]:
    """Messages about them and those that name one: what an erasure deletes."""
    for one in deliveries_about(persons, mentions):
        yield {
            "channel": one.channel,
            "cause": one.cause,
            "message": one.message,
            "state": one.state,
            "created_at": one.created_at,
            "finished_at": one.finished_at,
        }


def _rows(query: Any, *fields: str) -> Generator[Row, None, None]:
    for row in query.values_list(*fields).iterator(chunk_size=ROWS_AT_ONCE):
        yield {_plain(field): value for field, value in zip(fields, row, strict=True)}


def _plain(field: str) -> str:
    """``account__external_id`` is the account, ``name__name`` the name."""
    return field.partition("__")[0]
