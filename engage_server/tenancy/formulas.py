"""Values that a spreadsheet would run as a formula are guarded by an apostrophe wherever we write CSV.

A value gets one apostrophe in front if, apart from apostrophes, it begins with ``= + - @``, a tab or a carriage
return. Reading takes one off where such a value has one, so that the import of a guarded file gives what was guarded.
"""

from typing import Final

APOSTROPHE: Final = "'"
# For PostgreSQL as for polars.
TO_GUARD: Final = r"^('*[=+\-@\t\r])"
GUARDED: Final = r"^'('*[=+\-@\t\r])"
