"""Slows down guessing: counts attempts to sign in, by account and by address, for all processes together.

The count lies in the database and is raised before the password is looked at, in one statement: of a hundred
guesses sent at once to several processes, no more than the limit are compared. A cache that is read and written back
(the libraries' way) lets all of them through, and a cache of each process counts only its own.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.functions import Now

from engage_server.access.models import SignInCount
from engage_server.tenancy.scope import shared_scope

WINDOW: Final = timedelta(minutes=5)
MOST_BY_ACCOUNT: Final = 5
MOST_BY_ADDRESS: Final = 30
IPV6_NETWORK: Final = 64  # bits; someone who has one address of such a network has them all

COUNT: Final = """
INSERT INTO access_signincount AS known (subject, attempts, since) VALUES (%(subject)s, 1, now())
ON CONFLICT (subject) DO UPDATE SET
    attempts = CASE WHEN known.since <= now() - make_interval(secs => %(window_s)s) THEN 1 ELSE known.attempts + 1 END,
    since = CASE WHEN known.since <= now() - make_interval(secs => %(window_s)s) THEN now() ELSE known.since END
RETURNING attempts
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. ``allowed`` is False where there were too many recently, ``first_refused`` on the first such."""

    subjects: tuple[str, str]
    allowed: bool
    first_refused: bool


def begin_attempt(*, email: str, address: str) -> Attempt:
    """Count a try, before its password is looked at."""
    subjects = (_digest("account", email.strip().lower()), _digest("address", _network(address)))
    with shared_scope():
        _sweep()
        by_account, by_address = (_count(subject) for subject in subjects)
    return Attempt(
        subjects,
        allowed=by_account <= MOST_BY_ACCOUNT and by_address <= MOST_BY_ADDRESS,
        first_refused=by_account == MOST_BY_ACCOUNT + 1 or by_address == MOST_BY_ADDRESS + 1,
    )


def take_back(attempt: Attempt) -> None:
    """It was no guess: the password was right. The others of the account and address still count."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_signincount SET attempts = attempts - 1 WHERE subject = ANY(%s)",
            [list(attempt.subjects)],
        )


def _count(subject: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"subject": subject, "window_s": WINDOW.total_seconds()})
        (attempts,) = cursor.fetchone()
    return int(attempts)


def _sweep() -> None:
    """Counts and sessions that are over go here: signing in is what makes them."""
    SignInCount.objects.filter(since__lte=Now() - WINDOW).delete()
    Session.objects.filter(expire_date__lte=Now()).delete()


def _network(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/{IPV6_NETWORK}", strict=False))


def _digest(kind: str, subject: str) -> str:
    return hashlib.sha256(f"{kind}:{subject}".encode()).hexdigest()
