"""Reads cron expressions in a tenant's zone. The parser (cronsim) follows Debian's cron over clock changes.

A fixed time that the clocks skip fires when they have jumped; one that comes twice fires the first time only.
An expression whose minute or hour begins with ``*`` follows elapsed time instead.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from engage_server.engine.exceptions import InvalidCronError


def next_fire(expression: str, after: datetime, timezone: str) -> datetime:
    """The first time strictly after ``after`` at which the expression fires, in the zone.

    Raises:
        InvalidCronError: the expression cannot be read, or never fires.
    """
    try:
        for moment in CronSim(expression, after.astimezone(ZoneInfo(timezone))):
            # Asked within the second pass of a repeated hour, the parser answers with the first.
            if moment.astimezone(UTC) > after:
                return moment
    except CronSimError as error:
        reason = str(error)
    else:
        reason = "it never fires"
    raise InvalidCronError(
        f"The cron expression {expression!r} is not valid ({reason}). "
        "Remedy: five fields, minute hour day month weekday, e.g. '0 3 * * *' for 03:00 every day."
    )


def last_full_day(moment: datetime, timezone: str) -> date:
    """The last calendar day that had ended by ``moment`` in the zone; a date the zone skipped is none."""
    zone = ZoneInfo(timezone)
    midnight = datetime.combine(moment.astimezone(zone).date(), time(), tzinfo=zone)
    return (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).date()
