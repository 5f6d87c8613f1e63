"""Inputs of the SDK and resolvers of the server are checked against each other at the start."""

from dataclasses import dataclass

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.engine.checks import check_inputs, input_errors, offered_inputs
from engage_server.sdk import Dataset, FirstSeen, InputSpec, Read


@dataclass(frozen=True, slots=True)
class Unanswered(InputSpec):
    """Has no resolver."""

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.ACCOUNTS),)


@dataclass(frozen=True, slots=True)
class Reticent(InputSpec):
    """Does not say what it reads."""


def messages(offered, resolvers):
    return [error.msg for error in input_errors(offered, resolvers)]


def test_every_input_of_the_sdk_has_its_resolver():
    assert check_inputs() == []
    assert set(RESOLVERS) == set(offered_inputs())


def test_an_input_without_a_resolver_is_an_error_that_names_it_and_says_how_to_register_one():
    (error,) = input_errors([*offered_inputs(), Unanswered], RESOLVERS)
    assert error.msg == "The input Unanswered has no resolver."
    assert "@resolves(Unanswered)" in error.hint


def test_a_resolver_without_an_input_is_an_error_that_names_both():
    offered = [kind for kind in offered_inputs() if kind is not FirstSeen]
    assert messages(offered, RESOLVERS) == [
        "The resolver engage_server.activity.inputs.first_events._first_seen answers FirstSeen, which is no input of "
        "the SDK."
    ]


def test_an_input_that_does_not_say_what_it_reads_is_an_error():
    resolvers = {Reticent: RESOLVERS[FirstSeen]}
    assert messages([Reticent], resolvers) == ["The input Reticent does not say what it reads."]
