"""What customers' records and a tenant's own settings do: by action, how a command and how GraphQL ask for it."""

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
    (
        "schedule.changed",
        "plugin schedule nps --misfire SKIP --pause --tenant $slug",
        'updateSchedule(input: {plugin: "nps", misfire: SKIP, paused: true}) { dryRun }',
    ),
    (
        "origins.changed",
        "tenant origins $slug https://app.example.com",
        'setOrigins(input: {origins: ["https://app.example.com"]}) { dryRun }',
    ),
    (
        "retention.changed",
        "tenant retention $slug --events 400d",
        "setRetention(input: {eventsKeepDays: 400}) { dryRun }",
    ),
    ("person.suppressed", "privacy suppress bob --tenant $slug", 'suppressPerson(person: "bob") { kind }'),
    (
        "person.consent_changed",
        "privacy consent bob withdrawn --tenant $slug",
        'setConsent(person: "bob", consents: false)',
    ),
    ("data.exported", "privacy export bob --out $file --tenant $slug", 'exportPerson(person: "bob")'),
)
