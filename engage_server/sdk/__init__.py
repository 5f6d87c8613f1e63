"""What plugins import, and all that they import of the server. The version below follows SemVer: a promise."""

from engage_server.sdk.benchmarks import Benchmark, Cadence, Standing
from engage_server.sdk.computation import Answer, Computation
from engage_server.sdk.compute import (
    TENANT,
    ComputeRequest,
    Contribution,
    Interval,
    Measurement,
    Number,
    Status,
    Subject,
    Window,
    absent,
    account,
    feature,
)
from engage_server.sdk.details import PERSONAL, DetailsError, DetailsField, DetailsShape, Personal, shape_of
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.hookspecs import hookimpl
from engage_server.sdk.inputs.activity import (
    Activation,
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    ActiveSeries,
    ActivityBy,
    EventCounts,
    FeatureReach,
    Features,
    FeatureUse,
    FirstSeen,
    PersonDays,
    Sessions,
    WeightedEvents,
)
from engage_server.sdk.inputs.base import Dataset, InputSpec, Read, first_of, last_of
from engage_server.sdk.inputs.customers import (
    AccountHistory,
    Accounts,
    Feedback,
    Ledger,
    Seats,
    Subscriptions,
    SurveyResponses,
)
from engage_server.sdk.inputs.events import Events, Sequences, Touches
from engage_server.sdk.inputs.features import FirstUses, ReleaseReach
from engage_server.sdk.inputs.metrics import MetricValues
from engage_server.sdk.inputs.progress import (
    ANY_VALUE,
    EventTotals,
    SignupActions,
    SignupDays,
    SignupMilestones,
)
from engage_server.sdk.inputs.retention import Retention
from engage_server.sdk.inputs.weeks import AccountWeeks
from engage_server.sdk.manifest import (
    Card,
    Direction,
    Lifecycle,
    Manifest,
    Metric,
    PluginConfig,
    Sample,
    Timing,
    Vector,
)
from engage_server.sdk.plugin import Plugin
from engage_server.sdk.version import VERSION

__version__ = VERSION

__all__ = [
    "ANY_VALUE",
    "PERSONAL",
    "TENANT",
    "AccountHistory",
    "AccountWeeks",
    "Accounts",
    "Activation",
    "ActiveDays",
    "ActiveMinutes",
    "ActivePersons",
    "ActiveSeries",
    "ActivityBy",
    "Answer",
    "Benchmark",
    "Cadence",
    "Card",
    "Computation",
    "ComputeRequest",
    "Contribution",
    "Dataset",
    "DetailsError",
    "DetailsField",
    "DetailsShape",
    "Direction",
    "EventCounts",
    "EventTotals",
    "Events",
    "FeatureReach",
    "FeatureUse",
    "Features",
    "Feedback",
    "FirstSeen",
    "FirstUses",
    "GraphQLContribution",
    "InputSpec",
    "Interval",
    "Ledger",
    "Lifecycle",
    "Manifest",
    "Measurement",
    "Metric",
    "MetricValues",
    "Number",
    "PersonDays",
    "Personal",
    "Plugin",
    "PluginConfig",
    "Read",
    "ReleaseReach",
    "Retention",
    "Sample",
    "Seats",
    "Sequences",
    "Sessions",
    "SignupActions",
    "SignupDays",
    "SignupMilestones",
    "Standing",
    "Status",
    "Subject",
    "Subscriptions",
    "SurveyResponses",
    "Timing",
    "Touches",
    "Vector",
    "WeightedEvents",
    "Window",
    "__version__",
    "absent",
    "account",
    "feature",
    "first_of",
    "hookimpl",
    "last_of",
    "shape_of",
]
