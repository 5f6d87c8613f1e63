"""What a search says beside its value."""

from dataclasses import dataclass
from typing import Annotated, Final

from engage_aha.loyal import Habit, Loyal
from engage_aha.observed import Observed
from engage_aha.search import Search, Try
from engage_server.sdk import Interval

CORRELATION: Final = "correlation"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An action that was tried. Shares are 0 to 1; bounds are null where the table has too few for them."""

    event: Annotated[str, "The action."]
    times: Annotated[int, "Done at least so often."]
    within_days: Annotated[int, "Within so many first days."]
    is_found: Annotated[bool, "Whether chance and many tries do not explain it."]
    p: Annotated[float, "Of the chi-square test, of this try alone."]
    p_adjusted: Annotated[float, "By Benjamini and Hochberg, for all tries."]
    reached: Annotated[int, "Those who did it."]
    reached_with: Annotated[int, "Those who did it and have the outcome."]
    others: Annotated[int, "Those who did not."]
    others_with: Annotated[int, "Those who did not and have the outcome."]
    share_reaching: Annotated[float, "Share of all that did it."]
    precision: Annotated[float, "Share with the outcome among those who did it."]
    precision_low: Annotated[float | None, "Lower bound of precision."]
    precision_high: Annotated[float | None, "Upper bound of precision."]
    recall: Annotated[float, "Share who did it among those with the outcome."]
    recall_low: Annotated[float | None, "Lower bound of recall."]
    recall_high: Annotated[float | None, "Upper bound of recall."]
    lift: Annotated[float, "Precision over the outcome's share among all."]
    lift_low: Annotated[float | None, "Lower bound of lift."]
    lift_high: Annotated[float | None, "Upper bound of lift."]
    phi: Annotated[float, "Correlation of action and outcome, -1 to 1."]
    phi_low: Annotated[float | None, "Lower bound of phi."]
    phi_high: Annotated[float | None, "Upper bound of phi."]

    @classmethod
    def of(cls, one: Try, level: float) -> "Candidate":
        """The figures of a try, with intervals of this level."""
        table = one.table
        bounds = {
            "precision": table.interval_of_precision(level),
            "recall": table.interval_of_recall(level),
            "lift": table.interval_of_lift(level),
            "phi": table.interval_of_phi(level),
        }
        return cls(
            event=one.event,
            times=one.times,
            within_days=one.within_days,
            is_found=one.is_found,
            p=table.p,
            p_adjusted=one.p_adjusted,
            reached=table.did,
            reached_with=table.did_with,
            others=table.others,
            others_with=table.others_with,
            share_reaching=table.did / table.n,
            precision=table.precision,
            recall=table.recall,
            lift=table.lift,
            phi=table.phi,
            **{f"{name}_low": _low(bound) for name, bound in bounds.items()},
            **{f"{name}_high": _high(bound) for name, bound in bounds.items()},
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What was tried and found."""

    kind: Annotated[str, "Always correlation: who would have stayed anyway may also do more."]
    observed: Annotated[int, "Those whose time is over."]
    waiting: Annotated[int, "Those whose time is not over yet; no part of anything."]
    outcome_share: Annotated[float | None, "Share of the observed that have the outcome."]
    tries: Annotated[int, "Actions x thresholds x windows that had enough on both sides."]
    found: Annotated[int, "Tries that chance does not explain."]
    best: Annotated[str | None, "The strongest, in words."]
    candidates: Annotated[tuple[Candidate, ...], "The strongest try of each action, found ones first."]

    @classmethod
    def of(cls, observed: Observed, result: Search, *, shown: int) -> "Found":
        """The figures of a search."""
        outcomes = observed.outcomes
        found = result.found
        best = list(result.best_of_each())[:shown]
        return cls(
            kind=CORRELATION,
            observed=outcomes.height,
            waiting=observed.waiting,
            outcome_share=int(outcomes["outcome"].sum()) / outcomes.height if outcomes.height else None,
            tries=len(result.tries),
            found=len(found),
            best=in_words(found[0]) if found else None,
            candidates=tuple(Candidate.of(one, result.level) for one in best),
        )


@dataclass(frozen=True, slots=True)
class CommonAction:
    """An action of the first days among the most loyal. Shares are 0 to 1."""

    event: Annotated[str, "The action."]
    is_common: Annotated[bool, "Whether nearly all of the loyal did it, and others less by more than chance."]
    loyal_share: Annotated[float, "Share of the loyal that did it."]
    loyal_low: Annotated[float | None, "Lower bound of loyalShare."]
    loyal_high: Annotated[float | None, "Upper bound of loyalShare."]
    others_share: Annotated[float, "Share of the others that did it."]
    p_adjusted: Annotated[float, "By Benjamini and Hochberg, for all actions."]

    @classmethod
    def of(cls, habit: Habit) -> "CommonAction":
        """The figures of a habit."""
        table = habit.table
        recall = table.interval_of_recall(0.95)
        without = table.n - table.outcome
        return cls(
            event=habit.event,
            is_common=habit.is_common,
            loyal_share=table.recall,
            loyal_low=_low(recall),
            loyal_high=_high(recall),
            others_share=table.did_without / without,
            p_adjusted=habit.p_adjusted,
        )


@dataclass(frozen=True, slots=True)
class CommonActions:
    """Who the most loyal are, and what they did in their first days."""

    kind: Annotated[str, "Always correlation."]
    loyal: Annotated[int | None, "The most loyal; null where they, or the others, are too few."]
    loyal_back_days: Annotated[int | None, "Days on which each of them came back, at least."]
    observed: Annotated[int, "Those whose time is over."]
    actions: Annotated[tuple[CommonAction, ...], "Common ones first, then by the loyal's share."]

    @classmethod
    def of(cls, observed: Observed, result: Loyal | None, *, shown: int) -> "CommonActions":
        """The figures of the loyal's habits."""
        if result is None:
            return cls(CORRELATION, None, None, observed.outcomes.height, ())
        actions = tuple(CommonAction.of(habit) for habit in result.habits[:shown])
        return cls(CORRELATION, result.size, result.back_days, observed.outcomes.height, actions)


def in_words(one: Try) -> str:
    """The action of a try as a sentence's part."""
    days = "on the first day" if one.within_days == 1 else f"within the first {one.within_days} days"
    often = "once" if one.times == 1 else f"{one.times} times"
    return f"{one.event} at least {often} {days}"


def _low(bound: Interval | None) -> float | None:
    return None if bound is None else float(bound.low)


def _high(bound: Interval | None) -> float | None:
    return None if bound is None else float(bound.high)
