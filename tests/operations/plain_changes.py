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
    (
        "person.suppressed",
        "privacy suppress bob --tenant $slug",
        'suppressPerson(input: {person: "bob"}) { request { kind } }',
    ),
    (
        "person.consent_changed",
        "privacy consent bob withdrawn --tenant $slug",
        'setConsent(input: {person: "bob", consents: false}) { consents }',
    ),
    (
        "data.exported",
        "privacy export bob --out $file --tenant $slug",
        'exportPerson(input: {person: "bob"}) { data }',
    ),
    (
        "tenant.changed",
        "tenant set $slug --name New",
        'updateTenant(input: {name: "New"}) { tenant { name } }',
    ),
    (
        "domain.added",
        "tenant domains $slug --add more.$slug.example",
        'addDomain(input: {domain: "more.$slug.example"}) { tenant { name } }',
    ),
    (
        "minimum_persons.changed",
        "tenant minimum $slug --persons 7",
        "setMinimumPersons(input: {persons: 7}) { tenant { minimumPersons } }",
    ),
    (
        "placeholder_ids.changed",
        "tenant placeholders $slug --add Unbekannt",
        'updateConventions(input: {placeholderIds: ["Unbekannt"]}) { conventions { placeholderIds } }',
    ),
    (
        "survey_directions.changed",
        "tenant directions $slug --set ces=DOWN",
        'updateConventions(input: {surveyDirections: [{instrument: "ces", direction: DOWN}]}) { '
        "conventions { placeholderIds } }",
    ),
    (
        "tracked_traits.changed",
        "tenant traits $slug --track industry",
        'updateConventions(input: {trackedTraits: ["industry"]}) { conventions { trackedTraits } }',
    ),
    (
        "dimension.tracked",
        "segment track stage --tenant $slug",
        'trackDimension(input: {dimension: "stage"}) { count }',
    ),
    (
        "plugin.disabled",
        "plugin disable nps --tenant $slug",
        'disablePlugin(input: {plugin: "nps"}) { plugin { id } }',
    ),
    (
        "configuration.changed",
        "plugin configure nps instrument=nps2 --tenant $slug",
        'configurePlugin(input: {plugin: "nps", changes: {instrument: "nps2"}}) { dryRun }',
    ),
    (
        "dictionary.changed",
        "dictionary set saved weight=5 --tenant $slug",
        'updateEventName(input: {name: "saved", changes: {weight: 5}}) { eventName { name } }',
    ),
    (
        "dictionary.preset_applied",
        "dictionary preset helpdesk --tenant $slug",
        'applyDictionaryPreset(input: {name: "helpdesk"}) { added }',
    ),
    (
        "persons.merged",
        "identity merge bob ada --tenant $slug",
        'mergePersons(input: {previous: "bob", into: "ada"}) { moved { persons } }',
    ),
    (
        "source.changed",
        "source set web --side client --tenant $slug",
        'updateSource(input: {name: "web", side: CLIENT}) { source { name } }',
    ),
    (
        "segment.created",
        "segment create Firms --subject account --tenant $slug",
        'createSegment(input: {name: "Firms", subject: ACCOUNT}) { segment { name } }',
    ),
    (
        "bundle.applied",
        "bundle apply billing --agree --tenant $slug",
        'applyBundle(input: {name: "billing", agree: true}) { plan { applied } }',
    ),
    (
        "goal.created",
        "goal create Reach --metric nps.score --target 40 --due 2099-12-31 --start 2026-06-01 --tenant $slug",
        'createGoal(input: {name: "Reach", metric: "nps.score", target: 40, due: "2099-12-31", start: "2026-06-01"}) '
        "{ goal { name } }",
    ),
    (
        "annotation.created",
        "annotation create 2026-06-01 Launch --kind release --tenant $slug",
        'createAnnotation(input: {day: "2026-06-01", text: "Launch", kind: RELEASE}) { annotation { text } }',
    ),
    (
        "channel.created",
        "channel create Hook --kind webhook --url https://hooks.example/in --tenant $slug",
        'createChannel(input: {name: "Hook", kind: WEBHOOK, url: "https://hooks.example/in"}) { channel { name } }',
    ),
    (
        "rule.created",
        'rule create Ending --kind risk --trigger {"type":"renewal"} --tenant $slug',
        'createRule(input: {name: "Ending", kind: RISK, trigger: {type: "renewal"}, replayDays: 0}) { rule { name } }',
    ),
    (
        "override.set",
        "override set health_score.score acct 40 --reason said --until 2026-07-01 --from 2026-06-01 --tenant $slug",
        'setOverride(input: {metric: "health_score.score", account: "$account", value: 40, reason: '
        '"said", until: "2026-07-01", '
        'from: "2026-06-01"}) { override { id } }',
    ),
    (
        "key.created",
        "key create query --name BI --tenant $slug",
        'createKey(input: {kind: QUERY, name: "BI"}) { text }',
    ),
    ("key.rotated", "key rotate $key --tenant $slug", 'rotateKey(input: {id: "$key"}) { text }'),
    ("key.revoked", "key revoke $key --tenant $slug", 'revokeKey(input: {id: "$key"}) { key { name } }'),
    (
        "token.issued",
        "token issue acct --key $key --tenant $slug",
        'createAccountToken(input: {account: "$account", key: "$key"}) { text }',
    ),
    (
        "member.added",
        "member add new@example.com --role analyst --tenant $slug",
        'inviteMember(input: {email: "new@example.com", role: ANALYST}) { member { email } }',
    ),
)
