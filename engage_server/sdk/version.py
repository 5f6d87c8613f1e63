"""The version of the SDK. It follows SemVer: a promise to plugins."""

from typing import Final

VERSION: Final = "2.0.0"
