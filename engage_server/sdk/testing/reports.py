"""A report of the kit as text for people and as JSON for programs."""

import json
from collections.abc import Iterator

from engage_server.sdk.testing.findings import Finding, Report


def as_text(report: Report) -> str:
    """The level, then each finding with its remedy, then what is exempt and why."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.plugin}: {report.level.name.lower()}"
    for finding in report.findings:
        yield f"  {finding.severity.lower():<8}{finding.rule}: {finding.problem}"
        yield f"          Remedy: {finding.remedy}"
    for finding, reason in report.exempt:
        yield f"  exempt  {finding.rule}: {finding.problem} Reason: {reason}"
    for rule in report.stale:
        yield f"  stale   {rule} is exempt and not broken. Remedy: take it out of quality.toml"


def as_json(report: Report) -> str:
    """The same as one object."""
    return json.dumps(
        {
            "plugin": report.plugin,
            "level": report.level.name,
            "findings": [_fields(finding) for finding in report.findings],
            "exempt": [_fields(finding) | {"reason": reason} for finding, reason in report.exempt],
            "stale": list(report.stale),
        },
        indent=2,
        ensure_ascii=False,
    )


def _fields(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "problem": finding.problem,
        "remedy": finding.remedy,
    }
