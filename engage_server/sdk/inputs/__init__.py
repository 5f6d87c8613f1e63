"""What a plugin may ask for. Each specification is answered by the server with one set-based SQL statement.

A specification is a frozen value; ``columns`` is the schema of the frame (polars) that the plugin receives, and
``reads`` says what it is made of, of which days.
Ids of accounts, persons and features are the tenant's integers: group and join by them, never show them.
Persons marked as bots or test users never appear. A merged person appears under one id.
Windows are half-open, end with the computed day, and follow the tenant's calendar (DST days included).
"""

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read

__all__ = ["Dataset", "InputSpec", "Read"]
