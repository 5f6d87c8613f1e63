"""Texts of messages that tenants write, in Liquid: strict, without files, and within limits of time and size.

A name that is not known is an error, when the text is saved already, and so is a filter; nothing is left out in silence.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError

from engage_server.automation.exceptions import TemplateError
from engage_server.automation.template_limits import environment, require_short_ranges

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
        "account.cancel_reason",
        "person.external_id",
        "person.traits",
    }
)
"""What a text may name; below evidence and traits whatever there is."""
OPEN: Final = frozenset({"signal.evidence", "account.traits", "person.traits"})
# What filters raise of values that they were not made for, beside the library's own errors.
UNFIT: Final = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)


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


def names(text: str) -> frozenset[str]:
    """What a text names, as it writes it: ``account.name``, ``person.traits.city``.

    Raises:
        TemplateError: it is no template.
    """
    return frozenset(_parsed(text).global_variable_paths())


def tells_of_persons(texts: Iterable[str], *, has_figures: bool) -> bool:
    """Whether one of the texts names a person, or figures of a metric, which may rest on few.

    Args:
        texts: templates.
        has_figures: whether ``signal.evidence`` are a metric's.
    """
    named = [name for text in texts for name in names(text)]
    forbidden = ("person.", "signal.evidence") if has_figures else ("person.",)
    return any(name.startswith(forbidden) for name in named)


def render(text: str, variables: Mapping[str, Any]) -> str:
    """The text with what it names.

    Raises:
        TemplateError: something that it names is not there or not fit for a filter, or it grows too long.
    """
    try:
        return _parsed(text).render(**variables)
    except (LiquidError, RecursionError, *UNFIT) as error:
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
        parsed = _environment().from_string(text)
        require_short_ranges(parsed)
    except (LiquidError, RecursionError) as error:
        raise TemplateError(f"The text is no template: {_said(error)}. Remedy: correct it.") from error
    return parsed


@cache
def _environment() -> Environment:
    return environment()


def _said(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
