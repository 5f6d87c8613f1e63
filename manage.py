#!/usr/bin/env python
"""Entry point of all commands."""

import gc
import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from engage_server.audit.actor import acting_as, operator
from engage_server.settings.exceptions import SettingError
from engage_server.tenancy.database_errors import is_outage

# What a command loads, it keeps: looking through it over and over for garbage takes a fifth of a start.
GARBAGE_AFTER_OBJECTS = 200_000

if __name__ == "__main__":
    gc.set_threshold(GARBAGE_AFTER_OBJECTS)
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
