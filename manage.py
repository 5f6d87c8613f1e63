#!/usr/bin/env python
"""Entry point of all commands."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from engage_server.audit.actor import acting_as, operator
from engage_server.settings.exceptions import SettingError
from engage_server.tenancy.database_errors import is_outage

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engage_server.settings.base")
    with acting_as(operator()):
        try:
            execute_from_command_line(sys.argv)
        except SettingError as error:
            sys.exit(f"Error: {error}")
        except OperationalError as error:
            if not is_outage(error):
                raise
            sys.exit(f"Error: the database does not answer: {error}")
