"""Takes names out of the reasons why a tenant's runs failed: a plugin's error may quote the rows it was given."""

from collections.abc import Collection
from typing import Final

from django.db.models import Model

from engage_server.customers.person_mentions import NameMatcher
from engage_server.engine.models import Breaker, Computation, Run
from engage_server.tenancy.scope import current_tenant, shared_scope

ERASED: Final = "Erased: the text named a person."
TEXTS: Final[tuple[tuple[type[Model], str], ...]] = ((Run, "error"), (Breaker, "reason"))
ROWS_AT_ONCE: Final = 1_000


def scrub_errors(names: Collection[str]) -> dict[str, int]:
    """Replace the texts that mention one of the names; rows by table. Inside the tenant's scope."""
    # Programs wrote them, and nothing is lost with one: here a short name counts as a word too.
    matcher = NameMatcher(names, shortest_word=1)
    tenant_id = current_tenant().id
    with shared_scope():
        return {model._meta.db_table: _scrub(model, column, tenant_id, matcher) for model, column in TEXTS}


def _scrub(model: type[Model], column: str, tenant_id: int, matcher: NameMatcher) -> int:
    rows = model._default_manager.filter(tenant_id=tenant_id).exclude(**{column: ""})
    doomed = [
        pk
        for pk, text in rows.values_list("pk", column).iterator(chunk_size=ROWS_AT_ONCE)
        if matcher.matches(text)
    ]
    return model._default_manager.filter(pk__in=doomed).update(**{column: ERASED})


def forget_answers() -> int:
    """Delete what the tenant in scope has had computed: explanations may name a person, and it can be asked again."""
    tenant_id = current_tenant().id
    with shared_scope():
        deleted, _ = Computation.objects.filter(tenant_id=tenant_id).delete()
    return deleted
