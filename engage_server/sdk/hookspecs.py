"""The hooks a plugin implements: the whole contract between the server and a metric.

A plugin is a module (or any object) registered under the entry-point group ``engage.plugins``. The server
calls each hook for one plugin at a time, so that a raising plugin costs nobody else a result.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pluggy
import polars as pl

from engage_server.sdk.compute import ComputeRequest, Measurement
from engage_server.sdk.days import DaysRequest
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.manifest import Manifest

PROJECT = "engage"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def engage_manifest() -> Manifest:
    """Say what the plugin is: id, configuration model, metrics with their cards, inputs, schedule.

    When: once per process, at start-up, before any other hook of the plugin.
    Tenant and transaction: none; the hook must not touch a database.
    Returns: the manifest. None is refused like a missing hook.
    An exception: the plugin is reported as broken by name and distribution; the others start.
    """
    raise NotImplementedError


@hookspec
def engage_compute(request: ComputeRequest[Any]) -> Iterable[Measurement]:
    """Compute the plugin's metrics for one tenant and one day from the inputs it declared.

    When: in a worker or in ``manage.py compute``, once per tenant and day that is due, and again by
    ``verify`` and what-if runs. It must be pure: the same request gives the same measurements.
    Tenant and transaction: one tenant's data is in ``request``; the server writes what is returned in a
    transaction of its own. The hook has no database access.
    Returns: measurements of metrics and subjects that the manifest declares; an empty iterable says that
    there is nothing to say about this day. None is refused. Measure every subject that has a value on other
    days (all rows of Accounts, say), with ``absent()`` if need be: a reader then sees today's absence and not
    an older value.
    An exception: this plugin's run of that day is recorded as failed with the error; nothing of it is stored.
    """
    raise NotImplementedError


@hookspec
def engage_compute_days(request: DaysRequest[Any]) -> Mapping[str, pl.DataFrame] | None:
    """Compute metrics of many days at once, their values and bands alone; a plugin may leave the hook out.

    When: in what-if runs, for the metrics that are compared, with a month's rows. It must be pure.
    Tenant and transaction: as in ``engage_compute``; nothing of the answer is stored.
    Returns: of each asked metric a frame with the columns of ``days.VALUES``, a row for each subject and day that
    ``engage_compute`` measures (absences are left out), with the same value, and the ``band`` of its details. None says
    that it cannot, for these metrics or under this configuration; the days are computed one by one then.
    An exception: the question is answered with the plugin's failure.
    """
    raise NotImplementedError


@hookspec
def engage_graphql() -> GraphQLContribution:
    """Contribute typed fields to the schema of the tenants that enabled the plugin.

    When: once per process, at start-up, and never with a tenant.
    Tenant and transaction: none; resolvers run later, inside the request's tenant.
    Returns: the contribution. A plugin without the hook is served by the generic ``metric`` fields alone.
    An exception: the plugin is reported as broken. A field or type name that another plugin (or the core)
    already owns stops the start-up and names both owners.
    """
    raise NotImplementedError
