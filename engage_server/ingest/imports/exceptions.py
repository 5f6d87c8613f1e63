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
