"""Changes for which nothing has to be there before: by action, how a command and how GraphQL ask for them."""

from typing import Final

PLAIN: Final[tuple[tuple[str, str, str], ...]] = (
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
    ("tenant.changed", "tenant set $slug --name New", 'updateTenant(name: "New") { name }'),
    (
        "domain.added",
        "tenant domains $slug --add more.$slug.example",
        'addDomain(domain: "more.$slug.example") { name }',
    ),
    (
        "minimum_persons.changed",
        "tenant minimum $slug --persons 7",
        "setMinimumPersons(persons: 7) { minimumPersons }",
    ),
    (
        "placeholder_ids.changed",
        "tenant placeholders $slug --add Unbekannt",
        'updateConventions(placeholderIds: ["Unbekannt"]) { placeholderIds }',
    ),
    (
        "survey_directions.changed",
        "tenant directions $slug --set ces=DOWN",
        'updateConventions(surveyDirections: [{instrument: "ces", direction: DOWN}]) { placeholderIds }',
    ),
    (
        "tracked_traits.changed",
        "tenant traits $slug --track industry",
        'updateConventions(trackedTraits: ["industry"]) { trackedTraits }',
    ),
    ("plugin.disabled", "plugin disable nps --tenant $slug", 'disablePlugin(id: "nps") { id }'),
    (
        "configuration.changed",
        "plugin configure nps instrument=nps2 --tenant $slug",
        'configurePlugin(input: {plugin: "nps", changes: {instrument: "nps2"}}) { dryRun }',
    ),
    (
        "dictionary.changed",
        "dictionary set saved weight=5 --tenant $slug",
        'updateEventName(name: "saved", changes: {weight: 5}) { name }',
    ),
    (
        "dictionary.preset_applied",
        "dictionary preset helpdesk --tenant $slug",
        'applyDictionaryPreset(name: "helpdesk") { added }',
    ),
    (
        "persons.merged",
        "identity merge bob ada --tenant $slug",
        'mergePersons(previous: "bob", into: "ada") { persons }',
    ),
    (
        "source.changed",
        "source set web --side client --tenant $slug",
        'updateSource(name: "web", side: CLIENT) { name }',
    ),
    (
        "segment.created",
        "segment create Firms --subject account --tenant $slug",
        'createSegment(segment: {name: "Firms", subject: ACCOUNT}) { name }',
    ),
    (
        "bundle.applied",
        "bundle apply billing --agree --tenant $slug",
        'applyBundle(name: "billing", agree: true) { applied }',
    ),
    (
        "goal.created",
        "goal create Reach --metric nps.score --target 40 --due 2099-12-31 --start 2026-06-01 --tenant $slug",
        'createGoal(goal: {name: "Reach", metric: "nps.score", target: 40, due: "2099-12-31", start: "2026-06-01"}) '
        "{ name }",
    ),
    (
        "annotation.created",
        "annotation create 2026-06-01 Launch --kind release --tenant $slug",
        'createAnnotation(annotation: {day: "2026-06-01", text: "Launch", kind: RELEASE}) { text }',
    ),
    (
        "channel.created",
        "channel create Hook --kind webhook --url https://hooks.example/in --tenant $slug",
        'createChannel(channel: {name: "Hook", kind: WEBHOOK, url: "https://hooks.example/in"}) { channel { name } }',
    ),
    (
        "rule.created",
        'rule create Ending --kind risk --trigger {"type":"renewal"} --tenant $slug',
        'createRule(rule: {name: "Ending", kind: RISK, trigger: {type: "renewal"}}, replayDays: 0) { rule { name } }',
    ),
    (
        "override.set",
        "override set health_score.score acct 40 --reason said --until 2026-07-01 --from 2026-06-01 --tenant $slug",
        'setOverride(metric: "health_score.score", account: "$account", value: 40, reason: "said", until: "2026-07-01", '
        'from: "2026-06-01") { id }',
    ),
    (
        "key.created",
        "key create query --name BI --tenant $slug",
        'createKey(key: {kind: QUERY, name: "BI"}) { text }',
    ),
    ("key.rotated", "key rotate $key --tenant $slug", 'rotateKey(id: "$key") { text }'),
    ("key.revoked", "key revoke $key --tenant $slug", 'revokeKey(id: "$key") { name }'),
    (
        "token.issued",
        "token issue acct --key $key --tenant $slug",
        'createAccountToken(accountId: "$account", keyId: "$key") { text }',
    ),
    (
        "member.added",
        "member add new@example.com --role analyst --tenant $slug",
        'inviteMember(email: "new@example.com", role: ANALYST) { email }',
    ),
)
