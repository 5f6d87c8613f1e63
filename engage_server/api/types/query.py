"""The core's part of ``Query``."""

from datetime import date
from typing import Any, Final

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.account_filters import AccountFilter, AccountOrder
from engage_server.api.types.account_pages import MOST, account_page
from engage_server.api.types.accounts import Account, account_by_external_id
from engage_server.api.types.annotations import AnnotationQuery
from engage_server.api.types.audit import AuditQuery
from engage_server.api.types.backtests import BacktestQuery
from engage_server.api.types.bundles import BundleQuery
from engage_server.api.types.changes import ChangeQuery
from engage_server.api.types.channels import ChannelQuery
from engage_server.api.types.cohorts import CohortQuery
from engage_server.api.types.computations import ComputationQuery
from engage_server.api.types.conventions import ConventionQuery
from engage_server.api.types.dictionary import DictionaryQuery
from engage_server.api.types.features import FeatureQuery
from engage_server.api.types.feedback import FeedbackQuery
from engage_server.api.types.file_imports import FileImportQuery
from engage_server.api.types.goals import GoalQuery
from engage_server.api.types.keys import KeyQuery
from engage_server.api.types.merges import MergeQuery
from engage_server.api.types.metrics import Metric, MetricDefinition
from engage_server.api.types.node_lookup import nodes_of
from engage_server.api.types.nodes import Node
from engage_server.api.types.overrides import OverrideQuery
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, page_size
from engage_server.api.types.people import PeopleQuery
from engage_server.api.types.persons import Person, person_node
from engage_server.api.types.playbooks import PlaybookQuery
from engage_server.api.types.privacy import PrivacyQuery
from engage_server.api.types.quarantine import QuarantineQuery
from engage_server.api.types.reports import ReportQuery
from engage_server.api.types.rules import RuleQuery
from engage_server.api.types.runs import RunQuery
from engage_server.api.types.schedules import ScheduleQuery
from engage_server.api.types.segments import SegmentQuery
from engage_server.api.types.setup_audit import SetupQuery
from engage_server.api.types.shares import ShareQuery
from engage_server.api.types.signals import SignalQuery
from engage_server.api.types.sources import SourceQuery
from engage_server.api.types.subjects import plain
from engage_server.api.types.surveys import SurveyQuery
from engage_server.api.types.tasks import TaskQuery
from engage_server.api.types.tenant import PluginNode, TenantNode, plugin_nodes
from engage_server.api.types.tenant_settings import TenantSettingsQuery
from engage_server.api.types.translations import TranslationQuery
from engage_server.api.types.what_if import WhatIfQuery
from engage_server.api.types.what_moved import WhatMovedQuery
from engage_server.tenancy.services import find_tenant

# Further topics' classes, joined to ``Query`` by the composition.
PARTS: Final[tuple[type, ...]] = (
    KeyQuery,
    PeopleQuery,
    AuditQuery,
    DictionaryQuery,
    MergeQuery,
    QuarantineQuery,
    SourceQuery,
    SegmentQuery,
    SetupQuery,
    OverrideQuery,
    GoalQuery,
    AnnotationQuery,
    BundleQuery,
    CohortQuery,
    ComputationQuery,
    ConventionQuery,
    PrivacyQuery,
    ChangeQuery,
    WhatIfQuery,
    BacktestQuery,
    WhatMovedQuery,
    FeatureQuery,
    FeedbackQuery,
    FileImportQuery,
    ScheduleQuery,
    RunQuery,
    TenantSettingsQuery,
    TranslationQuery,
    RuleQuery,
    SignalQuery,
    TaskQuery,
    ShareQuery,
    ReportQuery,
    ChannelQuery,
    PlaybookQuery,
    SurveyQuery,
)
READ: Final = requires(Permission.METRICS_READ)
READ_BY_ACCOUNTS: Final = requires(Permission.METRICS_READ, for_accounts=True)


@strawberry.type(description="Everything of one tenant: the one that the key belongs to.")
class Query:
    @strawberry.field(description="The tenant that the key belongs to.", extensions=[READ_BY_ACCOUNTS])
    def tenant(self, info: Info) -> TenantNode:
        return TenantNode.of(find_tenant(info.context.tenant.slug))

    @strawberry.field(
        description="The installed plugins and how this tenant has set them.", extensions=[READ]
    )
    def plugins(self, info: Info) -> list[PluginNode]:
        return plugin_nodes(info.context.principal)

    @strawberry.field(description="The metrics of the enabled plugins.", extensions=[READ_BY_ACCOUNTS])
    def metrics(self, info: Info) -> list[MetricDefinition]:
        return [MetricDefinition.of(*found) for found in info.context.catalogue().values()]

    @strawberry.field(
        description="One metric by its full id: the plugin's, a dot, the metric's.",
        extensions=[READ_BY_ACCOUNTS],
    )
    def metric(self, info: Info, id: strawberry.ID) -> Metric:
        return Metric(definition=MetricDefinition.of(*info.context.metric(id)))

    @strawberry.field(
        description=f"Accounts of a filter in an order, the oldest first where none is named; 1 to {MOST:,} a page. Values "
        "that filter and order are those of `on`, or of each metric's newest day, and stay those on the pages that follow.",
        extensions=[READ_BY_ACCOUNTS],
    )
    def accounts(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        where: AccountFilter | None = None,
        order_by: AccountOrder | None = None,
        on: date | None = None,
    ) -> Connection[Account]:
        asked = page_request(first, after, last, before, most=MOST)
        found: Any = account_page(
            info.context, asked, where=where, order_by=order_by, on=on, info=info._raw_info
        )
        return found  # type: ignore[no-any-return]  # or its JSON, which the schema's execution takes as well

    @strawberry.field(
        description="The account that the tenant itself calls so; null where there is none.",
        extensions=[READ_BY_ACCOUNTS],
    )
    def account(self, info: Info, external_id: strawberry.ID) -> Account | None:
        found: Any = account_by_external_id(info, plain(external_id))
        return found  # type: ignore[no-any-return]  # as above

    @strawberry.field(
        description="The person of a global id; null where it names none of this tenant.", extensions=[READ]
    )
    def person(self, info: Info, id: strawberry.ID) -> Person | None:
        return person_node(info.context, id)

    @strawberry.field(
        description="What a global id names; null where it names nothing of this tenant.",
        extensions=[READ_BY_ACCOUNTS],
    )
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        return nodes_of(info.context, [id])[0]

    @strawberry.field(
        description="What global ids name, in their order, at most 100; null for one that names nothing of this tenant.",
        extensions=[READ_BY_ACCOUNTS],
    )
    def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        page_size(len(ids), name="the number of ids")
        return nodes_of(info.context, ids)
