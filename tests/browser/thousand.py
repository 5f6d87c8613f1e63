"""``python -m tests.browser.thousand``: a company of 1,000 accounts in the demo's database, and somebody who may see it.

Each account has 91 stored days of a score and of money. Prints the sign-in as JSON. Made once: a demo that is walked again
has it.
"""

import json
import secrets
import sys
from typing import Final

import django

SLUG: Final = "thousand"
ACCOUNTS: Final = 1_000
SEEN: Final = ("health_score.score", "revenue.mrr")
EMAIL: Final = "book@example.com"


def main() -> None:
    """Make what lacks, choose a password, and say both."""
    django.setup()
    # Models are there only once Django is set up.
    from engage_server.access.models import User
    from engage_server.access.principal import EVERYTHING, Principal, Role
    from engage_server.audit.actor import acting_as, operator
    from engage_server.engine.schedules import schedules_of, set_schedule
    from engage_server.operations.members import invite_member
    from engage_server.tenancy.models import Tenant
    from engage_server.tenancy.scope import shared_scope
    from engage_server.tenancy.services import create_tenant
    from tests.api.screen_tenant import fill

    with acting_as(operator()):
        with shared_scope():
            is_there = Tenant.objects.filter(slug=SLUG).exists()
        if not is_there:
            tenant = create_tenant(
                slug=SLUG, name="A thousand accounts", domain=f"{SLUG}.localhost", timezone="UTC"
            )
            for plugin in schedules_of(tenant):
                set_schedule(tenant, plugin, paused=True)  # what is stored stays as it is
            fill(tenant, accounts=ACCOUNTS, metrics=SEEN)
            invite_member(Principal(tenant, operator(), EVERYTHING), email=EMAIL, role=Role.ANALYST)
        password = secrets.token_hex(8)
        with shared_scope():
            user = User.objects.get(email=EMAIL)
            user.set_password(password)
            user.save(update_fields=["password"])
    sys.stdout.write(json.dumps({"email": EMAIL, "password": password}))


if __name__ == "__main__":
    main()
