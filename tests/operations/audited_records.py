"""Records of customers: by their action in the log, how a command and how GraphQL ask for them."""

from typing import Final

RECORDS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "account.created",
        """record new-account {"externalId":"new","plan":"pro"} --tenant $slug""",
        'createAccount(input: {externalId: "new", plan: "pro"}) { dryRun }',
    ),
    (
        "account.changed",
        """record account {"externalId":"acct","plan":"pro"} --tenant $slug""",
        'updateAccount(input: {account: "acct", plan: "pro"}) { dryRun }',
    ),
    (
        "person.described",
        """record person {"person":"bob","isExcluded":true} --tenant $slug""",
        'describePerson(input: {person: "bob", isExcluded: true}) { dryRun }',
    ),
    (
        "membership.added",
        """record membership {"person":"bob","account":"acct"} --tenant $slug""",
        'addMembership(input: {person: "bob", account: "acct"}) { dryRun }',
    ),
    (
        "subscription.recorded",
        """record subscription {"externalId":"s","account":"acct","startsOn":"2026-06-01"} --tenant $slug""",
        'recordSubscription(input: {externalId: "s", account: "acct", startsOn: "2026-06-01"}) { dryRun }',
    ),
    (
        "ledger.recorded",
        """record ledger {"kind":"COST","amount":"5","occurredOn":"2026-06-01"} --tenant $slug""",
        'recordCost(input: {on: "2026-06-01", money: {amount: "5", currency: "USD"}}) { dryRun }',
    ),
    (
        "answer.recorded",
        """record answer {"instrument":"nps","scaleMin":0,"scaleMax":10,"score":9} --tenant $slug""",
        'recordAnswer(input: {instrument: "nps", scaleMin: "0", scaleMax: "10", score: "9"}) { dryRun }',
    ),
    (
        "touch.recorded",
        """record touch {"account":"acct","event":"called","occurredAt":"2026-06-01T12:00:00Z"} --tenant $slug""",
        'recordTouch(input: {account: "acct", event: "called", occurredAt: "2026-06-01T12:00:00Z"}) { dryRun }',
    ),
)
