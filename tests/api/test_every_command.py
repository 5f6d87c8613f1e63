"""What a command does for one tenant, the API does too: each command has its way there, or a reason why it has none."""

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator

from django.core.management import get_commands, load_command_class

from engage_server.api.composition import schema_for
from engage_server.plugin_host.registry import registry

# Root fields, by command; `Type.field` where it is a field of what a root gives.
WAYS: dict[str, tuple[str, ...]] = {
    "annotation list": ("annotations",),
    "annotation create": ("createAnnotation",),
    "annotation set": ("updateAnnotation",),
    "annotation retire": ("retireAnnotation",),
    "audit list": ("auditLog",),
    "audit verify": ("auditVerified",),
    "backtest": ("backtest",),
    "bundle list": ("bundles",),
    "bundle apply": ("applyBundle",),
    "channel list": ("channels",),
    "channel create": ("createChannel",),
    "channel rotate": ("rotateChannelSecret",),
    "channel end-former": ("endFormerSecret",),
    "channel try": ("tryChannel",),
    "channel retire": ("retireChannel",),
    "compute": ("startBackfill", "startComputation"),
    "delivery list": ("deliveries",),
    "delivery resend": ("resendDelivery",),
    "dictionary list": ("eventNames",),
    "dictionary set": ("updateEventName",),
    "dictionary lint": ("eventNameProblems",),
    "dictionary preset": ("applyDictionaryPreset",),
    "dictionary release": ("dateFeature",),
    "goal list": ("goals",),
    "goal create": ("createGoal",),
    "goal set": ("updateGoal",),
    "goal retire": ("retireGoal",),
    "identity list": ("merges",),
    "identity preview": ("mergePreview",),
    "identity merge": ("mergePersons",),
    "identity undo": ("undoMerge",),
    "import": ("importRows", "openFileImport", "startFileImport", "cancelFileImport", "fileImports", "fileImport"),
    "key create": ("createKey",),
    "key list": ("keys",),
    "key rotate": ("rotateKey",),
    "key revoke": ("revokeKey",),
    "limit show": ("limits",),
    "member add": ("inviteMember",),
    "member list": ("members",),
    "member role": ("changeRole",),
    "member remove": ("removeMember",),
    "override list": ("overrides",),
    "override set": ("setOverride",),
    "override end": ("endOverride",),
    "playbook list": ("playbooks",),
    "playbook create": ("createPlaybook",),
    "playbook set": ("updatePlaybook",),
    "playbook presets": ("playbookPresets",),
    "playbook apply": ("applyPlaybookPreset",),
    "playbook uplift": ("Playbook.uplift", "Playbook.metricUplift"),
    "playbook retire": ("retirePlaybook",),
    "plugin list": ("plugins",),
    "plugin enable": ("enablePlugin",),
    "plugin disable": ("disablePlugin",),
    "plugin configure": ("configurePlugin",),
    "plugin schedule": ("schedules", "updateSchedule"),
    "plugin reset": ("resetPlugin",),
    "privacy suppress": ("suppressPerson",),
    "privacy admit": ("admitPerson",),
    "privacy delete": ("deletePerson",),
    "privacy export": ("exportPerson",),
    "privacy consent": ("setConsent",),
    "privacy requests": ("privacyRequests",),
    "quarantine list": ("quarantine",),
    "quarantine replay": ("replayQuarantine",),
    "quarantine discard": ("discardQuarantine",),
    "record": (
        "createAccount", "updateAccount", "describePerson", "addMembership", "endMembership", "recordSubscription",
        "recordCost", "recordRevenue", "recordOpportunity", "recordAnswer", "recordTouch", "recordFeedback", "sendEvents",
    ),
    "report list": ("reports",),
    "report create": ("createReport",),
    "report set": ("updateReport",),
    "report write": ("Report.written",),
    "report send": ("sendReport",),
    "report retire": ("retireReport",),
    "rule list": ("rules",),
    "rule replay": ("CreateRulePayload.replay",),
    "rule create": ("createRule",),
    "rule set": ("updateRule",),
    "rule retire": ("retireRule",),
    "run list": ("runs",),
    "run retry": ("retryRuns",),
    "segment list": ("segments",),
    "segment show": ("segment", "segmentSize"),
    "segment create": ("createSegment",),
    "segment set": ("updateSegment",),
    "segment members": ("changeSegmentMembers", "Segment.members"),
    "segment retire": ("retireSegment",),
    "segment track": ("trackDimension",),
    "segment untrack": ("untrackDimension",),
    "segment history": ("Segment.history",),
    "setup_audit": ("setupAudit",),
    "share list": ("shares",),
    "share account": ("createShare",),
    "share calendar": ("createShare",),
    "share revoke": ("revokeShare",),
    "signal list": ("signals",),
    "signal acknowledge": ("acknowledgeSignal",),
    "source list": ("sources",),
    "source set": ("updateSource",),
    "suggest_weights": ("suggestWeights",),
    "survey list": ("surveys",),
    "survey create": ("createSurvey",),
    "survey set": ("updateSurvey",),
    "survey invite": ("inviteToSurvey",),
    "survey wave": ("startSurveyWave",),
    "survey retire": ("retireSurvey",),
    "task list": ("tasks",),
    "task done": ("completeTask",),
    "tenant show": ("tenant", "tenantSettings", "conventions"),
    "tenant set": ("updateTenant",),
    "tenant domains": ("addDomain", "removeDomain"),
    "tenant origins": ("setOrigins",),
    "tenant placeholders": ("updateConventions",),
    "tenant directions": ("updateConventions",),
    "tenant traits": ("updateConventions",),
    "tenant retention": ("setRetention",),
    "tenant minimum": ("setMinimumPersons",),
    "token issue": ("createAccountToken",),
    "what_if": ("whatIf",),
    "what_moved": ("whatMoved",),
}  # fmt: skip
SERVER = "concerns the server, or all of its tenants"
OPERATOR = "decides about the whole tenant; its operator's alone"
BUILD = "the last step of a build: who could send a mutation for it could register what is demanded of it"
AUTHOR = "is done where a plugin is written, without any tenant"
NO_WAY: dict[str, str] = {
    **dict.fromkeys(
        (
            "cards export",
            "demo",
            "dispatcher",
            "flush",
            "makemigrations",
            "migrate",
            "postgres",
            "reseal",
            "serve",
        ),
        SERVER,
    ),
    **dict.fromkeys(
        ("status", "worker", "tenant list", "tenant spares", "tenant janitor", "tenant verify"), SERVER
    ),
    **dict.fromkeys(
        ("tenant moves", "tenant move", "privacy tombstones", "cells list", "cells routes"), SERVER
    ),
    **dict.fromkeys(("user password-link", "user lock", "user unlock", "user unlink"), SERVER),
    **dict.fromkeys(
        ("tenant create", "tenant rename", "tenant suspend", "tenant resume", "tenant delete"), OPERATOR
    ),
    **dict.fromkeys(("tenant export", "backup", "restore"), "needs folders on the server's disk"),
    "tenant mail-domains": "where mail may go is for the server's operator to say",
    "limit set": "what a tenant may use is not for the tenant to say",
    "compact": "workers do it all the time; the command is for measuring",
    "verify": "says whether the server computes alike; who doubts it is its operator",
    "schema": "GET /graphql/schema gives it to who may introspect",
    **dict.fromkeys(
        ("documents list", "documents register", "documents retire", "documents require", "documents allow"),
        BUILD,
    ),
    **dict.fromkeys(("plugin check", "plugin new"), AUTHOR),
}


