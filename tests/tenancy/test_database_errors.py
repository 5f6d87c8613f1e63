"""Errors of the database are distinguished by SQLSTATE, and those without one come from no server."""

import psycopg
import pytest
from django.db import DatabaseError, InternalError, OperationalError, connection
from psycopg import errors

from engage_server.tenancy.database_errors import is_passing, may_be_of_an_item
from engage_server.tenancy.exceptions import EmbeddedPostgresError
from engage_server.tenancy.scope import shared_scope


def test_a_connection_that_is_lost_passes_and_blames_no_item():
    for error in (EmbeddedPostgresError("x"), OperationalError("x"), psycopg.OperationalError("x")):
        assert (is_passing(error), may_be_of_an_item(error)) == (True, False)
    unknown = InternalError("x")
    unknown.__cause__ = errors.InternalError_("x")
    assert (is_passing(unknown), may_be_of_an_item(unknown)) == (False, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [psycopg.ProgrammingError("x"), psycopg.InternalError("x"), ValueError("x")],
    ids=lambda one: type(one).__name__,
)
def test_whatever_the_driver_makes_of_a_lost_connection_passes(error):
    wrapper = connection.copy()
    with shared_scope():
        wrapper.ensure_connection()
    try:
        assert not is_passing(_translated(error, wrapper))
        wrapper.connection.close()
        lost = _translated(error, wrapper)
        assert "connection to the database was lost: x" in str(lost)
        assert is_passing(lost)
    finally:
        wrapper.close()


def _translated(error, wrapper):
    with pytest.raises((DatabaseError, ValueError)) as raised, wrapper.wrap_database_errors:
        raise error
    return raised.value
