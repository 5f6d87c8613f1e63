"""What a tenant may choose about time spent."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig

Bounce = Literal["single_page", "posthog", "ga4"]


class TimeSpentConfig(PluginConfig):
    """How active time is measured, what a session is, and what a bounce."""

    window_days: int = Field(14, ge=1, le=366, description="Length of the trailing window in calendar days.")
    method: Literal["distinct_minutes", "gaps"] = Field(
        "distinct_minutes",
        description="Active time as the distinct minutes with an event, or as the sum of the gaps between events "
        "that are "
        "not longer than idle_minutes.",
    )
    idle_minutes: int = Field(
        5,
        ge=1,
        le=720,
        description="With gaps: a longer pause is idling and counts nothing; an open tab is none.",
    )
    session_idle_minutes: int = Field(30, ge=1, le=720, description="A longer pause ends a session.")
    session_max_hours: int = Field(24, ge=1, le=168, description="The longest that a session can be.")
    single_event_sessions: Literal["include", "exclude"] = Field(
        "include",
        description="Whether sessions of one event, which last 0 seconds, are part of the duration.",
    )
    duration_direction: Literal["UP", "DOWN", "TARGET"] = Field(
        "TARGET",
        description="Whether long sessions are good (films), bad (searches), or neither by itself.",
    )
    bounce: Bounce = Field(
        "single_page",
        description="What a bounce is: a session of a single page; PostHog's (at most one page, nothing captured, "
        "short); or "
        "GA4's (not engaged).",
    )
    bounce_seconds: int = Field(
        10,
        ge=1,
        le=600,
        description="Sessions that are longer are no bounce (GA4); with PostHog's those that are as long neither.",
    )
    page_events: tuple[str, ...] = Field(
        ("Page Viewed", "Screen Viewed", "$pageview", "$screen", "[Amplitude] Page Viewed"),
        min_length=1,
        description="Events that view a page or screen.",
    )
    capture_events: tuple[str, ...] = Field(
        ("$autocapture",),
        description="Events of clicks that a library captures by itself (PostHog's bounce).",
    )
    key_events: tuple[str, ...] = Field(
        (), description="Events that make a session an engaged one (GA4's bounce)."
    )
    completion_metric: str = Field(
        "task_completion.rate",
        pattern=r"^([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)?$",
        description="Metric that is named beside the session duration, since long sessions may mean confusion; "
        "empty: none.",
    )
