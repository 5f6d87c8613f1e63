"""Which kinds of definitions there are, and the model that the bodies of each keep."""

import re
from typing import ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from engage_server.definitions.exceptions import DuplicateKindError, InvalidDefinitionError
from engage_server.tenancy.late_registration import LateMapping

MOST_PROBLEMS: Final = 3
VALUE_ERROR: Final = "Value error, "  # pydantic's word before what a model of ours says
# What PostgreSQL takes into no JSON, as JSON writes it.
NOT_STORABLE: Final = re.compile(r"(?<!\\)(\\\\)*\\u0000")


class Body(BaseModel):
    """Base of all bodies: unknown fields are errors, values are frozen.

    ``free_texts`` names the fields in which people write what they like: an erasure redacts those that name the person.
    ``steps.text`` is that field of each of ``steps``. Of ``code_texts``, which machines read, what stands between quotation
    marks and in comments is redacted alone, so that what the rest means stays.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    free_texts: ClassVar[frozenset[str]] = frozenset()
    code_texts: ClassVar[frozenset[str]] = frozenset()


BodyT = TypeVar("BodyT", bound=Body)

KINDS: Final[LateMapping[str, type[Body]]] = LateMapping()


def register_kind(kind: str, model: type[Body]) -> None:
    """Have bodies of ``kind`` keep ``model``.

    Raises:
        DuplicateKindError: the kind has another model.
    """
    registered = KINDS.registered
    if registered.setdefault(kind, model) is not model:
        raise DuplicateKindError(
            f"Definitions of the kind {kind!r} have two models, {registered[kind].__name__} and {model.__name__}. "
            "Remedy: give one of them another kind."
        )


def read_body(model: type[BodyT], given: object) -> BodyT:
    """What was given, as the model has it.

    Raises:
        InvalidDefinitionError: it does not keep the model.
    """
    try:
        body = model.model_validate(given)
    except ValidationError as error:
        raise InvalidDefinitionError(_explain(error)) from None
    if NOT_STORABLE.search(body.model_dump_json(ensure_ascii=True)):
        raise InvalidDefinitionError(
            "The definition contains a NUL character or half a surrogate pair. Remedy: send plain Unicode."
        )
    return body


def _explain(error: ValidationError) -> str:
    problems = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'the whole'}: {problem['msg'].removeprefix(VALUE_ERROR)}"
        for problem in error.errors(include_url=False, include_input=False)
    ]
    more = f" (and {len(problems) - MOST_PROBLEMS} more)" if len(problems) > MOST_PROBLEMS else ""
    return f"The definition is not valid. {'; '.join(problems[:MOST_PROBLEMS])}{more}. Remedy: correct these fields."
