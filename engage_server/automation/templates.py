"""Texts of messages that tenants write, in Liquid: strict, without files, and within limits of time and size.

A name that is not known is an error, when the text is saved already, and so is a filter; nothing is left out in silence.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from liquid import BoundTemplate, DictLoader, Environment, Mode, StrictUndefined
from liquid.exceptions import LiquidError

from engage_server.automation.exceptions import TemplateError

LONGEST: Final = 10_000
VARIABLES: Final = frozenset(
    {
        "tenant.name",
        "rule.name",
        "signal.kind",
        "signal.raised_on",
        "signal.evidence",
        "account.external_id",
        "account.name",
        "account.plan",
        "account.stage",
        "account.owner",
        "account.traits",
        "person.external_id",
        "person.traits",
    }
)
"""What a text may name; below evidence and traits whatever there is."""
OPEN: Final = frozenset({"signal.evidence", "account.traits", "person.traits"})
# They read other texts, of which there are none.
REFUSED_TAGS: Final = ("include", "render")


class _Limited(Environment):
    """Python-liquid's, with an end to everything that a text could make long."""

    context_depth_limit = 10
    block_nesting_limit = 20
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    output_stream_limit = 20_000


def check(text: str) -> None:
    """Go on with a text that can be rendered.

    Raises:
        TemplateError: says where it is wrong, or which name is unknown.
    """
    if len(text) > LONGEST:
        raise TemplateError(
            f"A text has at most {LONGEST} characters and this one {len(text)}. Remedy: a shorter one."
        )
    template = _parsed(text)
    for name in template.analyze().filters:
        if name not in _environment().filters:
            raise TemplateError(
                f"There is no filter {name[:100]!r}. Remedy: one of Liquid's own; spelling counts."
            )
    for path in template.global_variable_paths():
        if not _is_known(path):
            raise TemplateError(
                f"The text names {path[:100]!r}, which is not known. Remedy: one of these: {', '.join(sorted(VARIABLES))}."
            )


def render(text: str, variables: Mapping[str, Any]) -> str:
    """The text with what it names.

    Raises:
        TemplateError: something that it names is not there, or it grows too long.
    """
    try:
        return _parsed(text).render(**variables)
    except (LiquidError, RecursionError) as error:
        raise TemplateError(
            f"The text cannot be made: {_said(error)}. Remedy: correct it, or give a default."
        ) from error


def _is_known(path: str) -> bool:
    name, _, rest = path.partition(".")
    field = rest.partition(".")[0].partition("[")[0]
    known = f"{name}.{field}"
    return (path == known and known in VARIABLES) or known in OPEN


@lru_cache(maxsize=256)
def _parsed(text: str) -> BoundTemplate:
    try:
        return _environment().from_string(text)
    except (LiquidError, RecursionError) as error:
        raise TemplateError(f"The text is no template: {_said(error)}. Remedy: correct it.") from error


@cache
def _environment() -> _Limited:
    made = _Limited(
        tolerance=Mode.STRICT, undefined=StrictUndefined, strict_filters=True, loader=DictLoader({})
    )
    for tag in REFUSED_TAGS:
        del made.tags[tag]
    return made


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
