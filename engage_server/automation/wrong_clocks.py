"""What is noted of a time that is still to come, once the database's clock was ahead and has come back.

Whatever counts from such a time (cool-downs, the day of a signal) would hold rules and playbooks back until that time has
come. Nothing is told again of it. Works inside the tenant's scope and a transaction.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from engage_server.tenancy.scope import current_tenant

LONGEST_WAIT: Final = timedelta(days=369, hours=1)
"""Of a playbook's step: 366 days and 72 hours, and an hour where the clocks change."""
# Of a rule and subject one signal stays, of today: the newest, or the one of today that there is.
SIGNALS: Final = """
    WITH ahead AS (
        SELECT id, row_number() OVER (PARTITION BY rule, subject ORDER BY raised_on DESC) > 1 OR EXISTS (
            SELECT FROM automation_signal AS there
            WHERE there.rule = one.rule AND there.subject = one.subject AND there.raised_on = %(today)s) AS is_more
        FROM automation_signal AS one WHERE raised_on > %(today)s
    ), removed AS (DELETE FROM automation_signal USING ahead WHERE automation_signal.id = ahead.id AND is_more)
    UPDATE automation_signal SET raised_on = %(today)s, raised_at = LEAST(raised_at, %(now)s) FROM ahead
    WHERE automation_signal.id = ahead.id AND NOT is_more
"""
CLEARED: Final = "UPDATE automation_signal SET cleared_on = %(today)s WHERE cleared_on > %(today)s"
BEGUN: Final = "UPDATE automation_journey SET begun_at = %(now)s WHERE begun_at > %(now)s"
WAITING: Final = """
    UPDATE automation_journey SET due_at = %(now)s WHERE state = 'RUNNING' AND due_at > %(now)s + %(longest)s
"""
ASKED: Final = "UPDATE automation_surveyinvitation SET asked_at = %(now)s WHERE asked_at > %(now)s"
log = logging.getLogger("engage.automation")


def bring_back(now: datetime) -> None:
    """Have what is noted of later than now be of now; signals of later days are of today, in the tenant's calendar."""
    params: dict[str, Any] = {
        "now": now,
        "today": now.astimezone(current_tenant().zone).date(),
        "longest": LONGEST_WAIT,
    }
    changed = 0
    with connection.cursor() as cursor:
        for statement in (SIGNALS, CLEARED, BEGUN, WAITING, ASKED):
            cursor.execute(statement, params)
            changed += cursor.rowcount
    if changed:
        log.warning(
            "The database's clock was ahead: %s notes of a time to come are of now.",
            changed,
            extra={"action": "clock_came_back"},
        )
