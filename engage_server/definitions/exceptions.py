"""Why something cannot be defined."""


class DefinitionsError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code = "BAD_USER_INPUT"


class InvalidDefinitionError(DefinitionsError):
    """The body does not keep its model; the message names the first fields and what is wrong with them."""

    code = "INVALID_DEFINITION"


class NameTakenError(DefinitionsError):
    """Another definition of the kind has the name."""

    code = "NAME_TAKEN"


class UnknownDefinitionError(DefinitionsError):
    """There is none of this kind, or it was retired."""

    code = "NOT_FOUND"


class DuplicateKindError(DefinitionsError):
    """Two packages claim a kind."""
