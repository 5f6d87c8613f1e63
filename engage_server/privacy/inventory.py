"""Where personal data of a tenant lie, table by table, and what becomes of them when a person is erased.

A test compares this with the models: a new table, or a new column of JSON or text, has to be entered here first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What an erasure does to a table."""

    DELETED = "the person's rows are deleted"
    SEARCHED = "rows that mention the person are deleted or redacted"
    REBUILT = "follows from the events: brought up to date after they are gone"
    KEPT = "holds nothing of a person, or nothing but its number"


@dataclass(frozen=True, slots=True)
class Holding:
    """``why`` says what makes the fate the right one; ``texts`` are the columns that this was said about."""

    fate: Fate
    why: str
    texts: tuple[str, ...] = ()


TENANT_TABLES: Final[Mapping[str, Holding]] = {
    "activity_daybitmap": Holding(Fate.REBUILT, "a bit per person, cleared"),
    "activity_event": Holding(Fate.DELETED, "by person", ("message_id", "properties")),
    "activity_eventdelta": Holding(Fate.REBUILT, "emptied by the compaction"),
    "activity_eventname": Holding(Fate.KEPT, "given by developers", ("name",)),
    "activity_feature": Holding(Fate.KEPT, "given by developers", ("name",)),
    "activity_personday": Holding(Fate.REBUILT, "emptied with the events"),
    "activity_personstate": Holding(Fate.DELETED, "by person, once nothing is counted any more"),
    "activity_rollupstate": Holding(Fate.KEPT, "the tenant's calendar", ("zone",)),
    "activity_source": Holding(Fate.KEPT, "given by developers", ("name",)),
    "audit_auditentry": Holding(
        Fate.KEPT,
        "cannot be changed: subjects and details are numbers, public ids and digests",
        ("actor", "action", "subject", "request", "details"),
    ),
    "automation_delivery": Holding(
        Fate.SEARCHED,
        "messages about the person, or that name it, are deleted, sent or not",
        ("cause", "message", "log"),
    ),
    "automation_journey": Holding(
        Fate.DELETED, "by person; notes say what went wrong with a text, not what it said", ("subject_kind", "note")
    ),
    "automation_signal": Holding(
        Fate.SEARCHED,
        "signals about the person are deleted; reasons that name the person are redacted",
        ("subject_kind", "evidence", "acknowledged_by", "reason"),
    ),
    "automation_surveyinvitation": Holding(Fate.DELETED, "by person; says that it was asked, and what became of it"),
    "automation_task": Holding(
        Fate.SEARCHED,
        "tasks about the person are deleted; of others the texts that name the person are redacted",
        ("subject_kind", "owner", "title", "text", "done_by", "outcome"),
    ),
    "audit_keptanswer": Holding(
        Fate.KEPT, "keyed digests, numbers and days; gone after a day", ("key", "content", "answer")
    ),
    "customers_account": Holding(
        Fate.KEPT,
        "describes a company; who is named there has to be changed by the tenant",
        ("external_id", "name", "plan", "owner", "traits"),
    ),
    "customers_accountattribute": Holding(
        Fate.KEPT,
        "describes a company, as customers_account does: its owner is one of the tenant's own people",
        ("attribute", "value"),
    ),
    "customers_ledgerentry": Holding(
        Fate.KEPT, "money, of an account at most", ("external_id", "stage", "category", "currency")
    ),
    "customers_membership": Holding(Fate.DELETED, "by person"),
    "customers_person": Holding(
        Fate.DELETED, "with all that it was merged with", ("external_id", "traits")
    ),
    "customers_personalias": Holding(Fate.DELETED, "by person", ("alias",)),
    "customers_subscription": Holding(
        Fate.KEPT, "belongs to an account", ("external_id", "plan", "currency", "status", "channel", "cancel_reason")
    ),
    "customers_surveyresponse": Holding(
        Fate.SEARCHED,
        "the person's are deleted; texts and tags of nobody, and those of the tenant's people, are redacted where they "
        "name the person",
        ("external_id", "instrument", "text", "tags", "metric"),
    ),
    "definitions_definition": Holding(
        Fate.SEARCHED,
        "names, reasons, notes and texts that name the person are redacted in every version; who is named in a condition "
        "has to be changed by the tenant's people",
        ("kind", "name", "body", "author"),
    ),
    "ingest_importpart": Holding(
        Fate.DELETED, "with anybody's erasure, all of it; else when the file is imported, its refused rows after a week"
    ),
    "ingest_quarantineditem": Holding(
        Fate.SEARCHED,
        "deleted where a text of the payload is a name, address or number of the person",
        ("source", "protocol", "kind", "code", "message", "payload"),
    ),
    "metrics_computation": Holding(
        Fate.KEPT, "where values come from", ("timezone", "plugin_version", "input_digest", "window_starts")
    ),
    "metrics_dayvalue": Holding(Fate.DELETED, "values of the person, every revision"),
    "metrics_measuredvalue": Holding(
        Fate.SEARCHED,
        "values of the person are deleted; contributions and details that name it are redacted, every revision",
        ("status", "figures"),
    ),
    "metrics_metricvalue": Holding(
        Fate.SEARCHED,
        "a view of the other tables of values",
        (
            "metric", "subject_kind", "reason", "status", "contributions", "details", "timezone", "plugin_version",
            "input_digest",
        ),
    ),
    "metrics_wording": Holding(
        Fate.SEARCHED, "labels that name the person are redacted with the values", ("metric", "subject_kind", "body")
    ),
    "plugin_host_pluginsetting": Holding(Fate.KEPT, "set by the operator", ("plugin", "config", "adopted")),
    "segments_segmentmember": Holding(Fate.DELETED, "by person, of segments of persons"),
}  # fmt: skip
