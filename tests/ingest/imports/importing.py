"""Runs the import as a user would, and looks at what came of it."""

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError

from engage_server.customers.models import Account
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOT_ALL_TAKEN = 3  # the status of an import that rejected rows


def imported(kind: str, file: str | Path, content: str | bytes | None = None, *options: str) -> dict:
    """The summary, with the exit status as ``status`` and what was said on stderr as ``said``."""
    if content is not None:
        Path(file).write_bytes(content if isinstance(content, bytes) else content.encode())
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command(
            "import", kind, str(file), "--tenant", "acme", "--json", *options, stdout=out, stderr=err
        )
    except CommandError as error:
        if not out.getvalue():
            raise
        status = error.returncode
    return {**json.loads(out.getvalue()), "status": status, "said": err.getvalue()}


def rejects(summary: dict) -> list[dict]:
    return [json.loads(line) for line in Path(summary["rejects"]).read_text().splitlines()]


def accounts(tenant: TenantRef) -> dict[str, str]:
    with tenant_scope(tenant):
        return dict(Account.objects.values_list("external_id", "name"))
