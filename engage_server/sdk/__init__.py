"""What plugins import, and all that they import of the server. The version below follows SemVer: a promise."""

from engage_server.sdk.compute import (
    TENANT,
    ComputeRequest,
    Contribution,
    Measurement,
    Number,
    Status,
    Subject,
    Window,
    absent,
    account,
    feature,
)
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.hookspecs import hookimpl
from engage_server.sdk.inputs.activity import (
    Activation,
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
    Retention,
    Sessions,
)
from engage_server.sdk.inputs.base import Dataset, InputSpec, Read
from engage_server.sdk.inputs.customers import Accounts, Seats, SurveyResponses
from engage_server.sdk.inputs.metrics import MetricValues
from engage_server.sdk.manifest import (
    Benchmark,
    Card,
    Direction,
    Manifest,
    Metric,
    PluginConfig,
    Sample,
    Timing,
    Vector,
)

__version__ = "1.3.0"

__all__ = [
    "TENANT",
    "Accounts",
    "Activation",
    "ActiveMinutes",
    "ActivePersons",
    "ActiveSeries",
    "ActivityBy",
    "Benchmark",
    "Card",
    "ComputeRequest",
    "Contribution",
    "Dataset",
    "Direction",
    "EventCounts",
    "FeatureReach",
    "FeatureUse",
    "Features",
    "FirstSeen",
    "GraphQLContribution",
    "InputSpec",
    "Manifest",
    "Measurement",
    "Metric",
    "MetricValues",
    "Number",
    "PersonDays",
    "PluginConfig",
    "Read",
    "Retention",
    "Sample",
    "Seats",
    "Sessions",
    "Status",
    "Subject",
    "SurveyResponses",
    "Timing",
    "Vector",
    "Window",
    "__version__",
    "absent",
    "account",
    "feature",
    "hookimpl",
]
