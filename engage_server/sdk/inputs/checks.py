"""Holds an input specification against its own declaration: the types of its fields, and the days that it reads."""

from collections.abc import Iterator
from dataclasses import fields

import msgspec

from engage_server.sdk.inputs.base import InputSpec


def spec_problems(spec: object) -> Iterator[str]:
    """What is wrong with a specification, as the end of a sentence about it; nothing where it can be answered."""
    if not isinstance(spec, InputSpec):
        yield f"is {type(spec).__name__}, not an input specification of the SDK"
        return
    try:
        given = {field.name: msgspec.to_builtins(getattr(spec, field.name)) for field in fields(spec)}
        msgspec.convert(given, type(spec))
    except (msgspec.ValidationError, TypeError) as error:
        yield f"is {spec!r}, whose fields are not what {type(spec).__name__} declares: {error}"
        return
    for read in spec.reads:
        if read.days < 1:
            yield f"is {spec!r} and reads {read.days} days; 1 is the computed day alone"
