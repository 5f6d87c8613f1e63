"""Finds again what global ids name: for every type that implements ``Node``, the ids of one request together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context
from engage_server.api.types.accounts import accounts_of
from engage_server.api.types.annotations import ANNOTATION, AnnotationNode
from engage_server.api.types.channels import CHANNEL, DELIVERY, ChannelNode, DeliveryNode
from engage_server.api.types.computations import COMPUTATION, computation_node
from engage_server.api.types.entries import ENTRY
from engage_server.api.types.features import FEATURE, features_of
from engage_server.api.types.feedback import entries_of
from engage_server.api.types.file_imports import FILE_IMPORT, import_node
from engage_server.api.types.goals import GOAL, goal_nodes
from engage_server.api.types.merges import MERGE, merge_of
from engage_server.api.types.metrics import MetricDefinition
from engage_server.api.types.nodes import Node
from engage_server.api.types.overrides import OVERRIDE, overrides_of
from engage_server.api.types.persons import persons_of
from engage_server.api.types.playbooks import PLAYBOOK, PlaybookNode
from engage_server.api.types.privacy import PRIVACY_REQUEST, request_of
from engage_server.api.types.quarantine import ITEM, items_of
from engage_server.api.types.reports import REPORT, ReportNode
from engage_server.api.types.rules import RULE, rules_of
from engage_server.api.types.runs import RUN, RunNode
from engage_server.api.types.segments import SegmentNode
from engage_server.api.types.shares import SHARE, ShareNode
from engage_server.api.types.signals import SIGNAL, signals_of
from engage_server.api.types.subjects import ACCOUNT, PERSON, SEGMENT
from engage_server.api.types.surveys import SURVEY, SurveyNode
from engage_server.api.types.tasks import TASK, tasks_of
from engage_server.api.types.tenant import plugin_nodes
from engage_server.automation import channels, playbooks, shares, surveys
from engage_server.automation.models import Delivery
from engage_server.automation.reports import definition as reports
from engage_server.engine.models import Run
from engage_server.segments import catalogue
from engage_server.tenancy.scope import shared_scope

Found = Mapping[Any, Node]


@dataclass(frozen=True, slots=True)
class Kind:
    """How the nodes of one type are found by their rows' keys, and what it takes to see them.

    ``by_uuid``: keys are UUIDs, else numbers.
    ``for_accounts``: a principal that sees one account alone may ask as well; ``find`` then gives it no other's.
    """

    find: Callable[[Context, Sequence[Any]], Found]
    needs: Permission = Permission.METRICS_READ
    for_accounts: bool = False
    by_uuid: bool = False

    def keys(self, wanted: Iterable[str], *, type_name: str, tenant_id: int) -> dict[str, Any]:
        """The keys of those ids that are of this type and tenant, by id."""
        read = ids.uuid_of if self.by_uuid else ids.row_of
        keys = {id: read(id, type_name=type_name, tenant_id=tenant_id) for id in wanted}
        return {id: key for id, key in keys.items() if key is not None}

    def shows(self, context: Context) -> bool:
        """Whether the request's principal may see any of them."""
        principal = context.principal
        return principal.may(self.needs) and (self.for_accounts or principal.account_id is None)


def _one_by_one(find: Callable[[Context, Any], Node | None]) -> Callable[[Context, Sequence[Any]], Found]:
    def found(context: Context, keys: Sequence[Any]) -> Found:
        made = {key: find(context, key) for key in keys}
        return {key: node for key, node in made.items() if node is not None}

    return found


def _goals(context: Context, keys: Sequence[int]) -> Found:
    wanted = [one for one in context.goals.all if one.number in keys]
    return {goal.number: node for goal, node in zip(wanted, goal_nodes(wanted, context), strict=True)}


def _annotations(context: Context, keys: Sequence[int]) -> Found:
    return {
        one.number: AnnotationNode.of(one, context) for one in context.annotations.all if one.number in keys
    }


def _segments(context: Context, keys: Sequence[int]) -> Found:
    return {one.number: SegmentNode.of(one, context) for one in catalogue.segments() if one.number in keys}


def _channels(context: Context, keys: Sequence[int]) -> Found:
    return {one.number: ChannelNode.of(one, context) for one in channels.channels() if one.number in keys}


