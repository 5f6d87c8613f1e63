from tests.ingest.protocols.conftest import send

__all__ = ["send"]
