"""Tries a plugin by every rule and says how good it is.

report = check(plugin)          # of an object or module with the hooks
report = check_package(path)    # of a package in a folder: its sources and exemptions as well
"""

import importlib
import sys
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from engage_server.sdk import version
from engage_server.sdk.testing import manifest_rules, row_rules, vectors
from engage_server.sdk.testing.conformance import conformance_problems
from engage_server.sdk.testing.findings import RULES, Finding, Report, report_of
from engage_server.sdk.testing.graphql_rules import graphql_findings
from engage_server.sdk.testing.source_rules import source_findings
from engage_server.sdk.testing.trial import Trial

ENTRY_POINTS: Final = "engage.plugins"
EXEMPTIONS: Final = "quality.toml"
MARKERS: Final = (
    ("is no number", "null-not-nan"),
    ("add up to", "contributions"),
    ("is not pure", "purity"),
    ("once its rows are gone", "absent"),
    ("card of", "card"),
    ("configuration", "configuration"),
    ("hook", "hooks"),
    ("engage_graphql", "graphql"),
    ("contributed by", "graphql"),
    ("engage_compute", "hooks"),
    ("engage_manifest", "hooks"),
)
"""By which words a sentence of the contract belongs to which rule; to the manifest where none fits."""


SHOWN_BY: Final[Mapping[str, frozenset[str]]] = defaultdict(
    frozenset, measurements=frozenset({"null-not-nan", "contributions"}), single=frozenset({"null-not-nan"})
)
"""Rules that the rows of another rule show."""


class NoPluginError(Exception):
    """There is nothing to check; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Package:
    """A plugin's package in a folder."""

    plugin: object
    sources: Path
    name: str
    dependencies: frozenset[str]
    exemptions: Mapping[str, str]


def check(
    plugin: object, *, exemptions: Mapping[str, str] | None = None, only: Collection[str] = tuple(RULES)
) -> Report:
    """Try a plugin by every rule but those that need its sources; by some rules ``only``, where they are named."""
    found = [finding for finding in _findings(plugin, only) if finding.rule in only]
    return report_of(_id_of(plugin), found, exemptions or {})


def check_package(path: Path) -> Report:
    """Try the plugin of a package by every rule.

    Raises:
        NoPluginError: the folder holds no plugin, or its exemptions cannot be read.
    """
    package = package_in(path)
    found = [
        *_findings(package.plugin, tuple(RULES)),
        *source_findings(package.sources, package=package.name, dependencies=package.dependencies),
    ]
    return report_of(_id_of(package.plugin), found, package.exemptions)


def package_in(path: Path) -> Package:
    """Import the plugin that the ``pyproject.toml`` of a folder names.

    Raises:
        NoPluginError: the folder holds no plugin, or its exemptions cannot be read.
    """
    file = path / "pyproject.toml"
    if not file.is_file():
        raise NoPluginError(f"{path} has no pyproject.toml. Remedy: name the folder of a plugin's package.")
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    entries = project.get("entry-points", {}).get(ENTRY_POINTS, {})
    if len(entries) != 1:
        raise NoPluginError(
            f"{file} names {len(entries)} entry points of {ENTRY_POINTS}. Remedy: name the plugin, and only one."
        )
    (entry,) = entries.values()
    module, _, attribute = entry.partition(":")
    top = module.partition(".")[0]
    root = next((folder for folder in (path / "src", path) if _source_of(folder, top) is not None), None)
    source = None if root is None else _source_of(root, top)
    if root is None or source is None:
        raise NoPluginError(f"{path} has no package {top}. Remedy: put it into src/{top}.")
    plugin = _imported(module, attribute, root)
    return Package(
        plugin=plugin,
        sources=source,
        name=top,
        dependencies=frozenset(project.get("dependencies", ())),
        exemptions=exemptions_of(source if source.is_dir() else path),
    )


def _source_of(root: Path, top: str) -> Path | None:
    return next((path for path in (root / top, root / f"{top}.py") if path.exists()), None)


def _imported(module: str, attribute: str, root: Path) -> object:
    sys.path.insert(0, str(root))
    try:
        found: Any = importlib.import_module(module)
        for name in filter(None, attribute.split(".")):
            found = getattr(found, name)
    except (Exception, SystemExit) as error:  # whatever foreign code raises when it is imported
        raise NoPluginError(
            f"{module} cannot be imported: {type(error).__name__}: {error}. Remedy: see the error; a details class or a "
            "declaration may be at fault."
        ) from error
    finally:
        sys.path.remove(str(root))
    return found


