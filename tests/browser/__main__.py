"""Walk every view of the dashboard on the demo's data in Chromium; ends with 1 where something is not as it should be.

`make browser SHOTS=folder` keeps the pictures. Skipped with its reason where there is no Chromium or no npm; in CI both
must be there.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
WALK: Final = Path(__file__).parent / "walk"
VIEWER: Final = "viewer@example.com"
DEMO_TIMEOUT_S: Final = 1_200  # the first demo computes half a year of two companies
# A walk opens fifty views in the time in which a person opens ten: what persons and companies may ask is not its
# subject.
UNHURRIED: Final = {"ENGAGE_PERSON_POINTS_PER_MINUTE": "0", "ENGAGE_QUERY_POINTS_PER_SECOND": "0"}
INVITATION: Final = re.compile(
    r"Open the dashboard at (\S+)/ and sign in:\s+(\S+)\s+(\S+).*Ctrl-C", re.DOTALL
)


def main() -> int:
    """Run the demo, walk through it, print what was found."""
    parser = argparse.ArgumentParser(prog="make browser", description=__doc__)
    parser.add_argument("--shots", type=Path, help="a folder for the pictures")
    parser.add_argument("--only", help="walk only scenes whose name contains this")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium or not shutil.which("npm"):
        missing = "Chromium" if not chromium else "npm"
        sys.stdout.write(f"The dashboard was not walked: there is no {missing} on this machine.\n")
        return 1 if os.environ.get("CI") else 0
    if not (WALK / "node_modules").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=WALK, check=True
        )
    with demo() as (url, email, password), tempfile.TemporaryDirectory() as spare:
        shots = given.shots or Path(spare)
        shots.mkdir(parents=True, exist_ok=True)
        asked = {"url": url, "email": email, "password": password, "chromium": chromium}
        asked |= {
            "shots": str(shots.resolve()),
            "only": given.only or "",
            "viewer": viewer(url),
            "large": large(),
        }
        done = subprocess.run(["node", "walk.mjs"], cwd=WALK, input=json.dumps(asked), text=True, check=False)
    return done.returncode


def viewer(url: str) -> dict[str, str]:
    """Somebody who may only look at one of the companies, and the link by which they choose a password."""
    if VIEWER not in manage("member", "list", "--tenant", "acme"):  # a demo that is walked again has them
        manage("member", "add", VIEWER, "--role", "viewer", "--tenant", "acme")
    said = manage("user", "password-link", VIEWER, "--origin", url)
    link = re.search(r"https?://\S+", said)
    if link is None:
        raise SystemExit(f"There is no link to choose a password by:\n{said}")
    return {"email": VIEWER, "link": link[0]}


def large() -> dict[str, str]:
    """The sign-in of somebody who sees a company of 1,000 accounts."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.thousand"],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "engage_server.settings.base", **os.environ},
        check=True,
        capture_output=True,
        text=True,
    )
    signed: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return signed


def manage(*command: str) -> str:
    """What a command of the server says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


@contextmanager
def demo() -> Iterator[tuple[str, str, str]]:
    """The address of a running demo, and its person's sign-in."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", "8300"],
            cwd=ROOT,
            env=os.environ | UNHURRIED,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            yield invitation(process, said.fileno())
        finally:
            process.terminate()
            process.wait(60)


def invitation(process: subprocess.Popen[bytes], said: int) -> tuple[str, str, str]:
    """What the demo prints when it is ready."""
    deadline = time.monotonic() + DEMO_TIMEOUT_S
    while time.monotonic() < deadline:
        text = os.pread(said, 1_000_000, 0).decode()
        if found := INVITATION.search(text):
            return found[1], found[2], found[3]
        if process.poll() is not None:
            raise SystemExit(f"The demo ended with {process.returncode}:\n{text[-2000:]}")
        time.sleep(0.5)
    raise SystemExit(f"The demo was not ready after {DEMO_TIMEOUT_S} s.")


if __name__ == "__main__":
    sys.exit(main())
