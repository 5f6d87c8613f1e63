#!/usr/bin/env python
"""Entry point of all commands."""

import os
import sys

from django.core.management import execute_from_command_line

from engage_server.audit.actor import acting_as, operator

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engage_server.settings.base")
    with acting_as(operator()):
        execute_from_command_line(sys.argv)