def exemptions_of(folder: Path) -> dict[str, str]:
    """The rules that ``quality.toml`` in a package's folder exempts, with the reasons.

    Raises:
        NoPluginError: it names a rule that there is not, or gives no reason.
    """
    file = folder / EXEMPTIONS
    if not file.is_file():
        return {}
    try:
        exempt = tomllib.loads(file.read_text(encoding="utf-8")).get("exempt", {})
    except tomllib.TOMLDecodeError as error:
        raise NoPluginError(
            f"{file} cannot be read: {error}. Remedy: write [exempt] and rule = 'reason'."
        ) from error
    for rule, reason in exempt.items():
        if rule not in RULES:
            raise NoPluginError(f"{file} exempts {rule!r}. Remedy: the rules are {', '.join(RULES)}.")
        if not isinstance(reason, str) or not reason.strip():
            raise NoPluginError(
                f"{file} exempts {rule!r} without a reason. Remedy: say why it cannot be kept."
            )
    return dict(exempt)


def _has_manifest(plugin: object) -> bool:
    try:
        Trial.of(plugin)
    except (Exception, SystemExit):  # reported by who asks
        return False
    return True


def _id_of(plugin: object) -> str:
    try:
        return str(Trial.of(plugin).manifest.id)
    except (Exception, SystemExit):  # the findings say what is wrong with it
        return getattr(plugin, "__name__", type(plugin).__name__)


def _findings(plugin: object, only: Collection[str]) -> Iterator[Finding]:
    grave = list(_contract_findings(plugin))
    yield from grave
    if any(finding.rule in {"hooks", "manifest", "configuration"} for finding in grave):
        return
    trial = Trial.of(plugin)
    yield from _sdk_range(trial.manifest.sdk)
    yield from manifest_rules.schedule(trial.manifest)
    yield from graphql_findings(trial)
    yield from vectors.vectors_there(trial)
    yield from vectors.vectors_hold(trial)
    for rule in manifest_rules.CHECKS:
        yield from manifest_rules.findings(trial, rule)
    for rule in row_rules.CHECKS:
        if rule in only or SHOWN_BY[rule] & set(only):
            yield from _once(row_rules.findings(trial, rule), grave)
    if "absent" in only:
        yield from _absent(plugin, trial)


def _contract_findings(plugin: object) -> Iterator[Finding]:
    try:
        problems = conformance_problems(plugin)
    except (Exception, SystemExit) as error:  # a hook of foreign code raised
        if not _has_manifest(plugin):
            yield Finding(
                "hooks",
                f"A hook raised {type(error).__name__}: {error}.",
                "see its traceback: it must not raise",
            )
        return  # a computation that raises is found by the rules on rows
    for problem in problems:
        rule = next((rule for marker, rule in MARKERS if marker in problem), "manifest")
        yield Finding.of(rule, problem)


def _once(found: Iterator[Finding], known: list[Finding]) -> Iterator[Finding]:
    """Each finding under the rule that its words belong to, and one of a rule for the same words."""
    seen = {(one.rule, one.problem) for one in known}
    for one in found:
        rule = next((rule for marker, rule in MARKERS[:2] if marker in one.problem), one.rule)
        if (rule, one.problem) not in seen:
            seen.add((rule, one.problem))
            yield Finding(rule, one.problem, one.remedy)


def _sdk_range(wanted: str) -> Iterator[Finding]:
    try:
        fits = version.VERSION in SpecifierSet(wanted)
    except InvalidSpecifier:
        yield Finding("sdk-range", f"{wanted!r} is no version range.", "write one such as '>=2,<3'")
        return
    if not fits:
        yield Finding(
            "sdk-range",
            f"It needs the SDK {wanted}, and this is {version.VERSION}.",
            "widen the range once it is tried",
        )


def _absent(plugin: object, trial: Trial) -> Iterator[Finding]:
    """Whether those who are measured on one day are measured on one without their rows."""
    try:
        problems = conformance_problems(plugin, requests=[trial.request(trial.rows())])
    except (Exception, SystemExit):  # found by the rules on rows
        return
    for problem in problems:
        if "once its rows are gone" in problem:
            yield Finding.of("absent", problem)
