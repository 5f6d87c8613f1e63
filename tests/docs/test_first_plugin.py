"""From nothing to a plugin's first value over GraphQL, by the commands of the guide and by nothing else."""

import shlex
import sys
import tomllib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller
from tests.docs.test_snippets import ROOT, blocks, inline_queries
from tests.end_to_end.extra_plugins import announce
from tests.plugin_host.installing import on_path

GUIDE = ROOT / "docs" / "plugins.md"


def store(tenant: TenantRef) -> None:
    """Two accounts, in one of which somebody was active yesterday."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    since, ada = yesterday - timedelta(days=30), PersonKey(user_id="ada")
    items = [
        AccountItem("a", started_at=since),
        AccountItem("b", started_at=since),
        PersonItem(ada),
        MembershipItem(ada, "a", since),
        EventItem("1", "Saved", ada, yesterday, yesterday),
    ]
    with tenant_scope(tenant):
        store_items(items, source="web")


def installed(package: Path) -> str:
    """What installing the package puts on the path: its module, and the entry points of its project file."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    return announce(package / "src", project["entry-points"]["engage.plugins"])


def test_the_guides_commands_lead_to_a_first_value(acme, globex, tmp_path, capsys):
    for tenant in (acme, globex):
        store(tenant)
    with ExitStack() as until_asked:
        until_asked.callback(sys.modules.pop, "engage_reach", None)
        for line in blocks(GUIDE, "sh")[0].replace("/tmp", str(tmp_path)).splitlines():  # noqa: S108  # the guide's
            _, *words = shlex.split(line)
            if words[0] == "manage.py":
                call_command(*words[1:])
            else:
                assert words[:4] == ["-m", "pip", "install", "--editable"]
                until_asked.enter_context(on_path(Path(installed(Path(words[4])))))
        assert "reach: gold" in capsys.readouterr().out
        asker = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
        other = Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost")
        query = next(query for query in inline_queries(GUIDE) if "reach " in query)
        share = asker.data(query)["reach"]["share"]
        assert (share["value"], share["reached"]) == (50, 1)
        assert share["interval"]["low"] < 50 < share["interval"]["high"]
        assert "reach" in other.ask(query)["errors"][0]["message"], "globex has no such field"
