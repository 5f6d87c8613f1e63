"""The kinds of a signal, for the types that show signals and those that lead to them."""

from typing import TypeAlias

from engage_server.automation import rules
from engage_server.sdk.graphql import expose_enum

SignalKind: TypeAlias = rules.SignalKind
expose_enum(SignalKind, name="SignalKind", description="What a signal is: a risk or an opportunity.")