def commands() -> Iterator[str]:
    """Ours, each action by itself."""
    for name, app in get_commands().items():
        if str(app).startswith("engage_server"):
            parser = load_command_class(str(app), name).create_parser("manage.py", name)
            actions = _actions(parser)
            yield from (f"{name} {action}" for action in actions) if actions else (name,)


def _actions(parser: ArgumentParser) -> list[str]:
    return [
        action for part in parser._actions if isinstance(part, _SubParsersAction) for action in part.choices
    ]


def test_each_command_has_a_way_by_api_or_a_reason():
    found = set(commands())
    assert found - WAYS.keys() - NO_WAY.keys() == set(), "enter it with its root fields, or with the reason"
    assert (WAYS.keys() | NO_WAY.keys()) - found == set()
    assert WAYS.keys() & NO_WAY.keys() == set()


def test_each_way_is_in_the_schema():
    schema = schema_for(frozenset(registry().plugins))._schema
    roots = schema.query_type.fields.keys() | schema.mutation_type.fields.keys()
    for command, ways in WAYS.items():
        for way in ways:
            owner, dot, name = way.rpartition(".")
            assert name in (schema.type_map[owner].fields if dot else roots), (command, way)
    written = {name for ways in WAYS.values() for name in ways}
    of_ours = schema.mutation_type.fields.keys() - written
    assert of_ours == {"setShare"}, (
        "a mutation without a command has a reason: a tenant shares its own points out"
    )
