"""What can go wrong around tenants."""

from django.db import OperationalError


class TenancyError(Exception):
    """Base of all errors of this package."""


class NoTenantError(TenancyError):
    """Database code ran outside any scope."""


class ForeignTenantError(TenancyError):
    """Code inside one tenant's scope tried to enter another's."""


class UnknownTenantError(TenancyError):
    """No tenant has this slug, domain or id."""


class TenantSuspendedError(TenancyError):
    """The tenant exists but is not served."""


class TenantMovingError(TenancyError, OperationalError):
    """The tenant is on its way to another installation: as with a database that is away, the same succeeds soon."""


class InvalidTenantError(TenancyError):
    """A tenant cannot be created or changed as asked."""


class MoveError(TenancyError):
    """A tenant cannot be moved to another installation, or not now; says why and what to do."""


class RolesUnavailableError(TenancyError):
    """The database login may not create roles."""


class EmbeddedPostgresError(TenancyError, OperationalError):
    """The embedded PostgreSQL did not start, or is just being started: the database is away, as any other may be."""


class UnsuitableMigrationError(TenancyError):
    """A migration cannot be run on tenants as it is written."""


class SchemaDriftError(TenancyError):
    """A tenant's schema is not in the state that its digest stands for."""


class NewerDatabaseError(TenancyError):
    """The database was migrated by a later release than this code is of."""


class OlderDatabaseError(TenancyError):
    """The database lacks migrations of this code."""


class UnknownZoneError(InvalidTenantError):
    """A time zone is not known to all who have to calculate in it."""


class CitusError(TenancyError):
    """The database is a Citus cluster that lacks something, or on which something cannot be done."""


class NodeAwayError(CitusError, OperationalError):
    """A worker of the cluster does not answer: the same succeeds once it is back."""
