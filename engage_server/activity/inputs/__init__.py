"""Answers the inputs that are made of events, from the roll-ups: a statement or two each, as frames."""

from engage_server.activity.inputs import (  # noqa: F401  # each registers its resolvers
    account_weeks,
    breakdowns,
    distinct_counts,
    feature_starts,
    features,
    first_events,
    members,
    person_activity,
    progress,
    ranges,
    raw_events,
    retention,
    sequences,
    sessions,
    slices_of_counts,
    weighted_events,
)
