"""An input has one resolver."""

import pytest

from engage_server.customers.exceptions import DuplicateResolverError
from engage_server.customers.input_resolvers import RESOLVERS, resolves
from engage_server.sdk import Seats


def test_a_second_resolver_of_an_input_is_refused_with_the_names_of_both():
    first = RESOLVERS[Seats]

    def another(spec, window):
        raise AssertionError

    with pytest.raises(DuplicateResolverError, match=r"customers\.inputs\._seats and .*another"):
        resolves(Seats)(another)
    assert RESOLVERS[Seats] is first