def _playbooks(context: Context, keys: Sequence[int]) -> Found:
    return {one.number: PlaybookNode.of(one, context) for one in playbooks.playbooks() if one.number in keys}


def _surveys(context: Context, keys: Sequence[int]) -> Found:
    wanted = [one for one in surveys.surveys() if one.number in keys]
    return {one.number: node for one, node in zip(wanted, SurveyNode.of_all(wanted, context), strict=True)}


def _shares(context: Context, keys: Sequence[int]) -> Found:
    return {one.number: ShareNode.of(one, context) for one in shares.shares() if one.number in keys}


def _reports(context: Context, keys: Sequence[int]) -> Found:
    return {one.number: ReportNode.of(one, context) for one in reports.reports() if one.number in keys}


def _deliveries(context: Context, keys: Sequence[int]) -> Found:
    return {row.pk: DeliveryNode.of(row, context) for row in Delivery.objects.filter(pk__in=keys)}


def _runs(context: Context, keys: Sequence[int]) -> Found:
    with shared_scope():
        rows = list(Run.objects.filter(tenant_id=context.tenant.id, pk__in=keys))
    return {row.pk: RunNode.of(row, context) for row in rows}


# By the name of the type; ids of plugins and metrics are their names, the same for every tenant.
KINDS: Final[Mapping[str, Kind]] = {
    ACCOUNT: Kind(accounts_of, for_accounts=True),
    PERSON: Kind(persons_of),
    FEATURE: Kind(features_of),
    SEGMENT: Kind(_segments),
    GOAL: Kind(_goals),
    ANNOTATION: Kind(_annotations),
    OVERRIDE: Kind(overrides_of),
    ENTRY: Kind(entries_of),
    RULE: Kind(rules_of, needs=Permission.AUTOMATION_READ),
    SIGNAL: Kind(signals_of, needs=Permission.AUTOMATION_READ),
    TASK: Kind(tasks_of, needs=Permission.AUTOMATION_READ),
    SHARE: Kind(_shares, needs=Permission.AUTOMATION_READ),
    REPORT: Kind(_reports, needs=Permission.AUTOMATION_READ),
    PLAYBOOK: Kind(_playbooks, needs=Permission.AUTOMATION_READ),
    CHANNEL: Kind(_channels, needs=Permission.AUTOMATION_READ),
    SURVEY: Kind(_surveys, needs=Permission.AUTOMATION_READ),
    DELIVERY: Kind(_deliveries, needs=Permission.AUTOMATION_WRITE),
    RUN: Kind(_runs),
    COMPUTATION: Kind(_one_by_one(computation_node), by_uuid=True),
    FILE_IMPORT: Kind(_one_by_one(import_node), needs=Permission.EVENTS_WRITE, by_uuid=True),
    MERGE: Kind(_one_by_one(merge_of), needs=Permission.CONFIG_WRITE),
    ITEM: Kind(items_of, needs=Permission.CONFIG_WRITE),
    PRIVACY_REQUEST: Kind(_one_by_one(request_of), needs=Permission.PRIVACY_MANAGE, by_uuid=True),
}


def nodes_of(context: Context, wanted: Sequence[str]) -> list[Node | None]:
    """What the ids name, in their order; None for those that name nothing that the principal may see."""
    found: dict[str, Node] = dict(_named(context, wanted))
    tenant_id = context.tenant.id
    for type_name, kind in KINDS.items():
        keys = kind.keys(wanted, type_name=type_name, tenant_id=tenant_id)
        if keys and kind.shows(context):
            nodes = kind.find(context, [*dict.fromkeys(keys.values())])
            found |= {id: nodes[key] for id, key in keys.items() if key in nodes}
    return [found.get(id) for id in wanted]


def _named(context: Context, wanted: Iterable[str]) -> Iterable[tuple[str, Node]]:
    """Metrics and plugins, by their names."""
    catalogue_of_metrics = context.catalogue()
    names = set()
    for id in wanted:
        if id in catalogue_of_metrics:
            yield id, MetricDefinition.of(*catalogue_of_metrics[id])
        elif ids.type_of(id) is None:
            names.add(id)
    if names and Kind(_segments).shows(context):
        yield from ((node.id, node) for node in plugin_nodes(context.principal) if node.id in names)
