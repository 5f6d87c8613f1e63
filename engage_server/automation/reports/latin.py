"""Which characters the Latin fonts of PDF, and those that come with reportlab, have a sign for."""

import re
from typing import Final

BEYOND_LATIN: Final = re.compile(r"[^\x20-\x7e\xa0-\xff–—‘’“”…•€]")
