"""What a value or a signal is about: a kind that is one of an enumeration, and an object of the kind's own type."""

from engage_server.access.models import ApiKey
from engage_server.activity.models import Feature
from engage_server.api.types.subjects import SubjectKind
from engage_server.automation.models import Signal
from engage_server.customers.models import Account, Person
from engage_server.operations.keys import create_key
from engage_server.sdk.compute import SUBJECT_KINDS
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.derived_values import STORED, fill
from tests.api.test_statements import statements
from tests.metrics.values import DAY, store

SUBJECT = """subjectKind subject { __typename
    ... on Account { externalId } ... on Person { knownAs: externalId } ... on Feature { name } }"""


def test_the_kinds_are_those_that_plugins_may_measure_for():
    assert {kind.value for kind in SubjectKind} == SUBJECT_KINDS


def test_values_lead_to_what_they_are_of_and_those_of_the_tenant_to_nothing(at, other):
    for caller in (at, other):
        fill(caller, {f"of {caller.tenant.slug}": 3})
        with tenant_scope(caller.tenant):
            store("reach.breadth", 5, details=STORED)
            pk = Feature.objects.create(name=f"Search at {caller.tenant.slug}").pk
            store("reach.breadth", 8, kind="feature", subject=pk, details=STORED)
    query = f"""{{ reach(on: "{DAY}") {{ breadth {{ {SUBJECT} }} }}
        reachBreadthByAccount(first: 9) {{ edges {{ node {{ {SUBJECT} }} }} }}
        reachBreadthByFeature(first: 9) {{ edges {{ node {{ {SUBJECT} }} }} }} }}"""
    for caller in (at, other):
        found, slug = caller.data(query), caller.tenant.slug
        assert found["reach"]["breadth"] == {"subjectKind": "TENANT", "subject": None}
        (account,) = found["reachBreadthByAccount"]["edges"]
        assert account["node"] == {
            "subjectKind": "ACCOUNT",
            "subject": {"__typename": "Account", "externalId": f"of {slug}"},
        }
        (feature,) = found["reachBreadthByFeature"]["edges"]
        assert feature["node"] == {
            "subjectKind": "FEATURE",
            "subject": {"__typename": "Feature", "name": f"Search at {slug}"},
        }


def test_the_subjects_of_a_page_take_a_fixed_number_of_statements(at):
    fill(at, {f"a{number:02}": number for number in range(30)})
    page = "{{ reachBreadthByAccount(first: {}) {{ edges {{ node {{ {} }} }} }} }}"
    assert len({statements(at.tenant, page.format(first, SUBJECT))[1] for first in (1, 10, 30)}) == 1


def test_signals_lead_to_whom_they_are_about_in_their_own_tenant(at_acme, at_globex):
    for caller in (at_acme, at_globex):
        slug = caller.tenant.slug
        with tenant_scope(caller.tenant):
            account = Account.objects.create(external_id=f"account of {slug}")
            ada = Person.objects.create(external_id=f"ada of {slug}")
            merged = Person.objects.create(external_id="old name", merged_into=ada)
            for kind, pk in (("account", account.pk), ("person", merged.pk), ("tenant", 0)):
                Signal.objects.create(
                    rule=1, rule_version=1, is_risk=True, subject_kind=kind, subject=pk, raised_on=DAY
                )
    query = f"{{ signals(first: 9) {{ edges {{ node {{ {SUBJECT.removeprefix('subjectKind ')} }} }} }} }}"
    for caller in (at_acme, at_globex):
        admin = Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)
        found = [node["subject"] for node in admin.nodes(query)]
        assert sorted(one.get("externalId") or one["knownAs"] for one in found if one) == [
            f"account of {caller.tenant.slug}",
            f"ada of {caller.tenant.slug}",
        ]
        assert found.count(None) == 1
