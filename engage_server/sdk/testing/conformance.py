"""Tries a plugin's hooks and holds its answers against the contract; says what its author forgot."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pluggy
import polars as pl

from engage_server.sdk import hookspecs
from engage_server.sdk.compute import TENANT, ComputeRequest, Measurement, Subject
from engage_server.sdk.contract import full_name, manifest_problems, measurement_problems
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.inputs.customers import Accounts
from engage_server.sdk.manifest import Manifest
from engage_server.sdk.testing.requests import frame, request_for


def conformance_problems(
    plugin: ModuleType | object, *, requests: Iterable[ComputeRequest[Any]] = ()
) -> list[str]:
    """Sentences that name what breaks the contract, each with its remedy; empty for a good plugin.

    The compute hook is tried with empty frames and with each of ``requests``.
    """
    return list(_problems(plugin, requests))


def _problems(plugin: ModuleType | object, requests: Iterable[ComputeRequest[Any]]) -> Iterator[str]:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        yield (
            f"A hook does not match the contract: {error}. "
            "Remedy: compare its name and arguments with the hookspecs."
        )
        return
    manifest = _answer(manager.hook.engage_manifest())
    if not isinstance(manifest, Manifest):
        yield "engage_manifest() must return a Manifest. Remedy: define the hook with @hookimpl."
        return
    manifest_problems_found = list(manifest_problems(manifest))
    yield from manifest_problems_found
    if manager.hook.engage_graphql.get_hookimpls():
        yield from _graphql_problems(manifest, _answer(manager.hook.engage_graphql()))
    if not manager.hook.engage_compute.get_hookimpls():
        yield "engage_compute is missing. Remedy: define the hook with @hookimpl."
        return
    if not manifest_problems_found:
        for request in (request_for(manifest), *requests):
            yield from _compute_problems(manager, manifest=manifest, request=request)


def _answer(answers: list[Any]) -> Any:
    """What the only registered plugin returned, through pluggy like the server; pluggy drops a None."""
    return answers[0] if answers else None


def _graphql_problems(manifest: Manifest, contribution: Any) -> Iterator[str]:
    if not isinstance(contribution, GraphQLContribution):
        yield (
            f"engage_graphql of {manifest.id} returned {type(contribution).__name__}. "
            "Remedy: return a GraphQLContribution, or leave the hook out."
        )
        return
    for kind in (contribution.query, contribution.account, *contribution.types):
        if kind is not None and not hasattr(kind, "__strawberry_definition__"):
            yield (
                f"{kind.__name__}, contributed by {manifest.id}, is no Strawberry type. "
                "Remedy: decorate it with @strawberry.type."
            )


def _compute_problems(
    manager: pluggy.PluginManager, *, manifest: Manifest, request: ComputeRequest[Any]
) -> Iterator[str]:
    returned = _answer(manager.hook.engage_compute(request=request))
    if returned is None:
        yield f"engage_compute of {manifest.id} returned None. Remedy: return an iterable, empty if need be."
        return
    first = list(returned)
    # By their text: two NaN of a pure plugin are not equal to one another.
    if repr(first) != repr(list(_answer(manager.hook.engage_compute(request=request)) or ())):
        yield f"engage_compute of {manifest.id} is not pure: the same request gave two answers."
    seen: set[tuple[str, Subject]] = set()
    for measurement in first:
        yield from measurement_problems(manifest, measurement)
        if isinstance(measurement, Measurement):
            key = (measurement.metric, measurement.subject)
            if key in seen:
                yield f"{full_name(manifest, measurement)}: measured twice in one run."
            seen.add(key)
    yield from _absence_problems(manager, manifest=manifest, request=request, measured=seen)


def _absence_problems(
    manager: pluggy.PluginManager,
    *,
    manifest: Manifest,
    request: ComputeRequest[Any],
    measured: Iterable[tuple[str, Subject]],
) -> Iterator[str]:
    """Who is measured on this day and not on one that knows the same accounts and nothing else: one per metric."""
    asked = {key for key in measured if key[1].kind in {TENANT.kind, "account"}}
    accounts = {subject.id for _, subject in asked if subject.kind == "account"}
    bare = replace(request, inputs=_nothing_but(accounts, request, manifest.inputs_for(request.config)))
    again = _answer(manager.hook.engage_compute(request=bare)) or ()
    missing = asked - {(m.metric, m.subject) for m in again if isinstance(m, Measurement)}
    for metric in sorted({metric for metric, _ in missing}):
        subject = min(subject for of_metric, subject in missing if of_metric == metric)
        yield (
            f"{manifest.id}.{metric} of {subject.kind} {subject.id}: it is not measured once its rows are gone, and "
            "readers may take its last value for today's. Remedy: measure the tenant always and each row of Accounts, "
            "with NO_DATA or absent()."
        )


def _nothing_but(
    ids: Iterable[int], request: ComputeRequest[Any], specs: Mapping[str, InputSpec]
) -> dict[str, pl.DataFrame]:
    inputs = {name: rows.clear() for name, rows in request.inputs.items()}
    for name, spec in specs.items():
        if isinstance(spec, Accounts):
            known = request.inputs[name]
            others = sorted(set(ids) - set(known["account"]))
            made = frame(spec, [{"account": id, "stage": "CUSTOMER"} for id in others])
            inputs[name] = pl.concat([known, made])
    return inputs
