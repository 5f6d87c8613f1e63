"""Gives back to errors of another node what they were, where the coordinator of a Citus cluster tells their text alone.

So it does of COPY: a repeated key of a worker comes as an internal error (XX000), which says nothing of who is to blame.
"""

from typing import Final

from psycopg import errors

# By what PostgreSQL says of them; its workers have to say it in English (lc_messages).
BY_TEXT: Final[tuple[tuple[str, type[errors.Error]], ...]] = (
    ("duplicate key value violates unique constraint", errors.UniqueViolation),
    ("violates foreign key constraint", errors.ForeignKeyViolation),
    ("violates check constraint", errors.CheckViolation),
    ("violates not-null constraint", errors.NotNullViolation),
    ("value too long for type", errors.StringDataRightTruncation),
    ("invalid input syntax for type", errors.InvalidTextRepresentation),
    ("unsupported Unicode escape sequence", errors.UntranslatableCharacter),
    ("invalid byte sequence for encoding", errors.CharacterNotInRepertoire),
    ("out of range", errors.NumericValueOutOfRange),
)


def as_told_by_text(error: BaseException | None) -> errors.Error | None:
    """The error of the kind that its text names, where its state says nothing; None where it needs no other."""
    if not isinstance(error, errors.InternalError_):
        return None
    text = str(error).partition("\n")[0]
    for part, kind in BY_TEXT:
        if part in text:
            told = kind(*error.args)
            told.__cause__ = error
            return told
    return None
