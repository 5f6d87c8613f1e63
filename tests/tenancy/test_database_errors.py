"""Errors of the database are told apart by SQLSTATE, and those without one come from no server."""

import psycopg
from django.db import InternalError, OperationalError
from psycopg import errors

from engage_server.tenancy.database_errors import is_passing, may_be_of_an_item
from engage_server.tenancy.exceptions import EmbeddedPostgresError


def test_a_connection_that_is_lost_passes_and_blames_no_item():
    for error in (EmbeddedPostgresError("x"), OperationalError("x"), psycopg.OperationalError("x")):
        assert (is_passing(error), may_be_of_an_item(error)) == (True, False)
    unknown = InternalError("x")
    unknown.__cause__ = errors.InternalError_("x")
    assert (is_passing(unknown), may_be_of_an_item(unknown)) == (False, True)
