"""Reads cron expressions in a tenant's zone. The parser (cronsim) is correct over daylight-saving changes."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from engage_server.engine.exceptions import InvalidCronError


def next_fire(expression: str, after: datetime, timezone: str) -> datetime:
    """The first time strictly after ``after`` at which the expression fires, in the zone.

    Raises:
        InvalidCronError: the expression cannot be read, or never fires.
    """
    try:
        return next(CronSim(expression, after.astimezone(ZoneInfo(timezone))))
    except (CronSimError, StopIteration) as error:
        raise InvalidCronError(
            f"The cron expression {expression!r} is not valid ({error or 'it never fires'}). "
            "Remedy: five fields, minute hour day month weekday, e.g. '0 3 * * *' for 03:00 every day."
        ) from None
