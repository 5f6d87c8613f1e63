"""An account's messages: what was sent to whom, by what, and what became of it; masked, and of its own tenant alone."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.automation import outbox
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.customers.models import Account, Person
from engage_server.operations import channels, reports
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

ADDRESS = "jane.doe@example.com"
DELIVERIES = """query ($first: Int = 9) { account(externalId: "north") { page: deliveries(first: $first) {
    totalCount edges { node { key type origin name channel subject said state finishedAt person { externalId } } }
} } }"""
OF_ALL = """{ accounts(first: 9) { edges { node {
    deliveries(first: 2) { edges { node { name channel person { id } } } }
} } } }"""
READER = (Permission.METRICS_READ, Permission.AUTOMATION_READ)


def caller(at: Caller, *permissions: Permission) -> Caller:
    key = make_key(at.tenant, KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset(permissions))).text
    return Caller(at.tenant, key, at.host)


def told_of(name: str) -> None:
    """An account of this name, a report on it, a message about its person, which was given up, and one about nobody."""
    account = Account.objects.create(external_id=name).pk
    person = Person.objects.create(external_id=ADDRESS if name == "north" else name).pk
    hook = channels.create_channel(
        f"Hook of {name}", {"kind": "WEBHOOK", "url": "https://hooks.example/in"}
    ).channel
    report = reports.create_report(
        f"Report on {name}", {"kind": "QUARTERLY_REVIEW", "account": account, "metrics": ["mood.score"]}
    ).number
    about = {"subject": {"kind": "person", "id": person}}
    with transaction.atomic():
        outbox.put(
            hook.number,
            [
                Message("report.written", f"Mood of {name}", "", {"report": report}, account=account),
                Message("survey.asked", f"Hello {ADDRESS}", "", about, account=account),
                Message("signal.raised", "Of many", "", {}),
            ],
            cause=f"report {report}",
        )
    Delivery.objects.filter(message__type="survey.asked").update(
        state="DEAD",
        log=[{"at": "2026-06-01T00:00:00+00:00", "attempt": 1, "said": f"no such user {ADDRESS}"}],
    )


@pytest.fixture
def told(at_acme, at_globex, settings) -> Caller:
    settings.ENGAGE_SEALING_KEYS = ["a key of the tests"]
    with tenant_scope(at_acme.tenant):
        for name in ("north", "south"):
            told_of(name)
    with tenant_scope(at_globex.tenant):
        Account.objects.create(external_id="north")
    return at_acme


def test_an_account_tells_what_was_sent_about_it_and_what_became_of_that(told, at_globex):
    whole = caller(told, *READER, Permission.PERSONAL_READ).data(DELIVERIES)["account"]["page"]
    assert whole["totalCount"] == 2
    asked, written = (edge["node"] for edge in whole["edges"])
    assert asked["key"] != written["key"]
    shared = {"origin": "REPORT", "name": "Report on north", "channel": "Hook of north", "finishedAt": None}
    assert asked == shared | {
        "key": asked["key"],
        "type": "survey.asked",
        "subject": f"Hello {ADDRESS}",
        "said": f"no such user {ADDRESS}",
        "state": "DEAD",
        "person": {"externalId": ADDRESS},
    }
    assert written == shared | {
        "key": written["key"], "type": "report.written", "subject": "Mood of north", "said": None, "state": "PENDING",
        "person": None,
    }  # fmt: skip
    other = caller(at_globex, *READER, Permission.PERSONAL_READ).data(DELIVERIES)["account"]["page"]
    assert other == {"totalCount": 0, "edges": []}


def test_who_may_see_no_persons_is_told_neither_whom_nor_what(told):
    whole = caller(told, *READER).data(DELIVERIES)
    assert ADDRESS not in str(whole)
    hidden = [edge["node"] for edge in whole["account"]["page"]["edges"]]
    assert [(one["state"], one["subject"], one["said"], one["person"]) for one in hidden] == [
        ("DEAD", None, None, None),
        ("PENDING", None, None, None),
    ]
    assert caller(told, Permission.METRICS_READ).code(DELIVERIES) == "FORBIDDEN"


def test_those_of_all_accounts_of_a_page_are_read_together(told):
    reader = caller(told, *READER, Permission.PERSONAL_READ)
    reader.data(OF_ALL)  # what is read once for many requests

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            reader.data(OF_ALL)
        return len(asked)

    of_two = statements()
    with tenant_scope(told.tenant):
        for name in ("east", "west", "up"):
            told_of(name)
    assert statements() == of_two
