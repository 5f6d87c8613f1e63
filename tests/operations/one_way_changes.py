"""Changes in the audit log that either a command or GraphQL alone can ask for, and why."""

from typing import Final

SERVER: Final = "decides about the whole tenant; its operator's alone"
ONE_WAY: Final = {
    **dict.fromkeys(("tenant.suspended", "tenant.resumed", "tenant.renamed", "tenant.deletion_begun"), SERVER),
    **dict.fromkeys(("tenant.move_begun", "tenant.moved"), "needs a second installation"),
    "tenant.restored": "needs a backup on the server's disk",
    "limit.changed": "what a tenant may use is not for the tenant to say",
    "feedback.recorded": "files of it are imported; the import has no entry in the log, as other data has none",
    "mail.chosen": "the person chooses it by a link in a mail",
    "mail_domains.changed": "where mail may go is for the server's operator to say",
    "task.done": "there are both ways; tests/automation/test_playbook_steps.py goes the command's",
    "report.created": "there are both ways; tests/automation/test_reports.py goes the command's",
    "report.changed": "as it was made",
    "report.retired": "as it was made",
    "report.sent": "as it was made",
    "share.created": "there are both ways; tests/dashboard/test_shared_pages.py goes the command's",
    "share.revoked": "as it was made",
    "rows.imported": "files are imported, which has no entry in the log, as other data has none",
    **dict.fromkeys(
        ("import.opened", "import.started", "import.cancelled", "import.finished"),
        "the command imports a file in one go, which has no entry in the log",
    ),
    "events.sent": "tracking sends events, and has no entry in the log, as other data has none",
    "backfill.requested": "the command computes for operators, and records nothing: what it stores is no other",
    "runs.retried": "the command is about all tenants",
    **dict.fromkeys(
        ("documents.registered", "document.retired", "documents.demanded", "documents.allowed"),
        "the last step of a build; who could send a mutation for it could register the documents that are demanded",
    ),
    "membership.ended": "a row of an imported file with its end says the same",
    "secrets.resealed": "concerns the keys of all tenants; the server's operator alone",
    **dict.fromkeys(
        ("configuration.upgraded", "definition.raised"), "comes with a release of the plugin; nobody asks for it"
    ),
    "person.deleted": "the erasure's last step records it, which workers do for both",
    **dict.fromkeys(
        ("user.password_link_made", "user.locked", "user.unlocked", "user.unlinked"),
        "concerns all tenants of the person; the server's operator alone",
    ),
    **dict.fromkeys(
        ("user.signed_in", "user.sign_in_failed", "user.password_set"), "people do it at the sign-in pages"
    ),
}  # fmt: skip
