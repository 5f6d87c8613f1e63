"""``python -m tests.chaos.schema_probe``: clairvoyance, which rebuilds schemas from error messages, against production.

Its wordlist holds real names and invented ones. It may not tell one from another, nor learn any type. The program is
looked for on PATH: it needs older versions of what this server needs, and is installed apart (`pipx install`).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench.harness import own_database

PROGRAM: Final = "clairvoyance"
REAL: Final = (
    "tenant",
    "accounts",
    "account",
    "metric",
    "metrics",
    "plugins",
    "node",
    "slug",
    "first",
    "externalId",
)
INVENTED: Final = (
    "tenat",
    "acount",
    "matric",
    "pluggins",
    "nod",
    "slugg",
    "frist",
    "zebra",
    "quux",
    "nowhere",
)
# What a GraphQL document takes for granted.
KNOWN: Final = frozenset({"Query", "Mutation", "FuzzType", "String", "Int", "Float", "Boolean", "ID"})


def main() -> int:
    """1 where something was learned."""
    console, program = Console(), shutil.which(PROGRAM)
    if program is None:
        console.print(f"Skipped: {PROGRAM} is not on PATH. Remedy: pipx install {PROGRAM}.")
        return 0
    os.environ.update(ENGAGE_INTROSPECTION="0", ENGAGE_GRAPHIQL="0", ENGAGE_QUERY_POINTS="0")
    with own_database() as folder:
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import serving

        key = onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC").query_key
        words, output = folder / "words", folder / "learned.json"
        words.write_text("\n".join((*REAL, *INVENTED)))
        with serving() as (_, port):
            done = subprocess.run(
                [program, "-H", f"Authorization: Bearer {key}", "-w", words, "-o", output, f"http://127.0.0.1:{port}/graphql"],
                capture_output=True, text=True, check=False, timeout=300,
            )  # fmt: skip
        learned = _learned(output)
    console.print(f"{PROGRAM} ended with {done.returncode} and learned {sorted(learned) or 'nothing'}.")
    for line in done.stderr.splitlines():
        if "Error" in line:
            console.print(line, markup=False)
    return int(bool(learned))


def _learned(output: Path) -> set[str]:
    """Names that it could tell from invented ones, and types beyond those that every server has."""
    if not output.exists():
        return set()
    types = json.loads(output.read_text())["data"]["__schema"]["types"]
    fields = {field["name"] for type_ in types for field in type_.get("fields") or ()}
    told_apart = fields & set(REAL) if not fields & set(INVENTED) else set()
    return told_apart | {type_["name"] for type_ in types} - KNOWN


if __name__ == "__main__":
    sys.exit(main())
