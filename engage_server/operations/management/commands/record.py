"""Tell by hand what else comes in by tracking: accounts, persons, subscriptions, money, answers, touches."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from engage_server.audit.management.base import TenantCommand
from engage_server.customers.exceptions import CustomersError
from engage_server.engine.restatement import days_to_restate
from engage_server.operations import accounts, business_records, persons
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.operations.records import (
    AccountFacts,
    NewAnswer,
    NewLedgerEntry,
    NewMembership,
    NewTouch,
    PersonFacts,
    Record,
    SubscriptionFacts,
    read_record,
)
from engage_server.operations.writes import write
from engage_server.tenancy.scope import TenantRef

KINDS: Final[Mapping[str, tuple[type[Record], Callable[[Any], object]]]] = {
    "new-account": (AccountFacts, accounts.create_account),
    "account": (AccountFacts, accounts.change_account),
    "person": (PersonFacts, persons.describe_person),
    "membership": (NewMembership, persons.add_membership),
    "subscription": (SubscriptionFacts, business_records.record_subscription),
    "ledger": (NewLedgerEntry, business_records.record_ledger_entry),
    "answer": (NewAnswer, business_records.record_answer),
    "touch": (NewTouch, business_records.record_touch),
}


class Command(TenantCommand):
    """Tell by hand what else comes in by tracking."""

    expected = (RefusedWriteError, CustomersError)
    active_only = True
    help = (
        "Make or change an account, describe a person, keep a membership, a subscription, an entry of the ledger, an "
        "answer or a touch; the same as the mutations of GraphQL. `import` takes files of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What kind of thing, and what is told of it."""
        super().add_arguments(parser)
        parser.add_argument("kind", choices=[*KINDS])
        parser.add_argument("fields", help='JSON: {"account": "acme-1", "plan": "pro"}')
        parser.add_argument("--dry-run", action="store_true", help="try it, and take it back")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Keep it, and say what is computed again."""
        model, operation = KINDS[options["kind"]]
        try:
            given = json.loads(options["fields"])
        except ValueError as error:
            raise CommandError(
                f"The fields are no JSON: {error}. Remedy: quote them for the shell."
            ) from None
        if not isinstance(given, dict):
            raise CommandError("The fields are no JSON object. Remedy: {field: value}.")
        record = read_record(model, given)

        def change() -> dict[str, Any]:
            operation(record)
            return {}

        written = write(change, content={}, dry_run=options["dry_run"])
        concerned = days_to_restate(written.changes)
        days = {day for found in concerned.values() for day in found}
        done = "Tried" if written.is_dry_run else "Kept"
        self.stdout.write(f"{done}. Computed again: {len(days)} days of {len(concerned)} plugins.")
