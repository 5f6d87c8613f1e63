"""Why something that came in is refused."""


class IngestError(Exception):
    """Base of all errors of this package; ``code`` goes to the client."""

    code = "invalid"
    status = 400


class MalformedBodyError(IngestError):
    """The body is no batch at all."""

    code = "malformed_body"


class BodyTooLargeError(IngestError):
    """The body is over the limit, as it came or after gunzip."""

    code = "body_too_large"
    status = 413


class ItemError(IngestError):
    """One item of a batch cannot be taken; the others can."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
