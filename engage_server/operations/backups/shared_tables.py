"""What a backup takes along of the shared tables, and what it leaves out. A test compares this with the models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class SharedTable:
    """A shared table whose rows belong to somebody.

    ``refers``: columns that hold ids of other tables here, which are given again where rows are restored. ``goes_back``:
    whether the rows of a tenant that is still here are those of the backup afterwards; the others stay as they are, so
    that no key that was revoked since opens again, and nobody who left comes back.
    """

    name: str
    refers: Mapping[str, str] = field(default_factory=dict)
    goes_back: bool = False


OWNER: Final = "tenant_id"
# Later ones refer to earlier ones.
OF_A_TENANT: Final = (
    SharedTable("tenancy_domain"),
    SharedTable("access_apikey", refers={"maker_id": "access_apikey"}),
    SharedTable("access_limit", refers={"key_id": "access_apikey"}),
    SharedTable("access_membership", refers={"user_id": "access_user"}),
    SharedTable("engine_schedule", goes_back=True),
    SharedTable("engine_run", goes_back=True),
    SharedTable("engine_affectedday", goes_back=True),
    SharedTable("engine_agenda", goes_back=True),
    SharedTable("engine_fileimport", goes_back=True),
    SharedTable("privacy_privacyrequest"),
    SharedTable("suppression_suppressedname"),
)
OF_PEOPLE: Final = (
    SharedTable("access_user"),
    SharedTable("account_emailaddress", refers={"user_id": "access_user"}),
    SharedTable("socialaccount_socialaccount", refers={"user_id": "access_user"}),
)
LEFT_OUT: Final[Mapping[str, str]] = {
    "tenancy_tenant": "the tenant itself, written apart",
    "tenancy_template": "captured again from the migrations",
    "tenancy_spareschema": "made again",
    "tenancy_move": "where tenants went from here, which only concerns this installation",
    "tenancy_tenantmigration": "what came of the last attempt here",
    "access_bucket": "what was spent recently",
    "access_signincount": "what was tried recently",
    "engine_breaker": "how plugins fared recently",
    "engine_computation": "answers that can be asked for again",
    "engine_process": "what runs now says so itself",
    "auth_permission": "made by migrate",
    "auth_group": "not used",
    "auth_group_permissions": "not used",
    "django_session": "people sign in again",
    "django_content_type": "made by migrate",
    "account_emailconfirmation": "no mail is sent",
    "socialaccount_socialapp": "stands in the settings",
    "socialaccount_socialtoken": "not kept",
    "procrastinate_workers": "the queue, rebuilt from the ledger",
    "procrastinate_jobs": "the queue, rebuilt from the ledger",
    "procrastinate_events": "the queue, rebuilt from the ledger",
    "procrastinate_periodic_defers": "the queue, rebuilt from the ledger",
}
