"""What can go wrong with a file: as a whole, or in one value of one row."""

from engage_server.ingest.exceptions import IngestError


class ImportFileError(IngestError):
    """Base of all errors that end an import."""


class UnreadableFileError(ImportFileError):
    """The file is missing, of another format than its name says, or damaged."""


class MappingError(ImportFileError):
    """Columns and target fields do not fit together; raised before anything is stored."""


class InvalidValueError(IngestError):
    """One value cannot be taken: rejects its row, never the file. ``code`` is for machines."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class FileImportError(IngestError):
    """Base of what is refused of an import by request; ``status`` is that of an answer to a part of its file."""

    code = "BAD_USER_INPUT"


class UnknownFileImportError(FileImportError):
    """There is no such import in this tenant; the same for another tenant's."""

    code = "NOT_FOUND"
    status = 404


class ClosedFileImportError(FileImportError):
    """Too late for this: the import has begun, or is over."""

    code = "CONFLICT"
    status = 409


class FileImportLimitError(FileImportError):
    """The file is too large, or the tenant has too many of them under way."""

    code = "LIMIT_EXCEEDED"
    status = 413
