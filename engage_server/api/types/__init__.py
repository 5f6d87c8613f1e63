"""The core's GraphQL types; plugins add fields to ``Query`` and ``Account``."""
