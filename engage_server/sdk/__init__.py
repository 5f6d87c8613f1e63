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
    account,
    feature,
)
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.hookspecs import hookimpl
from engage_server.sdk.inputs import (
    Accounts,
    Activation,
    ActivePersons,
    EventCounts,
    FeatureUse,
    InputSpec,
    MetricValues,
    Seats,
    SurveyResponses,
)
from engage_server.sdk.manifest import (
    Benchmark,
    Card,
    Direction,
    Manifest,
    Metric,
    PluginConfig,
    Timing,
    Vector,
)

__version__ = "1.0.0"

__all__ = [
    "TENANT",
    "Accounts",
    "Activation",
    "ActivePersons",
    "Benchmark",
    "Card",
    "ComputeRequest",
    "Contribution",
    "Direction",
    "EventCounts",
    "FeatureUse",
    "GraphQLContribution",
    "InputSpec",
    "Manifest",
    "Measurement",
    "Metric",
    "MetricValues",
    "Number",
    "PluginConfig",
    "Seats",
    "Status",
    "Subject",
    "SurveyResponses",
    "Timing",
    "Vector",
    "Window",
    "__version__",
    "account",
    "feature",
    "hookimpl",
]
