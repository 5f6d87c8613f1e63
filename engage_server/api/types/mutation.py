"""The core's mutations: one class for each topic, all joined to ``Mutation`` by ``engage_server.api.composition``."""

from typing import Final

import strawberry

from engage_server.api.types.account_writes import AccountWriteMutation
from engage_server.api.types.annotations import AnnotationMutation
from engage_server.api.types.bundles import BundleMutation
from engage_server.api.types.business_writes import BusinessWriteMutation
from engage_server.api.types.channels import ChannelMutation
from engage_server.api.types.computations import ComputationMutation
from engage_server.api.types.conventions import ConventionMutation
from engage_server.api.types.dictionary import DictionaryMutation
from engage_server.api.types.dimensions import DimensionMutation
from engage_server.api.types.event_writes import EventWriteMutation
from engage_server.api.types.feedback import FeedbackMutation
from engage_server.api.types.file_imports import FileImportMutation
from engage_server.api.types.goals import GoalMutation
from engage_server.api.types.imports import ImportMutation
from engage_server.api.types.keys import KeyMutation
from engage_server.api.types.merges import MergeMutation
from engage_server.api.types.overrides import OverrideMutation
from engage_server.api.types.people import PeopleMutation
from engage_server.api.types.playbook_writes import PlaybookMutation
from engage_server.api.types.plugin_settings import PluginMutation
from engage_server.api.types.privacy import PrivacyMutation
from engage_server.api.types.quarantine import QuarantineMutation
from engage_server.api.types.reports import ReportMutation
from engage_server.api.types.rules import RuleMutation
from engage_server.api.types.runs import RunMutation
from engage_server.api.types.schedules import ScheduleMutation
from engage_server.api.types.segments import SegmentMutation
from engage_server.api.types.shares import ShareMutation
from engage_server.api.types.signals import SignalMutation
from engage_server.api.types.sources import SourceMutation
from engage_server.api.types.surveys import SurveyMutation
from engage_server.api.types.tasks import TaskMutation
from engage_server.api.types.tenant import TenantMutation
from engage_server.api.types.tenant_settings import TenantSettingsMutation

PARTS: Final[tuple[type, ...]] = (
    PluginMutation,
    KeyMutation,
    PeopleMutation,
    DictionaryMutation,
    MergeMutation,
    QuarantineMutation,
    SourceMutation,
    SegmentMutation,
    DimensionMutation,
    OverrideMutation,
    GoalMutation,
    AnnotationMutation,
    BundleMutation,
    ComputationMutation,
    ConventionMutation,
    PrivacyMutation,
    TenantMutation,
    FeedbackMutation,
    RuleMutation,
    SignalMutation,
    TaskMutation,
    ShareMutation,
    ReportMutation,
    ChannelMutation,
    PlaybookMutation,
    SurveyMutation,
    AccountWriteMutation,
    BusinessWriteMutation,
    EventWriteMutation,
    ImportMutation,
    FileImportMutation,
    ScheduleMutation,
    RunMutation,
    TenantSettingsMutation,
)


@strawberry.type(description="What changes something; each says in the audit log who did it.")
class Mutation:
    """Has no fields of its own."""
