"""What the kit finds, the rules it goes by, and the level of quality that a plugin without findings has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Level(IntEnum):
    """How good a plugin is: all rules of its level and of those below hold, or are exempt with a reason.

    NONE: it does not work everywhere. BRONZE: it works. SILVER: its numbers are the same whatever the order, the zone
    or the day on which rows come. GOLD: its numbers explain themselves. PLATINUM: they are fit for strangers.
    """

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3
    PLATINUM = 4


class Severity(StrEnum):
    """ERROR: refused, or its numbers are wrong. WARNING: somebody will be misled. ADVICE: it could say more."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    ADVICE = "ADVICE"


SEVERITIES: Final[Mapping[Level, Severity]] = {
    Level.BRONZE: Severity.ERROR,
    Level.SILVER: Severity.ERROR,
    Level.GOLD: Severity.WARNING,
    Level.PLATINUM: Severity.ADVICE,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that the kit looks at. ``claim`` is what holds of a plugin that keeps it."""

    id: str
    level: Level
    claim: str

    @property
    def severity(self) -> Severity:
        """How grave it is to break it."""
        return SEVERITIES[self.level]


_RULES: Final = (
    Rule("hooks", Level.BRONZE, "The hooks are there, with the names and arguments of the contract."),
    Rule("manifest", Level.BRONZE, "Ids, subjects, inputs and lifecycle are ones the server takes."),
    Rule("sdk-range", Level.BRONZE, "It works with this version of the SDK."),
    Rule("schedule", Level.BRONZE, "The default schedule is a cron expression of five fields."),
    Rule("configuration", Level.BRONZE, "The configuration has valid, described defaults and refuses unknown fields."),
    Rule("graphql", Level.BRONZE, "Contributed fields are Strawberry types named after the plugin, nullable, and answer."),
    Rule("empty", Level.BRONZE, "Without a row it raises nothing and keeps the contract."),
    Rule("measurements", Level.BRONZE, "With rows of every kind it raises nothing and keeps the contract."),
    Rule("null-not-nan", Level.BRONZE, "What is not known is null, never NaN or infinite."),
    Rule("purity", Level.BRONZE, "The same request gives the same answer, whatever was asked in between."),
    Rule("clock-and-chance", Level.BRONZE, "The sources ask neither clock nor chance, environment, files or network."),
    Rule("imports", Level.BRONZE, "The sources import the SDK, the standard library and declared dependencies only."),
    Rule("zero", Level.SILVER, "Zero in every figure raises nothing and keeps the contract."),
    Rule("single", Level.SILVER, "A single row of each input raises nothing and keeps the contract."),
    Rule("edges", Level.SILVER, "Rows on the first and in the last moment of the window count and keep the contract."),
    Rule("duplicate", Level.SILVER, "Rows may come twice; two accounts with the same rows have the same values."),
    Rule("permuted", Level.SILVER, "The order of the rows changes nothing."),
    Rule("zones", Level.SILVER, "The day's zone, days of 23 and 25 hours and the machine's zone break nothing."),
    Rule("merged", Level.SILVER, "Ids mean nothing: other ids of the persons give the same values."),
    Rule("range", Level.SILVER, "Days computed one after another are the same in any order, and at once."),
    Rule("slice", Level.SILVER, "With the rows of some accounts alone it measures these, alike whatever else there is."),
    Rule("absent", Level.SILVER, "Who has a value on other days is measured today, with NO_DATA if need be."),
    Rule("contributions", Level.SILVER, "Contributions that all have points add up to the value."),
    Rule("configuration-round-trip", Level.SILVER, "The configuration is the same once stored, and former ones upgrade."),
    Rule("card", Level.SILVER, "Each metric's card has a formula, its source and its edge rules."),
    Rule("cost", Level.SILVER, "A day of 1,000 accounts takes no more processor time than the manifest says."),
    Rule("vectors-hold", Level.SILVER, "Each worked example that is given as data comes out as it says."),
    Rule("vectors", Level.GOLD, "Each metric has a worked example that is given as data."),
    Rule("details", Level.GOLD, "Each figure of the details is described."),
    Rule("interval", Level.GOLD, "Values have an interval, or the metric says why not."),
    Rule("unrounded", Level.GOLD, "Values are not rounded, so that thresholds compare what was measured."),
    Rule("languages", Level.GOLD, "Titles and units are there in English and one more language."),
    Rule("owner", Level.GOLD, "Somebody answers for it, and its licence is named."),
    Rule("benchmarks", Level.PLATINUM, "Each card names a benchmark and how the number can look good for nothing."),
    Rule("homepage", Level.PLATINUM, "Its documentation has an address."),
    Rule("stable", Level.PLATINUM, "It is neither experimental nor deprecated."),
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _RULES}


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a plugin does not keep a rule: what is wrong, and what to do."""

    rule: str
    problem: str
    remedy: str

    @classmethod
    def of(cls, rule: str, sentence: str) -> "Finding":
        """The finding of a sentence that may end with its remedy."""
        problem, _, remedy = sentence.partition(" Remedy: ")
        return cls(rule, problem, remedy or RULES[rule].claim)

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return RULES[self.rule].severity

    def __str__(self) -> str:
        return f"{self.rule} ({self.severity.lower()}): {self.problem} Remedy: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Report:
    """What the kit says of a plugin.

    ``exempt`` are the findings that its exemptions excuse, with the reason; ``stale`` the exemptions that excuse nothing.
    """

    plugin: str
    findings: tuple[Finding, ...]
    exempt: tuple[tuple[Finding, str], ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """The highest level all of whose rules, and of all below it, hold or are exempt."""
        broken = min((RULES[finding.rule].level for finding in self.findings), default=None)
        return Level.PLATINUM if broken is None else Level(broken - 1)


def report_of(plugin: str, findings: Iterable[Finding], exemptions: Mapping[str, str]) -> Report:
    """The report on findings, of which a rule's exemption excuses all."""
    found = list(findings)
    broken = {finding.rule for finding in found}
    return Report(
        plugin=plugin,
        findings=tuple(finding for finding in found if finding.rule not in exemptions),
        exempt=tuple((one, exemptions[one.rule]) for one in found if one.rule in exemptions),
        stale=tuple(sorted(set(exemptions) - broken)),
    )
