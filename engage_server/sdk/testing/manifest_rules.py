"""The rules that the manifest shows by itself: configuration, cards, languages, who answers for it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pydantic import ValidationError

from engage_server.sdk.details import DetailsShape
from engage_server.sdk.inputs import Dataset
from engage_server.sdk.manifest import Lifecycle, Manifest
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.trial import Trial

Check = Callable[[Trial], Iterator[Finding]]

CRON_FIELD: Final = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*\Z")
CRON_LIMITS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
METRIC_ID: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
UNKNOWN: Final = "a_field_that_no_plugin_has"


def schedule(manifest: Manifest) -> Iterator[Finding]:
    """The default schedule."""
    parts = manifest.schedule.split()
    if len(parts) == len(CRON_LIMITS) and all(map(_is_cron_field, parts, CRON_LIMITS)):
        return
    yield Finding(
        "schedule",
        f"{manifest.schedule!r} is no cron expression.",
        "minute, hour, day, month, weekday: '0 3 * * *'",
    )


def _is_cron_field(field: str, limits: tuple[int, int]) -> bool:
    numbers = [int(number) for number in re.findall(r"(?<![/\d])\d+", field)]
    return bool(CRON_FIELD.match(field)) and all(limits[0] <= number <= limits[1] for number in numbers)


def configuration(trial: Trial) -> Iterator[Finding]:
    """Defaults of the types that are declared, and nothing that is not declared."""
    model = trial.manifest.config
    try:
        model.model_validate(trial.config.model_dump())
    except ValidationError as error:
        for fault in error.errors():
            field = ".".join(map(str, fault["loc"]))
            yield Finding(
                "configuration", f"The default of {field} is not valid: {fault['msg']}.", "correct it"
            )
    if model.model_config.get("extra") != "forbid":
        yield Finding(
            "configuration", f"{model.__name__} takes fields it does not know.", "leave extra at 'forbid'"
        )


def round_trip(trial: Trial) -> Iterator[Finding]:
    """Stored as JSON and read again; a form can be drawn from its schema."""
    model = trial.manifest.config
    try:
        json.dumps(model.model_json_schema())
        again = model.model_validate_json(trial.config.model_dump_json(round_trip=True))
    except (Exception, SystemExit) as error:  # of a foreign model
        yield Finding(
            "configuration-round-trip",
            f"{model.__name__} cannot be stored and read again: {type(error).__name__}: {error}.",
            "use types that JSON knows",
        )
        return
    if again != trial.config:
        yield Finding(
            "configuration-round-trip",
            f"{model.__name__} is another one after it was stored.",
            "use types that JSON knows",
        )
    yield from _upgrade(trial)


def _upgrade(trial: Trial) -> Iterator[Finding]:
    """A function that upgrades former configurations leaves a present one as it is."""
    upgrade = getattr(trial.manifest, "upgrade_config", None)
    if upgrade is None:
        return
    present = trial.config.model_dump(mode="json", round_trip=True)
    try:
        upgraded = upgrade(dict(present))
        kept = trial.manifest.config.model_validate(upgraded) == trial.config
    except (Exception, SystemExit) as error:  # of foreign code
        yield Finding(
            "configuration-round-trip",
            f"upgrade_config raised {type(error).__name__}: {error}.",
            "take any former one",
        )
        return
    if not kept:
        yield Finding(
            "configuration-round-trip",
            "upgrade_config changes a configuration that needs no upgrade.",
            "leave it as it is",
        )


def inputs(trial: Trial) -> Iterator[Finding]:
    """Metrics that are asked for by ids that can be."""
    for name, spec in trial.specs.items():
        if not type(spec).__module__.startswith("engage_server.sdk.inputs"):
            yield Finding(
                "manifest",
                f"The input {name} is a {type(spec).__name__}, which no server answers.",
                "ask for one of the SDK's",
            )
        if any(read.days < 1 for read in spec.reads):
            yield Finding(
                "manifest", f"The input {name} is {spec!r} and reads no day.", "days=1 is the computed day"
            )
        if any(read.dataset is Dataset.METRIC_VALUES for read in spec.reads):
            for metric in getattr(spec, "metrics", ()):
                if not METRIC_ID.match(metric):
                    yield Finding(
                        "manifest",
                        f"The input {name} asks for the metric {metric!r}.",
                        "name it 'plugin.metric'",
                    )


def details(trial: Trial) -> Iterator[Finding]:
    """Figures without a description."""
    for metric in trial.manifest.metrics:
        if metric.details is not None:
            bare = sorted(set(_undescribed(metric.details)))
            if bare:
                yield Finding(
                    "details",
                    f"{', '.join(bare)} of {metric.id} have no description.",
                    'annotate them: Annotated[int, "Answers of 9 and 10."]',
                )


def _undescribed(shape: DetailsShape) -> Iterator[str]:
    for field in shape.fields:
        if not field.description:
            yield f"{shape.name}.{field.name}"
        if field.shape is not None:
            yield from _undescribed(field.shape)


def languages(trial: Trial) -> Iterator[Finding]:
    """Titles and units in at least two languages."""
    manifest = trial.manifest
    texts: dict[str, Mapping[str, str]] = {"the title of the plugin": manifest.translations}
    for metric in manifest.metrics:
        texts[f"the title of {metric.id}"] = metric.titles
        if any(character.isalpha() for character in metric.unit):
            texts[f"the unit of {metric.id}"] = metric.units
    for what, by_language in texts.items():
        if "en" not in by_language or len(by_language) < len(("en", "another")):
            yield Finding("languages", f"There is no translation of {what}.", 'title={"en": "…", "ko": "…"}')


def owner(trial: Trial) -> Iterator[Finding]:
    """Who answers for it."""
    for name in ("owner", "licence"):
        if not getattr(trial.manifest, name):
            yield Finding("owner", f"The manifest names no {name}.", f"{name}='…'")


def benchmarks(trial: Trial) -> Iterator[Finding]:
    """What to compare with, and what to beware of."""
    for metric in trial.manifest.metrics:
        lacking = [
            word
            for word, there in (
                ("benchmark", metric.card.benchmarks),
                ("vanity risk", metric.card.vanity_risk),
            )
            if not there
        ]
        if lacking:
            yield Finding(
                "benchmarks", f"The card of {metric.id} has no {' and no '.join(lacking)}.", "name them"
            )


def homepage(trial: Trial) -> Iterator[Finding]:
    """Where its documentation is."""
    if not trial.manifest.homepage:
        yield Finding("homepage", "The manifest names no homepage.", "homepage='https://…'")


def stable(trial: Trial) -> Iterator[Finding]:
    """What may change or go."""
    unstable = [m.id for m in trial.manifest.metrics if m.lifecycle is not Lifecycle.STABLE]
    if trial.manifest.lifecycle is not Lifecycle.STABLE:
        unstable = [trial.manifest.id, *unstable]
    if unstable:
        yield Finding("stable", f"{', '.join(unstable)}: not stable.", "wait until it is")


CHECKS: Final[Mapping[str, Check]] = {
    "configuration": configuration,
    "configuration-round-trip": round_trip,
    "manifest": inputs,
    "details": details,
    "languages": languages,
    "owner": owner,
    "benchmarks": benchmarks,
    "homepage": homepage,
    "stable": stable,
}


def findings(trial: Trial, rule: str) -> Iterator[Finding]:
    """What one of the rules finds."""
    yield from CHECKS[rule](trial)
