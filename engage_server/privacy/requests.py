"""Opens requests to suppress or erase a person. From the commit on nothing more of the person is taken in or shown."""

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from engage_server.audit import log as audit_log
from engage_server.audit.actor import current_actor
from engage_server.customers.erasure import Family, family_of, hide_persons
from engage_server.customers.removals import announce_removal
from engage_server.privacy.exceptions import UnknownPersonError
from engage_server.privacy.models import PrivacyRequest
from engage_server.suppression.register import add_names
from engage_server.tenancy.scope import current_tenant, shared_scope
