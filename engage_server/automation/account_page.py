"""What an account's own page shows: chosen metrics, its goals, and nothing else. In the tenant's scope."""

from dataclasses import dataclass
from datetime import date

from engage_server.automation.figures import Figure, figures
from engage_server.automation.shares import Share
from engage_server.customers.models import Account
from engage_server.metrics.goal_progress import GoalStatus, progress
from engage_server.metrics.goals import goals
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Subject
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class ShownGoal:
    """A goal of the account, and the figure that it is about; ``share`` of the way is 0 to 1."""

    name: str
    target: float
    due: date
    figure: Figure
    share: float | None
    status: GoalStatus


@dataclass(frozen=True, slots=True)
class AccountPage:
    """``day`` is the newest day that a figure is of; null where none has a value."""

    account: str
    language: str
    day: date | None
    figures: tuple[Figure, ...]
    goals: tuple[ShownGoal, ...]


def account_page(one: Share) -> AccountPage | None:
    """What the share shows of its account now; None where the account is gone."""
    number = one.body.account
    account = None if number is None else Account.objects.filter(pk=number).first()
    if account is None:
        return None
    language = one.body.language
    subject = Subject("account", account.pk)
    found = tuple(figures(one.body.metrics, subject, language=language))
    shown = tuple(account_goals(account, language)) if one.body.goals else ()
    days = [figure.day for figure in (*found, *(goal.figure for goal in shown)) if figure.day is not None]
    return AccountPage(account.name or account.external_id, language, max(days, default=None), found, shown)


def account_goals(account: Account, language: str = "en") -> list[ShownGoal]:
    """The goals that are for this account, with how far each has come."""
    today = database_now().astimezone(current_tenant().zone).date()
    shown = []
    for goal in goals():
        if goal.body.account != account.external_id:
            continue
        on = goal.body.due if today > goal.body.due else None
        found = figures([goal.body.metric], Subject("account", account.pk), on=on, language=language)
        for figure in found:
            _, declared = registry().metric(figure.metric)
            # A baseline of a day may be of few: then the way to the target is not told.
            body = goal.body if figure.status == "OK" else goal.body.model_copy(update={"baseline": None})
            way = progress(body, figure.value, declared.direction, today)
            shown.append(ShownGoal(goal.name, goal.body.target, goal.body.due, figure, way.share, way.status))
    return shown
