"""What a release changed: the share of active persons who use the feature, before and after."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from engage_adoption.config import AdoptionConfig
from engage_adoption.rows import Answers, Rows, percent
from engage_server.sdk import Answer, Contribution, InputSpec, ReleaseReach, Status, feature
from engage_server.sdk.intervals import difference_of_shares


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a release."""

    released_on: Annotated[date, "The day of the release."]
    days_before: Annotated[int, "Days that are compared before it."]
    days_after: Annotated[int, "Days from it on that are over."]
    users_before: Annotated[int, "Who used the feature before."]
    active_before: Annotated[int, "Who was active before."]
    users_after: Annotated[int, "Who used it after."]
    active_after: Annotated[int, "Who was active after."]
    share_before: Annotated[float | None, "Users / active persons, 0 to 1."]
    share_after: Annotated[float | None, "As shareBefore."]


def inputs(config: AdoptionConfig) -> dict[str, InputSpec]:
    """The features that were released of late."""
    return {"releases": ReleaseReach(days=config.releases_shown_days, side_days=config.release_days)}


def release_effect(rows: Rows) -> Answers:
    """Per feature released of late: its share of users after the release less that before, in points."""
    for row in rows["releases"].sort("feature").iter_rows(named=True):
        before, after = row["active_before"], row["active_after"]
        details = Sides(
            released_on=row["released_on"],
            days_before=rows.config.release_days,
            days_after=row["days_after"],
            users_before=row["users_before"],
            active_before=before,
            users_after=row["users_after"],
            active_after=after,
            share_before=row["users_before"] / before if before else None,
            share_after=row["users_after"] / after if after else None,
        )
        then, now = percent(row["users_before"], before), percent(row["users_after"], after)
        known = then is not None and now is not None
        running = row["days_after"] < rows.config.release_days
        yield (
            feature(row["feature"]),
            Answer(
                now - then if then is not None and now is not None else None,
                n=min(before, after),
                details=details,
                parts=(
                    Contribution("after", "Share after the release", row["users_after"], points=now, n=after),
                    Contribution(
                        "before",
                        "Share before it",
                        row["users_before"],
                        points=-then if then else then,
                        n=before,
                    ),
                )
                if known
                else (),
                interval=difference_of_shares(row["users_after"], after, row["users_before"], before),
                status=Status.IMMATURE if known and running else None,
            ),
        )
