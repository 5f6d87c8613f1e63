"""Restores the people of a backup, by their address: those who are known here stay as they are."""

from typing import Final

from django.db import connection
from psycopg import sql

from engage_server.operations.backups import renumbering
from engage_server.operations.backups.archive import Archive
from engage_server.operations.backups.shared_tables import OF_PEOPLE

SAME_ADDRESS: Final = "here.email = \"row\"->>'email'"
OF_NEWCOMERS: Final = """
    EXISTS (SELECT FROM incoming_access_user newcomer WHERE newcomer.is_new AND newcomer.old_id = its.user_id::text)
"""


def take_in(archive: Archive, folder: str) -> int:
    """Make the people of a folder known here, with what they sign in by; return how many were not. Shared scope."""
    made = 0
    for table in OF_PEOPLE:
        if table.refers:
            renumbering.take_in(archive, folder, table)
            renumbering.write(table, condition=OF_NEWCOMERS)
        else:
            renumbering.take_in(archive, folder, table, known=SAME_ADDRESS)
            made += renumbering.write(table)
    return made


def changed_numbers() -> dict[str, str]:
    """Whose number is another one here than in the backup, as the audit log calls people; after ``take_in``."""
    name = renumbering.numbered("access_user")
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT old_id, new_id::text FROM {} WHERE old_id <> new_id::text").format(name)
        )
        return {f"user:{old}": f"user:{new}" for old, new in cursor.fetchall()}
