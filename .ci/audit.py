"""Asks the index whether a locked dependency has a known vulnerability; says so and passes where it is out of reach."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

LOCK: Final = Path(__file__).resolve().parents[1] / "requirements.lock"
GIVE_UP_S: Final = 120
SOCKET_TIMEOUT_S: Final = 5


def main() -> int:
    """1 where a dependency is vulnerable."""
    options = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(LOCK),
        *options,
        "--timeout",
        str(SOCKET_TIMEOUT_S),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIVE_UP_S, check=False)  # noqa: S603
        found = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return skipped(f"no answer within {GIVE_UP_S} s")
    except (ValueError, KeyError):
        return skipped((done.stderr.strip().splitlines() or ["no answer"])[-1])
    vulnerable = [one for one in found if one.get("vulns")]
    for one in vulnerable:
        known = ", ".join(vulnerability["id"] for vulnerability in one["vulns"])
        fixed = {version for vulnerability in one["vulns"] for version in vulnerability["fix_versions"]}
        say(
            f"{one['name']} {one['version']}: {known}; fixed in {', '.join(sorted(fixed)) or 'no version yet'}"
        )
    say(f"Dependency audit: {len(found)} packages, {len(vulnerable)} vulnerable.")
    return int(bool(vulnerable))


def skipped(reason: str) -> int:
    """Say why nothing was asked; a machine without the index must be able to check the rest."""
    say(f"Dependency audit: SKIPPED, since the index is out of reach ({reason[:200]}).")
    return 0


def say(line: str) -> None:
    """A line for the person who runs the check."""
    print(line)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
